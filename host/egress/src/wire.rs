//! One request on a connection of its own, over a stream that knows what was written.
//!
//! No pool, no proxy, no redirect, no retry: a connection is opened for the request, carries it once, and is closed. What
//! failed is told together with how far the request came, as [`Tally`] saw it; on that rests whether a charge may be called
//! "not sent" (design §5, reliability reference §1.3).

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

    /// Send a request that may go to this upstream, and read the whole answer.
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

/// The bounds of one exchange, and what was seen of it.
struct Trip<'a> {
    #[cfg(feature = "crash-points")]
    what: String,
    upstream: &'a Upstream,
    deadline: Instant,
    cap: usize,
    tally: Arc<Tally>,
}

impl Trip<'_> {
    /// The way of a request, with the four places at which the host may fall over: before connect, after write, before read,
    /// after read. Nothing of the connection is driven but by this function, so that between two places nothing moves, and
    /// what the tally holds when it returns is final.
    async fn run(
        &self,
        message: Message,
        opening: impl Future<Output = Result<Link, EgressError>>,
    ) -> Result<HttpResponse, EgressError> {
        // Before connect: nothing exists that could carry a byte.
        crash_point!("before_connect" of self);
        let link = opening.await?;
        let mut exchange = Exchange::begin(link, message, Arc::clone(&self.tally))
            .await
            .map_err(|error| self.broke(Some(&error)))?;
        // A host that stood still may have lost the charge to another, which looks for it and will take its absence for a proof.
        if Instant::now() >= self.deadline {
            return Err(self.failed(EgressErrorKind::Timeout, "its time was over before it was written"));
        }
        self.in_time(exchange.write()).await?;
        // After write: the whole request is out, or an answer or a failure came first.
        crash_point!("after_write" of self);
        // Before read: what has arrived of the answer is in the buffers of this connection and known to nobody.
        crash_point!("before_read" of self);
        let head = self.in_time(exchange.read_head()).await?;
        let reply = head.map_err(|error| self.broke(Some(&error)))?;
        let response = Box::pin(self.in_time(reply.read(self.upstream, self.cap))).await?;
        // After read: the answer is whole, and known to nobody but this task.
        crash_point!("after_read" of self);
        response.map_err(|failure| match failure {
            exchange::ReadFailure::Unusable(error) => error,
            exchange::ReadFailure::Broke(error) => self.broke(error.as_ref()),
        })
    }

    async fn in_time<T>(&self, step: impl Future<Output = T>) -> Result<T, EgressError> {
        timeout_at(self.deadline, step)
            .await
            .map_err(|_| self.failed(EgressErrorKind::Timeout, "no answer in time"))
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
