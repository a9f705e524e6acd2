//! The processor: its profile, the charge order, and the outcomes of charges and status checks.

use serde::{Deserialize, Serialize};

use crate::authentication::{AuthenticationProof, ThreeDSecure};
use crate::contact::{Address, Buyer, Recipient};
use crate::device::Device;
use crate::money::{Currency, Money};
use crate::quote::Quote;

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
    /// Delivery address, if the cart has one: of several that of the first group.
    pub shipping: Option<Address>,
    /// The buyer, if known; not verified.
    pub buyer: Option<Buyer>,
    /// Person who receives the goods, if known.
    pub recipient: Option<Recipient>,
    /// What is bought, with all amounts.
    pub quote: Quote,
    /// Page to which the processor sends the buyer back: the permalink of the order.
    pub return_url: String,
    /// Device of the buyer.
    pub device: Device,
    /// 3-D Secure authentication before the payment; `None` if there was none.
    pub authentication: Option<AuthenticationProof>,
    /// Who initiates the payment: `agent` for a buyer who is not present, `buyer` for one who is.
    pub initiator: &'static str,
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
    /// The buyer has to act first. The host has the agent authenticate the buyer; any other action counts as a decline, because an
    /// agent cannot send the buyer anywhere.
    ActionRequired {
        /// Kind of action: `three_d_secure` …
        kind: String,
        /// Page where the buyer can act, if there is one.
        url: Option<String>,
        /// The processor's own reference.
        #[serde(default)]
        processor_reference: Option<String>,
        /// For `three_d_secure`: what the agent needs to authenticate the buyer.
        #[serde(default)]
        three_d_secure: Option<Box<ThreeDSecure>>,
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
    /// `payments`: charges tokens. A merchant without it is paid by other parties only.
    pub charge: bool,
    /// `payments-void`: voids a charge before it settles.
    pub void: bool,
    /// `payments-refund`: refunds a charge.
    pub refund: bool,
    /// `payments-capture`: captures an authorized amount.
    pub capture: bool,
    /// `payments-cancel-by-reference`: makes sure that no charge with a reference goes through.
    pub cancel_by_reference: bool,
    /// `payments-list`: lists charges for reconciliation.
    pub list: bool,
    /// `payments-notices`: verifies and reads the processor's webhooks.
    pub notices: bool,
    /// `payments-authentication`: says whether a payment needs an authentication of the buyer, and what for.
    pub authentication: bool,
}
