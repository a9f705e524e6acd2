//! The operations of a checkout: requests and answers of the API that the protocols call.
//!
//! The protocols depend on [`CheckoutOperations`] and nothing below it. The domain service implements it; tests script it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::authentication::AuthenticationResult;
use super::caller::Caller;
use super::cart::CartEdit;
use super::contact::Address;
use super::deadline::Deadline;
use super::decision::{Attribution, Consent, ProcessorWebhook, RiskSignal, WebhookReply};
use super::device::Device;
use super::error::CheckoutError;
use super::idempotency::{IdempotencyKey, IdempotencyRecord, IdempotencyScope, Reply};
use super::ids::{MerchantId, SavedCartId, SessionId};
use super::inbox::{InboxEvent, TokenDeactivation};
use super::intent_trace::IntentTrace;
use super::money::{Currency, Money};
use super::outage::Outages;
use super::outside_payment::{HoldRequest, OutsidePayment, OutsideReport};
use super::payment_token::PaymentToken;
use super::saved_cart::SavedCart;
use super::session::{Agent, Session};
use super::time::Timestamp;

/// Request to create a checkout session.
#[derive(Clone, Debug)]
pub struct CreateRequest {
    /// Who calls, and so who owns the session.
    pub caller: Caller,
    /// The id that the caller gives the session; `None` for one of the host.
    pub id: Option<SessionId>,
    /// Currency of the session; `None` for the merchant's, if the protocol has no such field.
    pub currency: Option<Currency>,
    /// First content of the cart; must have items.
    pub edit: CartEdit,
    /// What the agent says of itself. Its principal is the caller's, whatever is here.
    pub agent: Agent,
    /// Affiliate that led the buyer to the merchant, if the agent names one.
    pub attribution: Option<Attribution>,
    /// Saved cart whose items and buyer the session gets, whatever the edit says of them; `None` for a session without one.
    pub saved_cart: Option<SavedCartId>,
}

impl CreateRequest {
    /// What the agent says of itself, under the name of the caller.
    #[must_use]
    pub fn agent_of_caller(&self) -> Agent {
        Agent {
            principal: self.caller.principal.clone(),
            ..self.agent.clone()
        }
    }
}

/// Request to save a cart.
#[derive(Clone, Debug)]
pub struct CreateCartRequest {
    /// Who calls, and so who owns the cart.
    pub caller: Caller,
    /// Content of the cart; must have items.
    pub edit: CartEdit,
}

/// Request to complete, that is to pay, a checkout session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompleteRequest {
    /// Who calls: the owner of the session, unless the merchant lets agents share sessions.
    pub caller: Caller,
    /// Session to pay; must be open.
    pub session: SessionId,
    /// Payment token, and its issuer as the provider or the payment handler says.
    pub token: PaymentToken,
    /// What the caller expects to be charged, if it says so.
    pub expected: Option<Money>,
    /// Result of the buyer's 3-D Secure authentication, if the agent reports one.
    pub authentication: Option<AuthenticationResult>,
    /// Billing address, if the agent gave one.
    pub billing: Option<Address>,
    /// Last changes to the cart: buyer and notes only, nothing that changes the total.
    pub edit: CartEdit,
    /// Device of the buyer.
    pub device: Device,
    /// Assessments of the payment by the agent or by other systems.
    pub signals: Vec<RiskSignal>,
    /// The buyer's answers to the marketing consents that were offered.
    pub consents: Vec<Consent>,
    /// Affiliate that led the buyer to pay, if the agent names one.
    pub attribution: Option<Attribution>,
    /// Time until the caller must have an answer, while the payment goes on; `None` to wait for the outcome.
    pub deadline: Option<Duration>,
}

/// Renders a session as the response of a protocol. Must be pure and fast: it runs right before the commit.
pub type RenderFn = Arc<dyn Fn(&Session) -> Reply + Send + Sync>;

/// Refuses to store a session, right before the commit: the session as it would be stored, and as it is stored now, which is `None` for
/// one that would be new. Must be pure and fast.
pub type RefusalFn = Arc<dyn Fn(&Session, Option<&Session>) -> Option<Reply> + Send + Sync>;

