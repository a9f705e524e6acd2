//! A checkout service whose results a test scripts.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tokio::sync::Notify;

use super::sessions;
use tillhouse_checkout::caller::Caller;
use tillhouse_checkout::cart::CartEdit;
use tillhouse_checkout::deadline::Deadline;
use tillhouse_checkout::decision::{ProcessorWebhook, WebhookReply};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::idempotency::{IdempotencyRecord, IdempotencyScope};
use tillhouse_checkout::ids::{MerchantId, SavedCartId, SessionId};
use tillhouse_checkout::inbox::{InboxEvent, TokenDeactivation};
use tillhouse_checkout::intent_trace::IntentTrace;
use tillhouse_checkout::operation::{
    CheckoutOperations, CheckoutResponse, CompleteRequest, CreateCartRequest, CreateRequest, HandledWebhook,
    ResponseRecorder,
};
use tillhouse_checkout::outage::Outages;
use tillhouse_checkout::outside_payment::{HoldRequest, OutsidePayment, OutsideReport};
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::saved_cart::SavedCart;
use tillhouse_checkout::session::Session;
use tillhouse_checkout::time::Timestamp;

pub(crate) const NOW: Timestamp = Timestamp(1_767_925_200_000);

/// What an operation does instead of succeeding at once.
pub(crate) enum ScriptedResult {
    Fail(CheckoutError),
    Panic,
    /// Notify the first that it has begun, and wait for the second before it continues.
    Wait(Arc<Notify>, Arc<Notify>),
    /// Respond that the payment is in progress.
    InProgress,
    /// Come to this session, unless the protocol refuses it.
    Propose(Box<Session>),
    /// Decline the payment, which leaves this session.
    Decline(Box<Session>),
}

/// Records idempotency keys as the store does, and every operation that reached it.
#[derive(Default)]
pub(crate) struct ScriptedCheckouts {
    pub(crate) next: Mutex<VecDeque<ScriptedResult>>,
    pub(crate) done: Mutex<Vec<RecordedCall>>,
    pub(crate) records: Mutex<HashMap<IdempotencyScope, IdempotencyRecord>>,
    /// The session that is stored; `None` for a full one.
    pub(crate) stored: Mutex<Option<Session>>,
    /// How often a session was read to be shown.
    pub(crate) shown: Mutex<u32>,
    pub(crate) events: Mutex<Vec<InboxEvent>>,
    pub(crate) webhooks: Mutex<Vec<ProcessorWebhook>>,
    pub(crate) webhook_reply: Mutex<Option<WebhookReply>>,
    pub(crate) outages: Outages,
}

/// An operation that reached the service, with its arguments.
#[derive(Clone, Debug)]
pub(crate) enum RecordedCall {
    Create(Box<CreateRequest>),
    Update(Box<CartEdit>),
    Complete(Box<CompleteRequest>),
    Cancel,
    Upsert(Box<CreateRequest>),
    Hold(Box<HoldRequest>),
    Finalize(Box<OutsidePayment>),
    Quote(Box<CreateRequest>),
    Reported(Box<OutsideReport>),
    Release,
    CreateCart(Box<CreateCartRequest>),
    ReplaceCart(Box<CartEdit>),
    CancelCart,
}

impl ScriptedCheckouts {
    pub(crate) fn then(next: impl IntoIterator<Item = ScriptedResult>) -> Arc<Self> {
        let script = Self::default();
        script.next.lock().unwrap().extend(next);
        Arc::new(script)
    }

    pub(crate) fn count(&self) -> usize {
        self.done.lock().unwrap().len()
    }

    pub(crate) fn last(&self) -> RecordedCall {
        self.done.lock().unwrap().last().unwrap().clone()
    }

    fn stored(&self) -> Session {
        self.stored.lock().unwrap().clone().unwrap_or_else(sessions::full)
    }

