//! Domain errors, independent of HTTP. Each protocol maps them once to its own error responses.

use std::time::Duration;

use super::authentication::AuthenticationOutcome;
use super::cart::{CartError, FulfillmentKind};
use super::deadline::DeadlineExceeded;
use super::decision::Rejection;
use super::ids::{ItemId, LineId, MerchantId, OptionId, SavedCartId, SessionId};
use super::mask;
use super::message::Message;
use super::money::{Currency, Money};
use super::ports::{CommitError, DecisionError, StoreError};
use super::quote::ContractError;

/// Why a shared payment token cannot pay this checkout.
///
/// The host reads the token before it resolves it, because resolving consumes the token and reading does not. See
/// <https://docs.stripe.com/api/shared-payment/granted-token>.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PaymentTokenError {
    /// Stripe has no such token.
    #[error("the payment token is unknown")]
    Unknown,
    /// The token expired before the payment.
    #[error("the payment token has expired; issue a new one")]
    Expired,
    /// The token was consumed, resolved or revoked.
    #[error("the payment token is no longer active; issue a new one")]
    Deactivated,
    /// The amount left on the token is less than the total.
    #[error("the payment token is limited to {limit}, and the total is {total}; issue one with a higher limit")]
    AmountExceeded {
        /// The token's maximum amount, less what was captured of it.
        limit: Money,
        /// Grand total of the checkout.
        total: Money,
    },
    /// The token is limited to another currency.
    #[error("the payment token is for {token}, and the checkout is in {checkout}")]
    CurrencyMismatch {
        /// Currency that the token is limited to.
        token: Currency,
        /// Currency of the checkout session.
        checkout: Currency,
    },
    /// The token is for the other mode (test or live), from another agent, or without a card. Carries the reason.
    #[error("the payment token cannot be used here: {0}")]
    Unusable(&'static str),
    /// Already used for another checkout of this merchant.
    #[error("the payment token was already used for another checkout; issue a new one")]
    Used,
    /// Consumed by an earlier payment attempt of this checkout that failed.
    #[error("the payment token was consumed by an earlier attempt to pay this checkout; issue a new one")]
    ConsumedByEarlierAttempt,
    /// It stands for something that the merchant's processor does not take.
    #[error(
        "the payment token stands for {what}, which the merchant's card processor does not take; nothing was charged{}; \
         use another payment method",
        if *.consumed { ", but the token was consumed" } else { "" }
    )]
    UnsupportedCredential {
        /// What it stands for: `an encrypted card`, `klarna`.
        what: String,
        /// Whether only the resolved token showed that.
        consumed: bool,
    },
    /// It was resolved, and the processor's plugin refused what it stands for without sending a charge.
    #[error(
        "the merchant's card processor does not take this card; nothing was charged, but the payment token was consumed; \
         use another payment method"
    )]
    RefusedByProcessor,
    /// It was resolved, and the answer has no card that can be charged. Carries what is missing.
    #[error(
        "the payment token was resolved to no card that can be charged: {0}; nothing was charged, but the token was consumed; \
         use another payment method"
    )]
    NoCredential(&'static str),
}

/// How to continue after a completion was refused because the caller had not seen what it would pay.
const READ_AGAIN: &str =
    "retrieve it, show it to the buyer, and complete it again, with a new Idempotency-Key if you use one";

