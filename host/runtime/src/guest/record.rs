//! Records what calls into a plugin did, for trials and benchmarks. A host that serves buyers records nothing.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

/// A line that a plugin logged, sanitized as in the host's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogLine {
    /// `debug`, `info`, `warn` or `error`.
    pub level: &'static str,
    /// Message, followed by the fields as `name=value`.
    pub text: String,
}

/// A request that a plugin sent or tried to send, without query, headers and body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SentRequest {
    /// Name of the upstream in the manifest.
    pub upstream: String,
    /// HTTP method, e.g. `POST`; as the plugin sent it when it is not a known one.
    pub method: String,
    /// Path below the upstream's base URL.
    pub path: String,
    /// HTTP status of the response, or the error message that the plugin got.
    pub answer: Result<u16, String>,
    /// Time from sending the request to the complete response; zero for a denied request.
    #[serde(skip)]
    pub elapsed: Duration,
}

/// Maximum number of denied requests that are kept: unlike sent requests, no limit of a call bounds them.
pub const MAX_DENIED: usize = 64;

/// Everything recorded since the record was last taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Log lines, oldest first.
    pub lines: Vec<LogLine>,
    /// Number of log lines that were dropped because a limit was reached.
    pub lines_dropped: u64,
    /// Requests that were admitted, oldest first, failed ones included.
    pub requests: Vec<SentRequest>,
    /// Requests that were denied, oldest first, because the function may not send any or the limit was reached. At most
    /// [`MAX_DENIED`].
    pub denied: Vec<SentRequest>,
    /// Peak linear memory of an instance in bytes.
    pub memory_bytes: usize,
    /// WebAssembly instructions executed; 0 when the engine does not count them.
    pub instructions: u64,
    /// Those of the searched texts that were found in a guest's memory after a call.
    pub found_in_memory: Vec<String>,
}

/// Collects a [`Record`]. Cheap to clone; clones write into the same record.
#[derive(Clone, Debug, Default)]
pub struct Recorder(Arc<Mutex<Record>>);

impl Recorder {
    /// Record a denied request, unless there are [`MAX_DENIED`] already.
    pub(crate) fn deny(&self, request: SentRequest) {
        self.update(|record| {
            if record.denied.len() < MAX_DENIED {
                record.denied.push(request);
            }
        });
    }

    pub(crate) fn update(&self, write: impl FnOnce(&mut Record)) {
        write(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Read what was recorded since it was last taken, without taking it.
    pub(crate) fn with<T>(&self, look: impl FnOnce(&Record) -> T) -> T {
        look(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Return what was recorded since the last call, and start a new record.
    #[must_use]
    pub fn take(&self) -> Record {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
