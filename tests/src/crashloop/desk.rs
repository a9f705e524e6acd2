//! Sends requests, records them in the history, and repeats them until they are answered.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::answer::Answer;
use crate::client::Request;
use crate::history::{Call, Event, What};

use super::doors::Doors;
use super::random::Random;
use super::sight;

/// How long a client waits before it disconnects, unless it disconnects early on purpose.
const PATIENCE: Duration = Duration::from_secs(30);

/// The same for a client that can retry at another host.
const ELSEWHERE: Duration = Duration::from_secs(3);

/// Maximum number of attempts for a request; a host that runs answers long before.
const TRIES: u32 = 500;

/// Sends the requests of agents and records them.
#[derive(Debug)]
pub(super) struct Desk {
    events: Mutex<Vec<Event>>,
    next: AtomicU64,
    doors: Doors,
    /// Requests that were never answered, however often they were retried.
    pub(super) unanswered: AtomicU64,
    /// Requests whose client disconnected early.
    pub(super) hang_ups: AtomicU64,
}

impl Desk {
    pub(super) fn new(doors: Doors) -> Self {
        Self {
            events: Mutex::default(),
            next: AtomicU64::new(0),
            doors,
            unanswered: AtomicU64::new(0),
            hang_ups: AtomicU64::new(0),
        }
    }

    /// Takes the events recorded so far.
    pub(super) fn take_events(&self) -> Vec<Event> {
        std::mem::take(&mut self.events.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn record(&self, op: u64, what: What) {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.push(Event { op, what });
    }

    /// Retries a request until there is a response: after crashes, disconnects and 5xx, always the same request under the same
    /// key, each time at any of the hosts.
    pub(super) async fn insist(&self, call: &Call, request: &Request, random: &mut Random) -> Option<Answer> {
        for _ in 0..TRIES {
            let host = self.doors.any(random).await;
            let patience = self.patience(random);
            match self.once(call, request.clone().to(host), patience).await {
                Some(answer) if !is_passing(&answer) => return Some(answer),
                _ => sleep(Duration::from_millis(5 + random.below(40))).await,
            }
        }
        self.unanswered.fetch_add(1, Ordering::Relaxed);
        None
    }

    /// How long the client waits this time before it disconnects.
    fn patience(&self, random: &mut Random) -> Duration {
        if random.one_in(16) {
            Duration::from_micros(random.below(30_000))
        } else if self.doors.are_several() && !random.one_in(4) {
            ELSEWHERE
        } else {
            PATIENCE
        }
    }

    /// Sends the request once, and disconnects after the timeout.
    async fn once(&self, call: &Call, request: Request, patience: Duration) -> Option<Answer> {
        let op = self.next.fetch_add(1, Ordering::Relaxed);
        self.record(op, What::Invoke(call.clone()));
        let sent = timeout(patience, request.try_send()).await;
        if sent.is_err() {
            self.hang_ups.fetch_add(1, Ordering::Relaxed);
        }
        let answer = sent.ok().and_then(Result::ok);
        self.record(op, sight::ending(call, answer.as_ref()));
        answer
    }
}

/// Whether to retry after this response: a 5xx, or a key whose first request is still in progress.
fn is_passing(answer: &Answer) -> bool {
    answer.status >= 500 || answer.status == 429 || answer["code"] == "idempotency_in_flight"
}
