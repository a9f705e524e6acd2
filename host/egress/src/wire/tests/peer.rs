//! Servers that accept one connection.

use std::future::Future;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Starts a server on a free port that handles its first connection with `treat`, and returns the result of that.
pub(super) async fn serve<T, F>(
    treat: impl FnOnce(TcpStream) -> F + Send + 'static,
) -> (u16, JoinHandle<(T, TcpListener)>)
where
    F: Future<Output = T> + Send,
    T: Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        (treat(stream).await, listener)
    });
    (port, server)
}

/// Starts a server that reads the request, writes these bytes and closes.
pub(super) async fn answering(bytes: impl Into<Vec<u8>>) -> u16 {
    let bytes = bytes.into();
    let treat = |mut stream: TcpStream| async move {
        read_request(&mut stream).await;
        // A client that has read enough does not read the rest.
        stream.write_all(&bytes).await.ok();
    };
    serve(treat).await.0
}

/// Asserts that no other client has connected.
pub(super) fn saw_no_other(listener: TcpListener) {
    let listener = listener.into_std().unwrap();
    let error = listener.accept().unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
}

/// Reads a whole request, as text.
pub(super) async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return text;
            }
        }
        assert_ne!(stream.read_buf(&mut read).await.unwrap(), 0, "closed after {text:?}");
    }
}

/// Resets the connection (TCP RST).
pub(super) fn reset(stream: TcpStream) {
    stream.set_zero_linger().unwrap();
    drop(stream);
}

/// Holds the connection until the other side closes it.
pub(super) async fn hold(mut stream: TcpStream) {
    while stream.read(&mut [0; 1024]).await.is_ok_and(|read| read > 0) {}
}
