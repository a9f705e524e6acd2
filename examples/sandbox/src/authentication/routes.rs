//! The provider's HTTP routes, and the page of the challenge.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::json;

use super::error::{ProviderDialect, invalid, refused, repeated};
use super::session::Decision;
use super::{API_VERSION, Operation, ProviderState, request};
use crate::acp_error::AcpError;
use crate::answer::{JsonAnswer, Outcome};
use crate::auth::bearer;
use crate::id::AuthenticationId;
use crate::incoming_request::IncomingRequest;

type Shared = State<Arc<ProviderState>>;

pub(super) fn router(state: Arc<ProviderState>) -> Router {
    Router::new()
        .route("/delegate_authentication", post(create))
        .route("/delegate_authentication/{id}", get(retrieve))
        .route("/delegate_authentication/{id}/authenticate", post(authenticate))
        .route_layer(middleware::from_fn_with_state(Arc::clone(&state), admit))
        .route("/acs/{id}", post(challenge))
        .with_state(state)
}

/// Checks key and release, and echoes what the caller recognises its request by.
async fn admit(State(state): Shared, request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    if bearer(&headers).as_deref() != Some(state.api_key.reveal()) {
        return refused(StatusCode::UNAUTHORIZED, "invalid API key").into_response();
    }
    let version = headers.get("api-version").and_then(|value| value.to_str().ok());
    if version != Some(API_VERSION) {
        let message = format!("send API-Version: {API_VERSION}");
        return refused(StatusCode::BAD_REQUEST, message).into_response();
    }
    let mut response = next.run(request).await;
    for name in ["idempotency-key", "request-id"] {
        if let Some(value) = headers.get(name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}

async fn create(State(state): Shared, headers: HeaderMap, incoming: IncomingRequest) -> Response {
    let (shared, base) = (Arc::clone(&state), base_url(&headers));
    let answer = move |body: &[u8]| {
        let wanted = request::create(body)?;
        let session = shared.sessions.create(wanted.card, wanted.amount);
        Ok(JsonAnswer::new(StatusCode::CREATED, session.to_json(&base)))
    };
    write(state, Operation::Create, incoming, answer).await
}

async fn authenticate(
    State(state): Shared,
    Path(id): Path<AuthenticationId>,
    headers: HeaderMap,
    incoming: IncomingRequest,
) -> Response {
    let (shared, base) = (Arc::clone(&state), base_url(&headers));
    let answer = move |body: &[u8]| {
        request::authenticate(body)?;
        let asked = shared.sessions.change(&id, |session| {
            if session.authenticate() {
                Ok(JsonAnswer::ok(session.to_json(&base)))
            } else {
                Err(repeated("the issuer cannot be asked in this status"))
            }
        });
        asked.unwrap_or_else(|| Err(unknown(&id)))
    };
    write(state, Operation::Authenticate, incoming, answer).await
}

async fn retrieve(
    State(state): Shared,
    Path(id): Path<AuthenticationId>,
    headers: HeaderMap,
    incoming: IncomingRequest,
) -> Response {
    let base = base_url(&headers);
    let answer = || {
        let found = state.sessions.change(&id, |session| session.to_json_with_result(&base));
        found.map_or_else(|| unknown(&id).into(), JsonAnswer::ok)
    };
    state
        .pipeline
        .read::<ProviderDialect, _>(Operation::Retrieve, &incoming, answer)
        .await
}

/// The page of the challenge: what the buyer decides, in place of a form.
async fn challenge(State(state): Shared, Path(id): Path<AuthenticationId>, incoming: IncomingRequest) -> Response {
    #[derive(Deserialize)]
    struct Body {
        decision: Decision,
    }
    let shared = Arc::clone(&state);
    let answer = move |body: &[u8]| {
        let expected = "send {\"decision\": \"approve\"}, \"deny\" or \"leave\"";
        let body: Body = serde_json::from_slice(body).map_err(|_| invalid("$.decision", expected))?;
        let decided = shared.sessions.change(&id, |session| session.decide(body.decision));
        match decided {
            Some(true) => Ok(JsonAnswer::ok(json!({"decided": true}))),
            Some(false) => Err(repeated(
                "the authentication is not a challenge that waits for a decision",
            )),
            None => Err(unknown(&id)),
        }
    };
    write(state, Operation::Challenge, incoming, answer).await
}

fn unknown(id: &AuthenticationId) -> AcpError {
    let message = format!("{id} is not an authentication session");
    refused(StatusCode::NOT_FOUND, message)
}

async fn write(
    state: Arc<ProviderState>,
    operation: Operation,
    incoming: IncomingRequest,
    answer: impl FnOnce(&[u8]) -> Result<JsonAnswer, AcpError> + Send + 'static,
) -> Response {
    let body = incoming.body.clone();
    let fingerprint = String::from_utf8_lossy(&body).into_owned();
    let work = async move {
        match answer(&body) {
            Ok(answer) => Outcome::stored(answer),
            Err(error) => Outcome::unstored(error.into()),
        }
    };
    Arc::clone(&state.pipeline)
        .write::<ProviderDialect, _>(operation, incoming, fingerprint, work)
        .await
}

/// Where the caller has reached this server.
fn base_url(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    format!("http://{}", host.unwrap_or("localhost"))
}
