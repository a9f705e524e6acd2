//! The receiver's HTTP routes.

use std::sync::Arc;

use axum::Router;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::ledger::Arrival;
use super::{Operation, PATH, State};
use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::front::Dialect;
use crate::stripe::signature;
use crate::sync::lock;

pub(super) fn router(state: Arc<State>) -> Router {
    Router::new()
        .route(PATH, post(take))
        .route("/sandbox/ledger", get(ledger))
        .with_state(state)
}

async fn ledger(Shared(state): Shared<Arc<State>>) -> Answer {
    Answer::ok(lock(&state.books).to_json())
}

async fn take(Shared(state): Shared<Arc<State>>, call: Call) -> Response {
    let now = state.front.clock.now();
    let answer = judge(&state, &call, now);
    let books = Arc::clone(&state);
    let work = async move {
        match answer {
            Ok((event, body, arrival)) => book(&books, &event, &body, arrival),
            Err(refusal) => Outcome::passing(refusal),
        }
    };
    let front = Arc::clone(&state.front);
    front.write::<Flat, _>(Operation::Take, call, String::new(), work).await
}

type Judged = (String, Vec<u8>, Arrival);

/// The event, if its signature is valid and it has an id.
fn judge(state: &State, call: &Call, now: i64) -> Result<Judged, Answer> {
    if let Some(status) = *lock(&state.refusing) {
        return Err(flat(status, "refused", "The receiver is set to refuse every request."));
    }
    let header = call.header("merchant-signature").unwrap_or_default();
    if !signature::fits(header, &lock(&state.secret), now, &call.body) {
        return Err(flat(401, "invalid_signature", "Webhook signature verification failed."));
    }
    let id = call.header("request-id").unwrap_or_default();
    if id.is_empty() {
        return Err(flat(
            400,
            "missing_request_id",
            "Send a Request-Id header; it is used to detect duplicates.",
        ));
    }
    let arrival = Arrival {
        signature: header.to_owned(),
        at: now,
    };
    Ok((id.to_owned(), call.body.to_vec(), arrival))
}

fn book(state: &State, id: &str, raw: &[u8], arrival: Arrival) -> Outcome {
    let Ok(body) = serde_json::from_slice::<Value>(raw) else {
        return Outcome::passing(flat(400, "invalid", "The body is not JSON."));
    };
    if !lock(&state.books).take(id, raw, body, arrival) {
        return Outcome::passing(flat(
            400,
            "altered",
            "This Request-Id was used before with a different body.",
        ));
    }
    Outcome::kept(Answer::ok(json!({"received": true, "request_id": id})))
}

fn flat(status: u16, code: &str, message: &str) -> Answer {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = if status.is_server_error() {
        "processing_error"
    } else {
        "invalid_request"
    };
    Answer::new(status, json!({"type": kind, "code": code, "message": message}))
}

/// Errors in the flat format of ACP.
#[derive(Debug)]
struct Flat;

impl Dialect for Flat {
    fn key_conflict(_: &str) -> Answer {
        flat(422, "idempotency_conflict", "The key was used with a different body.")
    }

    fn key_in_flight(_: &str) -> Answer {
        flat(
            409,
            "idempotency_in_flight",
            "The first request with this key is still running.",
        )
    }

    fn key_too_long() -> Answer {
        flat(400, "invalid", "The Idempotency-Key is too long.")
    }

    fn injected(status: u16) -> Outcome {
        Outcome::passing(flat(status, "sandbox_fault", "Fault injected by a test."))
    }
}
