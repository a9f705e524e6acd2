//! The acquirer's HTTP routes.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::Operation;
use super::charge::{Charge, ChargeStatus};
use super::error::{AcquirerDialect, AcquirerError};
use super::ledger::{LedgerState, Page};
use super::request::{ChargeRequest, RefundRequest, canceled_reference, capture_amount};
use super::state::AcquirerState;
use crate::answer::{JsonAnswer, Outcome};
use crate::auth::bearer;
use crate::card::{Behaviour, RefundBehaviour};
use crate::id::ChargeId;
use crate::incoming_request::IncomingRequest;
use crate::sync::lock;

type Shared = State<Arc<AcquirerState>>;

pub(crate) fn router(state: Arc<AcquirerState>) -> Router {
    Router::new()
        .route("/v1/charges", post(charge).get(list))
        .route("/v1/charges/cancel", post(cancel))
        .route("/v1/charges/{id}", get(retrieve))
        .route("/v1/charges/{id}/refunds", post(refund).get(list_refunds))
        .route("/v1/charges/{id}/void", post(void))
        .route("/v1/charges/{id}/capture", post(capture))
        .route_layer(middleware::from_fn_with_state(Arc::clone(&state), authenticate))
        .route("/sandbox/ledger", get(ledger))
        .route("/sandbox/notices", post(notify))
        .fallback(not_found)
        .with_state(state)
}

async fn authenticate(State(state): Shared, request: Request, next: Next) -> Response {
    match bearer(request.headers()) {
        Some(key) if key == state.api_key.reveal() => next.run(request).await,
        _ => AcquirerError::unauthorized().into_response(),
    }
}

async fn not_found(request: Request) -> AcquirerError {
    AcquirerError::not_found("path", request.uri().path())
}

async fn ledger(State(state): Shared) -> JsonAnswer {
    JsonAnswer::ok(lock(&state.ledger).snapshot().to_json())
}

/// Sends a notice of a charge to a URL, for developing manually.
async fn notify(State(state): Shared, incoming: IncomingRequest) -> JsonAnswer {
    let requested = parse(&incoming).and_then(|body| {
        let text = |name| body.get(name).and_then(Value::as_str).map(str::to_owned);
        let required = |name| text(name).ok_or_else(|| AcquirerError::invalid(name, "is required."));
        let (reference, url) = (required("reference")?, required("url")?);
        let signed_webhook = state.signed_webhook(&reference);
        Ok((
            signed_webhook.ok_or_else(|| AcquirerError::not_found("charge", &reference))?,
            url,
        ))
    });
    let (signed_webhook, url) = match requested {
        Ok(requested) => requested,
        Err(error) => return error.into_answer(),
    };
    match signed_webhook.send(&url).await {
        Ok(status) => JsonAnswer::ok(json!({"id": signed_webhook.id, "answered": status})),
        Err(error) => AcquirerError::invalid("url", format!("did not answer: {error}.")).into_answer(),
    }
}

async fn charge(State(state): Shared, incoming: IncomingRequest) -> Response {
    let body = match parse(&incoming) {
        Ok(body) => body,
        Err(error) => return error.into_response(),
    };
    let shared = Arc::clone(&state);
    let work = |body: Value| async move {
        match ChargeRequest::read(&body) {
            Ok(request) => make_charge(&shared, request).await,
            Err(error) => error.into(),
        }
    };
    write(state, Operation::Charge, incoming, body, work).await
}

async fn make_charge(state: &AcquirerState, request: ChargeRequest) -> Outcome {
    let behaviour = request.card.behaviour;
    if behaviour == Behaviour::ApproveSlowly {
        // A stopping acquirer does not delay its clients: it decides immediately.
        tokio::select! {
            () = tokio::time::sleep(state.slow_card_delay) => {}
            () = state.pipeline.lifetime.stop.cancelled() => {}
        }
    }
    let now = state.pipeline.clock.now();
    let proof = state.authentications.check(request.proof.as_ref());
    match lock(&state.ledger).charge(request, proof, now) {
        Ok(charge) if behaviour == Behaviour::LoseAnswer => Outcome::dropped(charge_answer(&charge)),
        Ok(charge) => Outcome::stored(charge_answer(&charge)),
        Err(error) => error.into(),
    }
}

fn charge_answer(charge: &Charge) -> JsonAnswer {
    let status = match charge.status {
        ChargeStatus::Approved | ChargeStatus::Voided => StatusCode::CREATED,
        ChargeStatus::Pending => StatusCode::ACCEPTED,
        ChargeStatus::Declined => StatusCode::PAYMENT_REQUIRED,
    };
    JsonAnswer::new(status, charge.to_json())
}

async fn refund(State(state): Shared, Path(id): Path<ChargeId>, incoming: IncomingRequest) -> Response {
    let body = match parse(&incoming) {
        Ok(body) => body,
        Err(error) => return error.into_response(),
    };
    let shared = Arc::clone(&state);
    let work = |body: Value| async move {
        let now = shared.pipeline.clock.now();
        let mut ledger = lock(&shared.ledger);
        let refunded = RefundRequest::read(&body).and_then(|request| ledger.refund(&id, request, now));
        match refunded.map(|refund| JsonAnswer::new(StatusCode::CREATED, refund.to_json())) {
            Ok(answer) if ledger.refund_behaviour(&id) == RefundBehaviour::LoseAnswer => Outcome::dropped(answer),
            Ok(answer) => Outcome::stored(answer),
            Err(error) => error.into(),
        }
    };
    write(state, Operation::Refund, incoming, body, work).await
}