/// How to render the response, and the idempotency key to record it under.
///
/// The new state and the recorded response are one transaction, which is why the domain and not the protocol renders.
#[derive(Clone)]
pub struct ResponseRecorder {
    /// Idempotency key of the request; `None` if it had none.
    pub key: Option<IdempotencyKey>,
    /// Renders the session as the response of the protocol.
    pub render: RenderFn,
    /// Until when the response can be given: nothing is committed after the caller was told that there was no time.
    pub deadline: Deadline,
    /// Asked before a session is created or changed, if the protocol refuses what cannot be bought. With a response of it nothing is
    /// stored but that response, under its key.
    pub refusal: Option<RefusalFn>,
    /// Renders the session that a declined payment leaves open, if the protocol answers with it instead of an error. It is recorded in
    /// the commit that ends the attempt.
    pub declined: Option<RenderFn>,
}

impl ResponseRecorder {
    /// A recorder of a protocol that shows every session as it is, and answers a declined payment with an error.
    #[must_use]
    pub fn new(key: Option<IdempotencyKey>, render: RenderFn, deadline: Deadline) -> Self {
        Self {
            key,
            render,
            deadline,
            refusal: None,
            declined: None,
        }
    }

    /// The same, of a protocol that does not store what it refuses.
    #[must_use]
    pub fn refusing(self, refusal: RefusalFn) -> Self {
        Self {
            refusal: Some(refusal),
            ..self
        }
    }

    /// The same, of a protocol that answers a declined payment with the session.
    #[must_use]
    pub fn showing_declined(self, declined: RenderFn) -> Self {
        Self {
            declined: Some(declined),
            ..self
        }
    }
}

impl fmt::Debug for ResponseRecorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseRecorder")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// The answer of an operation that changes a checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckoutResponse {
    /// The operation was done now; its response is recorded if the request had an idempotency key.
    Fresh(Reply),
    /// Another request with the same idempotency key committed first. The protocol compares the fingerprints.
    Replay(IdempotencyRecord),
    /// The payment goes on in the background; the response is not recorded under the key.
    InProgress(Reply),
}

/// What became of a webhook of the processor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HandledWebhook {
    /// How many of its events were new.
    pub fresh: usize,
    /// Response that the processor expects; `None` for an empty one with status 200.
    pub reply: Option<WebhookReply>,
}

