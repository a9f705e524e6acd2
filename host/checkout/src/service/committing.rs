//! Commits of sessions, each together with the response to the request that made it.

use super::CheckoutService;
use crate::error::CheckoutError;
use crate::idempotency::Reply;
use crate::operation::{CheckoutResponse, ResponseRecorder};
use crate::outbox::OutboxMessage;
use crate::ports::{CommitError, PhaseEnd};
use crate::session::{Session, SessionState};
use crate::unit_of_work::{SessionWrite, UnitOfWork};

impl CheckoutService {
    /// Commit a new or changed session together with the response to it.
    pub(super) async fn commit(
        &self,
        session: &Session,
        replaces: Option<u64>,
        end: PhaseEnd,
        recorder: &ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let reply = (recorder.render)(session);
        let unit = UnitOfWork {
            session: Some(SessionWrite {
                session: Box::new(session.clone()),
                replaces,
            }),
            staged: end.staged,
            outbox: self.end_message(session).into_iter().collect(),
            ..UnitOfWork::default()
        };
        self.commit_unit(unit, reply, recorder).await
    }

    /// The message to commit with the end of a session; `None` if it has not ended without an order, or no plugin wants to know.
    #[must_use]
    pub fn end_message(&self, session: &Session) -> Option<OutboxMessage> {
        let has_ended = matches!(session.state, SessionState::Canceled | SessionState::Expired);
        (has_ended && self.decisions.hears_session_ends(&session.merchant))
            .then(|| OutboxMessage::session_ended(session))
    }

    /// Answer with a session that is already as the request wants it.
    ///
    /// # Errors
    /// If the answer cannot be recorded under the key of the request.
    pub async fn answer_with(
        &self,
        session: &Session,
        recorder: &ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let reply = (recorder.render)(session);
        if recorder.key.is_none() {
            return Ok(CheckoutResponse::Fresh(reply));
        }
        self.commit_unit(UnitOfWork::default(), reply, recorder).await
    }

    /// Commit a unit together with the response to it.
    ///
    /// # Errors
    /// Why the unit is not committed; a response that was recorded meanwhile is given instead.
    pub async fn commit_unit(
        &self,
        unit: UnitOfWork,
        reply: Reply,
        recorder: &ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let unit = UnitOfWork {
            idempotency: recorder.key.as_ref().map(|key| key.record(reply.clone())),
            ..unit
        };
        let permit = recorder.deadline.begin_commit()?;
        match self.store.commit(unit).await {
            Ok(()) => {
                permit.done();
                Ok(CheckoutResponse::Fresh(reply))
            }
            Err(error) => {
                drop(permit);
                self.replay_or_error(error, recorder).await
            }
        }
    }

    /// If another request with the same idempotency key committed first, return its recorded answer.
    ///
    /// # Errors
    /// Any other reason for which the commit was refused.
    pub async fn replay_or_error(
        &self,
        error: CommitError,
        recorder: &ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        if let (CommitError::Idempotency, Some(key)) = (&error, &recorder.key)
            && let Some(record) = self.store.idempotency(&key.scope, self.clock.now()).await?
        {
            return Ok(CheckoutResponse::Replay(record));
        }
        Err(error.into())
    }
}
