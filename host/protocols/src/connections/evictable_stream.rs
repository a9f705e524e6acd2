//! Streams that end when their connection's slot is needed for another connection.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::slots::SlotHandle;

/// A stream that reports end of input once its connection has to close, unless a request is in progress or has arrived.
///
/// Bytes that are already in the receive buffer are read first, so that a client that has sent its request gets a response.
#[derive(Debug)]
pub(super) struct EvictableStream<S> {
    stream: S,
    handle: Arc<SlotHandle>,
    evicted: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl<S> EvictableStream<S> {
    pub(super) fn new(stream: S, handle: Arc<SlotHandle>) -> Self {
        let evicted = Box::pin(handle.evicted().clone().cancelled_owned());
        Self {
            stream,
            handle,
            evicted,
        }
    }
}

/// A stream that can check its receive buffer for unread bytes.
pub(super) trait ReceiveBuffer {
    fn has_unread_bytes(&self) -> bool;
}

impl ReceiveBuffer for TcpStream {
    fn has_unread_bytes(&self) -> bool {
        rustix::io::ioctl_fionread(self).is_ok_and(|bytes| bytes > 0)
    }
}

impl<S: AsyncRead + ReceiveBuffer + Unpin> AsyncRead for EvictableStream<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if read.is_ready() || self.evicted.as_mut().poll(cx).is_pending() {
            return read;
        }
        if self.handle.has_request() || self.stream.has_unread_bytes() {
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for EvictableStream<S> {
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
