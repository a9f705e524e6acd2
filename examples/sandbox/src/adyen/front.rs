//! The agent API: sessions that a merchant prices, and Adyen keeps.

mod relay;
mod request;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

pub(super) use self::relay::Relay;
use self::request::PaymentData;
use super::Operation;
use super::complete::Completion;
use super::merchant::{MerchantCall, MerchantConnection, call};
use super::messages::{MessagesDialect, Refusal};
use super::session::{AdyenSession, Progress};
use super::state::AdyenState;
use crate::answer::{JsonAnswer, Outcome};
use crate::id::CheckoutSessionId;
use crate::incoming_request::IncomingRequest;
use crate::sync::lock;

type Shared = State<Arc<AdyenState>>;

pub(super) async fn create(State(state): Shared, Path(account): Path<String>, incoming: IncomingRequest) -> Response {
    let shared = Arc::clone(&state);
    let work = |body: Value| async move {
        request::check_create(&body)?;
        let merchant = shared.merchant(&account)?;
        let id = CheckoutSessionId::generate();
        let body = match Relay::of(call(&shared, &merchant, MerchantCall::Session, id.as_str(), &body).await) {
            Relay::Accepted(body) => body,
            Relay::Refused(refusal, _) => return Err(refusal),
        };
        let now = shared.pipeline.clock.now();
        let session = AdyenSession::new(id, &account, &merchant.merchant_account, &body, now);
        let session = session.map_err(Relay::malformed)?;
        let answer = JsonAnswer::new(StatusCode::CREATED, session.shown());
        lock(&shared.sessions).add(session);
        Ok(Outcome::stored(answer))
    };
    write(state, Operation::Create, incoming, work).await
}

pub(super) async fn retrieve(
    State(state): Shared,
    Path((account, id)): Path<(String, CheckoutSessionId)>,
    incoming: IncomingRequest,
) -> Response {
    let answer = || {
        let now = state.pipeline.clock.now();
        let mut sessions = lock(&state.sessions);
        let found = sessions.find(&id, &account, now).map(|session| session.shown());
        found.map_or_else(|| Refusal::not_found().into_answer(), JsonAnswer::ok)
    };
    state
        .pipeline
        .read::<MessagesDialect, _>(Operation::Retrieve, &incoming, answer)
        .await
}

pub(super) async fn update(
    State(state): Shared,
    Path((account, id)): Path<(String, CheckoutSessionId)>,
    incoming: IncomingRequest,
) -> Response {
    let shared = Arc::clone(&state);
    let work = |body: Value| async move {
        let merchant = shared.merchant(&account)?;
        with_session(&shared, &account, &id, must_be_open)?;
        let answer = call(&shared, &merchant, MerchantCall::Session, id.as_str(), &body).await;
        with_session(&shared, &account, &id, |session| match Relay::of(answer) {
            Relay::Accepted(body) => {
                session.take(&body).map_err(Relay::malformed)?;
                Ok(Outcome::stored(JsonAnswer::ok(session.shown())))
            }
            Relay::Refused(refusal, _) => Err(refusal.with_session(session.shown())),
        })
    };
    write(state, Operation::Update, incoming, work).await
}

pub(super) async fn cancel(
    State(state): Shared,
    Path((account, id)): Path<(String, CheckoutSessionId)>,
    incoming: IncomingRequest,
) -> Response {
    let shared = Arc::clone(&state);
    let work = |_: Value| async move {
        let merchant = shared.merchant(&account)?;
        let canceled = with_session(&shared, &account, &id, |session| match session.progress {
            Progress::Canceled => Ok(Some(session.shown())),
            _ => must_be_open(session).map(|()| None),
        })?;
        if let Some(canceled) = canceled {
            return Ok(Outcome::stored(JsonAnswer::ok(canceled)));
        }
        let answer = call(&shared, &merchant, MerchantCall::Cancel, id.as_str(), &Value::Null).await;
        with_session(&shared, &account, &id, |session| match Relay::of(answer) {
            Relay::Accepted(body) => {
                // An acknowledgement without a session leaves the last one.
                let _ = session.take(&body);
                session.progress = Progress::Canceled;
                Ok(Outcome::stored(JsonAnswer::ok(session.shown())))
            }
            Relay::Refused(refusal, _) => Err(refusal.with_session(session.shown())),
        })
    };
    write(state, Operation::Cancel, incoming, work).await
}

