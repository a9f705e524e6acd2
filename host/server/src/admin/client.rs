//! Client of the admin socket.

use std::io;
use std::path::{Path, PathBuf};

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;

use super::RESPONSE_MAX;
use tillhouse_payments::operator::{OperatorError, OperatorRequest};

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub enum AdminClientError {
    /// No host listens at the socket.
    #[error("no host is listening at {}: {source}", path.display())]
    NoHost {
        /// Path of the socket.
        path: PathBuf,
        /// Error of the operating system.
        source: io::Error,
    },
    /// The connection was lost, or the response is invalid. The request may have been executed.
    #[error("the host did not answer, and the outcome of the command is unknown: {0}")]
    UnknownOutcome(String),
    /// The host refused the request.
    #[error(transparent)]
    Refused(#[from] OperatorError),
}

/// Sends requests to a running host. Opens a connection for each.
#[derive(Clone, Debug)]
pub struct AdminClient {
    path: PathBuf,
}

impl AdminClient {
    /// A client of the host that listens at this socket.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Path of the admin socket.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Sends a request, and waits for the answer without a timeout.
    ///
    /// # Errors
    /// When no host is listening, the connection is lost, or the host refuses.
    pub async fn send<R: OperatorRequest>(&self, request: &R) -> Result<R::Answer, AdminClientError> {
        let stream = UnixStream::connect(&self.path)
            .await
            .map_err(|source| AdminClientError::NoHost {
                path: self.path.clone(),
                source,
            })?;
        let body = serde_json::to_vec(request).map_err(unknown_outcome)?;
        let (status, answer) = exchange(stream, R::NAME, body).await?;
        if status == StatusCode::OK {
            return serde_json::from_slice(&answer).map_err(unknown_outcome);
        }
        let error: OperatorError = serde_json::from_slice(&answer).map_err(unknown_outcome)?;
        Err(error.into())
    }
}

async fn exchange(stream: UnixStream, name: &str, body: Vec<u8>) -> Result<(StatusCode, Bytes), AdminClientError> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(unknown_outcome)?;
    let connection = tokio::spawn(connection);
    let request = Request::post(format!("/{name}"))
        .header(HOST, "tillhouse")
        .header(CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(body)))
        .map_err(unknown_outcome)?;
    let response = sender.send_request(request).await.map_err(unknown_outcome)?;
    let status = response.status();
    let body = Limited::new(response.into_body(), RESPONSE_MAX).collect().await;
    let body = body
        .map_err(|error| AdminClientError::UnknownOutcome(error.to_string()))?
        .to_bytes();
    connection.abort();
    Ok((status, body))
}

fn unknown_outcome(error: impl std::error::Error) -> AdminClientError {
    AdminClientError::UnknownOutcome(error.to_string())
}
