//! Streams that end when their connection's slot is needed for another connection.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::slots::Place;

/// A stream that reports end of input once its connection has to close, unless a request is in progress or has arrived.
///
/// Bytes that are already in the receive buffer are read first, so that a client that has sent its request gets a response.
#[derive(Debug)]
pub(super) struct GivingWay<S> {
    stream: S,
    place: Arc<Place>,
    told: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl<S> GivingWay<S> {
    pub(super) fn new(stream: S, place: Arc<Place>) -> Self {
        let told = Box::pin(place.leave().clone().cancelled_owned());
        Self { stream, place, told }
    }
}

/// A stream that can check its receive buffer for unread bytes.
pub(super) trait Arrived {
    fn has_arrived(&self) -> bool;
}

impl Arrived for TcpStream {
    fn has_arrived(&self) -> bool {
        rustix::io::ioctl_fionread(self).is_ok_and(|bytes| bytes > 0)
    }
}

impl<S: AsyncRead + Arrived + Unpin> AsyncRead for GivingWay<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if read.is_ready() || self.told.as_mut().poll(cx).is_pending() {
            return read;
        }
        if self.place.has_request() || self.stream.has_arrived() {
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for GivingWay<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
