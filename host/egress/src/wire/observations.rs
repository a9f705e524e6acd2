//! What was observed of a request on its connection.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use tillhouse_checkout::attempt::WireEvidence;

/// What was observed of a request on its connection, at two levels of the stream.
///
/// Neither level alone can prove that nothing was sent. Above TLS, a write may fail after rustls accepted the bytes and the
/// socket accepted some of the records: it reports an error and no length. Below TLS, the handshake and alerts are bytes as
/// well. So the upper stream records when the first byte of the request is offered, before it is passed on; from then on the
/// lower stream counts what the socket accepts. Zero proves that no byte of the request was sent, in clear text or encrypted.
/// More than zero proves nothing (an alert may be among them) and counts as "may have arrived": the error is on the safe side.
///
/// One task drives the stream and reads the observations; the atomics only satisfy the compiler.
#[derive(Debug, Default)]
pub(super) struct WireObservations {
    request_begun: AtomicBool,
    bytes_written: AtomicU64,
    request_written: AtomicBool,
    response_begun: AtomicBool,
}

impl WireObservations {
    /// Records that bytes of the request are about to be passed to the stream.
    pub(super) fn record_request_begun(&self) {
        self.request_begun.store(true, Relaxed);
    }

    /// Counts bytes that the socket accepted.
    pub(super) fn count_written(&self, bytes: usize) {
        if self.request_begun.load(Relaxed) {
            self.bytes_written
                .fetch_add(bytes.try_into().unwrap_or(u64::MAX), Relaxed);
        }
    }

    /// Records that the socket accepted the whole request.
    pub(super) fn record_request_written(&self) {
        self.request_written.store(true, Relaxed);
    }

    /// Records that the status line of a response was read.
    pub(super) fn record_response_begun(&self) {
        self.response_begun.store(true, Relaxed);
    }

    /// Whether the socket accepted the whole request.
    pub(super) fn is_request_written(&self) -> bool {
        self.request_written.load(Relaxed)
    }

    /// Evidence for a request that has no usable response.
    pub(super) fn evidence(&self) -> WireEvidence {
        if self.bytes_written.load(Relaxed) == 0 {
            WireEvidence::ZeroBytesWritten
        } else if self.response_begun.load(Relaxed) {
            WireEvidence::StatusLineSeen
        } else if self.is_request_written() {
            WireEvidence::FullRequest
        } else {
            WireEvidence::SomeBytesWritten
        }
    }
}
