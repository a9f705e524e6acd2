//! A command's end of the socket.

use std::io;
use std::path::{Path, PathBuf};

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;

use super::ANSWER_MAX;
use tillhouse_payments::operator::{Question, Refusal};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Nobody listens at the socket.
    #[error("no host listens at {}: {source}", path.display())]
    NoHost {
        /// The socket.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The host went away, or is no host. What was asked for may have been done.
    #[error("the host did not answer, so it is not known whether this was done: {0}")]
    Lost(String),
    /// The host says no.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// Asks a running host. A connection for each question.
#[derive(Clone, Debug)]
pub struct Client {
    path: PathBuf,
}

impl Client {
    /// A host that listens at this socket.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The socket.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Ask, and wait for the answer for as long as it takes.
    ///
    /// # Errors
    /// When there is no host, it goes away meanwhile, or says no.
    pub async fn ask<Q: Question>(&self, question: &Q) -> Result<Q::Answer, AskError> {
        let stream = UnixStream::connect(&self.path)
            .await
            .map_err(|source| AskError::NoHost {
                path: self.path.clone(),
                source,
            })?;
        let body = serde_json::to_vec(question).map_err(lost)?;
        let (status, answer) = exchange(stream, Q::NAME, body).await?;
        if status == StatusCode::OK {
            return serde_json::from_slice(&answer).map_err(lost);
        }
        let refusal: Refusal = serde_json::from_slice(&answer).map_err(lost)?;
        Err(refusal.into())
    }
}

async fn exchange(stream: UnixStream, name: &str, body: Vec<u8>) -> Result<(StatusCode, Bytes), AskError> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(lost)?;
    let connection = tokio::spawn(connection);
    let request = Request::post(format!("/{name}"))
        .header(HOST, "tillhouse")
        .header(CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(body)))
        .map_err(lost)?;
    let response = sender.send_request(request).await.map_err(lost)?;
    let status = response.status();
    let body = Limited::new(response.into_body(), ANSWER_MAX).collect().await;
    let body = body.map_err(|error| AskError::Lost(error.to_string()))?.to_bytes();
    connection.abort();
    Ok((status, body))
}

fn lost(error: impl std::error::Error) -> AskError {
    AskError::Lost(error.to_string())
}
