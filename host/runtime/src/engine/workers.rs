//! Threads that run guest code, separate from those that accept connections.

use std::future::Future;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use super::EngineError;

/// A separate tokio runtime for guest calls.
///
/// A guest in a busy loop yields every tick. With `event_interval(1)` this runtime polls its timers and sockets after each
/// yield; the main runtime is not affected.
#[derive(Debug)]
pub(crate) struct Workers(Option<Runtime>);

impl Workers {
    pub(crate) fn start(threads: usize) -> Result<Self, EngineError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads.max(1))
            .thread_name("plugin-worker")
            .enable_all()
            .event_interval(1)
            .global_queue_interval(1)
            .build()?;
        Ok(Self(Some(runtime)))
    }

    /// Spawn a task that runs to completion even if the caller stops waiting. `None` only while the host shuts down.
    pub(crate) fn spawn<F>(&self, work: F) -> Option<JoinHandle<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send,
    {
        self.0.as_ref().map(|runtime| runtime.spawn(work))
    }

    /// Run blocking work, such as a compilation. `None` only while the host shuts down.
    pub(crate) fn spawn_blocking<R: Send + 'static>(
        &self,
        work: impl FnOnce() -> R + Send + 'static,
    ) -> Option<JoinHandle<R>> {
        self.0.as_ref().map(|runtime| runtime.spawn_blocking(work))
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        // Tokio panics on a blocking shutdown inside async code, and the last owner may be dropped there.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
