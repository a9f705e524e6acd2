//! One request on a connection of its own, over a stream that counts what was written.
//!
//! No pool, no proxy, no redirect, no retry: a connection is opened for the request, carries it once, and is closed. A failure is
//! reported together with how much of the request was sent, as recorded by [`WireObservations`]. That decides whether a charge counts as
//! "not sent": only if no byte of the request was written; after the first byte its outcome is unknown.

mod counted_stream;
mod dial;
mod exchange;
mod observations;
mod request_stream;
mod wire_request;

use std::future::Future;
use std::sync::Arc;

use rustls::ClientConfig;
use tillhouse_crash_points::crash_point;
use tokio::time::{Instant, timeout_at};

use super::error::{EgressError, EgressErrorKind};
use super::request::{HttpRequest, HttpResponse};
use super::response_reader;
use super::upstream::Upstream;
use exchange::HttpExchange;
use observations::WireObservations;
use request_stream::RequestStream;
use wire_request::WireRequest;

/// Sends requests, each on a connection of its own.
#[derive(Clone, Debug)]
pub(super) struct WireClient {
    tls: Arc<ClientConfig>,
}

impl WireClient {
    pub(super) const fn new(tls: Arc<ClientConfig>) -> Self {
        Self { tls }
    }

    /// Sends a request that this upstream allows, and reads the whole response.
    pub(super) async fn send(&self, upstream: &Upstream, request: HttpRequest) -> Result<HttpResponse, EgressError> {
        let exchange = WireExchange {
            #[cfg(feature = "crash-points")]
            request_name: tillhouse_crash_points::names::request(request.method.name(), &request.url),
            upstream,
            deadline: request.timeout_starts.unwrap_or_else(Instant::now) + request.timeout.min(upstream.timeout),
            max_body: request.max_response_bytes,
            observations: Arc::default(),
        };
        let request = WireRequest::new(request)?;
        let opening = request_stream::open(&self.tls, upstream, exchange.deadline, &exchange.observations);
        exchange.run(request, opening).await
    }
}

/// The limits of one exchange, and what was observed of it.
struct WireExchange<'a> {
    #[cfg(feature = "crash-points")]
    request_name: String,
    upstream: &'a Upstream,
    deadline: Instant,
    max_body: usize,
    observations: Arc<WireObservations>,
}

impl WireExchange<'_> {
    /// Runs one request, with four crash points: before connect, after write, before read, after read. Only this function polls
    /// the connection, so that between two crash points nothing happens, and the observations are final when it returns.
    async fn run(
        &self,
        request: WireRequest,
        opening: impl Future<Output = Result<RequestStream, EgressError>>,
    ) -> Result<HttpResponse, EgressError> {
        // Before connect: nothing exists yet that could carry a byte.
        crash_point!("before_connect" in self);
        let stream = opening.await?;
        let mut exchange = HttpExchange::begin(stream, request, Arc::clone(&self.observations))
            .await
            .map_err(|error| self.connection_error(Some(&error)))?;
        // A host that was paused may have lost the charge's lease to another, which looks it up and takes "not found" as "not
        // charged".
        if Instant::now() >= self.deadline {
            return Err(self.error(
                EgressErrorKind::Timeout,
                "the deadline passed before the request was written",
            ));
        }
        self.before_deadline(exchange.write()).await?;
        // After write: the whole request was written, or a response or a failure came first.
        crash_point!("after_write" in self);
        // Before read: what has arrived of the response is only in the buffers of this connection.
        crash_point!("before_read" in self);
        let head = self.before_deadline(exchange.read_head()).await?;
        let head = head.map_err(|error| self.connection_error(Some(&error)))?;
        let response = Box::pin(self.before_deadline(head.read_response(self.upstream, self.max_body))).await?;
        // After read: the response is complete, and only in this task.
        crash_point!("after_read" in self);
        response.map_err(|error| match error {
            exchange::ReadError::Unusable(error) => error,
            exchange::ReadError::ConnectionLost(error) => self.connection_error(error.as_ref()),
        })
    }

    async fn before_deadline<T>(&self, step: impl Future<Output = T>) -> Result<T, EgressError> {
        timeout_at(self.deadline, step)
            .await
            .map_err(|_| self.error(EgressErrorKind::Timeout, "the request timed out"))
    }

    fn connection_error(&self, error: Option<&hyper::Error>) -> EgressError {
        let (kind, what) = response_reader::classify_hyper_error(error);
        self.error(kind, what)
    }

    fn error(&self, kind: EgressErrorKind, what: &str) -> EgressError {
        EgressError::for_upstream(self.upstream, kind, self.observations.evidence(), what)
    }
}

#[cfg(test)]
mod tests;
