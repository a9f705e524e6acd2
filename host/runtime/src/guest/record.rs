//! What calls into a plugin did, kept for whoever tries the plugin out. A host that serves keeps none of it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

/// A line that a plugin logged, cleaned as the host's own log has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogLine {
    /// `debug`, `info`, `warn` or `error`.
    pub level: &'static str,
    /// Message and fields.
    pub text: String,
}

/// A request that a plugin sent, without its contents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SentRequest {
    /// The upstream, by its name in the manifest.
    pub upstream: String,
    /// `GET`, `POST` …
    pub method: String,
    /// Path below the upstream's base URL.
    pub path: String,
    /// Status of the answer, or why there was none that the plugin could read.
    pub answer: Result<u16, String>,
    /// How long it took.
    #[serde(skip)]
    pub elapsed: Duration,
}

/// Requests denied that are kept. Those that are sent are bounded by the limits of a call; these are not.
pub const MOST_DENIED: usize = 64;

/// What was recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Lines, oldest first.
    pub lines: Vec<LogLine>,
    /// Lines over the limit, which were dropped.
    pub lines_dropped: u64,
    /// Requests, oldest first.
    pub requests: Vec<SentRequest>,
    /// Requests that were not sent, because the function may not or the call had sent enough, oldest first: no more of them than
    /// [`MOST_DENIED`].
    pub denied: Vec<SentRequest>,
    /// The most that an instance had of linear memory, in bytes.
    pub memory_bytes: usize,
    /// Instructions of WebAssembly, where the engine counts them.
    pub instructions: u64,
    /// Those of the looked-for texts that a guest's memory held after a call.
    pub remains: Vec<String>,
}

/// Takes down what happens. Cheap to clone; clones write into the same record.
#[derive(Clone, Debug, Default)]
pub struct Recorder(Arc<Mutex<Record>>);

impl Recorder {
    /// Write down a request that was not sent.
    pub(crate) fn deny(&self, request: SentRequest) {
        self.note(|record| {
            if record.denied.len() < MOST_DENIED {
                record.denied.push(request);
            }
        });
    }

    /// Write something down.
    pub(crate) fn note(&self, write: impl FnOnce(&mut Record)) {
        write(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Look at what was recorded since it was last taken.
    pub(crate) fn with<T>(&self, look: impl FnOnce(&Record) -> T) -> T {
        look(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What was recorded since it was last taken.
    #[must_use]
    pub fn take(&self) -> Record {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
