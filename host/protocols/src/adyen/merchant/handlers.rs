//! The routes that Adyen calls.

use std::sync::Arc;

use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use super::call::MerchantCall;
use crate::adyen::auth;
use crate::adyen::errors::in_messages;
use crate::error_response::ErrorResponse;
use crate::fields::Id;
use crate::idempotent_post::PostOutcome;
use crate::respond;
use crate::settings::MerchantSettings;
use crate::state::AppState;
use tillhouse_checkout::ids::SessionId;

type Merchant = Extension<Arc<MerchantSettings>>;

/// Create or change a session.
pub(crate) async fn session(
    State(state): State<AppState>,
    Extension(merchant): Merchant,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let id = path.ok().and_then(|Path(id)| session_id(id));
    send(state, merchant, id, None, request).await
}

/// Another operation on a session.
pub(crate) async fn session_operation(
    State(state): State<AppState>,
    Extension(merchant): Merchant,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Response {
    let (id, operation) = match path {
        Ok(Path((id, operation))) => (session_id(id), operation),
        Err(_) => (None, String::new()),
    };
    send(state, merchant, id, Some(operation), request).await
}

/// The session that a path names; `None` for text that cannot be an id, or that a proxy might resolve as a path.
fn session_id(text: String) -> Option<SessionId> {
    let id = Id::try_from(text).ok()?;
    (!matches!(id.0.as_str(), "." | "..")).then(|| SessionId::new(id.0))
}

async fn send(
    state: AppState,
    merchant: Arc<MerchantSettings>,
    id: Option<SessionId>,
    operation: Option<String>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let challenge = merchant.adyen.as_ref().and_then(|adyen| adyen.merchant.as_ref());
    let challenge = challenge.and_then(|settings| auth::challenge(&settings.auth));
    let run = async {
        let (call, body) = MerchantCall::admit(state, merchant, &head.headers, body).await?;
        let id = id.ok_or_else(ErrorResponse::route_not_found)?;
        call.post(id, operation.as_deref(), &head.headers, &body).await
    };
    let outcome = match run.await {
        Ok(PostOutcome::Refused(error_response)) | Err(error_response) => {
            PostOutcome::Refused(in_messages(error_response))
        }
        Ok(outcome) => outcome,
    };
    let mut response = respond::from_post_outcome(&head.headers, outcome);
    if let (StatusCode::UNAUTHORIZED, Some(challenge)) = (response.status(), challenge) {
        let challenge = HeaderValue::from_static(challenge);
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}
