//! The body of a response. When it has been written, the connection's slot counts as idle again.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use super::slots::SlotHandle;

/// A response body that marks the connection as idle when it is dropped.
#[derive(Debug)]
pub(super) struct ResponseBody {
    body: axum::body::Body,
    handle: Arc<SlotHandle>,
}

impl ResponseBody {
    pub(super) const fn new(body: axum::body::Body, handle: Arc<SlotHandle>) -> Self {
        Self { body, handle }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for ResponseBody {
    fn drop(&mut self) {
        self.handle.set_idle();
    }
}
