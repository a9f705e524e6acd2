//! An attempt that ends without money: the checkout session is open again, and stock and discount codes are released.

use tracing::{error, warn};

use tillhouse_checkout::attempt::{Attempt, AttemptState, AttemptWrite};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::idempotency::Reply;
use tillhouse_checkout::message::Message;
use tillhouse_checkout::operation::{CheckoutResponse, ResponseRecorder};
use tillhouse_checkout::plugin_data::StagedChanges;
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::{SessionWrite, UnitOfWork};

use super::declined_answer::DeclinedAnswer;
use super::{Ending, Settlement, Trigger, messages};
use crate::context::is_paying;
use crate::outbox::report::{PaymentReport, ReportedOutcome};
use crate::reservation_release;

impl Settlement {
    /// An attempt that stopped before its charge: the session is open again, the stock released. Never hides the error that
    /// stopped it.
    pub(crate) async fn abandon(&self, session: Session, attempt: Attempt, ending: Ending) {
        let end = Box::pin(self.end_unpaid(Some(session), attempt, ending, Trigger::Recovery));
        if let Err(error) = end.await {
            error!(%error, "failed to commit the end of an attempt; recovery will resume it");
        }
    }

    /// The session is open again and says why, and stock and codes are released: in the same commit where that is possible, else
    /// right after it, and by the outbox should this host die in between. A session that the attempt no longer pays is left as
    /// it is.
    pub(crate) async fn end_unpaid(
        &self,
        session: Option<Session>,
        attempt: Attempt,
        ending: Ending,
        trigger: Trigger<'_>,
    ) -> Result<(), CheckoutError> {
        let end = End::of(&attempt, ending, self.context.now());
        let session = session.filter(|session| is_paying(session, &attempt));
        self.commit_end(end, session, None, |unit| trigger.add_to(unit))
            .await
            .map(|_| ())
    }

    /// The same for a payment that was declined. The answer is the session that is open again, recorded in the same commit, where the
    /// protocol shows it, and the error where it does not, or where another request has changed whose the session is.
    pub(super) async fn end_declined(
        &self,
        session: Session,
        attempt: Attempt,
        ending: Ending,
        error: CheckoutError,
        trigger: Trigger<'_>,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let end = End::of(&attempt, ending, self.context.now());
        let session = Some(session).filter(|session| is_paying(session, &attempt));
        // A token that is none was not declined, but refused.
        let is_decline = !matches!(error, CheckoutError::Token(_));
        let shown = trigger.recorder().filter(|_| is_decline).and_then(DeclinedAnswer::of);
        let reply = self
            .commit_end(end, session, shown, |unit| trigger.add_to(unit))
            .await?;
        reply.map(CheckoutResponse::Fresh).ok_or(error)
    }

    /// The agent cancels the session while its payment waits for the buyer: both end in one commit, with the recorded response.
    /// Returns the response.
    pub(crate) async fn cancel(
        &self,
        session: Session,
        attempt: Attempt,
        ending: Ending,
        recorder: &ResponseRecorder,
    ) -> Result<Reply, CheckoutError> {
        let end = End {
            closes_session: true,
            ..End::of(&attempt, ending, self.context.now())
        };
        let canceled = end.session_after(session.clone()).session;
        let (reply, told) = (
            (recorder.render)(&canceled),
            self.context.checkout.end_message(&canceled),
        );
        let record = recorder.key.as_ref().map(|key| key.record(reply.clone()));
        let with_record = |mut unit: UnitOfWork| {
            unit.outbox.extend(told.clone());
            UnitOfWork {
                idempotency: record.clone(),
                ..unit
            }
        };
        self.commit_end(end, Some(session), None, with_record).await?;
        Ok(reply)
    }

