//! Operations of clients.

/// A moment of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The operation.
    pub op: u64,
    /// What happened.
    pub what: What,
}

/// How an operation begins and ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It is about to be sent.
    Invoke(Call),
    /// It was done.
    Ok(Seen),
    /// It was refused.
    Fail(Seen),
    /// Nobody knows: no answer came, or a 5xx.
    Info,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The merchant that is called.
    pub tenant: String,
    /// What is asked.
    pub action: Action,
    /// Of which checkout; none for a create.
    pub checkout: Option<String>,
    /// Its idempotency key.
    pub key: Option<String>,
    /// Digest of its body.
    pub body: u64,
}

/// What a client can ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Create.
    Create,
    /// Update.
    Update,
    /// Retrieve.
    Retrieve,
    /// Complete or confirm.
    Complete,
    /// Cancel.
    Cancel,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// HTTP status.
    pub status: u16,
    /// Digest of its body.
    pub body: u64,
    /// Whether it says that it was given before.
    pub replayed: bool,
    /// The checkout that it shows.
    pub shown: Option<Shown>,
}

/// A checkout as an answer shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its id.
    pub checkout: String,
    /// Where it is.
    pub status: Status,
    /// The order, once there is one.
    pub order: Option<String>,
    /// Lower-case ISO 4217; empty where the answer has none.
    pub currency: String,
    /// What it costs; empty where the answer does not say.
    pub totals: Vec<Total>,
    /// What is bought; empty where the answer does not say.
    pub lines: Vec<Line>,
}

/// Where a checkout is, in the words that all protocols share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// It can change, be paid, be canceled.
    Open,
    /// A payment is under way.
    InProgress,
    /// Paid. Final.
    Completed,
    /// Given up. Final.
    Canceled,
    /// Over its time. Final.
    Expired,
}

impl Status {
    /// Whether nothing comes after it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Canceled | Self::Expired)
    }
}

/// An entry of the totals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total {
    /// Its type: `items_base_amount`, `tax`, `total` …
    pub kind: String,
    /// Minor units; none where it is no integer.
    pub minor: Option<i64>,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The item.
    pub item: String,
    /// How many.
    pub quantity: i64,
    /// Price of one, in minor units; none where it is no integer.
    pub unit: Option<i64>,
    /// How many more there are, where the answer says.
    pub available: Option<i64>,
}

impl Shown {
    /// The one total of that type.
    #[must_use]
    pub fn total(&self, kind: &str) -> Option<i64> {
        self.totals.iter().find(|entry| entry.kind == kind)?.minor
    }
}
