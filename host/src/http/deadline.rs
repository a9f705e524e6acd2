//! An answer in time, whatever the operation is waiting for.
//!
//! An operation that takes longer is not broken off: a plugin's call is never dropped half-way, and what is about to be committed
//! is committed whole or not at all. Its caller is told to try again. Under an idempotency key that repeats the answer, once it is
//! there; without one, the same look or change again has the same effect.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, warn};

use super::problem::Problem;
use super::state::Edges;

/// When to ask again for what took too long.
const AGAIN: Duration = Duration::from_secs(1);

/// The answer of an operation, or 503 where it is not there in time. `None` for an operation that keeps to its time by itself.
pub(crate) async fn within<T, F>(edges: &Edges, until: Option<Instant>, work: F) -> Result<T, Problem>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let Some(until) = until else {
        return Ok(work.await);
    };
    let task = edges.tasks.spawn(work.in_current_span());
    match timeout_at(until, task).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => {
            tracing::error!("request failed: {error}");
            Err(Problem::internal())
        }
        Err(_) => {
            warn!("not answered in time; the operation goes on");
            Err(Problem::unavailable(Some(AGAIN)))
        }
    }
}