    /// Commit the end. Returns the answer that shows the session, if one is asked for and there is a session to show.
    async fn commit_end(
        &self,
        end: End,
        mut session: Option<Session>,
        mut shown: Option<DeclinedAnswer<'_>>,
        add_to: impl Fn(UnitOfWork) -> UnitOfWork + Send + Sync,
    ) -> Result<Option<Reply>, CheckoutError> {
        let attempt = end.write.attempt();
        let staged = self.reservations.stage(attempt).await;
        let mut is_released = staged.is_some();
        let mut unit = add_to(end.unit(staged)?);
        let mut reply;
        loop {
            unit.session = session.clone().map(|session| end.session_after(session));
            reply = shown
                .as_ref()
                .zip(unit.session.as_ref())
                .map(|(answer, write)| answer.reply(&write.session));
            if let (Some(answer), Some(reply)) = (&shown, &reply) {
                unit.idempotency = answer.record(reply);
            }
            match self.context.commit_outcome(&unit).await {
                // The key was recorded by a request on another host; the end of the attempt is what matters.
                Err(CommitError::Idempotency) if shown.as_ref().is_some_and(DeclinedAnswer::is_recorded) => {
                    unit.idempotency = None;
                    shown = shown.map(DeclinedAnswer::not_recorded);
                }
                // What was rendered shows the session as it was: an answer that closes it is not given for another one.
                Err(CommitError::Session) if !end.closes_session => {
                    session = self.context.session_paid_by(attempt).await?;
                }
                // The plugin data of the release was changed in the meantime.
                Err(CommitError::PluginData | CommitError::Insufficient { .. }) if is_released => {
                    is_released = false;
                    unit = add_to(end.unit(None)?);
                }
                other => break other?,
            }
        }
        if !is_released && let Err(error) = self.reservations.release(attempt).await {
            warn!(attempt.id = %attempt.id, %error, "failed to release the reservation; the outbox will retry");
        }
        self.context.outbox_wake.notify_one();
        Ok(reply)
    }
}

/// The end of an attempt without money.
struct End {
    write: AttemptWrite,
    message: Message,
    keeps_order: bool,
    /// The session is canceled instead of opened.
    closes_session: bool,
    now: Timestamp,
}

impl End {
    fn of(attempt: &Attempt, ending: Ending, now: Timestamp) -> Self {
        Self {
            write: attempt.ended(ending.unpaid, now),
            message: ending.message,
            keeps_order: ending.keeps_order,
            closes_session: false,
            now,
        }
    }

    /// Everything that it changes but the session. A release that is not staged with it is queued as a message.
    fn unit(&self, staged: Option<StagedChanges>) -> Result<UnitOfWork, CheckoutError> {
        let ended = self.write.attempt();
        let release = staged.is_none().then(|| reservation_release::message(ended, self.now));
        let report = reported(&ended.state)
            .and_then(|outcome| PaymentReport::of(ended, outcome, self.now))
            .map(|report| report.message(ended));
        Ok(UnitOfWork {
            staged: staged.unwrap_or_default(),
            attempt: Some(self.write.clone()),
            outbox: messages(release.into_iter().chain(report))?,
            ..UnitOfWork::default()
        })
    }

    /// The session, open again or canceled. The agent may have been shown the identity of the order while the payment was in progress: it stays,
    /// unless no order can be made of it.
    fn session_after(&self, session: Session) -> SessionWrite {
        let (state, shown) = if self.closes_session {
            (SessionState::Canceled, None)
        } else {
            (SessionState::Open, Some(self.message.clone()))
        };
        SessionWrite {
            replaces: Some(session.revision),
            session: Box::new(Session {
                revision: session.revision + 1,
                updated: self.now,
                state,
                kept_order: self.keeps_order.then(|| self.write.attempt().order.clone()),
                last_payment_error: shown,
                ..session
            }),
        }
    }
}

/// The outcome that is reported to Stripe of an attempt in this state; `None` where nothing reached the processor.
const fn reported(state: &AttemptState) -> Option<ReportedOutcome> {
    match state {
        AttemptState::Declined { .. } => Some(ReportedOutcome::Failed),
        AttemptState::Voided { .. } => Some(ReportedOutcome::Canceled),
        _ => None,
    }
}
