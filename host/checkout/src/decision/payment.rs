//! The processor: what it is like, what is charged, and what became of it.

use serde::{Deserialize, Serialize};

use crate::money::{Currency, Money};
use crate::people::Address;
use crate::time::Timestamp;

/// Answer of `payments.profile`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessorProfile {
    /// Name of the processor.
    pub processor: String,
    /// How it treats a request that it has seen; `None` if it cannot tell.
    pub idempotency: Option<ProcessorIdempotency>,
    /// How long a charge may stay invisible to lookup, in seconds.
    pub visibility_delay_s: u32,
    /// Empty for any.
    pub currencies: Vec<Currency>,
}

/// Idempotency of a processor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessorIdempotency {
    /// The header that carries the key.
    pub header: String,
    /// Life of a key in seconds.
    pub key_life_s: u32,
    /// Whether errors are replayed.
    pub replays_errors: bool,
}

/// What is charged, and for what.
#[derive(Clone, Debug)]
pub struct ChargeOrder {
    /// The checkout session.
    pub session: String,
    /// The order that it pays.
    pub order: String,
    /// Amount.
    pub amount: Money,
    /// Text for the buyer's statement.
    pub statement: Option<String>,
    /// Billing address.
    pub billing: Option<Address>,
    /// Shipping address.
    pub shipping: Option<Address>,
    /// The buyer's email address.
    pub email: Option<String>,
}

/// What became of a charge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeOutcome {
    /// Money was taken. The amount and currency are the plugin's word, to be compared.
    Approved {
        /// The processor's own reference.
        processor_reference: String,
        /// Minor units.
        minor: i64,
        /// ISO 4217.
        currency: String,
        /// Captured, or only authorised.
        captured: bool,
    },
    /// Money was not taken, and will not be.
    Declined {
        /// `insufficient_funds` …
        code: String,
        /// Whether the same card may be tried again.
        retryable: bool,
    },
    /// The processor will decide later.
    Pending(String),
    /// The buyer has to act first.
    ActionRequired {
        /// `three_d_secure` …
        kind: String,
        /// Where.
        url: Option<String>,
    },
    /// It cannot be told.
    Unknown(Option<String>),
}

/// What `payments.lookup` found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The charge.
    Found(ChargeOutcome),
    /// The processor knows none with this reference.
    Absent,
}

/// What a processor can do beside charging and looking up: which of the optional interfaces its plugin exports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProcessorPowers {
    /// `payments-void`.
    pub void: bool,
    /// `payments-refund`.
    pub refund: bool,
    /// `payments-cancel-by-reference`.
    pub cancel_by_reference: bool,
    /// `payments-list`.
    pub list: bool,
    /// `payments-notices`.
    pub notices: bool,
}

/// What became of a void.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoidOutcome {
    /// No money will move.
    Voided,
    /// Too late; refund instead.
    TooLate,
    /// It cannot be told.
    Unknown,
}

/// What became of a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundOutcome {
    /// Done; the processor's reference of the refund.
    Refunded(String),
    /// The processor will decide later; its reference of the refund.
    Pending(String),
    /// Not done; the processor's code.
    Declined(String),
    /// It cannot be told.
    Unknown,
}

/// What became of a cancellation by reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelOutcome {
    /// No charge with the reference exists or ever will.
    Canceled,
    /// There is one, and it stays.
    TooLate,
    /// It cannot be told.
    Unknown,
}

/// A charge as the processor has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedCharge {
    /// Our reference, if the processor kept it.
    pub reference: Option<String>,
    /// The processor's own.
    pub processor_reference: String,
    /// Amount, in minor units.
    pub minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// `approved`, `declined`, `pending`, `voided`, `refunded` or another.
    pub state: String,
    /// When.
    pub created: Timestamp,
}

/// A page of charges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChargePage {
    /// The charges, oldest first.
    pub entries: Vec<ListedCharge>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<String>,
}

/// A notice of the processor, as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

/// What a notice says about one charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// Unique id of the notice.
    pub id: String,
    /// Our reference of the charge.
    pub reference: String,
    /// What became of it.
    pub outcome: ChargeOutcome,
}
