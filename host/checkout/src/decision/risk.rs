//! Risk assessment: whether the merchant takes an order at all.

use serde::{Deserialize, Serialize};

use crate::cart::Cart;
use crate::contact::Address;
use crate::credential::CardDisplay;
use crate::device::Device;
use crate::money::Amount;

/// Arguments of `risk.assess`, which is called before the credential is used.
#[derive(Clone, Debug)]
pub struct RiskRequest {
    /// Cart that is being paid.
    pub cart: Cart,
    /// Grand total, in the currency of the session.
    pub total: Amount,
    /// Billing address, if the agent gave one.
    pub billing: Option<Address>,
    /// The part of the card that may be shown; `None` if nothing is due.
    pub card: Option<CardDisplay>,
    /// Device of the buyer.
    pub device: Device,
    /// Assessments of the payment by other systems.
    pub signals: Vec<RiskSignal>,
    /// Checks of the card by its issuer.
    pub checks: Vec<CardCheck>,
    /// Outcome of a 3-D Secure authentication, if the agent reports one: `authenticated` …
    pub authentication: Option<String>,
    /// The agent that the payment token was granted to, as its issuer names it. It may differ from the agent of the session.
    pub token_agent: TokenAgent,
}

/// The agent that a payment token was granted to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenAgent {
    /// Stripe network profile of the agent; `None` if the token has none, or nothing is due.
    pub profile: Option<String>,
    /// Name of the agent, for display.
    pub name: Option<String>,
}

/// Assessment of a payment by another system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskSignal {
    /// System that made it: `agent`, or `token` for the issuer of the payment token.
    pub source: String,
    /// Kind of risk: `fraudulent_dispute`, `bot` …
    pub kind: String,
    /// Score in the system's own scale, as it wrote it.
    pub score: Option<String>,
    /// Action that the system recommends, as it wrote it.
    pub action: Option<String>,
}

/// A check that the issuer of the card made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardCheck {
    /// Subject of the check: `address_line1`, `address_postal_code`, `cvc` …
    pub kind: String,
    /// Result: `pass`, `fail`, `unavailable` or `unchecked`.
    pub outcome: String,
}

/// Answer of `risk.assess`: take the order or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RiskDecision {
    /// Take the order without a review.
    Allow,
    /// Take the order and have the operator review it. Carries the reason, for the operator.
    Review(String),
    /// Take the order only if the buyer is authenticated with 3-D Secure. Carries the reason, for the operator.
    Challenge(String),
    /// Refuse the order; the agent sees a declined payment. Carries the reason, for the operator.
    Block(String),
}
