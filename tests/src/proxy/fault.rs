//! Faults that can be injected into one exchange.

use std::time::Duration;

/// Value of `Retry-After` in [`Fault::TooManyRequests`]: longer than the first backoffs of a host.
pub const RETRY_AFTER: Duration = Duration::from_secs(30);

/// A fault of one exchange. For refused connections see [`Proxy::refuse`](super::Proxy::refuse).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Connection reset at the beginning of the request; the peer sees nothing.
    ResetBefore,
    /// Connection reset in the middle of the request body; the peer sees nothing.
    ResetAmid,
    /// The peer handles the request; connection reset before the response.
    ResetAfter,
    /// The peer handles the request; no response is ever sent.
    Silence,
    /// The peer handles the request; connection reset after the head of the response.
    ResetAfterHead,
    /// The peer handles the request; the response ends half-way through its body.
    Truncated,
    /// The peer handles the request; the response is a 200 with a body that is not JSON.
    Garbage,
    /// The peer handles the request; the response is a 500.
    ErrorAfterSuccess,
    /// The peer sees nothing; the response is a 429 with `Retry-After`: [`RETRY_AFTER`].
    TooManyRequests,
    /// The peer handles the request; the response arrives byte by byte, more slowly than any client timeout.
    Drip,
    /// The peer gets the same request twice; the second response is returned.
    Duplicate,
    /// The peer handles the request; the body of the response does not end.
    HugeBody,
    /// The peer handles the request; the response has ten thousand headers.
    HeaderBomb,
}
