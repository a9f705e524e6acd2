//! The five operations of ACP: create, update, retrieve, complete and cancel.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use axum::routing::{self, MethodRouter};

use super::call::AcpCall;
pub(crate) use super::operation::AcpOperation;
use crate::idempotent_post::PostOutcome;
use crate::request::SessionPath;
use crate::request_signature::SignedRequest;
use crate::respond;
use crate::settings::MerchantSettings;
use crate::state::AppState;
use tillhouse_checkout::ids::SessionId;

type Merchant = Extension<Arc<MerchantSettings>>;

pub(crate) async fn create(State(state): State<AppState>, Extension(merchant): Merchant, request: Request) -> Response {
    send(state, merchant, AcpOperation::Create, request).await
}

/// The POST route of an operation on an existing session.
pub(crate) fn session_post(operation: fn(SessionId) -> AcpOperation) -> MethodRouter<AppState> {
    routing::post(
        move |State(state): State<AppState>, merchant: Merchant, SessionPath(id): SessionPath, request: Request| {
            send(state, merchant.0, operation(id), request)
        },
    )
}

pub(crate) async fn retrieve(
    State(state): State<AppState>,
    Extension(merchant): Merchant,
    SessionPath(id): SessionPath,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let (agent, call) = match AcpCall::admit(state, merchant, &headers) {
        Ok(admitted) => admitted,
        Err(error_response) => return respond::from_error(&error_response),
    };
    let path = AcpOperation::Update(id.clone()).path();
    let request = SignedRequest {
        method: &method,
        path: &path,
        release: Some(call.release.date()),
        key: None,
    };
    if let Err(error_response) = agent.verify_signature(&headers, b"", request).await {
        return respond::from_error(&error_response);
    }
    match call.retrieve(id, &method).await {
        Ok(reply) => respond::from_reply(reply),
        Err(error_response) => respond::from_error(&error_response),
    }
}

pub(crate) async fn send(
    state: AppState,
    merchant: Arc<MerchantSettings>,
    operation: AcpOperation,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let answered = match AcpCall::admit(state, merchant, &head.headers) {
        Ok((agent, call)) => match call.receive(&agent, &operation, &head, body).await {
            Ok(received) => call.run_once(operation, received).await,
            Err(error_response) => PostOutcome::Refused(error_response),
        },
        Err(error_response) => PostOutcome::Refused(error_response),
    };
    respond::from_post_outcome(&head.headers, answered)
}
