//! The HTTP routes of the simulated Adyen.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::state::AdyenState;
use super::transcript::{Entry, Party};
use super::vault::DELEGATE_PATH;
use super::{AGENT_PATH, checkout, front, inbox, messages::Refusal, vault, webhook};
use crate::answer::JsonAnswer;
use crate::auth::bearer;
use crate::incoming_request::IncomingRequest;
use crate::sync::lock;

/// The largest body of a request.
const MAX_BODY: usize = 256 * 1024;

type Shared = State<Arc<AdyenState>>;

pub(super) fn router(state: Arc<AdyenState>) -> Router {
    let recorded = agent_api(&state)
        .merge(checkout_api())
        // The release in the address of the real API.
        .nest("/v72", checkout_api())
        .route(DELEGATE_PATH, post(vault::delegate))
        .route("/events", post(inbox::take_event))
        .route("/agentic/configuration", post(inbox::configure))
        .route_layer(middleware::from_fn_with_state(Arc::clone(&state), record));
    recorded
        .route("/sandbox/ledger", get(ledger))
        .route("/sandbox/transcript", get(transcript))
        .route("/sandbox/inbox", get(received))
        .route("/sandbox/webhooks", post(send_webhook))
        .fallback(not_found)
        .with_state(state)
}

fn agent_api(state: &Arc<AdyenState>) -> Router<Arc<AdyenState>> {
    let sessions = format!("{AGENT_PATH}/{{account}}/checkout_sessions");
    Router::new()
        .route(&sessions, post(front::create).fallback(method_not_allowed))
        .route(
            &format!("{sessions}/{{id}}"),
            get(front::retrieve).post(front::update).fallback(method_not_allowed),
        )
        .route(
            &format!("{sessions}/{{id}}/complete"),
            post(front::complete).fallback(method_not_allowed),
        )
        .route(
            &format!("{sessions}/{{id}}/cancel"),
            post(front::cancel).fallback(method_not_allowed),
        )
        .route_layer(middleware::from_fn_with_state(Arc::clone(state), authenticate))
}

fn checkout_api() -> Router<Arc<AdyenState>> {
    Router::new()
        .route("/payments", post(checkout::pay))
        .route("/payments/{id}/captures", post(checkout::capture))
        .route("/payments/{id}/cancels", post(checkout::cancel))
        .route("/payments/{id}/refunds", post(checkout::refund))
        .route("/payments/{id}/reversals", post(checkout::reverse))
}

async fn authenticate(State(state): Shared, request: Request, next: Next) -> Response {
    match bearer(request.headers()) {
        Some(key) if key == state.config.agent_key.reveal() => next.run(request).await,
        _ => Refusal::unauthorized().into_response(),
    }
}

async fn method_not_allowed() -> Refusal {
    Refusal::method_not_allowed()
}

async fn not_found() -> Refusal {
    Refusal::not_found()
}

/// Keeps request and answer in the transcript. A request without an answer stays in it as one.
async fn record(State(state): Shared, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        let content = "The body is too large, or did not arrive.";
        return Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", content).into_response();
    };
    let path = head.uri.path();
    let from = if path.starts_with(AGENT_PATH) {
        Party::Agent
    } else if path == DELEGATE_PATH {
        Party::Vault
    } else {
        Party::Merchant
    };
    let position = state
        .transcript
        .begin(Entry::request(from, Party::Adyen, head.method.as_str(), path, &body));
    let response = next.run(Request::from_parts(head, Body::from(body))).await;
    let (head, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    state.transcript.answered(position, head.status.as_u16(), &body);
    Response::from_parts(head, Body::from(body))
}

async fn ledger(State(state): Shared) -> JsonAnswer {
    let tokens = lock(&state.tokens).all();
    let mut ledger = lock(&state.ledger).snapshot().to_json();
    if let Some(members) = ledger.as_object_mut() {
        members.insert("tokens".into(), json!(tokens));
    }
    JsonAnswer::ok(ledger)
}

async fn transcript(State(state): Shared) -> JsonAnswer {
    JsonAnswer::ok(json!({"entries": state.transcript.entries()}))
}

async fn received(State(state): Shared) -> JsonAnswer {
    let events = lock(&state.events).clone();
    let configurations = lock(&state.configurations).clone();
    JsonAnswer::ok(json!({"events": events, "configurations": configurations}))
}

/// Sends a Standard webhook about a payment or a modification to a URL, for developing manually.
async fn send_webhook(State(state): Shared, incoming: IncomingRequest) -> JsonAnswer {
    let body: Value = serde_json::from_slice(&incoming.body).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let (Some(reference), Some(url)) = (text("pspReference"), text("url")) else {
        return Refusal::missing("pspReference, url").into_answer();
    };
    let Some(webhook) = webhook::of(&state, &[&reference.into()]) else {
        return Refusal::invalid("pspReference", "is not decided, or is not in the ledger.").into_answer();
    };
    match webhook::send(&state, &webhook, url).await {
        Ok(answer) => JsonAnswer::ok(json!({"answered": answer.status, "body": answer.body})),
        Err(_) => Refusal::invalid("url", "did not answer.").into_answer(),
    }
}
