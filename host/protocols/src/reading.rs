//! Reading a session: a GET shows it, a HEAD does not.

use std::sync::Arc;

use axum::http::Method;
use tokio::time::Instant;

use super::deadline::{ShownSession, run_until};
use super::error_response::ErrorResponse;
use super::state::AppState;
use tillhouse_checkout::caller::Caller;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::session::Session;

/// Read a session for the answer to a request with this method. axum answers a HEAD as a GET whose body it drops: the caller does
/// not get to see the quote, which therefore counts as shown by a GET only.
///
/// # Errors
/// 503 past the deadline; within, why there is no such session for the caller.
pub(crate) async fn read(
    state: &AppState,
    until: Option<Instant>,
    caller: &Caller,
    id: SessionId,
    method: &Method,
) -> Result<Result<Session, CheckoutError>, ErrorResponse> {
    let (service, caller) = (Arc::clone(&state.service), caller.clone());
    if *method == Method::HEAD {
        let work = async move { service.peek(&caller, &id).await };
        return run_until(state, until, None, None, work).await;
    }
    let shown = ShownSession {
        caller: caller.clone(),
        session: id.clone(),
    };
    let work = async move { service.retrieve(&caller, &id).await };
    run_until(state, until, None, Some(shown), work).await
}