/// The API of the domain for the protocols.
///
/// Callers run each operation in a task of its own: to drop the future midway is safe, but leaves the rest to recovery. To a caller
/// that may not use a session ([`Caller::may_use`]), every operation answers as if there were none.
#[async_trait]
pub trait CheckoutOperations: Send + Sync + 'static {
    /// Create a session, with a quote for its first cart.
    async fn create(
        &self,
        request: CreateRequest,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError>;

    /// Change the cart of an open session, and quote it anew.
    async fn update(
        &self,
        caller: &Caller,
        id: &SessionId,
        edit: CartEdit,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError>;

    /// Read a session for a response that shows it: its quote counts as shown from then on, and is made again first if it is old. An
    /// overdue session is expired.
    async fn retrieve(&self, caller: &Caller, id: &SessionId) -> Result<Session, CheckoutError>;

    /// Read a session as it is stored, for an answer that does not show it: nothing counts as shown.
    async fn peek(&self, caller: &Caller, id: &SessionId) -> Result<Session, CheckoutError>;

    /// Report that the response to a read or an update did not reach the caller: its quote does not count as shown.
    async fn mark_not_shown(&self, caller: &Caller, id: &SessionId) -> Result<(), CheckoutError>;

    /// Complete a session: charge the token and create the order.
    async fn complete(
        &self,
        request: CompleteRequest,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError>;

    /// Cancel an open session, for the reason that the agent gives, if any. One that is being paid cannot be canceled.
    async fn cancel(
        &self,
        caller: &Caller,
        id: &SessionId,
        trace: Option<IntentTrace>,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError>;

    /// Create the session that the request gives an id, or change the one that has it: of a caller that is to take the payment
    /// itself. A hold of it is released with the change, and stays where the change is refused.
    ///
    /// # Errors
    /// As for [`create`](Self::create) and [`update`](Self::update), and [`CheckoutError::ForeignSession`] if a session of another
    /// owner has the id, which is not touched.
    async fn upsert(
        &self,
        request: CreateRequest,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError>;

    /// Hold what a session buys while the caller takes the payment: price it again, and reserve the stock. Repeated, it answers the same.
    async fn hold(&self, request: HoldRequest, recorder: ResponseRecorder) -> Result<CheckoutResponse, CheckoutError>;

    /// Take the caller's word of a payment that it took or was refused: the order is made, or the hold is released. Repeated, it
    /// changes nothing.
    ///
    /// # Errors
    /// [`CheckoutError::PaidAfterEnd`], [`CheckoutError::PaidAmountDiffers`] and [`CheckoutError::PaymentOfAnother`] once a
    /// discrepancy for the operator is durable; other errors if the report has to be sent again.
    async fn finalize(&self, report: OutsidePayment) -> Result<(), CheckoutError>;

    /// Take what an event of another party reports of a payment that it takes, or of what became of one later. Durable on return; false
    /// if the event was received before. A report that makes no order, or that an order does not allow, is for the operator.
    ///
    /// # Errors
    /// If the event has to be sent again.
    async fn take_outside_report(&self, event: InboxEvent, report: OutsideReport) -> Result<bool, CheckoutError>;

    /// Quote a cart, and store nothing of it: a session as it would be created, or as the one with the id would be changed to that is held
    /// for the caller.
    ///
    /// # Errors
    /// As for [`create`](Self::create).
    async fn quote(&self, request: CreateRequest, deadline: Deadline) -> Result<Session, CheckoutError>;

    /// Cancel a session, held or not, of a caller that was to take the payment itself. Repeated, it answers the same.
    async fn release(
        &self,
        caller: &Caller,
        id: &SessionId,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError>;

    /// Save a cart, with estimated prices.
    async fn create_cart(
        &self,
        request: CreateCartRequest,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError>;

    /// Replace the content of a saved cart.
    async fn replace_cart(
        &self,
        caller: &Caller,
        id: &SavedCartId,
        edit: CartEdit,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError>;

    /// Read a saved cart.
    async fn retrieve_cart(&self, caller: &Caller, id: &SavedCartId) -> Result<SavedCart, CheckoutError>;

    /// Cancel a saved cart: it is gone.
    async fn cancel_cart(
        &self,
        caller: &Caller,
        id: &SavedCartId,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError>;

    /// The recorded answer for an idempotency key; `None` if there is none or it has expired.
    async fn recorded_response(&self, scope: &IdempotencyScope) -> Result<Option<IdempotencyRecord>, CheckoutError>;

    /// Record the answer of a request that changed nothing: an error that a retry would get again.
    ///
    /// # Errors
    /// [`CheckoutError::Conflict`] if the key was recorded in the meantime.
    async fn record_response(&self, record: IdempotencyRecord) -> Result<(), CheckoutError>;

    /// Store an event that another system sent. Durable on return; false if the event was received before.
    async fn store_event(&self, event: InboxEvent) -> Result<bool, CheckoutError>;

    /// Keep that the issuer has deactivated a token: a payment that has not resolved it yet stops. Durable on return. Returns whether
    /// a payment of the merchant may have resolved the token before, which is then not affected.
    async fn deactivate_token(&self, event: &InboxEvent, token: &TokenDeactivation) -> Result<bool, CheckoutError>;

    /// Process an event of the merchant's processor. Returns how many of the entries in it were new, and the response that the
    /// processor expects.
    ///
    /// # Errors
    /// [`CheckoutError::Rejected`] if the event is forged or cannot be read, `DecisionError::Unsupported` if the processor's
    /// plugin reads no events, [`CheckoutError::InFlight`] or an unavailable service if the processor has to send it again.
    async fn handle_webhook(
        &self,
        merchant: &MerchantId,
        webhook: ProcessorWebhook,
    ) -> Result<HandledWebhook, CheckoutError>;

    /// Apply the changes of orders in a notice of the merchant's own system. Returns how many of them were new, and the response that the
    /// sender expects.
    ///
    /// # Errors
    /// [`CheckoutError::Rejected`] if the notice is forged or cannot be read, `DecisionError::Unsupported` if no plugin of the merchant
    /// reads notices, an unavailable service if the sender has to send it again.
    async fn handle_order_notice(
        &self,
        merchant: &MerchantId,
        notice: ProcessorWebhook,
    ) -> Result<HandledWebhook, CheckoutError>;

    /// The current time, by the clock of the domain.
    fn now(&self) -> Timestamp;

    /// The merchants that are out of service, with the reasons.
    fn outages(&self) -> &Outages;
}
