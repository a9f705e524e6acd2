//! A thread with its own runtime: load generators must not share a runtime with what they measure.

use std::future::Future;

use tokio::runtime;
use tokio::sync::oneshot;

use tillhouse_console::CommandError;

/// Run the work to completion on a new thread with its own single-threaded runtime.
pub(super) async fn on_own_runtime<T, F, Fut>(name: &str, work: F) -> Result<T, CommandError>
where
    T: Send + 'static,
    F: FnOnce() -> Fut + Send + 'static,
    Fut: Future<Output = Result<T, CommandError>>,
{
    let (answer, answered) = oneshot::channel();
    std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let done = runtime
            .map_err(CommandError::from)
            .and_then(|runtime| runtime.block_on(work()));
        // Fails only if the caller was dropped; then the result is not needed.
        answer.send(done).ok();
    })?;
    answered
        .await
        .map_err(|_| CommandError("a thread of the benchmark ended early".to_owned()))?
}
