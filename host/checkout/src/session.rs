//! A checkout session, its state, and the allowed transitions.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::authentication::ThreeDSecure;
use super::caller::Protocol;
use super::cart::{Cart, CartEdit, CartError};
use super::catalog::CatalogVersion;
use super::decision::{Attribution, Consent, OrderIdentity};
use super::device::Device;
use super::ids::{AttemptId, MerchantId, SessionId};
use super::intent_trace::IntentTrace;
use super::interaction::Interaction;
use super::message::Message;
use super::metadata::Metadata;
use super::money::{Currency, Money};
use super::operation::CreateRequest;
use super::order::Order;
use super::quote::Quote;
use super::shown_quote::ShownQuotes;
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
    /// The payment waits for the buyer: the agent has the buyer authenticate, and completes again with the result.
    AuthenticationRequired {
        /// The live payment attempt.
        attempt: AttemptId,
        /// Identity of the order that exists once the payment succeeds.
        order: Box<OrderIdentity>,
        /// What the agent needs for the authentication.
        requirements: Box<ThreeDSecure>,
        /// Device of the buyer, as the agent reported it with the payment: some releases of ACP repeat its browser here.
        device: Box<Device>,
        /// When the payment ends without a charge, unless the agent has completed again.
        until: Timestamp,
    },
    /// Stock is held and the order has its identity, while another party takes the payment and reports what became of it.
    Held {
        /// The live payment attempt.
        attempt: AttemptId,
        /// Identity of the order that exists once the payment is reported.
        order: Box<OrderIdentity>,
        /// When the stock is released, unless the payment was reported before. The session stays held: time alone ends no payment.
        until: Timestamp,
    },
    /// The session is paid and the order exists.
    Completed {
        /// The order: in the store as it was placed, and in what the store answers as it is now.
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
            Self::AuthenticationRequired { .. } => "authentication_required",
            Self::Held { .. } => "held",
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

    /// Whether the transition is allowed. Invariant: a session with a payment in progress is never canceled and never expires. One whose
    /// payment waits for the buyer, or for another party, may be canceled, together with the payment.
    #[must_use]
    pub const fn may_become(&self, next: &Self) -> bool {
        match self {
            Self::Open => {
                matches!(
                    next,
                    Self::Open | Self::Committing { .. } | Self::Held { .. } | Self::Canceled | Self::Expired
                )
            }
            Self::Committing { .. } => matches!(
                next,
                Self::Open | Self::Committing { .. } | Self::AuthenticationRequired { .. } | Self::Completed { .. }
            ),
            Self::AuthenticationRequired { .. } => matches!(
                next,
                Self::Open | Self::Committing { .. } | Self::AuthenticationRequired { .. } | Self::Canceled
            ),
            Self::Held { .. } => matches!(
                next,
                Self::Open | Self::Held { .. } | Self::Completed { .. } | Self::Canceled
            ),
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
    /// Label of the key with which the agent authenticated ([`super::caller::Caller::principal`]). With [`Session::protocol`] it
    /// is the owner of the session.
    #[serde(default)]
    pub principal: Option<String>,
    /// Whether the agent proved name and profile by a signature of its request.
    #[serde(default)]
    pub proven: bool,
    /// Interventions that the agent supports, e.g. `3ds`: `capabilities.interventions.supported` of ACP.
    #[serde(default)]
    pub interventions: Vec<String>,
    /// Extensions of the protocol that the agent understands, e.g. `discount`: `capabilities.extensions` of ACP.
    #[serde(default)]
    pub extensions: Vec<String>,
    /// How the agent can show the buyer pages of others.
    #[serde(default)]
    pub interaction: Interaction,
}

impl Agent {
    /// Whether it can have its buyer authenticate with 3-D Secure.
    #[must_use]
    pub fn can_authenticate(&self) -> bool {
        self.interventions.iter().any(|intervention| intervention == "3ds")
    }
}

/// A checkout session, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Id chosen by the host, `cs_…`.
    pub id: SessionId,
    /// Merchant that the buyer buys from.
    pub merchant: MerchantId,
    /// Protocol over which the session was created; `None` if an earlier release of the host stored it.
    #[serde(default)]
    pub protocol: Option<Protocol>,
    /// Starts with 1 and grows with every write, which must name the revision that it replaces.
    pub revision: u64,
    /// Current state of the session.
    pub state: SessionState,
    /// Currency of every amount; never changes.
    pub currency: Currency,
    /// What the buyer wants to buy.
    pub cart: Cart,
    /// What the cart costs, as of this revision.
    pub quote: Quote,
    /// When the plugins were last asked for a quote, whether they had an answer or not; `None` if an earlier release of the host
    /// stored the session.
    #[serde(default)]
    pub asked: Option<Timestamp>,
    /// Version of the merchant's catalog that the quote was made with: later phases of the session use it while it is kept for
    /// sessions, so that an import changes no price that a buyer is about to pay. `None` if the quote read no catalog, or one without
    /// versions.
    #[serde(default)]
    pub catalog: Option<CatalogVersion>,
    /// What each caller was shown last. Not under the name `shown`, which an earlier release of the host used for a total.
    #[serde(default, rename = "shown_quotes")]
    pub shown: ShownQuotes,
    /// The agent that created the session.
    pub agent: Agent,
    /// The buyer's answers to the marketing consents that were offered.
    #[serde(default)]
    pub consents: Vec<Consent>,
    /// Identity of the order, kept from a payment that failed: the agent may have been shown it, so that the next payment makes this
    /// order. `None` before the first payment.
    #[serde(default)]
    pub kept_order: Option<OrderIdentity>,
    /// Affiliates that led the buyer to the merchant, at most one for each touch: first and last. Write only: no response and no
    /// order event has them.
    #[serde(default)]
    pub attributions: Vec<Attribution>,
    /// Why the agent canceled the session, if it said so.
    #[serde(default)]
    pub intent_trace: Option<IntentTrace>,
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

    /// The order; `None` unless the session is completed.
    #[must_use]
    pub fn order(&self) -> Option<&Order> {
        match &self.state {
            SessionState::Completed { order } => Some(order),
            _ => None,
        }
    }

    /// The same session with its order as it is now.
    #[must_use]
    pub fn with_current_order(mut self, current: Order) -> Self {
        let current = current.with_lines_of(&self.quote);
        if let SessionState::Completed { order } = &mut self.state {
            **order = current;
        }
        self
    }

    /// Id and permalink of the order, even while the payment that creates it is in progress; `None` in other states.
    #[must_use]
    pub fn order_identity(&self) -> Option<(&str, &str)> {
        match &self.state {
            SessionState::Committing { order, .. }
            | SessionState::AuthenticationRequired { order, .. }
            | SessionState::Held { order, .. } => Some((&order.id, &order.permalink)),
            SessionState::Completed { order } => Some((order.id.as_str(), &order.permalink)),
            _ => None,
        }
    }

    /// The payment attempt that is in progress, or that waits for the buyer or for another party; `None` in other states.
    #[must_use]
    pub const fn live_attempt(&self) -> Option<&AttemptId> {
        match &self.state {
            SessionState::Committing { attempt, .. }
            | SessionState::AuthenticationRequired { attempt, .. }
            | SessionState::Held { attempt, .. } => Some(attempt),
            _ => None,
        }
    }

    /// Change the cart as an update does: what a failed payment left in it and said of itself is gone.
    ///
    /// # Errors
    /// As for [`Cart::apply`]. The cart is then as it was, but for the payment.
    pub fn change_cart(&mut self, edit: CartEdit) -> Result<(), CartError> {
        self.cart.forget_payment();
        self.cart.apply(edit)?;
        self.last_payment_error = None;
        Ok(())
    }

    /// Keep what a payment says beside itself, for the order: consents and the affiliate.
    pub fn keep_facts_of_payment(&mut self, consents: &[Consent], attribution: Option<&Attribution>) {
        consents.clone_into(&mut self.consents);
        if let Some(attribution) = attribution {
            self.keep_attribution(attribution);
        }
    }

    /// Keep what a further creation of the same checkout says beside the cart: what the agent can do, if it says so, and the affiliate.
    /// Whose session it is stays.
    pub fn keep_facts_of_creation(&mut self, request: &CreateRequest) {
        let said = Agent {
            interventions: request.agent.interventions.clone(),
            extensions: request.agent.extensions.clone(),
            interaction: request.agent.interaction.clone(),
            ..Agent::default()
        };
        if said != Agent::default() {
            self.agent = Agent {
                network_profile: self.agent.network_profile.take(),
                display_name: self.agent.display_name.take(),
                principal: self.agent.principal.take(),
                proven: self.agent.proven,
                ..said
            };
        }
        if let Some(attribution) = &request.attribution {
            self.keep_attribution(attribution);
        }
    }

    /// Keep an affiliate in place of an earlier one of the same touch.
    pub fn keep_attribution(&mut self, attribution: &Attribution) {
        self.attributions.retain(|before| before.touch != attribution.touch);
        self.attributions.push(attribution.clone());
    }

    /// Metadata for the agent: its own, and over it what the merchant says.
    #[must_use]
    pub fn shown_metadata(&self) -> Metadata {
        let of_merchant = self.quote.metadata.iter();
        let of_merchant = of_merchant.map(|(key, text)| (key.clone(), Value::String(text.clone())));
        let mut shown = self.cart.metadata.clone();
        shown.0.extend(of_merchant);
        shown
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
    fn a_held_session_never_expires_and_may_be_canceled_with_its_payment() {
        let held = SessionState::Held {
            attempt: AttemptId::new("pa_1"),
            order: Box::new(OrderIdentity {
                id: "ord_1".into(),
                number: None,
                permalink: "https://shop.example/ord_1".into(),
                confirmation: None,
            }),
            until: Timestamp(1),
        };
        assert!(SessionState::Open.may_become(&held));
        assert!(!held.may_become(&SessionState::Expired));
        assert!(held.may_become(&SessionState::Canceled) && held.may_become(&SessionState::Open));
        assert!(!SessionState::Canceled.may_become(&held));
    }

    #[test]
    fn final_states_are_final() {
        for end in [SessionState::Canceled, SessionState::Expired] {
            assert!(end.is_final());
            assert!(!end.may_become(&SessionState::Open));
        }
    }
}
