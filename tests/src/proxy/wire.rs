//! A connection that is read message by message.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::message::{Head, Message};

/// A connection and the bytes that were read beyond the current message.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Wire {
    pub(super) fn new(stream: TcpStream) -> Self {
        // Small responses must not wait for acknowledgments.
        let _ = stream.set_nodelay(true);
        Self {
            stream,
            read: Vec::new(),
        }
    }

    /// Reads the next head; `None` if the other side has closed the connection.
    pub(super) async fn head(&mut self) -> io::Result<Option<Head>> {
        loop {
            if let Some((head, end)) = Head::read(&self.read) {
                self.read.drain(..end);
                return Ok(Some(head));
            }
            // Not an HTTP method: possibly a TLS handshake, which the proxy does not support.
            if self.read.first().is_some_and(|byte| !byte.is_ascii_uppercase()) {
                return Err(io::ErrorKind::InvalidData.into());
            }
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Ok(None);
            }
        }
    }

    /// Reads this many bytes of a body.
    pub(super) async fn body(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.read.len() < length {
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(self.read.drain(..length).collect())
    }

    pub(super) async fn message(&mut self) -> io::Result<Message> {
        let head = self.head().await?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let body = self.body(head.length()).await?;
        Ok(Message { head, body })
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    /// Reads until the other side closes the connection.
    pub(super) async fn wait_for_disconnect(&mut self) -> io::Result<()> {
        while self.stream.read_buf(&mut self.read).await? > 0 {}
        Ok(())
    }

    /// Closes the connection with a reset (RST).
    pub(super) fn reset(self) -> io::Result<()> {
        self.stream.set_zero_linger()
    }
}