    async fn act(
        &self,
        done: RecordedCall,
        mut session: Session,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let before = matches!(done, RecordedCall::Update(_)).then(|| self.stored());
        self.done.lock().unwrap().push(done);
        let mut refused = None;
        let next = self.next.lock().unwrap().pop_front();
        match next {
            Some(ScriptedResult::Fail(error)) => return Err(error),
            Some(ScriptedResult::Panic) => panic!("scripted"),
            Some(ScriptedResult::InProgress) => return Ok(CheckoutResponse::InProgress((recorder.render)(&session))),
            Some(ScriptedResult::Wait(began, leave)) => {
                began.notify_one();
                leave.notified().await;
            }
            Some(ScriptedResult::Propose(proposed)) => {
                refused = recorder
                    .refusal
                    .as_ref()
                    .and_then(|refusal| refusal(&proposed, before.as_ref()));
                session = *proposed;
            }
            Some(ScriptedResult::Decline(left)) => {
                let declined = recorder.declined.as_ref();
                let declined = declined.ok_or_else(|| CheckoutError::Declined { code: "c".into() })?;
                refused = Some(declined(&left));
            }
            None => {}
        }
        recorder.deadline.begin_commit()?.done();
        let reply = refused.unwrap_or_else(|| (recorder.render)(&session));
        if let Some(key) = recorder.key {
            let record = key.record(reply.clone());
            self.records.lock().unwrap().insert(key.scope, record);
        }
        Ok(CheckoutResponse::Fresh(reply))
    }
}

#[async_trait]
impl CheckoutOperations for ScriptedCheckouts {
    async fn create(
        &self,
        request: CreateRequest,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        self.act(RecordedCall::Create(Box::new(request)), sessions::full(), recorder)
            .await
    }

    async fn update(
        &self,
        _: &Caller,
        _: &SessionId,
        edit: CartEdit,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        self.act(RecordedCall::Update(Box::new(edit)), sessions::full(), recorder)
            .await
    }

    async fn retrieve(&self, caller: &Caller, id: &SessionId) -> Result<Session, CheckoutError> {
        *self.shown.lock().unwrap() += 1;
        self.peek(caller, id).await
    }

    async fn peek(&self, caller: &Caller, id: &SessionId) -> Result<Session, CheckoutError> {
        let session = self.stored();
        if *id == session.id && caller.merchant == session.merchant {
            Ok(session)
        } else {
            Err(CheckoutError::UnknownSession(id.clone()))
        }
    }

    async fn mark_not_shown(&self, _: &Caller, _: &SessionId) -> Result<(), CheckoutError> {
        Ok(())
    }

    async fn complete(
        &self,
        request: CompleteRequest,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let session = sessions::in_state(sessions::completed());
        self.act(RecordedCall::Complete(Box::new(request)), session, recorder)
            .await
    }

    async fn cancel(
        &self,
        _: &Caller,
        _: &SessionId,
        _: Option<IntentTrace>,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let session = sessions::in_state(tillhouse_checkout::session::SessionState::Canceled);
        self.act(RecordedCall::Cancel, session, recorder).await
    }

    async fn upsert(
        &self,
        request: CreateRequest,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        self.act(RecordedCall::Upsert(Box::new(request)), sessions::full(), recorder)
            .await
    }

    async fn hold(&self, request: HoldRequest, recorder: ResponseRecorder) -> Result<CheckoutResponse, CheckoutError> {
        let session = sessions::in_state(sessions::held());
        self.act(RecordedCall::Hold(Box::new(request)), session, recorder).await
    }

    async fn finalize(&self, report: OutsidePayment) -> Result<(), CheckoutError> {
        self.done.lock().unwrap().push(RecordedCall::Finalize(Box::new(report)));
        match self.next.lock().unwrap().pop_front() {
            Some(ScriptedResult::Fail(error)) => Err(error),
            _ => Ok(()),
        }
    }

    async fn take_outside_report(&self, event: InboxEvent, report: OutsideReport) -> Result<bool, CheckoutError> {
        self.done.lock().unwrap().push(RecordedCall::Reported(Box::new(report)));
        self.store_event(event).await
    }

