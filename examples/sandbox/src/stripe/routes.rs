//! The Stripe simulator's HTTP routes.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;

use super::Operation;
use super::error::{StripeDialect, StripeError, outcome};
use super::form::Form;
use super::issue::Issue;
use super::ledger::Ledger;
use super::payment_record::Report;
use super::state::StripeState;
use crate::answer::Answer;
use crate::auth::{basic_user, bearer};
use crate::call::Call;
use crate::id::{RecordId, TokenId};
use crate::sync::lock;

type Shared = State<Arc<StripeState>>;

/// All routes; `/v1` requires the key, the ledger does not, because it contains no card numbers.
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
        .route("/v1/payment_records/{id}", get(record))
        .route("/v1/payment_records", get(records))
        .route_layer(middleware::from_fn_with_state(Arc::clone(&state), authenticate))
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

async fn unrecognized(request: Request) -> StripeError {
    StripeError::unrecognized(request.method().as_str(), request.uri().path())
}

async fn issue(State(state): Shared, call: Call) -> Response {
    write(state, Operation::Issue, call, |ledger, form, now| {
        Ok(ledger.issue(Issue::read(form, now)?, now))
    })
    .await
}

async fn revoke(State(state): Shared, Path(id): Path<TokenId>, call: Call) -> Response {
    write(state, Operation::Revoke, call, move |ledger, form, now| {
        form.only(&[], &["expand"])?;
        ledger.revoke(&id, now)
    })
    .await
}

async fn resolve(State(state): Shared, Path(id): Path<TokenId>, call: Call) -> Response {
    write(state, Operation::Resolve, call, move |ledger, form, now| {
        form.only(&[], &["expand"])?;
        ledger.resolve(&id, now)
    })
    .await
}

async fn report(State(state): Shared, call: Call) -> Response {
    write(state, Operation::Report, call, |ledger, form, now| {
        ledger.report(Report::read(form)?, now)
    })
    .await
}

async fn retrieve(State(state): Shared, Path(id): Path<TokenId>, call: Call) -> Response {
    let now = state.front.clock.now();
    read(&state, Operation::Retrieve, &call, |ledger| {
        Ok(ledger.token(&id)?.to_json(now, None))
    })
    .await
}

async fn record(State(state): Shared, Path(id): Path<RecordId>, call: Call) -> Response {
    read(&state, Operation::ReadRecord, &call, |ledger| ledger.record(&id)).await
}

async fn records(State(state): Shared, call: Call) -> Response {
    read(&state, Operation::ListRecords, &call, |ledger| {
        let limit = match call.query.get("limit").map(|text| text.parse::<usize>()) {
            None => 10,
            Some(Ok(limit)) if (1..=100).contains(&limit) => limit,
            Some(_) => {
                let message = "limit must be between 1 and 100.".to_owned();
                return Err(StripeError::parameter("parameter_invalid_integer", "limit", message));
            }
        };
        let query = |name| call.query.get(name).map(String::as_str);
        Ok(ledger.list_records(query("payment_reference"), query("starting_after"), limit))
    })
    .await
}

async fn ledger(State(state): Shared) -> Answer {
    let now = state.front.clock.now();
    Answer::ok(lock(&state.ledger).to_json(now))
}

async fn read<F>(state: &StripeState, operation: Operation, call: &Call, work: F) -> Response
where
    F: FnOnce(&Ledger) -> Result<Value, StripeError>,
{
    let answer = || work(&lock(&state.ledger)).map_or_else(StripeError::into_answer, Answer::ok);
    state.front.read::<StripeDialect>(operation, call, answer).await
}

async fn write<F>(state: Arc<StripeState>, operation: Operation, call: Call, work: F) -> Response
where
    F: FnOnce(&mut Ledger, &Form, i64) -> Result<Value, StripeError> + Send + 'static,
{
    let form = match Form::decode(&call.body) {
        Ok(form) => form,
        Err(error) => return error.into_response(),
    };
    let fingerprint = form.fingerprint();
    let front = Arc::clone(&state.front);
    let work = async move {
        let now = state.front.clock.now();
        outcome(work(&mut lock(&state.ledger), &form, now))
    };
    front
        .write::<StripeDialect, _>(operation, call, fingerprint, work)
        .await
}
