//! Releases of the Agentic Commerce Protocol that the agent can use.

/// A release of the protocol, from the oldest to the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AcpVersion {
    /// 2025-09-29: `items`, `fulfillment_address`, `payment_data{token, provider}`.
    V2025_09_29,
    /// 2025-12-12: `fulfillment_details`, `selected_fulfillment_options` with an object for each kind.
    V2025_12_12,
    /// 2026-01-16: requests as in 2025-12-12.
    V2026_01_16,
    /// 2026-01-30: `line_items`, `capabilities`, `discounts`, payment handlers.
    V2026_01_30,
    /// 2026-04-17: requests as in 2026-01-30; an idempotency key is required.
    V2026_04_17,
}

impl AcpVersion {
    /// Every release, the oldest first.
    pub const ALL: [Self; 5] = [
        Self::V2025_09_29,
        Self::V2025_12_12,
        Self::V2026_01_16,
        Self::V2026_01_30,
        Self::V2026_04_17,
    ];

    /// The value of `API-Version`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V2025_09_29 => "2025-09-29",
            Self::V2025_12_12 => "2025-12-12",
            Self::V2026_01_16 => "2026-01-16",
            Self::V2026_01_30 => "2026-01-30",
            Self::V2026_04_17 => "2026-04-17",
        }
    }

    /// Whether requests have `line_items`, `discounts` and payment handlers.
    #[must_use]
    pub fn has_payment_handlers(self) -> bool {
        self >= Self::V2026_01_30
    }

    /// Whether a payment may wait for an authentication of the buyer.
    #[must_use]
    pub fn has_authentication(self) -> bool {
        self >= Self::V2025_12_12
    }

    /// Whether the address is inside `fulfillment_details`, and options are selected for lists of items.
    #[must_use]
    pub fn has_fulfillment_details(self) -> bool {
        self >= Self::V2025_12_12
    }
}