    async fn quote(&self, request: CreateRequest, _: Deadline) -> Result<Session, CheckoutError> {
        self.done.lock().unwrap().push(RecordedCall::Quote(Box::new(request)));
        match self.next.lock().unwrap().pop_front() {
            Some(ScriptedResult::Fail(error)) => Err(error),
            Some(ScriptedResult::Propose(proposed)) => Ok(*proposed),
            _ => Ok(self.stored()),
        }
    }

    async fn release(
        &self,
        _: &Caller,
        _: &SessionId,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let session = sessions::in_state(tillhouse_checkout::session::SessionState::Canceled);
        self.act(RecordedCall::Release, session, recorder).await
    }

    async fn create_cart(
        &self,
        request: CreateCartRequest,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        self.act(RecordedCall::CreateCart(Box::new(request)), sessions::full(), recorder)
            .await
    }

    async fn replace_cart(
        &self,
        _: &Caller,
        _: &SavedCartId,
        edit: CartEdit,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        self.act(RecordedCall::ReplaceCart(Box::new(edit)), sessions::full(), recorder)
            .await
    }

    async fn retrieve_cart(&self, caller: &Caller, id: &SavedCartId) -> Result<SavedCart, CheckoutError> {
        let draft = sessions::full();
        if id.as_str() == draft.id.as_str() && caller.merchant == draft.merchant {
            Ok(SavedCart {
                id: id.clone(),
                draft: Box::new(draft),
                checkout: None,
            })
        } else {
            Err(CheckoutError::UnknownCart(id.clone()))
        }
    }

    async fn cancel_cart(
        &self,
        _: &Caller,
        _: &SavedCartId,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        self.act(RecordedCall::CancelCart, sessions::full(), recorder).await
    }

    async fn recorded_response(&self, scope: &IdempotencyScope) -> Result<Option<IdempotencyRecord>, CheckoutError> {
        Ok(self.records.lock().unwrap().get(scope).cloned())
    }

    async fn record_response(&self, record: IdempotencyRecord) -> Result<(), CheckoutError> {
        match self.records.lock().unwrap().entry(record.scope.clone()) {
            Entry::Occupied(_) => Err(CheckoutError::Conflict(CommitError::Idempotency)),
            Entry::Vacant(vacant) => {
                vacant.insert(record);
                Ok(())
            }
        }
    }

    async fn store_event(&self, event: InboxEvent) -> Result<bool, CheckoutError> {
        if let Some(ScriptedResult::Fail(error)) = self.next.lock().unwrap().pop_front() {
            return Err(error);
        }
        let mut events = self.events.lock().unwrap();
        let fresh = !events
            .iter()
            .any(|seen| (&seen.source, &seen.id) == (&event.source, &event.id));
        events.extend(fresh.then_some(event));
        Ok(fresh)
    }

    async fn deactivate_token(&self, event: &InboxEvent, token: &TokenDeactivation) -> Result<bool, CheckoutError> {
        self.events.lock().unwrap().push(token.kept(event));
        Ok(false)
    }

    async fn handle_webhook(&self, _: &MerchantId, webhook: ProcessorWebhook) -> Result<HandledWebhook, CheckoutError> {
        if let Some(ScriptedResult::Fail(error)) = self.next.lock().unwrap().pop_front() {
            return Err(error);
        }
        self.webhooks.lock().unwrap().push(webhook);
        Ok(HandledWebhook {
            fresh: 1,
            reply: self.webhook_reply.lock().unwrap().clone(),
        })
    }

    async fn handle_order_notice(
        &self,
        merchant: &MerchantId,
        notice: ProcessorWebhook,
    ) -> Result<HandledWebhook, CheckoutError> {
        self.handle_webhook(merchant, notice).await
    }

    fn now(&self) -> Timestamp {
        NOW
    }

    fn outages(&self) -> &Outages {
        &self.outages
    }
}
