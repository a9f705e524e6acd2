//! The hooks that Stripe calls: create, update, retrieve and confirm.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{self, MethodRouter};

use super::call::StripeCall;
pub(crate) use super::call::StripeOperation;
use super::errors;
use crate::error_response::RequestedLines;
use crate::idempotent_post::PostOutcome;
use crate::reading::read;
use crate::request::SessionPath;
use crate::respond;
use crate::settings::MerchantSettings;
use crate::state::AppState;
use tillhouse_checkout::ids::SessionId;

type Merchant = Extension<Arc<MerchantSettings>>;

pub(crate) async fn create(State(state): State<AppState>, Extension(merchant): Merchant, request: Request) -> Response {
    send(state, merchant, StripeOperation::Create, request).await
}

/// The POST route of an operation on an existing checkout.
pub(crate) fn session_post(operation: fn(SessionId) -> StripeOperation) -> MethodRouter<AppState> {
    routing::post(
        move |State(state): State<AppState>, merchant: Merchant, SessionPath(id): SessionPath, request: Request| {
            send(state, merchant.0, operation(id), request)
        },
    )
}

/// Retrieve a checkout. The signature covers a body if there is one, but the body is ignored: the response is the full checkout.
pub(crate) async fn retrieve(
    State(state): State<AppState>,
    Extension(merchant): Merchant,
    SessionPath(id): SessionPath,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let (call, _) = match StripeCall::admit(state, merchant, &head.headers, body).await {
        Ok(admitted) => admitted,
        Err(error_response) => return respond::from_error(&error_response),
    };
    match read(&call.state, call.until(), &call.caller, id, &head.method).await {
        Ok(Ok(session)) => respond::from_reply(call.checkout()(&session)),
        Ok(Err(error)) => respond::from_error(&errors::error_response(&error, &RequestedLines::default())),
        Err(error_response) => respond::from_error(&error_response),
    }
}

async fn send(
    state: AppState,
    merchant: Arc<MerchantSettings>,
    operation: StripeOperation,
    request: Request,
) -> Response {
    let path = request.uri().path().to_owned();
    let (head, body) = request.into_parts();
    let answered = match StripeCall::admit(state, merchant, &head.headers, body).await {
        Ok((call, body)) => call.post(operation, &path, &head.headers, &body).await,
        Err(error_response) => PostOutcome::Refused(error_response),
    };
    respond::from_post_outcome(&head.headers, answered)
}
