//! Risk assessment: whether the merchant takes an order at all.

use crate::cart::Cart;
use crate::contact::Address;
use crate::credential::CardDisplay;
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
    /// IP address of the buyer's device as the agent reports it; text, not validated.
    pub ip: Option<String>,
    /// User agent of the buyer's device, as the agent reports it.
    pub user_agent: Option<String>,
}

/// Answer of `risk.assess`: take the order or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RiskDecision {
    /// Take the order without a review.
    Allow,
    /// Take the order and have the operator review it. Carries the reason, for the operator.
    Review(String),
    /// Refuse the order; the agent sees a declined payment. Carries the reason, for the operator.
    Block(String),
}
