//! Timeouts of operations: the caller gets a response in time, whatever the operation is waiting for.
//!
//! An operation that exceeds its deadline is not cancelled, because a plugin call is never dropped half-way, but it commits nothing
//! any more: the caller gets 503, and a retry begins anew. A commit that was begun before the deadline decides: the caller gets what
//! it committed, a little late.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout, timeout_at};
use tracing::{Instrument, warn};

use super::error_response::{ErrorResponse, TIME_RETRY_AFTER};
use super::state::AppState;
use tillhouse_checkout::caller::Caller;
use tillhouse_checkout::deadline::Deadline;
use tillhouse_checkout::ids::SessionId;

/// How long a response may be late if a commit was begun before the deadline.
pub(crate) const LAST_COMMIT: Duration = Duration::from_millis(500);

/// A retrieve or an update of a session: its response shows a total that a later completion may charge.
#[derive(Clone, Debug)]
pub(crate) struct ShownSession {
    pub(crate) caller: Caller,
    pub(crate) session: SessionId,
}

/// Run an operation until a deadline; 503 if it has not finished by then, and no commit was begun.
///
/// `until` is `None` for an operation that enforces its own deadline. `deadline` is what an operation that changes a session asks
/// before it commits; a read has none. If a read, or a commit that was begun in time, ends after the 503, what it would have shown
/// was never seen by the agent, and the session is marked accordingly.
pub(crate) async fn run_until<T, F>(
    state: &AppState,
    until: Option<Instant>,
    deadline: Option<&Deadline>,
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
    let mut ended = timeout_at(until, &mut task).await;
    let commits_nothing = ended.is_err() && deadline.is_some_and(Deadline::give_up);
    if ended.is_err() && deadline.is_some() && !commits_nothing {
        ended = timeout(LAST_COMMIT, &mut task).await;
    }
    match ended {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => {
            tracing::error!("request failed: {error}");
            Err(ErrorResponse::internal())
        }
        Err(_) => {
            warn!("operation timed out: answered 503");
            if let Some(ShownSession { caller, session }) = shown_session.filter(|_| !commits_nothing) {
                let service = Arc::clone(&state.service);
                let unseen = async move {
                    let _ = task.await;
                    if let Err(error) = service.mark_not_shown(&caller, &session).await {
                        warn!(
                            session.id = %session,
                            %error,
                            "failed to record that the agent has not seen the total; it may count as shown"
                        );
                    }
                };
                state.tasks.spawn(unseen.in_current_span());
            }
            Err(ErrorResponse::unavailable(Some(TIME_RETRY_AFTER)))
        }
    }
}
