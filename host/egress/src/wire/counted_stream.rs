//! Streams that report to a [`WireObservations`] what passes through them.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::observations::WireObservations;

/// The lower stream: counts the bytes that the socket accepts.
#[derive(Debug)]
pub(super) struct CountedSocket<S> {
    socket: S,
    observations: Arc<WireObservations>,
}

impl<S> CountedSocket<S> {
    pub(super) const fn new(socket: S, observations: Arc<WireObservations>) -> Self {
        Self { socket, observations }
    }

    fn count(&self, bytes: usize) -> usize {
        self.observations.count_written(bytes);
        bytes
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for CountedSocket<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(cx, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for CountedSocket<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let taken = ready!(Pin::new(&mut self.socket).poll_write(cx, bytes))?;
        Poll::Ready(Ok(self.count(taken)))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let taken = ready!(Pin::new(&mut self.socket).poll_write_vectored(cx, slices))?;
        Poll::Ready(Ok(self.count(taken)))
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}

/// The upper stream: sees the request and the response in clear text.
#[derive(Debug)]
pub(super) struct ObservedStream<S> {
    stream: S,
    request: RemainingRequest,
    status_line: StatusLineParser,
    observations: Arc<WireObservations>,
}

impl<S> ObservedStream<S> {
    /// A stream that carries one request with a body of this length.
    pub(super) const fn new(stream: S, body: usize, observations: Arc<WireObservations>) -> Self {
        Self {
            stream,
            request: RemainingRequest { matched: 0, body },
            status_line: StatusLineParser::Reading(0),
            observations,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for ObservedStream<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, into))?;
        let fresh = into.filled().get(before..).unwrap_or_default();
        if self.status_line.read(fresh) {
            self.observations.record_response_begun();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for ObservedStream<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.observations.record_request_begun();
        let taken = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, slices))?;
        let mut left = taken;
        for slice in slices {
            let part = slice.get(..left).unwrap_or(slice);
            self.request.consume(part);
            left -= part.len();
        }
        Poll::Ready(Ok(taken))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Only a flush proves that TLS buffers nothing.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        if self.request.is_complete() {
            self.observations.record_request_written();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// The part of a request not yet written: its head, which ends with an empty line, and a body of known length.
#[derive(Debug)]
struct RemainingRequest {
    matched: u8,
    body: usize,
}

impl RemainingRequest {
    const END_OF_HEAD: u8 = 4;

    fn consume(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while self.matched < Self::END_OF_HEAD
            && let Some((byte, after)) = rest.split_first()
        {
            self.matched = match (byte, self.matched) {
                (b'\r', 0 | 2) | (b'\n', 1 | 3) => self.matched + 1,
                (b'\r', _) => 1,
                _ => 0,
            };
            rest = after;
        }
        self.body = self.body.saturating_sub(rest.len());
    }

    const fn is_complete(&self) -> bool {
        self.matched == Self::END_OF_HEAD && self.body == 0
    }
}

/// Parser of the first line received: a status line or not.
#[derive(Debug)]
enum StatusLineParser {
    /// This many bytes match a status line so far.
    Reading(usize),
    /// The line is complete, or is not a status line.
    Decided,
}

impl StatusLineParser {
    const START: &'static [u8] = b"HTTP/1.";

    /// Whether these bytes complete it.
    fn read(&mut self, bytes: &[u8]) -> bool {
        for byte in bytes {
            let Self::Reading(count) = self else { return false };
            match Self::START.get(*count) {
                Some(expected) if expected == byte => *count += 1,
                None if *byte != b'\n' => *count += 1,
                missed => {
                    let complete = missed.is_none();
                    *self = Self::Decided;
                    return complete;
                }
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncWriteExt, Sink, sink};

    use super::*;
    use tillhouse_checkout::attempt::WireEvidence;

    /// A layer between the two streams, like TLS: it passes on one byte and then fails without reporting it.
    struct Failing<S>(S);

    impl<S: AsyncWrite + Unpin> AsyncWrite for Failing<S> {
        fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            let first = bytes.get(..1).unwrap_or_default();
            ready!(Pin::new(&mut self.0).poll_write(cx, first))?;
            Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
        }

        fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_flush(cx)
        }

        fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_shutdown(cx)
        }
    }

    #[tokio::test]
    async fn a_write_that_fails_after_the_socket_took_bytes_is_not_called_unsent() {
        let observations: Arc<WireObservations> = Arc::default();
        let socket: CountedSocket<Sink> = CountedSocket::new(sink(), Arc::clone(&observations));
        let mut stream = ObservedStream::new(Failing(socket), 0, Arc::clone(&observations));
        stream.write(b"POST").await.unwrap_err();
        assert_eq!(observations.evidence(), WireEvidence::SomeBytesWritten);
    }

    #[tokio::test]
    async fn what_the_socket_takes_before_the_request_is_not_the_request() {
        let observations: Arc<WireObservations> = Arc::default();
        let mut socket = CountedSocket::new(sink(), Arc::clone(&observations));
        socket.write_all(b"handshake").await.unwrap();
        assert_eq!(observations.evidence(), WireEvidence::ZeroBytesWritten);
        let mut stream = ObservedStream::new(socket, 0, Arc::clone(&observations));
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        assert_eq!(observations.evidence(), WireEvidence::SomeBytesWritten);
        stream.flush().await.unwrap();
        assert_eq!(observations.evidence(), WireEvidence::FullRequest);
    }

    #[test]
    fn a_request_is_over_with_the_last_byte_of_its_body_however_it_is_cut() {
        let request = b"POST / HTTP/1.1\r\nhost: a\r\n\r\nbody";
        for cut in 0..=request.len() {
            let (first, second) = request.split_at(cut);
            let mut ahead = RemainingRequest { matched: 0, body: 4 };
            ahead.consume(first);
            assert_eq!(ahead.is_complete(), second.is_empty(), "{cut}");
            ahead.consume(second);
            assert!(ahead.is_complete(), "{cut}");
        }
        let mut bodiless = RemainingRequest { matched: 0, body: 0 };
        bodiless.consume(b"GET / HTTP/1.1\r\nhost: a\r\r\n");
        assert!(!bodiless.is_complete());
        bodiless.consume(b"\r\n");
        assert!(bodiless.is_complete());
    }

    #[test]
    fn an_answer_begins_with_a_whole_status_line_and_with_nothing_else() {
        let began = |parts: &[&str]| {
            let mut line = StatusLineParser::Reading(0);
            parts.iter().filter(|part| line.read(part.as_bytes())).count()
        };
        assert_eq!(began(&["HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\n"]), 1);
        assert_eq!(began(&["HT", "TP/1.", "0 500 Broken\r", "\n\n"]), 1);
        assert_eq!(began(&["HTTP/1.1 200 OK"]), 0);
        assert_eq!(began(&["SSH-2.0-x\r\n", "HTTP/1.1 200 OK\r\n"]), 0);
    }
}
