//! The receiver's HTTP routes.

use std::sync::Arc;

use axum::Router;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::ledger::Arrival;
use super::{Operation, PATH, ReceiverState};
use crate::answer::{JsonAnswer, Outcome};
use crate::incoming_request::IncomingRequest;
use crate::pipeline::Dialect;
use crate::stripe::signature;
use crate::sync::lock;

pub(super) fn router(state: Arc<ReceiverState>) -> Router {
    Router::new()
        .route(PATH, post(deliver_event))
        .route("/sandbox/ledger", get(ledger))
        .with_state(state)
}

async fn ledger(Shared(state): Shared<Arc<ReceiverState>>) -> JsonAnswer {
    JsonAnswer::ok(lock(&state.ledger).to_json())
}

async fn deliver_event(Shared(state): Shared<Arc<ReceiverState>>, incoming: IncomingRequest) -> Response {
    let now = state.pipeline.clock.now();
    let answer = verify(&state, &incoming, now);
    let shared = Arc::clone(&state);
    let work = async move {
        match answer {
            Ok((event, body, arrival)) => record(&shared, &event, &body, arrival),
            Err(error) => Outcome::unstored(error),
        }
    };
    let pipeline = Arc::clone(&state.pipeline);
    pipeline
        .write::<FlatDialect, _>(Operation::DeliverEvent, incoming, String::new(), work)
        .await
}

type VerifiedEvent = (String, Vec<u8>, Arrival);

/// The event, if its signature is valid and it has an id.
fn verify(state: &ReceiverState, incoming: &IncomingRequest, now: i64) -> Result<VerifiedEvent, JsonAnswer> {
    if let Some(status) = *lock(&state.forced_status) {
        return Err(error_answer(
            status,
            "refused",
            "The receiver is set to refuse every request.",
        ));
    }
    let header = incoming.header("merchant-signature").unwrap_or_default();
    if !signature::verify(header, &lock(&state.secret), now, &incoming.body) {
        return Err(error_answer(
            401,
            "invalid_signature",
            "Webhook signature verification failed.",
        ));
    }
    let id = incoming.header("request-id").unwrap_or_default();
    if id.is_empty() {
        return Err(error_answer(
            400,
            "missing_request_id",
            "Send a Request-Id header; it is used to detect duplicates.",
        ));
    }
    let arrival = Arrival {
        signature: header.to_owned(),
        at: now,
    };
    Ok((id.to_owned(), incoming.body.to_vec(), arrival))
}

fn record(state: &ReceiverState, id: &str, raw: &[u8], arrival: Arrival) -> Outcome {
    let Ok(body) = serde_json::from_slice::<Value>(raw) else {
        return Outcome::unstored(error_answer(400, "invalid", "The body is not JSON."));
    };
    if !lock(&state.ledger).take(id, raw, body, arrival) {
        return Outcome::unstored(error_answer(
            400,
            "altered",
            "This Request-Id was used before with a different body.",
        ));
    }
    Outcome::stored(JsonAnswer::ok(json!({"received": true, "request_id": id})))
}

fn error_answer(status: u16, code: &str, message: &str) -> JsonAnswer {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = if status.is_server_error() {
        "processing_error"
    } else {
        "invalid_request"
    };
    JsonAnswer::new(status, json!({"type": kind, "code": code, "message": message}))
}

/// Errors in the flat format of ACP.
#[derive(Debug)]
struct FlatDialect;

impl Dialect for FlatDialect {
    fn key_conflict(_: &str) -> JsonAnswer {
        error_answer(422, "idempotency_conflict", "The key was used with a different body.")
    }

    fn key_in_flight(_: &str) -> JsonAnswer {
        error_answer(
            409,
            "idempotency_in_flight",
            "The first request with this key is still running.",
        )
    }

    fn key_too_long() -> JsonAnswer {
        error_answer(400, "invalid", "The Idempotency-Key is too long.")
    }

    fn injected(status: u16) -> Outcome {
        Outcome::unstored(error_answer(status, "sandbox_fault", "Fault injected by a test."))
    }
}
