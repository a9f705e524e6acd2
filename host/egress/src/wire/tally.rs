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
/// One task drives the stream and reads the tally; the atomics only satisfy the compiler.
#[derive(Debug, Default)]
pub(super) struct Tally {
    offered: AtomicBool,
    sent: AtomicU64,
    whole: AtomicBool,
    answered: AtomicBool,
}

impl Tally {
    /// Records that bytes of the request are about to be passed to the stream.
    pub(super) fn offer(&self) {
        self.offered.store(true, Relaxed);
    }

    /// Counts bytes that the socket accepted.
    pub(super) fn socket_took(&self, bytes: usize) {
        if self.offered.load(Relaxed) {
            self.sent.fetch_add(bytes.try_into().unwrap_or(u64::MAX), Relaxed);
        }
    }

    /// Records that the socket accepted the whole request.
    pub(super) fn request_is_out(&self) {
        self.whole.store(true, Relaxed);
    }

    /// Records that the status line of a response was read.
    pub(super) fn answer_began(&self) {
        self.answered.store(true, Relaxed);
    }

    /// Whether the socket accepted the whole request.
    pub(super) fn is_out(&self) -> bool {
        self.whole.load(Relaxed)
    }

    /// Evidence for a request that has no usable response.
    pub(super) fn evidence(&self) -> WireEvidence {
        if self.sent.load(Relaxed) == 0 {
            WireEvidence::ZeroBytesWritten
        } else if self.answered.load(Relaxed) {
            WireEvidence::StatusLineSeen
        } else if self.is_out() {
            WireEvidence::FullRequest
        } else {
            WireEvidence::SomeBytesWritten
        }
    }
}
