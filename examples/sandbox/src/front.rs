//! The pipeline around every request of a simulator: faults, gates and idempotency keys.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::clock::Clock;
use crate::fault::{Control, Fault, Operation};
use crate::idempotency::{Begin, Claim, Keys, MAX_KEY_LENGTH};
use crate::server::{Connection, Lifetime};

/// The format in which one simulator answers for the pipeline.
pub(crate) trait Dialect: Send + Sync + 'static {
    /// The key was used with a different request.
    fn key_conflict(key: &str) -> Answer;
    /// The first request with this key is still running.
    fn key_in_flight(key: &str) -> Answer;
    /// The key is longer than [`MAX_KEY_LENGTH`].
    fn key_too_long() -> Answer;
    /// A fault that a test injected, and whether it is stored under the key.
    fn injected(status: u16) -> Outcome;
}

/// The pipeline of one server.
#[derive(Debug)]
pub(crate) struct Front<O: Operation> {
    pub(crate) control: Control<O>,
    pub(crate) clock: Clock,
    pub(crate) lifetime: Lifetime,
    keys: Arc<Keys>,
}

impl<O: Operation> Front<O> {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            control: Control::new(),
            clock,
            lifetime: Lifetime::default(),
            keys: Arc::default(),
        }
    }

    /// Runs a read: with faults and gates, without idempotency keys.
    pub(crate) async fn read<D: Dialect>(&self, operation: O, call: &Call, work: impl FnOnce() -> Answer) -> Response {
        let fault = self.control.admit(operation);
        self.silence(fault, &call.connection).await;
        let open = self.pass_gate(operation).await;
        match fault {
            Some(Fault::Status(status)) if open => D::injected(status).answer.into_response(),
            None if open => work().into_response(),
            _ => match call.connection.cut().await {},
        }
    }

    /// Runs a write under its idempotency key.
    ///
    /// The work runs in a task of its own, so that a client that disconnects does not cancel it.
    pub(crate) async fn write<D, W>(self: Arc<Self>, operation: O, call: Call, fingerprint: String, work: W) -> Response
    where
        D: Dialect,
        W: Future<Output = Outcome> + Send + 'static,
    {
        let connection = call.connection.clone();
        let fault = self.control.admit(operation);
        self.silence(fault, &connection).await;
        let claim = match self.begin::<D>(&call, &fingerprint) {
            Ok(claim) => claim,
            Err(response) => return *response,
        };
        let tasks = self.lifetime.tasks.clone();
        let front = Arc::clone(&self);
        let task = tasks.spawn(async move {
            if !front.pass_gate(operation).await {
                return None;
            }
            let outcome = match fault {
                Some(Fault::Status(status)) => D::injected(status),
                _ => work.await,
            };
            if let Some(claim) = claim.filter(|_| outcome.kept) {
                claim.save(&outcome.answer);
            }
            Some(outcome)
        });
        match task.await {
            Ok(Some(outcome)) if outcome.sent && fault != Some(Fault::LoseAnswer) => outcome.answer.into_response(),
            _ => match connection.cut().await {},
        }
    }

    /// `Ok(None)` if there is no key; `Err` with the answer if the key determines it.
    fn begin<D: Dialect>(&self, call: &Call, fingerprint: &str) -> Result<Option<Claim>, Box<Response>> {
        let Some(key) = call.idempotency_key() else {
            return Ok(None);
        };
        if key.len() > MAX_KEY_LENGTH {
            return Err(Box::new(D::key_too_long().into_response()));
        }
        let fingerprint = format!("{} {}\n{fingerprint}", call.method, call.path);
        match self.keys.begin(key, &fingerprint, self.clock.now()) {
            Begin::Fresh(claim) => Ok(Some(claim)),
            Begin::Replay(answer) => Err(Box::new(answer.into_replay())),
            Begin::InFlight => Err(Box::new(D::key_in_flight(key).into_response())),
            Begin::Conflict => Err(Box::new(D::key_conflict(key).into_response())),
        }
    }

    /// Does not return for faults that have no effect and send no answer.
    async fn silence(&self, fault: Option<Fault>, connection: &Connection) {
        match fault {
            Some(Fault::Hang) => {
                self.lifetime.stop.cancelled().await;
                connection.cut().await;
            }
            Some(Fault::DropConnection) => {
                connection.cut().await;
            }
            _ => {}
        }
    }

    /// Waits at the operation's gate; false if the server stopped first. A request released before that proceeds.
    async fn pass_gate(&self, operation: O) -> bool {
        let gate = self.control.gate(operation);
        tokio::select! {
            biased;
            () = gate.pass() => true,
            () = self.lifetime.stop.cancelled() => false,
        }
    }
}
