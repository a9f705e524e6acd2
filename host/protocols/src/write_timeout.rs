//! Write timeout of a connection: hyper limits how long a request may take to arrive, but not how long a client may take to read
//! its response.

use std::pin::Pin;
use std::time::Duration;

use tokio::io::AsyncWrite;
use tokio_io_timeout::TimeoutWriter;

/// Wraps a stream, so that its writes fail when the peer reads nothing for the duration of `timeout`.
///
/// Boxed, because hyper requires `Unpin`, which the timer inside is not.
pub(crate) fn limited<S: AsyncWrite>(stream: S, timeout: Duration) -> Pin<Box<TimeoutWriter<S>>> {
    let mut stream = TimeoutWriter::new(stream);
    stream.set_timeout(Some(timeout));
    Box::pin(stream)
}

#[cfg(test)]
mod tests {
    use std::io;

    use tokio::io::{AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test]
    async fn a_write_to_a_peer_that_does_not_read_fails() {
        let (here, _there) = duplex(4);
        let mut stream = limited(here, Duration::from_millis(1));
        let error = stream.write_all(b"more than fits").await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
