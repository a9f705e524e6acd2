//! What can go wrong with one exchange.

use std::time::Duration;

/// For how long a peer that has too many requests asks to be left alone: longer than the first pauses of a host.
pub const RETRY_AFTER: Duration = Duration::from_secs(30);

/// Something that goes wrong with one exchange. Connections that are refused are another matter: see
/// [`Proxy::refuse`](super::Proxy::refuse).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection is reset while the request has only begun; the peer sees nothing.
    ResetBefore,
    /// The connection is reset in the middle of the request's body; the peer sees nothing.
    ResetAmid,
    /// The peer does as asked, and the connection is reset before the answer.
    ResetAfter,
    /// The peer does as asked, and nothing is ever answered.
    Silence,
    /// The peer does as asked, and the connection is reset after the head of the answer.
    ResetAfterHead,
    /// The peer does as asked, and the answer ends half-way through its body.
    Truncated,
    /// The peer does as asked, and the answer is a 200 with a body that is none.
    Garbage,
    /// The peer does as asked, and the answer is a 500.
    ErrorAfterSuccess,
    /// The peer sees nothing, and the answer is a 429 with `Retry-After`: [`RETRY_AFTER`].
    TooManyRequests,
    /// The peer does as asked, and the answer comes byte by byte, more slowly than anybody waits.
    Drip,
    /// The peer is asked twice with the same bytes; the second answer is given.
    Duplicate,
    /// The peer does as asked, and the body of the answer does not end.
    HugeBody,
    /// The peer does as asked, and the answer has ten thousand headers.
    HeaderBomb,
}
