//! The Stripe simulator's HTTP routes.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::HeaderMap;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;

use super::Operation;
use super::delegate_payment::{self, RELEASES};
use super::delegation_error::{self, DelegationDialect};
use super::dispute_report::RecordedDispute;
use super::error::{StripeDialect, StripeError, outcome};
use super::feeds;
use super::form::Form;
use super::issue::Issue;
use super::ledger::Ledger;
use super::order_event::OrderEvent;
use super::payment_record::Report;
use super::refund_report::RefundReport;
use super::state::StripeState;
use super::version;
use crate::answer::{JsonAnswer, Outcome};
use crate::auth::{basic_user, bearer};
use crate::id::{RecordId, TokenId};
use crate::incoming_request::IncomingRequest;
use crate::sync::lock;

type Shared = State<Arc<StripeState>>;

/// All routes; `/v1`, `/v2` and ACP require the key, the ledger does not, because it contains no card numbers.
pub(crate) fn router(state: Arc<StripeState>) -> Router {
    Router::new()
        .route("/v1/test_helpers/shared_payment/granted_tokens", post(issue))
        .route(
            "/v1/test_helpers/shared_payment/granted_tokens/{id}/revoke",
            post(revoke),
        )
        .route("/v1/shared_payment/granted_tokens/{id}", get(retrieve))
        .route("/v1/shared_payment/granted_tokens/{id}/resolve", post(resolve))
        .route("/v1/payment_records/report_payment", post(report))
        .route("/v1/payment_records/{id}/report_refund", post(report_refund))
        .route("/v1/payment_records/{id}/report_dispute", post(report_dispute))
        .route("/v1/delegated_checkout/order_events", post(order_event))
        .route("/v1/payment_records/{id}", get(record))
        .route("/v1/payment_records", get(records))
        .merge(feeds::api())
        .route_layer(middleware::from_fn(version::check))
        .route_layer(middleware::from_fn_with_state(Arc::clone(&state), authenticate))
        .route("/agentic_commerce/delegate_payment", post(delegate))
        .merge(feeds::link_routes())
        .route("/sandbox/ledger", get(ledger))
        .fallback(unrecognized)
        .method_not_allowed_fallback(unrecognized)
        .with_state(state)
}

async fn authenticate(State(state): Shared, request: Request, next: Next) -> Response {
    let key = bearer(request.headers()).or_else(|| basic_user(request.headers()));
    match key {
        Some(key) if key == state.secret_key.reveal() => next.run(request).await,
        other => StripeError::unauthorized(other.is_some()).into_response(),
    }
}

/// ACP's, with its own headers: the same key, and a release in place of a version of Stripe's API.
async fn delegate(State(state): Shared, headers: HeaderMap, incoming: IncomingRequest) -> Response {
    if bearer(&headers).as_deref() != Some(state.secret_key.reveal()) {
        return delegation_error::unauthorized().into_response();
    }
    let named = incoming.header("api-version").unwrap_or_default();
    let Some(release) = RELEASES.into_iter().find(|release| *release == named) else {
        return delegation_error::unknown_release(&RELEASES).into_response();
    };
    let (body, key) = (incoming.body.clone(), incoming.idempotency_key().map(str::to_owned));
    let fingerprint = format!("{release} {}", String::from_utf8_lossy(&body));
    let pipeline = Arc::clone(&state.pipeline);
    let work = async move {
        let now = state.pipeline.clock.now();
        let answer = delegate_payment::delegate(&mut lock(&state.ledger), &body, release, key.as_deref(), now);
        match answer {
            Ok(answer) => Outcome::stored(answer),
            Err(error) => Outcome::unstored(error.into()),
        }
    };
    pipeline
        .write::<DelegationDialect, _>(Operation::Delegate, incoming, fingerprint, work)
        .await
}

async fn unrecognized(request: Request) -> StripeError {
    StripeError::unrecognized(request.method().as_str(), request.uri().path())
}

async fn issue(State(state): Shared, incoming: IncomingRequest) -> Response {
    write(state, Operation::Issue, incoming, |ledger, form, now| {
        Ok(ledger.issue(Issue::read(form, now)?, now))
    })
    .await
}

async fn revoke(State(state): Shared, Path(id): Path<TokenId>, incoming: IncomingRequest) -> Response {
    write(state, Operation::Revoke, incoming, move |ledger, form, now| {
        form.only(&[], &["expand"])?;
        ledger.revoke(&id, now)
    })
    .await
}

async fn resolve(State(state): Shared, Path(id): Path<TokenId>, incoming: IncomingRequest) -> Response {
    write(state, Operation::Resolve, incoming, move |ledger, form, now| {
        form.only(&[], &["expand"])?;
        ledger.resolve(&id, now)
    })
    .await
}

