//! An answer in time, whatever the operation is waiting for.
//!
//! An operation that takes longer is not broken off: a plugin's call is never dropped half-way, and what is about to be committed
//! is committed whole or not at all. Its caller is told to try again. Under an idempotency key that repeats the answer, once it is
//! there; without one, the same look or change again has the same effect.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, warn};

use super::problem::Problem;
use super::state::Edges;
use tillhouse_checkout::ids::{MerchantId, SessionId};

/// When to ask again for what took too long.
const AGAIN: Duration = Duration::from_secs(1);

/// A look at a session, or a change of it, whose answer shows a total that a completion may then count on.
#[derive(Clone, Debug)]
pub(crate) struct Shows {
    pub(crate) merchant: MerchantId,
    pub(crate) session: SessionId,
}

/// The answer of an operation, or 503 where it is not there in time. `None` for an operation that keeps to its time by itself.
///
/// What an operation shows that ends after its caller was told 503 has not been seen: the session says so as soon as it is over.
pub(crate) async fn within<T, F>(
    edges: &Edges,
    until: Option<Instant>,
    shows: Option<Shows>,
    work: F,
) -> Result<T, Problem>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let Some(until) = until else {
        return Ok(work.await);
    };
    let mut task = edges.tasks.spawn(work.in_current_span());
    match timeout_at(until, &mut task).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => {
            tracing::error!("request failed: {error}");
            Err(Problem::internal())
        }
        Err(_) => {
            warn!("not answered in time; the operation goes on");
            if let Some(Shows { merchant, session }) = shows {
                let service = Arc::clone(&edges.service);
                let unseen = async move {
                    let _ = task.await;
                    if let Err(error) = service.unseen(&merchant, &session).await {
                        warn!(session.id = %session, %error, "a total that was not shown may count as shown");
                    }
                };
                edges.tasks.spawn(unseen.in_current_span());
            }
            Err(Problem::unavailable(Some(AGAIN)))
        }
    }
}
