//! The routes of an agent.

use std::sync::Arc;

use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use axum::routing::{self, MethodRouter};

use super::call::AgentCall;
pub(crate) use super::operation::AgentOperation;
use crate::adyen::errors::in_messages;
use crate::error_response::ErrorResponse;
use crate::fields::Id;
use crate::idempotent_post::PostOutcome;
use crate::respond;
use crate::settings::MerchantSettings;
use crate::state::AppState;
use tillhouse_checkout::ids::SessionId;

type Merchant = Extension<Arc<MerchantSettings>>;
/// The company account and the id of a session.
type SessionPath = Result<Path<(String, String)>, PathRejection>;

pub(crate) async fn create(
    State(state): State<AppState>,
    Extension(merchant): Merchant,
    account: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let account = account.map(|Path(account)| account).ok();
    send(state, merchant, account, Some(AgentOperation::Create), request).await
}

/// The POST route of an operation on an existing session.
pub(crate) fn session_post(operation: fn(SessionId) -> AgentOperation) -> MethodRouter<AppState> {
    routing::post(
        move |State(state): State<AppState>, Extension(merchant): Merchant, path: SessionPath, request: Request| {
            let (account, id) = parts(path);
            send(state, merchant, account, id.map(operation), request)
        },
    )
}

/// Retrieve a session. A body is not read.
pub(crate) async fn retrieve(
    State(state): State<AppState>,
    Extension(merchant): Merchant,
    path: SessionPath,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let (account, id) = parts(path);
    let read = async {
        let call = AgentCall::admit(state, merchant, account.as_deref(), &headers)?;
        let id = id.ok_or_else(ErrorResponse::route_not_found)?;
        call.retrieve(id, &method).await
    };
    match read.await {
        Ok(reply) => respond::from_reply(reply),
        Err(error_response) => respond::from_error(&in_messages(error_response)),
    }
}

/// The account and the id of a path; `None` for text that can be neither.
fn parts(path: SessionPath) -> (Option<String>, Option<SessionId>) {
    let Ok(Path((account, id))) = path else {
        return (None, None);
    };
    (Some(account), Id::try_from(id).ok().map(|id| SessionId::new(id.0)))
}

async fn send(
    state: AppState,
    merchant: Arc<MerchantSettings>,
    account: Option<String>,
    operation: Option<AgentOperation>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let run = async {
        let call = AgentCall::admit(state, merchant, account.as_deref(), &head.headers)?;
        let operation = operation.ok_or_else(ErrorResponse::route_not_found)?;
        call.post(operation, &head.headers, body).await
    };
    let outcome = match run.await {
        Ok(PostOutcome::Refused(error_response)) | Err(error_response) => {
            PostOutcome::Refused(in_messages(error_response))
        }
        Ok(outcome) => outcome,
    };
    respond::from_post_outcome(&head.headers, outcome)
}
