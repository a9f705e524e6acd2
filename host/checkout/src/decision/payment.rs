//! The processor: its profile, the charge order, and the outcomes of charges, voids, refunds and status checks.

use serde::{Deserialize, Serialize};

use crate::contact::Address;
use crate::money::{Currency, Money};
use crate::time::Timestamp;

/// Properties of the processor: the answer of `payments.profile`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessorProfile {
    /// Name of the processor, for the operator.
    pub processor: String,
    /// How the processor treats a repeated request; `None` if it has no idempotency, and then a charge is never sent again.
    pub idempotency: Option<ProcessorIdempotency>,
    /// How long a charge may be missing from `payments.lookup`, in seconds; before that, "absent" proves nothing.
    pub visibility_delay_s: u32,
    /// Currencies that the processor takes; empty for any.
    pub currencies: Vec<Currency>,
}

/// What a processor promises about repeated requests with the same idempotency key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessorIdempotency {
    /// Name of the request header that carries the key; the host sets it on the charge.
    pub header: String,
    /// How long the processor remembers a key, in seconds.
    pub key_life_s: u32,
    /// Whether an error response is replayed under the same key as well.
    pub replays_errors: bool,
}

/// What is charged, and for what.
#[derive(Clone, Debug)]
pub struct ChargeOrder {
    /// Id of the checkout session, `cs_…`.
    pub session: String,
    /// Id of the order that the charge pays.
    pub order: String,
    /// Grand total of the quote that the caller was shown.
    pub amount: Money,
    /// Statement descriptor from the configuration; `None` for the processor's own.
    pub statement: Option<String>,
    /// Billing address, if the agent gave one.
    pub billing: Option<Address>,
    /// Delivery address, if the cart has one.
    pub shipping: Option<Address>,
    /// The buyer's email address as the agent sent it; not verified.
    pub email: Option<String>,
}

/// Outcome of a charge, as the plugin reports it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeOutcome {
    /// Money was taken. Amount and currency are the plugin's claim; the host compares them with the amount due.
    Approved {
        /// The processor's own reference of the charge; the host does not accept an empty one.
        processor_reference: String,
        /// Amount taken, in minor units.
        minor: i64,
        /// ISO 4217 code, unchecked.
        currency: String,
        /// Whether the charge is captured; if only authorized, the outcome counts as unknown.
        captured: bool,
    },
    /// Money was not taken, and will not be.
    Declined {
        /// Decline code in lower snake case: `insufficient_funds`, `expired_card` …
        code: String,
        /// Whether the buyer may retry with the same card.
        retryable: bool,
    },
    /// The processor decides later. Carries the processor's reference.
    Pending(String),
    /// The buyer has to act first. The host counts it as a decline, because the agent cannot send the buyer anywhere yet.
    ActionRequired {
        /// Kind of action: `three_d_secure` …
        kind: String,
        /// Page where the buyer can act, if there is one.
        url: Option<String>,
    },
    /// Unknown outcome. Carries the processor's reference, if one was seen.
    Unknown(Option<String>),
}

/// Result of a status check, `payments.lookup`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChargeLookup {
    /// The processor has the charge, with this outcome.
    Found(ChargeOutcome),
    /// The processor has no charge with this reference.
    Absent,
}

/// Optional payment interfaces that the processor's plugin exports, beside `payments`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProcessorCapabilities {
    /// `payments-void`: voids a charge before it settles.
    pub void: bool,
    /// `payments-refund`: refunds a charge.
    pub refund: bool,
    /// `payments-cancel-by-reference`: makes sure that no charge with a reference goes through.
    pub cancel_by_reference: bool,
    /// `payments-list`: lists charges for reconciliation.
    pub list: bool,
    /// `payments-notices`: verifies and reads the processor's webhooks.
    pub notices: bool,
}

/// Outcome of a void.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoidOutcome {
    /// The charge is void: no money will move.
    Voided,
    /// Too late for a void; the host refunds instead.
    TooLate,
    /// Unknown outcome; the host retries.
    Unknown,
}

/// Outcome of a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundOutcome {
    /// The money was refunded. Carries the processor's reference of the refund.
    Refunded(String),
    /// The processor decides later. Carries its reference of the refund.
    Pending(String),
    /// The refund was declined. Carries the processor's code.
    Declined(String),
    /// Unknown outcome; the host retries.
    Unknown,
}

/// Outcome of a cancellation by reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelOutcome {
    /// No charge with this reference exists or ever will.
    Canceled,
    /// A charge with this reference exists and stays.
    TooLate,
    /// Unknown outcome; the attempt waits for the operator.
    Unknown,
}

/// A charge in the processor's list, for reconciliation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedCharge {
    /// The host's reference of the charge, `pa_…`; `None` if the processor did not keep it.
    pub reference: Option<String>,
    /// The processor's own reference of the charge.
    pub processor_reference: String,
    /// Amount, in minor units.
    pub minor: i64,
    /// ISO 4217 code, unchecked.
    pub currency: String,
    /// `approved`, `declined`, `pending`, `voided`, `refunded` or another.
    pub state: String,
    /// When the processor created the charge.
    pub created: Timestamp,
}

/// One page of the processor's list of charges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChargePage {
    /// The charges, oldest first; at most 1000.
    pub entries: Vec<ListedCharge>,
    /// Cursor of the next page; `None` on the last page.
    pub next: Option<String>,
}

/// A processor event (webhook) as received; not verified yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessorWebhook {
    /// Request headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Request body, byte for byte: the signature covers it.
    pub body: Vec<u8>,
}

/// What a processor event says about one charge, verified by the plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessorEvent {
    /// Id of the event, unique with the processor; used to detect repeats.
    pub id: String,
    /// The host's reference of the charge, `pa_…`.
    pub reference: String,
    /// Outcome of the charge, as the event reports it.
    pub outcome: ChargeOutcome,
}
