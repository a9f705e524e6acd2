//! What a merchant sends after the sale: events of its orders, and its configuration. Adyen documents the routes, but not the bodies.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};

use super::Operation;
use super::checkout::{CheckoutDialect, CheckoutError};
use super::merchant::{BUDGET, exchange};
use super::state::AdyenState;
use super::transcript::Party;
use crate::answer::{JsonAnswer, Outcome};
use crate::auth::bearer_of;
use crate::incoming_request::IncomingRequest;
use crate::outgoing::Outgoing;
use crate::secret::Secret;
use crate::stripe::signature;
use crate::sync::lock;

/// One body that was accepted, with its key.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Received {
    /// Its `Idempotency-Key`, if it had one.
    pub key: Option<String>,
    /// The body, a JSON object.
    pub body: Value,
    /// Time of its arrival, in Unix seconds.
    pub at: i64,
}

/// Where events of orders are pushed to, and the secret that signs them.
#[derive(Clone, Debug)]
pub(super) struct PushTarget {
    pub(super) url: String,
    pub(super) secret: Secret,
}

pub(super) async fn take_event(State(state): State<Arc<AdyenState>>, incoming: IncomingRequest) -> Response {
    take(state, Operation::TakeEvent, incoming).await
}

pub(super) async fn configure(State(state): State<Arc<AdyenState>>, incoming: IncomingRequest) -> Response {
    take(state, Operation::Configure, incoming).await
}

async fn take(state: Arc<AdyenState>, operation: Operation, incoming: IncomingRequest) -> Response {
    let by_bearer = bearer_of(&incoming);
    let key = incoming.header("x-api-key").or(by_bearer.as_deref());
    if key != Some(state.config.events_key.reveal()) {
        return CheckoutError::unauthorized().into_response();
    }
    let body = serde_json::from_slice(&incoming.body).ok().filter(Value::is_object);
    let Some(body) = body else {
        return CheckoutError::malformed().into_response();
    };
    let received = Received {
        key: incoming.idempotency_key().map(str::to_owned),
        body,
        at: state.pipeline.clock.now(),
    };
    let fingerprint = received.body.to_string();
    let shared = Arc::clone(&state);
    let work = async move {
        if operation == Operation::TakeEvent {
            push(&shared, received.body.clone());
            lock(&shared.events).push(received);
        } else {
            lock(&shared.configurations).push(received);
        }
        Outcome::stored(JsonAnswer::ok(json!({"status": "received"})))
    };
    Arc::clone(&state.pipeline)
        .write::<CheckoutDialect, _>(operation, incoming, fingerprint, work)
        .await
}

/// Pushes an event on to the agent, in the background.
fn push(state: &Arc<AdyenState>, body: Value) {
    let Some(target) = lock(&state.push_target).clone() else {
        return;
    };
    let shared = Arc::clone(state);
    state.pipeline.lifetime.tasks.spawn(async move {
        let raw = body.to_string();
        let signed = signature::sign(&target.secret, shared.pipeline.clock.now(), raw.as_bytes());
        let outgoing = Outgoing {
            url: target.url,
            headers: vec![
                ("merchant-signature", signed),
                ("request-id", uuid::Uuid::new_v4().to_string()),
            ],
            body: raw.into(),
        };
        let _ = exchange(&shared, Party::Agent, outgoing, BUDGET).await;
    });
}
