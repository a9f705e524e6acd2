//! A thread with a runtime of its own: what is measured must not share one with what measures.

use std::future::Future;

use tokio::runtime;
use tokio::sync::oneshot;

use tillhouse_console::Failure;

/// Run this to its end on a thread of its own.
pub(super) async fn aside<T, F, Fut>(name: &str, work: F) -> Result<T, Failure>
where
    T: Send + 'static,
    F: FnOnce() -> Fut + Send + 'static,
    Fut: Future<Output = Result<T, Failure>>,
{
    let (answer, answered) = oneshot::channel();
    std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let done = runtime
            .map_err(Failure::from)
            .and_then(|runtime| runtime.block_on(work()));
        // Nobody waits any more: then nobody wants it.
        answer.send(done).ok();
    })?;
    answered
        .await
        .map_err(|_| Failure("a thread of the benchmark ended early".to_owned()))?
}
