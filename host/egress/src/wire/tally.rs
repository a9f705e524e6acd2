//! What was seen of a request on its connection.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use tillhouse_checkout::attempt::WireEvidence;

/// What was seen of a request on its connection, gathered at two heights of the stream.
///
/// Neither height alone can prove that nothing left. Above TLS, a write may fail after rustls took the bytes and the socket
/// took some of the records: it reports an error and no length. Below TLS, the handshake and alerts are bytes as well. So the
/// upper stream notes when the first byte of the request is offered, before it is passed on; from then on the lower stream
/// counts what the socket takes. Zero counted proves that no byte of the request left, in the clear or encrypted. More than
/// zero proves nothing (an alert may be among them) and is called "may have arrived": the error is on the safe side.
///
/// One task drives the stream and reads the tally; the atomics are there for the compiler.
#[derive(Debug, Default)]
pub(super) struct Tally {
    offered: AtomicBool,
    sent: AtomicU64,
    whole: AtomicBool,
    answered: AtomicBool,
}

impl Tally {
    /// Bytes of the request are about to be passed to the stream.
    pub(super) fn offer(&self) {
        self.offered.store(true, Relaxed);
    }

    /// The socket took bytes.
    pub(super) fn socket_took(&self, bytes: usize) {
        if self.offered.load(Relaxed) {
            self.sent.fetch_add(bytes.try_into().unwrap_or(u64::MAX), Relaxed);
        }
    }

    /// The socket took everything of the request.
    pub(super) fn request_is_out(&self) {
        self.whole.store(true, Relaxed);
    }

    /// The status line of an answer was read.
    pub(super) fn answer_began(&self) {
        self.answered.store(true, Relaxed);
    }

    /// Whether the socket took everything of the request.
    pub(super) fn is_out(&self) -> bool {
        self.whole.load(Relaxed)
    }

    /// What this proves of a request that has no usable answer.
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
