//! What the crash points of an exchange on a pooled connection need.
//!
//! A pool does not report when a request was written. What can be observed is that its body was taken, which the connection does
//! right before it writes. A request without a body counts as written when the head of the response is there.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::error::{EgressError, EgressErrorKind};
use crate::request::HttpRequest;
use crate::upstream::Upstream;
use tillhouse_checkout::attempt::WireEvidence;
use tillhouse_crash_points::crash_point;
use tillhouse_crash_points::names;

/// One exchange and its body, observed for the crash points.
pub(crate) struct ObservedExchange<'a> {
    pub(crate) request_name: String,
    pub(crate) deadline: Instant,
    upstream: &'a Upstream,
    taken: Arc<Notify>,
}

impl<'a> ObservedExchange<'a> {
    pub(crate) fn new(upstream: &'a Upstream, request: &HttpRequest) -> Self {
        Self {
            request_name: names::request(request.method.name(), &request.url),
            deadline: Instant::now() + request.timeout.min(upstream.timeout),
            upstream,
            taken: Arc::default(),
        }
    }

    /// The failure that a caller of the pool gets: every failure after connecting may have arrived.
    pub(crate) fn error(&self, kind: EgressErrorKind, what: &str) -> EgressError {
        let wire = match kind {
            EgressErrorKind::NotConnected => WireEvidence::NotConnected,
            _ => WireEvidence::SomeBytesWritten,
        };
        EgressError::for_upstream(self.upstream, kind, wire, what)
    }
    /// Wraps the body of the request, to observe when it is taken.
    pub(crate) fn observe_body(&self, bytes: Bytes) -> reqwest::Body {
        reqwest::Body::wrap(ObservedBody {
            bytes: Some(bytes),
            taken: Arc::clone(&self.taken),
        })
    }

    /// Sends the request, and passes the crash point after it was written.
    pub(crate) async fn send_observed<T, E>(
        &self,
        request: impl Future<Output = Result<T, E>>,
    ) -> Result<Result<T, E>, EgressError> {
        let mut request = pin!(request);
        let early = tokio::select! {
            biased;
            done = &mut request => Some(done),
            () = self.taken.notified() => None,
        };
        if let Some(failed @ Err(_)) = early {
            return Ok(failed);
        }
        crash_point!("after_write" in self);
        match early {
            Some(done) => Ok(done),
            None => Ok(request.await),
        }
    }
}

/// A body that signals when it was taken.
struct ObservedBody {
    bytes: Option<Bytes>,
    taken: Arc<Notify>,
}

impl Body for ObservedBody {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        let bytes = this.bytes.take();
        this.taken.notify_one();
        Poll::Ready(bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}