/// Why an operation on a checkout failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CheckoutError {
    /// The merchant has no session with this id.
    #[error("there is no checkout session {0}")]
    UnknownSession(SessionId),
    /// The caller named a new session by an id that a session of another owner has.
    #[error("the checkout session {0} belongs to another caller")]
    ForeignSession(SessionId),
    /// Another party reports a payment of a session that has ended, or whose hold is over. It is kept for the operator.
    #[error(
        "the checkout session is {state}, and the payment was not expected any more; the merchant's operator has it"
    )]
    PaidAfterEnd {
        /// Name of the session's state, e.g. `canceled`.
        state: &'static str,
    },
    /// Another party reports a payment of another amount than the one that was held. It is kept for the operator.
    #[error("{paid} was paid, and {due} is due; the merchant's operator has it")]
    PaidAmountDiffers {
        /// Amount that the other party was paid.
        paid: Money,
        /// Amount that the checkout costs.
        due: Money,
    },
    /// Another party reports a payment under a reference that another checkout was paid with. It is kept for the operator.
    #[error("the reference of the payment belongs to another checkout; the merchant's operator has it")]
    PaymentOfAnother,
    /// The caller has as many open sessions as the merchant allows.
    #[error(
        "{limit} checkout sessions of this agent are open, which is the most that this merchant allows; complete or cancel some, or \
         wait until they expire"
    )]
    TooManyOpenSessions {
        /// The most that may be open.
        limit: u64,
        /// When to try again.
        retry_after: Duration,
    },
    /// The merchant has no saved cart with this id, or no longer.
    #[error("there is no cart {0}, or it was canceled or has expired")]
    UnknownCart(SavedCartId),
    /// The caller keeps as many carts as the merchant allows.
    #[error(
        "{limit} carts of this agent are kept, which is the most that this merchant allows; cancel some, or wait until they expire"
    )]
    TooManyCarts {
        /// The most that may be kept.
        limit: u64,
    },
    /// Nothing in a cart can be bought now.
    #[error("none of the requested items is available at the moment")]
    NothingAvailable,
    /// The session is in a state that does not allow the operation.
    #[error("the checkout session is {state} and cannot be {verb}")]
    InvalidState {
        /// Name of the current state, e.g. `completed`.
        state: &'static str,
        /// Operation as a participle: `updated`, `completed`, `canceled`.
        verb: &'static str,
    },
    /// The session is open but not ready for payment. Carries the error messages of the quote.
    #[error("the checkout session is not ready for payment")]
    NotReady(Vec<Message>),
    /// The session is open, and only the buyer can settle what it lacks, on the merchant's own site. Carries the page.
    #[error("the buyer has to continue at {0} before this can be paid; then retrieve the checkout session")]
    EscalationRequired(String),
    /// The session is open, and an approver has to accept the purchase. Carries the error messages of the quote.
    #[error("the purchase has to be approved before it can be paid; retrieve the checkout session later")]
    ApprovalPending(Vec<Message>),
    /// The operation was not finished in the caller's time, and changed nothing.
    #[error(transparent)]
    DeadlineExceeded(#[from] DeadlineExceeded),
    /// Another payment of this session is in progress.
    #[error("a payment of this checkout session is in progress")]
    InFlight,
    /// A completion with another token than the one that pays this session now.
    #[error(
        "another payment token is paying this checkout session now, and this one was not touched; \
         retrieve the checkout session for the outcome"
    )]
    OtherTokenInFlight,
    /// The edit breaks a limit of the cart.
    #[error(transparent)]
    Cart(#[from] CartError),
    /// Neither the catalog nor the plugin has the item.
    #[error("there is no item {}", mask(.item.as_str()))]
    UnknownItem {
        /// Item id, as the agent sent it.
        item: ItemId,
    },
    /// The fulfillment option chosen in this request is not on offer.
    #[error("there is no fulfillment option {} for this checkout", mask(.0.as_str()))]
    UnknownOption(OptionId),
    /// The fulfillment option chosen in this request is not on offer for an item that the request names.
    #[error("fulfillment option {} is not on offer for item {}", mask(.option.as_str()), mask(.line.as_str()))]
    OptionNotForLine {
        /// Option that was chosen.
        option: OptionId,
        /// Line that it was chosen for.
        line: LineId,
    },
    /// The fulfillment option chosen in this request is of another kind than the request says.
    #[error("the fulfillment option {} has the type {}, not {}; send its own type, or choose another option", mask(.option.as_str()), .kind.name(), .said.name())]
    OptionKind {
        /// Option that was chosen.
        option: OptionId,
        /// Its index among the chosen options of the request.
        index: usize,
        /// Kind that the request says.
        said: FulfillmentKind,
        /// Kind under which the option is shown.
        kind: FulfillmentKind,
    },
    /// The merchant does not sell in this currency.
    #[error("{wanted} is not a currency of this merchant; use {offered}")]
    Currency {
        /// Currency of the request.
        wanted: Currency,
        /// The currency that the merchant sells in.
        offered: Currency,
    },
    /// The total differs from the one that the caller was shown last. A retry fails too, until the session was read again.
    #[error("the total has changed from {shown} to {now} since the checkout session was last shown; {READ_AGAIN}")]
    TotalChanged {
        /// Total in the last response that showed the session.
        shown: Money,
        /// Total of the current quote.
        now: Money,
    },
    /// The total is the one that the caller was shown last, made of other parts. A retry fails too, until the session was read again.
    #[error(
        "the total is {total} as when the checkout session was last shown, but lines, discounts, fees, taxes or fulfillment options \
         have changed; {READ_AGAIN}"
    )]
    PartsChanged {
        /// Total of both quotes.
        total: Money,
    },
    /// The session changed since the caller was shown it, or a completion was refused since. A retry fails too, until the
    /// session was read again.
    #[error("the checkout session has changed since it was last shown; {READ_AGAIN}")]
    MustReadAgain,
    /// Stock was sold to other buyers before the payment; the session shows what is left.
    #[error("an item is no longer available in the requested quantity")]
    OutOfStock,
    /// A discount code that the quote applied was used up by other orders before the payment; the session shows the quote without
    /// it.
    #[error("the discount code {} no longer applies: {message}", mask(.code))]
    CodeUsedUp {
        /// The code, as in the cart.
        code: String,
        /// Its place in the list of codes.
        position: usize,
        /// Why it is rejected now: `discount_code_usage_limit_reached` …
        reason: String,
        /// The same for the buyer.
        message: String,
    },
    /// Other orders took something else that this one needs before the payment.
    #[error(
        "other orders have taken something that this one needs, such as the last use of an offer; \
         retrieve the checkout session, which shows what is left"
    )]
    LimitReached,
    /// A plugin rejected the operation for a business reason.
    #[error("{}", .0.message)]
    Rejected(Rejection),
    /// The payment token cannot pay this checkout.
    #[error(transparent)]
    Token(#[from] PaymentTokenError),
    /// The processor, the issuer or the risk rules declined the payment. The response does not say which.
    #[error("the payment was declined")]
    Declined {
        /// Decline code for the operator: the processor's own, or one of the host.
        code: String,
    },
    /// The token was resolved, and then nothing could be sent to the processor.
    #[error(
        "the charge could not be sent to the card processor; nothing was charged, but the payment token was consumed; \
         issue a new one and try again"
    )]
    ChargeNotSent,
    /// An order with nothing to pay was blocked by the risk rules, or could not be created.
    #[error("the merchant does not take this order; nothing was charged")]
    OrderDeclined,
    /// The issuer or the risk rules require authentication, and the request carried no result of one.
    #[error("the payment requires the buyer to authenticate (3-D Secure)")]
    AuthenticationRequired,
    /// The payment waits for the buyer's authentication, and the completion has no result of it.
    #[error(
        "the payment waits for the buyer's 3-D Secure authentication: complete again with the same payment token and the result, or \
         cancel the checkout session"
    )]
    AuthenticationResultMissing,
    /// The authentication that the agent reports permits no charge.
    #[error("the buyer's 3-D Secure authentication ended as {}; nothing was charged", .0.name())]
    AuthenticationFailed(AuthenticationOutcome),
    /// What may not change while the payment waits for the buyer's authentication. Carries what would change.
    #[error(
        "the payment waits for the buyer's 3-D Secure authentication, so that {0} cannot change: complete with the payment token and \
         the details of the first completion and with the result, or cancel the checkout session"
    )]
    AuthenticationPending(&'static str),
    /// The result of an authentication came after the time to wait for it; the payment has ended.
    #[error(
        "the time for the buyer's 3-D Secure authentication is over; nothing was charged; complete the checkout again"
    )]
    AuthenticationExpired,
    /// The token's issuer is not supported, or the processor does not take the currency. Carries which.
    #[error("payments with {} are not supported", mask(.0))]
    UnsupportedPayment(String),
    /// A plugin's answer broke a rule of the contract.
    #[error(transparent)]
    Contract(ContractError),
    /// A plugin gave no answer.
    #[error(transparent)]
    Decision(DecisionError),
    /// Stripe does not answer, or does not accept the merchant's API key.
    #[error("the token service is not available: {detail}")]
    TokenService {
        /// What happened, for the operator.
        detail: String,
        /// When to retry, if Stripe said so.
        retry_after: Option<Duration>,
    },
    /// The store failed, does not answer, or refused a commit in every retry because of conflicts.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another request or host committed a conflicting change first.
    #[error(transparent)]
    Conflict(CommitError),
    /// The host has no merchant of this name.
    #[error("merchant {0} is not configured")]
    UnknownMerchant(MerchantId),
}

impl CheckoutError {
    /// Whether the caller must read the session again first: the completion would pay what the caller has not seen.
    #[must_use]
    pub const fn must_read_again(&self) -> bool {
        matches!(
            self,
            Self::TotalChanged { .. } | Self::PartsChanged { .. } | Self::MustReadAgain
        )
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

impl From<ContractError> for CheckoutError {
    fn from(error: ContractError) -> Self {
        Self::Contract(error)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The text is sent, logged, and kept under an idempotency key.
    #[test]
    fn what_an_agent_sent_is_repeated_without_card_numbers() {
        let number = "4242424242424242";
        let (option, line) = (OptionId::new(number), LineId::new(number));
        for error in [
            CheckoutError::UnknownItem {
                item: ItemId::new(number),
            },
            CheckoutError::UnknownOption(option.clone()),
            CheckoutError::OptionNotForLine { option, line },
            CheckoutError::UnsupportedPayment(number.to_owned()),
        ] {
            let text = error.to_string();
            assert!(text.contains("[card]") && !text.contains(number), "{text}");
        }
        let known = CheckoutError::UnknownOption(OptionId::new("teleport"));
        assert_eq!(
            known.to_string(),
            "there is no fulfillment option teleport for this checkout"
        );
    }
}
