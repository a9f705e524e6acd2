//! Whether to take an order at all.

use crate::cart::Cart;
use crate::credential::CardDisplay;
use crate::money::Amount;
use crate::people::Address;

/// Question of `risk.assess`.
#[derive(Clone, Debug)]
pub struct RiskRequest {
    /// The cart.
    pub cart: Cart,
    /// Grand total.
    pub total: Amount,
    /// Billing address.
    pub billing: Option<Address>,
    /// What may be known of the card.
    pub card: Option<CardDisplay>,
    /// The buyer's device, as the agent reports it.
    pub ip: Option<String>,
    /// The same.
    pub user_agent: Option<String>,
}

/// Answer of `risk.assess`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RiskDecision {
    /// Take it.
    Allow,
    /// Take it and look at it.
    Review(String),
    /// Refuse it; the agent sees a declined payment.
    Block(String),
}