pub(super) async fn complete(
    State(state): Shared,
    Path((account, id)): Path<(String, CheckoutSessionId)>,
    incoming: IncomingRequest,
) -> Response {
    let shared = Arc::clone(&state);
    let work = |body: Value| async move {
        let payment = PaymentData::read(&body)?;
        let merchant = shared.merchant(&account)?;
        let begun = begin(&shared, &merchant, &account, &id, payment)?;
        let completion = match begun {
            Begun::Already(answer) => return Ok(Outcome::stored(answer)),
            Begun::Now(completion) => completion,
        };
        let completed = Box::pin(completion.run(&shared)).await?;
        let outcome = Outcome::stored(JsonAnswer::ok(completed.session));
        Ok(Outcome {
            sent: completed.sent,
            ..outcome
        })
    };
    write(state, Operation::Complete, incoming, work).await
}

/// Whether a payment is to be made, or was made before.
enum Begun {
    Already(JsonAnswer),
    Now(Box<Completion>),
}

/// Checks session and token, and marks the session as being paid.
fn begin(
    state: &AdyenState,
    merchant: &Arc<MerchantConnection>,
    account: &str,
    id: &CheckoutSessionId,
    payment: PaymentData,
) -> Result<Begun, Refusal> {
    let now = state.pipeline.clock.now();
    let mut sessions = lock(&state.sessions);
    let session = sessions.find(id, account, now).ok_or_else(Refusal::not_found)?;
    if session.progress == Progress::Completed(payment.token.clone()) {
        return Ok(Begun::Already(JsonAnswer::ok(session.shown())));
    }
    must_be_open(session)?;
    if session.status() != "ready_for_payment" {
        return Err(Refusal::invalid_state("The session is not ready for payment.").with_session(session.shown()));
    }
    let tokens = lock(&state.tokens);
    let amount = session.total().ok_or_else(|| Relay::malformed("total"))?;
    let unknown =
        || Refusal::rejected("INVALID_TOKEN", "This payment token cannot be used here.").at("payment_data.token");
    let token = tokens.get(&payment.token).cloned();
    let completion = Completion {
        merchant: Arc::clone(merchant),
        id: id.clone(),
        token: token.ok_or_else(|| unknown().with_session(session.shown()))?,
        amount,
        details: payment.details,
    };
    if let Err(problem) = tokens.check(&payment.token, &completion.due(now)) {
        let refusal = Refusal::rejected(problem.code(), problem.content()).at("payment_data.token");
        return Err(refusal.with_session(session.shown()));
    }
    session.progress = Progress::Paying(payment.token);
    Ok(Begun::Now(Box::new(completion)))
}

fn must_be_open(session: &mut AdyenSession) -> Result<(), Refusal> {
    let refusal = match session.progress {
        Progress::Open => return Ok(()),
        Progress::Paying(_) => Refusal::in_flight(),
        Progress::Completed(_) => Refusal::invalid_state("The session is completed."),
        Progress::Canceled => Refusal::invalid_state("The session is canceled."),
    };
    Err(refusal.with_session(session.shown()))
}

fn with_session<T>(
    state: &AdyenState,
    account: &str,
    id: &CheckoutSessionId,
    act: impl FnOnce(&mut AdyenSession) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let now = state.pipeline.clock.now();
    let mut sessions = lock(&state.sessions);
    act(sessions.find(id, account, now).ok_or_else(Refusal::not_found)?)
}

/// Reads the body, and runs the work under its idempotency key. Only a cancel may come without a body.
async fn write<F, W>(state: Arc<AdyenState>, operation: Operation, incoming: IncomingRequest, work: F) -> Response
where
    F: FnOnce(Value) -> W,
    W: Future<Output = Result<Outcome, Refusal>> + Send + 'static,
{
    let body = if incoming.body.is_empty() && operation == Operation::Cancel {
        Value::Null
    } else {
        match request::object(&incoming) {
            Ok(body) => body,
            Err(refusal) => return refusal.into_response(),
        }
    };
    let fingerprint = body.to_string();
    let work = work(body);
    let work = async move { work.await.unwrap_or_else(Outcome::from) };
    Arc::clone(&state.pipeline)
        .write::<MessagesDialect, _>(operation, incoming, fingerprint, work)
        .await
}
