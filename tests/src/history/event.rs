//! Operations of clients, as recorded in a history.

/// The beginning or the end of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Number of the operation; its beginning and its end share it.
    pub op: u64,
    /// Whether it began, or how it ended.
    pub kind: EventKind,
}

/// The beginning of an operation, or one of its possible ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// The request is about to be sent.
    Invoke(Operation),
    /// The operation succeeded: a 2xx.
    Ok(Response),
    /// The operation was refused.
    Fail(Response),
    /// The outcome is unknown: no response, or a 5xx.
    Info,
}

/// A request of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Name of the called merchant.
    pub tenant: String,
    /// Which operation is requested.
    pub action: Action,
    /// Id of the checkout; `None` for a create.
    pub checkout: Option<String>,
    /// Idempotency key; `None` if the request has none.
    pub key: Option<String>,
    /// Hash of the request body.
    pub body: u64,
}

/// The operations that a client can request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Creates a checkout; the only operation without an id.
    Create,
    /// Changes items, buyer or address.
    Update,
    /// Reads a checkout without changing it.
    Retrieve,
    /// Completes (ACP) or confirms (Stripe) a checkout: pays it.
    Complete,
    /// Cancels a checkout (ACP only).
    Cancel,
}

/// A response to a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// HTTP status code, such as 200.
    pub status: u16,
    /// Hash of the response body.
    pub body: u64,
    /// Whether the response is marked as a replay.
    pub replayed: bool,
    /// The checkout in the body; `None` for an error.
    pub shown: Option<ShownCheckout>,
}

/// A checkout as a response shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownCheckout {
    /// Id of the checkout.
    pub checkout: String,
    /// Status, in the terms common to all protocols.
    pub status: Status,
    /// Id of the order; `None` if there is none or the response does not show it.
    pub order: Option<String>,
    /// Lower-case ISO 4217 code; empty if the response has none.
    pub currency: String,
    /// Entries of the totals; empty if the response has none.
    pub totals: Vec<Total>,
    /// Line items; empty if the response has none.
    pub lines: Vec<LineItem>,
}

/// Status of a checkout, in the terms common to all protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Can be changed, paid and canceled.
    Open,
    /// A payment is in progress.
    InProgress,
    /// Paid, with an order; final.
    Completed,
    /// Canceled by the client; final.
    Canceled,
    /// Expired after its lifetime; final.
    Expired,
}

impl Status {
    /// Whether the status can never change.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Canceled | Self::Expired)
    }
}

/// An entry of the totals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total {
    /// Type of the entry: `items_base_amount`, `tax`, `total` …
    pub kind: String,
    /// Amount in minor units; `None` if it is not an integer.
    pub minor: Option<i64>,
}

/// A line item of a checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineItem {
    /// Id of the item in the catalog.
    pub item: String,
    /// Number of units bought.
    pub quantity: i64,
    /// Unit price in minor units; `None` if it is not an integer.
    pub unit: Option<i64>,
    /// Units still available; `None` if the response does not say.
    pub available: Option<i64>,
}

impl ShownCheckout {
    /// The amount of the only entry with this type.
    #[must_use]
    pub fn total(&self, kind: &str) -> Option<i64> {
        self.totals.iter().find(|entry| entry.kind == kind)?.minor
    }
}
