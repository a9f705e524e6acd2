//! The body of a request, read from a reader while it is sent.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::io::{AsyncRead, ReadBuf};

/// Bytes that are read at a time.
const CHUNK: u64 = 64 << 10;

/// The bytes of a reader, as many as were announced.
pub(super) struct ReaderBody {
    reader: Box<dyn AsyncRead + Send + Sync + Unpin>,
    left: u64,
    /// Counts the bytes that were taken, so that a transfer that stands still is noticed.
    progress: Arc<AtomicU64>,
}

impl ReaderBody {
    pub(super) fn new(reader: Box<dyn AsyncRead + Send + Sync + Unpin>, length: u64, progress: Arc<AtomicU64>) -> Self {
        Self {
            reader,
            left: length,
            progress,
        }
    }
}

impl Body for ReaderBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        if this.left == 0 {
            return Poll::Ready(None);
        }
        let mut chunk = vec![0; usize::try_from(this.left.min(CHUNK)).unwrap_or(1)];
        let mut buffer = ReadBuf::new(&mut chunk);
        ready!(Pin::new(&mut this.reader).poll_read(cx, &mut buffer))?;
        let read = buffer.filled().len();
        if read == 0 {
            let early = io::Error::new(io::ErrorKind::UnexpectedEof, "the body is shorter than announced");
            return Poll::Ready(Some(Err(early)));
        }
        chunk.truncate(read);
        let read = u64::try_from(read).unwrap_or(u64::MAX);
        this.left = this.left.saturating_sub(read);
        this.progress.fetch_add(read, Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from(chunk)))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
