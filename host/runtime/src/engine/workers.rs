//! The threads that run guest code, apart from those that accept connections.

use std::future::Future;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use super::EngineError;

/// A runtime of its own for guest calls. A guest that spins yields every tick, and with `event_interval(1)` this runtime then
/// looks at its timers and sockets each time; the main runtime notices nothing.
#[derive(Debug)]
pub(crate) struct Workers(Option<Runtime>);

impl Workers {
    pub(crate) fn start(threads: usize) -> Result<Self, EngineError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads.max(1))
            .thread_name("till-plugin")
            .enable_all()
            .event_interval(1)
            .global_queue_interval(1)
            .build()?;
        Ok(Self(Some(runtime)))
    }

    /// Run to the end, whether or not anybody waits for the answer. `None` only while the host is going down.
    pub(crate) fn spawn<F>(&self, work: F) -> Option<JoinHandle<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send,
    {
        self.0.as_ref().map(|runtime| runtime.spawn(work))
    }

    /// Run something that holds its thread, such as a compilation.
    pub(crate) fn spawn_blocking<R: Send + 'static>(
        &self,
        work: impl FnOnce() -> R + Send + 'static,
    ) -> Option<JoinHandle<R>> {
        self.0.as_ref().map(|runtime| runtime.spawn_blocking(work))
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        // Tokio forbids the waiting kind of shutdown inside async code, where the last owner may well be.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
