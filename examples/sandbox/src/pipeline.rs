//! The pipeline around every request of a simulator: faults, gates and idempotency keys.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};

use crate::answer::{JsonAnswer, Outcome};
use crate::clock::Clock;
use crate::fault::{Fault, FaultControl, Operation};
use crate::idempotency::{IdempotencyKeys, KeyGuard, KeyState, MAX_KEY_LENGTH};
use crate::incoming_request::IncomingRequest;
use crate::server::{Connection, Lifetime};

/// The format in which one simulator answers for the pipeline.
pub(crate) trait Dialect: Send + Sync + 'static {
    /// Whether the same key means another request at another path.
    const KEYS_PER_PATH: bool = false;

    /// The key was used with a different request.
    fn key_conflict(key: &str) -> JsonAnswer;
    /// The first request with this key is still running.
    fn key_in_flight(key: &str) -> JsonAnswer;
    /// The key is longer than [`MAX_KEY_LENGTH`].
    fn key_too_long() -> JsonAnswer;
    /// A fault that a test injected, and whether it is stored under the key.
    fn injected(status: u16) -> Outcome;
}

/// The pipeline of one server.
#[derive(Debug)]
pub(crate) struct Pipeline<O: Operation> {
    pub(crate) control: FaultControl<O>,
    pub(crate) clock: Clock,
    pub(crate) lifetime: Lifetime,
    keys: Arc<IdempotencyKeys>,
}

impl<O: Operation> Pipeline<O> {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            control: FaultControl::new(),
            clock,
            lifetime: Lifetime::default(),
            keys: Arc::default(),
        }
    }

    /// Runs a read: with faults and gates, without idempotency keys.
    ///
    /// A lost answer is one whose work was done.
    pub(crate) async fn read<D: Dialect, R: IntoResponse>(
        &self,
        operation: O,
        request: &IncomingRequest,
        work: impl FnOnce() -> R,
    ) -> Response {
        let fault = self.control.admit(operation);
        self.apply_silent_fault(fault, &request.connection).await;
        let open = self.pass_gate(operation).await;
        match fault {
            Some(Fault::Status(status)) if open => D::injected(status).answer.into_response(),
            None if open => work().into_response(),
            Some(Fault::LoseAnswer) if open => {
                drop(work());
                match request.connection.cut().await {}
            }
            _ => match request.connection.cut().await {},
        }
    }

    /// Runs a write under its idempotency key.
    ///
    /// The work runs in a task of its own, so that a client that disconnects does not cancel it.
    pub(crate) async fn write<D, W>(
        self: Arc<Self>,
        operation: O,
        request: IncomingRequest,
        fingerprint: String,
        work: W,
    ) -> Response
    where
        D: Dialect,
        W: Future<Output = Outcome> + Send + 'static,
    {
        let connection = request.connection.clone();
        let fault = self.control.admit(operation);
        self.apply_silent_fault(fault, &connection).await;
        let guard = match self.begin::<D>(&request, &fingerprint) {
            Ok(guard) => guard,
            Err(response) => return *response,
        };
        let tasks = self.lifetime.tasks.clone();
        let pipeline = Arc::clone(&self);
        let task = tasks.spawn(async move {
            if !pipeline.pass_gate(operation).await {
                return None;
            }
            let outcome = match fault {
                Some(Fault::Status(status)) => D::injected(status),
                _ => work.await,
            };
            if let Some(guard) = guard.filter(|_| outcome.stored) {
                guard.save(&outcome.answer);
            }
            Some(outcome)
        });
        match task.await {
            Ok(Some(outcome)) if outcome.sent && fault != Some(Fault::LoseAnswer) => outcome.answer.into_response(),
            _ => match connection.cut().await {},
        }
    }

    /// `Ok(None)` if there is no key; `Err` with the answer if the key determines it.
    fn begin<D: Dialect>(
        &self,
        request: &IncomingRequest,
        fingerprint: &str,
    ) -> Result<Option<KeyGuard>, Box<Response>> {
        let Some(key) = request.idempotency_key() else {
            return Ok(None);
        };
        if key.len() > MAX_KEY_LENGTH {
            return Err(Box::new(D::key_too_long().into_response()));
        }
        let fingerprint = format!("{} {}\n{fingerprint}", request.method, request.path);
        let scoped = if D::KEYS_PER_PATH {
            format!("{} {key}", request.path)
        } else {
            key.to_owned()
        };
        match self.keys.begin(&scoped, &fingerprint, self.clock.now()) {
            KeyState::Fresh(guard) => Ok(Some(guard)),
            KeyState::Replay(answer) => Err(Box::new(answer.into_replay())),
            KeyState::InFlight => Err(Box::new(D::key_in_flight(key).into_response())),
            KeyState::Conflict => Err(Box::new(D::key_conflict(key).into_response())),
        }
    }

    /// Does not return for faults that have no effect and send no answer.
    async fn apply_silent_fault(&self, fault: Option<Fault>, connection: &Connection) {
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
