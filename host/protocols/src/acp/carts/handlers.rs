//! Routes of carts: each takes its request to the call that MCP uses too.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use axum::routing::{self, MethodRouter};

use crate::acp::call::AcpCall;
use crate::acp::handlers::{AcpOperation, send};
use crate::request::SessionPath;
use crate::request_signature::SignedRequest;
use crate::respond;
use crate::settings::MerchantSettings;
use crate::state::AppState;
use tillhouse_checkout::ids::SavedCartId;

type Merchant = Extension<Arc<MerchantSettings>>;

pub(crate) async fn create(State(state): State<AppState>, Extension(merchant): Merchant, request: Request) -> Response {
    send(state, merchant, AcpOperation::CreateCart, request).await
}

/// The PUT route of an update, and the POST route that the RFC has for it.
pub(crate) fn replace() -> MethodRouter<AppState> {
    let replace =
        |State(state): State<AppState>, merchant: Merchant, SessionPath(id): SessionPath, request: Request| {
            send(
                state,
                merchant.0,
                AcpOperation::ReplaceCart(cart_id(id.as_str())),
                request,
            )
        };
    routing::put(replace).post(replace)
}

/// The POST route of an operation on an existing cart.
pub(crate) fn post(operation: fn(SavedCartId) -> AcpOperation) -> MethodRouter<AppState> {
    routing::post(
        move |State(state): State<AppState>, merchant: Merchant, SessionPath(id): SessionPath, request: Request| {
            send(state, merchant.0, operation(cart_id(id.as_str())), request)
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
    let id = cart_id(id.as_str());
    let (agent, call) = match AcpCall::admit(state, merchant, &headers) {
        Ok(admitted) => admitted,
        Err(error_response) => return respond::from_error(&error_response),
    };
    let path = AcpOperation::ReplaceCart(id.clone()).path();
    let request = SignedRequest {
        method: &method,
        path: &path,
        release: Some(call.release.date()),
        key: None,
    };
    if let Err(error_response) = agent.verify_signature(&headers, b"", request).await {
        return respond::from_error(&error_response);
    }
    match call.retrieve_cart(id).await {
        Ok(reply) => respond::from_reply(reply),
        Err(error_response) => respond::from_error(&error_response),
    }
}

fn cart_id(path: &str) -> SavedCartId {
    SavedCartId::new(path)
}
