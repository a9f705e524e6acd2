//! What can go wrong in a checkout, without a word about HTTP. Each protocol converts it once.

use std::time::Duration;

use super::cart::CartError;
use super::decision::Rejection;
use super::ids::{ItemId, MerchantId, OptionId, SessionId};
use super::message::Message;
use super::money::{Currency, Money};
use super::ports::{CommitError, DecisionError, StoreError};
use super::quote::BrokenRule;

/// Why a token cannot pay this checkout (protocol reference §7.2).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenProblem {
    /// Stripe does not know it.
    #[error("the payment token is unknown")]
    Unknown,
    /// Over its time.
    #[error("the payment token has expired; issue a new one")]
    Expired,
    /// Consumed, resolved or revoked.
    #[error("the payment token is no longer active; issue a new one")]
    Deactivated,
    /// Limited to less than the total.
    #[error("the payment token is limited to {limit}, and the total is {total}; issue one with a higher limit")]
    AmountExceeded {
        /// What is left of the token.
        limit: Money,
        /// The total.
        total: Money,
    },
    /// For another currency.
    #[error("the payment token is for {token}, and the checkout is in {checkout}")]
    CurrencyMismatch {
        /// Of the token.
        token: Currency,
        /// Of the checkout.
        checkout: Currency,
    },
    /// From test for live or the other way round, from another agent, or without a card.
    #[error("the payment token cannot be used here: {0}")]
    Unusable(&'static str),
    /// Already used for another checkout of this merchant.
    #[error("the payment token was already used for another checkout; issue a new one")]
    Used,
    /// Used up by an earlier payment of this checkout that was not made.
    #[error("the payment token was used up by an earlier attempt to pay this checkout; issue a new one")]
    Spent,
}

/// The way out of a completion that would pay what its caller has not seen.
const LOOK: &str =
    "retrieve it, show it to the buyer, and complete it again, under a new Idempotency-Key where one is used";

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum CheckoutError {
    /// No such session with this merchant.
    #[error("there is no checkout session {0}")]
    UnknownSession(SessionId),
    /// The session is in a state that does not allow the operation.
    #[error("the checkout session is {state} and cannot be {verb}")]
    InvalidState {
        /// Its state.
        state: &'static str,
        /// What was wanted: `updated`, `completed`, `canceled`.
        verb: &'static str,
    },
    /// The session is open, but something stands in the way of paying; the messages say what.
    #[error("the checkout session is not ready for payment")]
    NotReady(Vec<Message>),
    /// Another payment is under way.
    #[error("a payment of this checkout session is under way")]
    InFlight,
    /// The cart cannot be so.
    #[error(transparent)]
    Cart(#[from] CartError),
    /// The catalog and the plugin do not know an item. Carries its index among the items as requested, if it was requested.
    #[error("there is no item {item}")]
    UnknownItem {
        /// The item.
        item: ItemId,
    },
    /// The chosen fulfillment option is not on offer.
    #[error("there is no fulfillment option {0} for this checkout")]
    UnknownOption(OptionId),
    /// The merchant does not sell in it.
    #[error("{wanted} is not a currency of this merchant; use {offered}")]
    Currency {
        /// What was asked for.
        wanted: Currency,
        /// What there is.
        offered: Currency,
    },
    /// The total is not what the caller was shown last; the session has the new one. Lasting: only a look helps.
    #[error("the total has changed from {shown} to {now} since the checkout session was last shown; {LOOK}")]
    TotalChanged {
        /// What the caller was shown.
        shown: Money,
        /// Now.
        now: Money,
    },
    /// The session has changed since the caller was shown it, or a completion was refused since. Lasting: only a look helps.
    #[error("the checkout session has changed since it was last shown; {LOOK}")]
    LookNeeded,
    /// Stock went while the buyer was thinking; the session shows what is left.
    #[error("an item is no longer available in the quantity wanted")]
    OutOfStock,
    /// The plugin says no.
    #[error("{}", .0.message)]
    Rejected(Rejection),
    /// The token cannot pay.
    #[error(transparent)]
    Token(#[from] TokenProblem),
    /// The processor, the issuer or the risk rules said no. The code is the processor's; risk is never told.
    #[error("the payment was declined")]
    Declined {
        /// For the operator.
        code: String,
    },
    /// The risk rules said no to an order for which nothing is to be paid, or it could not be made.
    #[error("the merchant does not take this order; nothing was charged")]
    OrderDeclined,
    /// The buyer must authenticate, and the agent did not.
    #[error("the issuer asks the buyer to authenticate")]
    AuthenticationRequired,
    /// The buyer did, and the proof cannot be used. Carries the outcome.
    #[error(
        "the buyer's authentication ended as {0}, and this host cannot pass a 3-D Secure result on to the card processor yet; \
         nothing was charged; complete without it, or use another payment method"
    )]
    AuthenticationUnsupported(&'static str),
    /// This merchant cannot take payments of this kind.
    #[error("payments with {0} are not offered")]
    UnsupportedPayment(String),
    /// The plugin broke the contract.
    #[error(transparent)]
    Broken(BrokenRule),
    /// The plugin has no answer.
    #[error(transparent)]
    Decision(DecisionError),
    /// Stripe does not answer, or does not accept our key.
    #[error("the token service is not available: {detail}")]
    TokenService {
        /// For the operator.
        detail: String,
        /// When to try again.
        retry_after: Option<Duration>,
    },
    /// The store does not answer, or two requests keep getting in each other's way.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Somebody else changed it first.
    #[error(transparent)]
    Conflict(CommitError),
    /// The merchant is not configured for it.
    #[error("merchant {0} is not configured")]
    UnknownMerchant(MerchantId),
}

impl CheckoutError {
    /// Whether only a new look at the session helps: the completion would pay what its caller has not seen.
    #[must_use]
    pub const fn needs_look(&self) -> bool {
        matches!(self, Self::TotalChanged { .. } | Self::LookNeeded)
    }
}

impl From<DecisionError> for CheckoutError {
    fn from(error: DecisionError) -> Self {
        match error {
            DecisionError::Rejected(rejection) => Self::Rejected(rejection),
            other => Self::Decision(other),
        }
    }
}

impl From<BrokenRule> for CheckoutError {
    fn from(broken: BrokenRule) -> Self {
        Self::Broken(broken)
    }
}

impl From<CommitError> for CheckoutError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Store(error) => Self::Store(error),
            other => Self::Conflict(other),
        }
    }
}
