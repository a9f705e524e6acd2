//! The body of a request while it arrives. Until it is complete, no work has been done for the request, and the connection may
//! lose its slot to another one.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::slots::SlotHandle;

/// Error of a body that arrived so slowly that its connection lost its slot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Evicted;

impl fmt::Display for Evicted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the request body arrived too slowly while other clients were waiting for a connection; retry later",
        )
    }
}

impl Error for Evicted {}

/// A request body that marks the connection as receiving while the host waits for more data.
#[derive(Debug)]
pub(super) struct RequestBody {
    body: Incoming,
    handle: Arc<SlotHandle>,
    leave: Pin<Box<WaitForCancellationFutureOwned>>,
    waited_for: bool,
}

impl RequestBody {
    pub(super) fn new(body: Incoming, handle: Arc<SlotHandle>) -> Self {
        Self {
            body,
            leave: Box::pin(handle.evicted().clone().cancelled_owned()),
            handle,
            waited_for: false,
        }
    }

    fn arrived(&mut self) {
        if std::mem::take(&mut self.waited_for) {
            self.handle.set_working();
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                if self.body.is_end_stream() {
                    self.arrived();
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(ended) => {
                self.arrived();
                Poll::Ready(ended.map(|frame| frame.map_err(Into::into)))
            }
            Poll::Pending => {
                if !std::mem::replace(&mut self.waited_for, true) {
                    self.handle.set_receiving();
                }
                let displaced = self.leave.as_mut().poll(cx);
                displaced.map(|()| Some(Err(Evicted.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        if !self.body.is_end_stream() {
            self.handle.set_unread();
        }
        self.arrived();
    }
}
