//! A checkout session, its state, and the allowed transitions.

use serde::{Deserialize, Serialize};

use super::cart::Cart;
use super::decision::{Attribution, Consent, OrderIdentity};
use super::ids::{AttemptId, MerchantId, SessionId};
use super::message::Message;
use super::money::{Currency, Money};
use super::order::Order;
use super::quote::Quote;
use super::shown_total::ShownTotal;
use super::time::Timestamp;

/// State of a session. Each protocol has its own names: an open session is `incomplete`, `not_ready_for_payment` or
/// `ready_for_payment`, depending on the protocol and the quote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum SessionState {
    /// The cart can change. Whether the session is ready for payment depends on the quote.
    Open,
    /// A payment is in progress, or its outcome is unknown.
    Committing {
        /// The live payment attempt.
        attempt: AttemptId,
        /// Identity of the order that exists once the payment succeeds.
        order: Box<OrderIdentity>,
    },
    /// The session is paid and the order exists.
    Completed {
        /// The order, as it was committed.
        order: Box<Order>,
    },
    /// The agent canceled the session.
    Canceled,
    /// The session expired without a payment.
    Expired,
}

impl SessionState {
    /// Name of the state in the store, in error messages and in logs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Committing { .. } => "committing",
            Self::Completed { .. } => "completed",
            Self::Canceled => "canceled",
            Self::Expired => "expired",
        }
    }

    /// Whether the state is final: completed, canceled or expired.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Completed { .. } | Self::Canceled | Self::Expired)
    }

    /// Whether the transition is allowed. Invariant: a session with a payment in progress is never canceled and never expires.
    #[must_use]
    pub const fn may_become(&self, next: &Self) -> bool {
        match self {
            Self::Open => {
                matches!(
                    next,
                    Self::Open | Self::Committing { .. } | Self::Canceled | Self::Expired
                )
            }
            Self::Committing { .. } => matches!(next, Self::Open | Self::Committing { .. } | Self::Completed { .. }),
            Self::Completed { .. } | Self::Canceled | Self::Expired => false,
        }
    }
}

/// The agent, as it described itself when it created the session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// Stripe network profile of the agent; the token's must be equal if both are known.
    pub network_profile: Option<String>,
    /// Name of the agent, for display.
    pub display_name: Option<String>,
    /// Label of the key with which the agent authenticated; `None` if its door has one key for all agents.
    #[serde(default)]
    pub principal: Option<String>,
    /// Whether the agent proved name and profile by a signature of its request.
    #[serde(default)]
    pub proven: bool,
    /// Interventions that the agent supports, e.g. `3ds`: `capabilities.interventions.supported` of ACP.
    #[serde(default)]
    pub interventions: Vec<String>,
}

/// A checkout session, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Id chosen by the host, `cs_…`.
    pub id: SessionId,
    /// Merchant that the buyer buys from.
    pub merchant: MerchantId,
    /// Starts with 1 and grows by one with every write, which must name the revision that it replaces.
    pub revision: u64,
    /// Current state of the session.
    pub state: SessionState,
    /// Currency of every amount; never changes.
    pub currency: Currency,
    /// What the buyer wants to buy.
    pub cart: Cart,
    /// What the cart costs, as of this revision.
    pub quote: Quote,
    /// The total that the caller was shown last; `None` if an earlier release of the host stored the session, which must then
    /// be read again before it is completed.
    #[serde(default)]
    pub shown: Option<ShownTotal>,
    /// The agent that created the session.
    pub agent: Agent,
    /// The buyer's answers to the marketing consents that were offered.
    #[serde(default)]
    pub consents: Vec<Consent>,
    /// Affiliates that led the buyer to the merchant, first and last touch.
    #[serde(default)]
    pub attributions: Vec<Attribution>,
    /// Why the last payment failed, for the buyer; `None` again after the next change.
    #[serde(rename = "setback")]
    pub last_payment_error: Option<Message>,
    /// When the session was created.
    pub created: Timestamp,
    /// When the session last changed.
    pub updated: Timestamp,
    /// When the session expires, unless it is paid before.
    pub expires: Timestamp,
}

impl Session {
    /// Whether the session is open and its quote is ready for payment.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        matches!(self.state, SessionState::Open) && self.quote.is_ready()
    }

    /// The grand total of the quote, in the currency of the session.
    #[must_use]
    pub const fn total(&self) -> Money {
        Money {
            amount: self.quote.totals.total,
            currency: self.currency,
        }
    }

    /// The total that the caller was shown last; `None` if that is not known.
    #[must_use]
    pub fn shown_total(&self) -> Option<Money> {
        self.shown.map(|shown| Money {
            amount: shown.total,
            currency: self.currency,
        })
    }

    /// Whether a completion may rely on the quote: the caller was shown its total, and no completion was refused since.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        let total = self.quote.totals.total;
        self.shown.is_some_and(|shown| shown.total == total && !shown.outdated)
    }

    /// Note that the response being rendered shows the quote to the caller.
    pub const fn mark_shown(&mut self) {
        self.shown = Some(ShownTotal {
            total: self.quote.totals.total,
            outdated: false,
        });
    }

    /// Refuse completions until the caller has read the session again.
    pub const fn mark_outdated(&mut self) {
        if let Some(shown) = &mut self.shown {
            shown.outdated = true;
        }
    }

    /// The order; `None` unless the session is completed.
    #[must_use]
    pub fn order(&self) -> Option<&Order> {
        match &self.state {
            SessionState::Completed { order } => Some(order),
            _ => None,
        }
    }

    /// Id and permalink of the order, even while the payment that creates it is in progress; `None` in other states.
    #[must_use]
    pub fn order_identity(&self) -> Option<(&str, &str)> {
        match &self.state {
            SessionState::Committing { order, .. } => Some((&order.id, &order.permalink)),
            SessionState::Completed { order } => Some((order.id.as_str(), &order.permalink)),
            _ => None,
        }
    }

    /// Every message for the buyer, the reason of the last failed payment first.
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        self.last_payment_error.iter().chain(&self.quote.messages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_under_way_is_never_canceled_and_never_expires() {
        let order = OrderIdentity {
            id: "ord_1".into(),
            number: None,
            permalink: "https://shop.example/ord_1".into(),
            confirmation: None,
        };
        let paying = SessionState::Committing {
            attempt: AttemptId::new("pa_1"),
            order: Box::new(order),
        };
        assert!(!paying.may_become(&SessionState::Canceled));
        assert!(!paying.may_become(&SessionState::Expired));
        assert!(paying.may_become(&SessionState::Open));
    }

    #[test]
    fn final_states_are_final() {
        for end in [SessionState::Canceled, SessionState::Expired] {
            assert!(end.is_final());
            assert!(!end.may_become(&SessionState::Open));
        }
    }
}
