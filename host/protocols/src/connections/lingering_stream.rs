//! Lingering close of a connection whose client may still be sending. If it were closed at once, the kernel would answer further
//! data with a reset, and the client could lose a response that it has not read yet.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::slots::SlotHandle;

/// Maximum number of bytes that are read and discarded while closing.
const BYTES: usize = 1024 * 1024;

/// A stream that shuts down its write side first, and then waits a limited time for its peer to close.
#[derive(Debug)]
pub(super) struct LingeringStream<S> {
    stream: S,
    handle: Arc<SlotHandle>,
    timeout: Duration,
    end: Option<End>,
}

#[derive(Debug)]
struct End {
    left: usize,
    time: Pin<Box<Sleep>>,
}

impl<S> LingeringStream<S> {
    /// Wrap a stream. `patience` is how long to wait for the peer to close if there is unread data.
    pub(super) const fn new(stream: S, handle: Arc<SlotHandle>, timeout: Duration) -> Self {
        Self {
            stream,
            handle,
            timeout,
            end: None,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for LingeringStream<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for LingeringStream<S> {
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

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self {
            stream,
            handle,
            timeout,
            end,
        } = self.get_mut();
        if end.is_none() {
            ready!(Pin::new(&mut *stream).poll_shutdown(cx))?;
        }
        if !handle.has_unread() {
            return Poll::Ready(Ok(()));
        }
        let end = end.get_or_insert_with(|| End {
            left: BYTES,
            time: Box::pin(sleep(*timeout)),
        });
        let mut space = [0; 4096];
        while end.left > 0 {
            let mut buf = ReadBuf::new(&mut space);
            match Pin::new(&mut *stream).poll_read(cx, &mut buf) {
                Poll::Ready(Ok(())) if !buf.filled().is_empty() => {
                    end.left = end.left.saturating_sub(buf.filled().len())
                }
                Poll::Ready(_) => return Poll::Ready(Ok(())),
                Poll::Pending => return end.time.as_mut().poll(cx).map(Ok),
            }
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;
    use crate::connections::slots::{GracePeriods, Slots};

    const LONG: Duration = Duration::from_secs(600);

    fn handle() -> Arc<SlotHandle> {
        let grace = GracePeriods { idle: LONG, body: LONG };
        Slots::new(1, 1, grace).take(None).unwrap().handle()
    }

    fn lingering<S>(stream: S, timeout: Duration) -> LingeringStream<S> {
        let handle = handle();
        handle.set_unread();
        LingeringStream::new(stream, handle, timeout)
    }

    #[tokio::test]
    async fn a_peer_that_is_still_sending_can_read_its_answer() {
        let (here, mut there) = duplex(64);
        let sending = tokio::spawn(async move {
            there.write_all(&[b'x'; 1000]).await.unwrap();
            let mut answer = String::new();
            there.read_to_string(&mut answer).await.unwrap();
            answer
        });
        let mut stream = lingering(here, LONG);
        stream.write_all(b"no").await.unwrap();
        stream.shutdown().await.unwrap();
        drop(stream);
        assert_eq!(sending.await.unwrap(), "no");
    }

    #[tokio::test]
    async fn a_peer_that_never_ends_is_not_waited_for_long() {
        let (here, mut there) = duplex(64);
        let mut stream = lingering(here, Duration::from_millis(1));
        stream.shutdown().await.unwrap();
        drop(stream);
        assert!(there.write_all(&[b'x'; 1000]).await.is_err());
    }

    #[tokio::test]
    async fn a_peer_whose_every_word_was_read_is_not_waited_for() {
        let (here, _there) = duplex(64);
        LingeringStream::new(here, handle(), LONG).shutdown().await.unwrap();
    }

    #[tokio::test]
    async fn a_peer_that_sends_without_end_is_cut_off() {
        let (here, mut there) = duplex(64 * 1024);
        let flood = tokio::spawn(async move { while there.write_all(&[b'x'; 4096]).await.is_ok() {} });
        let mut stream = lingering(here, LONG);
        stream.shutdown().await.unwrap();
        drop(stream);
        flood.await.unwrap();
    }
}
