//! Timeouts of operations: the caller gets a response in time, whatever the operation is waiting for.
//!
//! An operation that exceeds its deadline is not cancelled: a plugin call is never dropped half-way, and a commit is complete or
//! does not happen. The caller gets 503 and should retry. With the same idempotency key, the retry gets the response of the
//! operation once it has finished; without a key, repeating the same read or update has the same effect.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, warn};

use super::error_response::ErrorResponse;
use super::state::AppState;
use tillhouse_checkout::ids::{MerchantId, SessionId};

/// `Retry-After` of an operation that timed out.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// A retrieve or an update of a session: its response shows a total that a later completion may charge.
#[derive(Clone, Debug)]
pub(crate) struct ShownSession {
    pub(crate) merchant: MerchantId,
    pub(crate) session: SessionId,
}

/// Run an operation until a deadline; 503 if it has not finished by then.
///
/// `until` is `None` for an operation that enforces its own deadline. If the operation finishes after the 503, the total that it
/// would have shown was never seen by the agent, and the session is marked accordingly.
pub(crate) async fn run_until<T, F>(
    state: &AppState,
    until: Option<Instant>,
    shown_session: Option<ShownSession>,
    work: F,
) -> Result<T, ErrorResponse>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let Some(until) = until else {
        return Ok(work.await);
    };
    let mut task = state.tasks.spawn(work.in_current_span());
    match timeout_at(until, &mut task).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => {
            tracing::error!("request failed: {error}");
            Err(ErrorResponse::internal())
        }
        Err(_) => {
            warn!("operation timed out: answered 503, and the operation continues in the background");
            if let Some(ShownSession { merchant, session }) = shown_session {
                let service = Arc::clone(&state.service);
                let unseen = async move {
                    let _ = task.await;
                    if let Err(error) = service.mark_not_shown(&merchant, &session).await {
                        warn!(
                            session.id = %session,
                            %error,
                            "failed to record that the agent has not seen the total; it may count as shown"
                        );
                    }
                };
                state.tasks.spawn(unseen.in_current_span());
            }
            Err(ErrorResponse::unavailable(Some(RETRY_AFTER)))
        }
    }
}