async fn report(State(state): Shared, incoming: IncomingRequest) -> Response {
    write(state, Operation::Report, incoming, |ledger, form, now| {
        ledger.report(Report::read(form)?, now)
    })
    .await
}

async fn report_refund(State(state): Shared, Path(id): Path<RecordId>, incoming: IncomingRequest) -> Response {
    write(state, Operation::ReportRefund, incoming, move |ledger, form, now| {
        ledger.report_refund(&id, RefundReport::read(form)?, now)
    })
    .await
}

async fn report_dispute(State(state): Shared, Path(id): Path<RecordId>, incoming: IncomingRequest) -> Response {
    write(state, Operation::ReportDispute, incoming, move |ledger, form, _| {
        ledger.report_dispute(&id, RecordedDispute::read(form)?)
    })
    .await
}

/// Takes an event as a form or as JSON: Stripe does not publish which it is.
async fn order_event(State(state): Shared, incoming: IncomingRequest) -> Response {
    let is_json = incoming.body.first() == Some(&b'{');
    let body = if is_json {
        serde_json::from_slice(&incoming.body)
            .map_err(|error| StripeError::parameter("parameter_invalid", "", format!("The body is not JSON: {error}.")))
    } else {
        Form::decode(&incoming.body).map(|form| form.nested())
    };
    let body: Value = match body {
        Ok(body) => body,
        Err(error) => return error.into_response(),
    };
    let (pipeline, fingerprint) = (Arc::clone(&state.pipeline), body.to_string());
    let key = incoming.idempotency_key().map(str::to_owned);
    let work = async move {
        let now = state.pipeline.clock.now();
        let event = OrderEvent::read(&body, key.as_deref());
        outcome(event.map(|event| lock(&state.ledger).take_order_event(event, now)))
    };
    pipeline
        .write::<StripeDialect, _>(Operation::TellOrderEvent, incoming, fingerprint, work)
        .await
}

async fn retrieve(State(state): Shared, Path(id): Path<TokenId>, incoming: IncomingRequest) -> Response {
    let now = state.pipeline.clock.now();
    read(&state, Operation::Retrieve, &incoming, |ledger| {
        Ok(ledger.token(&id)?.to_json(now, None))
    })
    .await
}

async fn record(State(state): Shared, Path(id): Path<RecordId>, incoming: IncomingRequest) -> Response {
    read(&state, Operation::ReadRecord, &incoming, |ledger| ledger.record(&id)).await
}

async fn records(State(state): Shared, incoming: IncomingRequest) -> Response {
    read(&state, Operation::ListRecords, &incoming, |ledger| {
        let limit = match incoming.query.get("limit").map(|text| text.parse::<usize>()) {
            None => 10,
            Some(Ok(limit)) if (1..=100).contains(&limit) => limit,
            Some(_) => {
                let message = "limit must be between 1 and 100.".to_owned();
                return Err(StripeError::parameter("parameter_invalid_integer", "limit", message));
            }
        };
        let query = |name| incoming.query.get(name).map(String::as_str);
        Ok(ledger.list_records(query("payment_reference"), query("starting_after"), limit))
    })
    .await
}

async fn ledger(State(state): Shared) -> JsonAnswer {
    let now = state.pipeline.clock.now();
    let mut shown = lock(&state.ledger).to_json(now);
    if let Some(shown) = shown.as_object_mut() {
        shown.extend(lock(&state.feeds.ledger).summary());
    }
    JsonAnswer::ok(shown)
}

async fn read<F>(state: &StripeState, operation: Operation, incoming: &IncomingRequest, work: F) -> Response
where
    F: FnOnce(&Ledger) -> Result<Value, StripeError>,
{
    let answer = || work(&lock(&state.ledger)).map_or_else(StripeError::into_answer, JsonAnswer::ok);
    state
        .pipeline
        .read::<StripeDialect, _>(operation, incoming, answer)
        .await
}

async fn write<F>(state: Arc<StripeState>, operation: Operation, incoming: IncomingRequest, work: F) -> Response
where
    F: FnOnce(&mut Ledger, &Form, i64) -> Result<Value, StripeError> + Send + 'static,
{
    let form = match Form::decode(&incoming.body) {
        Ok(form) => form,
        Err(error) => return error.into_response(),
    };
    let fingerprint = form.fingerprint();
    let pipeline = Arc::clone(&state.pipeline);
    let work = async move {
        let now = state.pipeline.clock.now();
        outcome(work(&mut lock(&state.ledger), &form, now))
    };
    pipeline
        .write::<StripeDialect, _>(operation, incoming, fingerprint, work)
        .await
}
