//! Sends requests, records them in the history, and repeats them until they are answered.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::sleep;

use crate::client::Request;
use crate::history::{Event, EventKind, Operation};
use crate::http_response::HttpResponse;

use super::host_pool::HostPool;
use super::observed;
use super::random::Random;

/// How long a client waits before it disconnects, unless it disconnects early on purpose.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The same for a client that can retry at another host.
const TIMEOUT_WITH_SEVERAL_HOSTS: Duration = Duration::from_secs(3);

/// Maximum number of attempts for a request; a host that runs answers long before.
const MAX_ATTEMPTS: u32 = 500;

/// Sends the requests of agents and records them.
#[derive(Debug)]
pub(super) struct RecordingClient {
    events: Mutex<Vec<Event>>,
    next: AtomicU64,
    host_pool: HostPool,
    /// Requests that were never answered, however often they were retried.
    pub(super) unanswered: AtomicU64,
    /// Requests whose client disconnected early.
    pub(super) hang_ups: AtomicU64,
}

impl RecordingClient {
    pub(super) fn new(host_pool: HostPool) -> Self {
        Self {
            events: Mutex::default(),
            next: AtomicU64::new(0),
            host_pool,
            unanswered: AtomicU64::new(0),
            hang_ups: AtomicU64::new(0),
        }
    }

    /// Takes the events recorded so far.
    pub(super) fn take_events(&self) -> Vec<Event> {
        std::mem::take(&mut self.events.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn record(&self, op: u64, kind: EventKind) {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.push(Event { op, kind });
    }

    /// Retries a request until there is a response: after crashes, disconnects and 5xx, always the same request under the same
    /// key, each time at any of the hosts.
    pub(super) async fn send_until_answered(
        &self,
        operation: &Operation,
        request: &Request,
        random: &mut Random,
    ) -> Option<HttpResponse> {
        for _ in 0..MAX_ATTEMPTS {
            let host = self.host_pool.any(random).await;
            let timeout = self.timeout(random);
            match self.send_once(operation, request.clone().to(host), timeout).await {
                Some(answer) if !is_temporary(&answer) => return Some(answer),
                _ => sleep(Duration::from_millis(5 + random.below(40))).await,
            }
        }
        self.unanswered.fetch_add(1, Ordering::Relaxed);
        None
    }

    /// How long the client waits this time before it disconnects.
    fn timeout(&self, random: &mut Random) -> Duration {
        if random.one_in(16) {
            Duration::from_micros(random.below(30_000))
        } else if self.host_pool.are_several() && !random.one_in(4) {
            TIMEOUT_WITH_SEVERAL_HOSTS
        } else {
            TIMEOUT
        }
    }

    /// Sends the request once, and disconnects after the timeout.
    async fn send_once(&self, operation: &Operation, request: Request, timeout: Duration) -> Option<HttpResponse> {
        let op = self.next.fetch_add(1, Ordering::Relaxed);
        self.record(op, EventKind::Invoke(operation.clone()));
        let sent = tokio::time::timeout(timeout, request.try_send()).await;
        if sent.is_err() {
            self.hang_ups.fetch_add(1, Ordering::Relaxed);
        }
        let answer = sent.ok().and_then(Result::ok);
        self.record(op, observed::outcome(operation, answer.as_ref()));
        answer
    }
}

/// Whether to retry after this response: a 5xx, or a key whose first request is still in progress.
fn is_temporary(answer: &HttpResponse) -> bool {
    answer.status >= 500 || answer.status == 429 || answer["code"] == "idempotency_in_flight"
}
