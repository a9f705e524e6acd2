//! A checkout session: its state and the moves it may make.

use serde::{Deserialize, Serialize};

use super::cart::Cart;
use super::decision::OrderIdentity;
use super::ids::{AttemptId, MerchantId, SessionId};
use super::message::Message;
use super::money::{Currency, Money};
use super::order::Order;
use super::quote::Quote;
use super::shown::Shown;
use super::time::Timestamp;

/// Where a session is (protocol reference §2.4). Each protocol has its own names for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum SessionState {
    /// It can change. Whether it can be paid is said by the quote.
    Open,
    /// A payment is under way.
    Committing {
        /// The attempt.
        attempt: AttemptId,
        /// The order that it will become if the payment is made.
        order: Box<OrderIdentity>,
    },
    /// Paid.
    Completed {
        /// The order.
        order: Box<Order>,
    },
    /// Given up.
    Canceled,
    /// Over its time.
    Expired,
}

impl SessionState {
    /// For messages and logs.
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

    /// Whether nothing will change any more.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Completed { .. } | Self::Canceled | Self::Expired)
    }

    /// Whether the move is allowed. Invariant: a payment under way is never canceled and never expires.
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

/// What the agent said of itself and its abilities when it created the session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// Stripe's network profile of the agent.
    pub network_profile: Option<String>,
    /// Its name.
    pub display_name: Option<String>,
    /// ACP `capabilities.interventions.supported`.
    #[serde(default)]
    pub interventions: Vec<String>,
}

/// A checkout session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose.
    pub merchant: MerchantId,
    /// Grows with every change; every write compares it.
    pub revision: u64,
    /// Where it is.
    pub state: SessionState,
    /// Its currency; it never changes.
    pub currency: Currency,
    /// What the buyer wants.
    pub cart: Cart,
    /// What that costs.
    pub quote: Quote,
    /// What the caller was shown of it. `None` where an earlier release stored the session: it has to be shown again.
    #[serde(default)]
    pub shown: Option<Shown>,
    /// The agent.
    pub agent: Agent,
    /// Why the last payment failed; gone with the next change.
    pub setback: Option<Message>,
    /// When it was created.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// When it ends unless it is paid.
    pub expires: Timestamp,
}

impl Session {
    /// Whether it can be paid as it is.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        matches!(self.state, SessionState::Open) && self.quote.is_ready()
    }

    /// The total of the quote.
    #[must_use]
    pub const fn total(&self) -> Money {
        Money {
            amount: self.quote.totals.total,
            currency: self.currency,
        }
    }

    /// The total that the caller was shown last.
    #[must_use]
    pub fn shown_total(&self) -> Option<Money> {
        self.shown.map(|shown| Money {
            amount: shown.total,
            currency: self.currency,
        })
    }

    /// Whether a completion may count on the quote: the caller was shown its total, and no completion was refused since.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        let total = self.quote.totals.total;
        self.shown.is_some_and(|shown| shown.total == total && !shown.outdated)
    }

    /// The answer that is being made shows the quote.
    pub const fn show(&mut self) {
        self.shown = Some(Shown {
            total: self.quote.totals.total,
            outdated: false,
        });
    }

    /// A completion is refused until the caller has looked again.
    pub const fn require_look(&mut self) {
        if let Some(shown) = &mut self.shown {
            shown.outdated = true;
        }
    }

    /// The order, once paid.
    #[must_use]
    pub fn order(&self) -> Option<&Order> {
        match &self.state {
            SessionState::Completed { order } => Some(order),
            _ => None,
        }
    }

    /// The order that is, or that will be if the payment under way is made: id and permalink.
    #[must_use]
    pub fn identity(&self) -> Option<(&str, &str)> {
        match &self.state {
            SessionState::Committing { order, .. } => Some((&order.id, &order.permalink)),
            SessionState::Completed { order } => Some((order.id.as_str(), &order.permalink)),
            _ => None,
        }
    }

    /// Every message there is to show, the last setback first.
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        self.setback.iter().chain(&self.quote.messages)
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
