//! One request on a connection of its own, over a stream that counts what was written.
//!
//! No pool, no proxy, no redirect, no retry: a connection is opened for the request, carries it once, and is closed. A failure is
//! reported together with how much of the request was sent, as recorded by [`Tally`]. That decides whether a charge counts as
//! "not sent": only if no byte of the request was written; after the first byte its outcome is unknown.

mod counted;
mod dial;
mod exchange;
mod link;
mod message;
mod tally;

use std::future::Future;
use std::sync::Arc;

use rustls::ClientConfig;
use tillhouse_crash_points::crash_point;
use tokio::time::{Instant, timeout_at};

use super::answer;
use super::error::{EgressError, EgressErrorKind};
use super::request::{HttpRequest, HttpResponse};
use super::upstream::Upstream;
use exchange::Exchange;
use link::Link;
use message::Message;
use tally::Tally;

/// Sends requests, each on a connection of its own.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    tls: Arc<ClientConfig>,
}

impl Wire {
    pub(super) const fn new(tls: Arc<ClientConfig>) -> Self {
        Self { tls }
    }

    /// Sends a request that this upstream allows, and reads the whole response.
    pub(super) async fn send(&self, upstream: &Upstream, request: HttpRequest) -> Result<HttpResponse, EgressError> {
        let trip = Trip {
            #[cfg(feature = "crash-points")]
            what: tillhouse_crash_points::names::request(request.method.name(), &request.url),
            upstream,
            deadline: request.since.unwrap_or_else(Instant::now) + request.timeout.min(upstream.timeout),
            cap: request.max_response_bytes,
            tally: Arc::default(),
        };
        let message = Message::new(request)?;
        let opening = link::open(&self.tls, upstream, trip.deadline, &trip.tally);
        trip.run(message, opening).await
    }
}

/// The limits of one exchange, and what was observed of it.
struct Trip<'a> {
    #[cfg(feature = "crash-points")]
    what: String,
    upstream: &'a Upstream,
    deadline: Instant,
    cap: usize,
    tally: Arc<Tally>,
}

impl Trip<'_> {
    /// Runs one request, with four crash points: before connect, after write, before read, after read. Only this function polls
    /// the connection, so that between two crash points nothing happens, and the tally is final when it returns.
    async fn run(
        &self,
        message: Message,
        opening: impl Future<Output = Result<Link, EgressError>>,
    ) -> Result<HttpResponse, EgressError> {
        // Before connect: nothing exists yet that could carry a byte.
        crash_point!("before_connect" of self);
        let link = opening.await?;
        let mut exchange = Exchange::begin(link, message, Arc::clone(&self.tally))
            .await
            .map_err(|error| self.broke(Some(&error)))?;
        // A host that was paused may have lost the charge's lease to another, which looks it up and takes "not found" as "not
        // charged".
        if Instant::now() >= self.deadline {
            return Err(self.failed(
                EgressErrorKind::Timeout,
                "the deadline passed before the request was written",
            ));
        }
        self.in_time(exchange.write()).await?;
        // After write: the whole request was written, or a response or a failure came first.
        crash_point!("after_write" of self);
        // Before read: what has arrived of the response is only in the buffers of this connection.
        crash_point!("before_read" of self);
        let head = self.in_time(exchange.read_head()).await?;
        let reply = head.map_err(|error| self.broke(Some(&error)))?;
        let response = Box::pin(self.in_time(reply.read(self.upstream, self.cap))).await?;
        // After read: the response is complete, and only in this task.
        crash_point!("after_read" of self);
        response.map_err(|failure| match failure {
            exchange::ReadFailure::Unusable(error) => error,
            exchange::ReadFailure::Broke(error) => self.broke(error.as_ref()),
        })
    }

    async fn in_time<T>(&self, step: impl Future<Output = T>) -> Result<T, EgressError> {
        timeout_at(self.deadline, step)
            .await
            .map_err(|_| self.failed(EgressErrorKind::Timeout, "the request timed out"))
    }

    fn broke(&self, error: Option<&hyper::Error>) -> EgressError {
        let (kind, what) = answer::failure(error);
        self.failed(kind, what)
    }

    fn failed(&self, kind: EgressErrorKind, what: &str) -> EgressError {
        EgressError::at(self.upstream, kind, self.tally.evidence(), what)
    }
}

#[cfg(test)]
mod tests;