async fn list_refunds(State(state): Shared, Path(id): Path<ChargeId>, incoming: IncomingRequest) -> Response {
    let answer = || match incoming.query.get("reference") {
        Some(reference) => lock(&state.ledger).look_up_refunds(&id, reference),
        None => lock(&state.ledger).refunds_of(&id, None),
    };
    let answer = || answer().map_or_else(AcquirerError::into_answer, JsonAnswer::ok);
    state
        .pipeline
        .read::<AcquirerDialect, _>(Operation::ListRefunds, &incoming, answer)
        .await
}

async fn void(State(state): Shared, Path(id): Path<ChargeId>, incoming: IncomingRequest) -> Response {
    change_ledger(state, Operation::Void, incoming, move |ledger, _, _| {
        Ok(JsonAnswer::ok(ledger.void(&id)?.to_json()))
    })
    .await
}

async fn capture(State(state): Shared, Path(id): Path<ChargeId>, incoming: IncomingRequest) -> Response {
    change_ledger(state, Operation::Capture, incoming, move |ledger, body, _| {
        Ok(JsonAnswer::ok(ledger.capture(&id, capture_amount(body)?)?.to_json()))
    })
    .await
}

async fn cancel(State(state): Shared, incoming: IncomingRequest) -> Response {
    change_ledger(state, Operation::Cancel, incoming, |ledger, body, _| {
        let reference = canceled_reference(body)?;
        ledger.cancel(&reference)?;
        Ok(JsonAnswer::ok(
            json!({"object": "cancellation", "reference": reference, "status": "canceled"}),
        ))
    })
    .await
}

async fn retrieve(State(state): Shared, Path(id): Path<ChargeId>, incoming: IncomingRequest) -> Response {
    let answer = || lock(&state.ledger).find(&id).map(Charge::to_json);
    let answer = || answer().map_or_else(AcquirerError::into_answer, JsonAnswer::ok);
    state
        .pipeline
        .read::<AcquirerDialect, _>(Operation::Retrieve, &incoming, answer)
        .await
}

/// Lists the charge with a reference, or a page of all charges.
async fn list(State(state): Shared, incoming: IncomingRequest) -> Response {
    let Some(reference) = incoming.query.get("reference") else {
        let page = || lock(&state.ledger).page(&page(&incoming.query)?);
        let answer = || page().map_or_else(AcquirerError::into_answer, JsonAnswer::ok);
        return state
            .pipeline
            .read::<AcquirerDialect, _>(Operation::List, &incoming, answer)
            .await;
    };
    let answer = || {
        let found: Vec<Value> = lock(&state.ledger)
            .look_up(reference)
            .iter()
            .map(Charge::to_json)
            .collect();
        JsonAnswer::ok(json!({"object": "list", "data": found, "has_more": false}))
    };
    state
        .pipeline
        .read::<AcquirerDialect, _>(Operation::Lookup, &incoming, answer)
        .await
}

fn page(query: &BTreeMap<String, String>) -> Result<Page, AcquirerError> {
    let limit = number(query, "limit", 10_usize)?;
    if !(1..=100).contains(&limit) {
        return Err(AcquirerError::invalid("limit", "must be between 1 and 100."));
    }
    Ok(Page {
        created_gte: number(query, "created_gte", i64::MIN)?,
        created_lt: number(query, "created_lt", i64::MAX)?,
        starting_after: query.get("starting_after").map(|id| id.as_str().into()),
        limit,
    })
}

fn number<N: FromStr<Err: Display>>(
    query: &BTreeMap<String, String>,
    name: &str,
    default: N,
) -> Result<N, AcquirerError> {
    let parse = |text: &String| {
        text.parse()
            .map_err(|error| AcquirerError::invalid(name, format!("{error}.")))
    };
    query.get(name).map_or(Ok(default), parse)
}

/// A write that only changes the ledger.
async fn change_ledger<F>(
    state: Arc<AcquirerState>,
    operation: Operation,
    incoming: IncomingRequest,
    work: F,
) -> Response
where
    F: FnOnce(&mut LedgerState, &Value, i64) -> Result<JsonAnswer, AcquirerError> + Send + 'static,
{
    let body = match parse(&incoming) {
        Ok(body) => body,
        Err(error) => return error.into_response(),
    };
    let shared = Arc::clone(&state);
    let work = |body: Value| async move {
        let now = shared.pipeline.clock.now();
        work(&mut lock(&shared.ledger), &body, now).map_or_else(Outcome::from, Outcome::stored)
    };
    write(state, operation, incoming, body, work).await
}

/// Every write needs an idempotency key; the order of JSON fields does not matter to it.
async fn write<F, W>(
    state: Arc<AcquirerState>,
    operation: Operation,
    incoming: IncomingRequest,
    body: Value,
    work: F,
) -> Response
where
    F: FnOnce(Value) -> W,
    W: Future<Output = Outcome> + Send + 'static,
{
    if incoming.idempotency_key().is_none_or(str::is_empty) {
        return AcquirerError::key_required().into_response();
    }
    let fingerprint = body.to_string();
    Arc::clone(&state.pipeline)
        .write::<AcquirerDialect, _>(operation, incoming, fingerprint, work(body))
        .await
}

/// The body as JSON; an empty body, which a void sends, is read as an empty object.
fn parse(incoming: &IncomingRequest) -> Result<Value, AcquirerError> {
    if incoming.body.is_empty() {
        return Ok(json!({}));
    }
    // The error gives only the position, because the body contains a card number.
    serde_json::from_slice(&incoming.body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        AcquirerError::malformed(format!(
            "The body is not valid JSON: error at line {line}, column {column}."
        ))
    })
}
