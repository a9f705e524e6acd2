//! An attempt that ends without money: the checkout is open again, and what the attempt held goes back.

use tracing::{error, warn};

use tillhouse_checkout::attempt::{Attempt, AttemptState};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::message::{Message, Subject};
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit::{AttemptWrite, SessionWrite, Staged, UnitOfWork};

use super::cause::Cause;
use super::conclude::{is_paying, messages};
use super::judge::AUTHENTICATION_REQUIRED;
use super::report::{PaymentReport, ReportedOutcome};
use super::{Payments, release};

impl Payments {
    /// An attempt that stopped before its charge: back to open, stock given back. Never makes the error worse.
    pub(super) async fn abandon(&self, session: Session, attempt: Attempt, error: &CheckoutError) {
        let reason = error.to_string();
        let ended = self.refuse(Some(session), attempt, AttemptState::Failed, &reason, Cause::default());
        if let Err(error) = ended.await {
            error!(%error, "an attempt that ended could not be committed; the settling worker will take it up");
        }
    }

    /// The checkout is open again and says why, and stock and codes are back: in the same commit where that can be, else right
    /// after it, and by the outbox should this host die in between. A session that the attempt no longer pays stays as it is.
    pub(super) async fn refuse(
        &self,
        session: Option<Session>,
        attempt: Attempt,
        state: AttemptState,
        reason: &str,
        cause: Cause<'_>,
    ) -> Result<(), CheckoutError> {
        let given = self.staged_release(&attempt).await;
        let mut is_back = given.is_some();
        let refusal = Refusal::of(attempt, state, reason, self.checkout.clock.now());
        let mut unit = cause.mark(refusal.unit(given)?);
        let mut session = session.filter(|session| is_paying(session, &refusal.ended));
        loop {
            unit.session = session.clone().map(|session| refusal.reopen(session));
            match self.commit_outcome(&unit).await {
                Err(CommitError::Session) => session = self.still_paying(&refusal.ended).await?,
                // What is to be given back was changed meanwhile.
                Err(CommitError::PluginData | CommitError::Insufficient { .. }) if is_back => {
                    is_back = false;
                    unit = cause.mark(refusal.unit(None)?);
                }
                other => break other?,
            }
        }
        if !is_back && let Err(error) = self.release(&refusal.ended).await {
            warn!(attempt.id = %refusal.ended.id, %error, "stock was not given back yet; the outbox will");
        }
        self.outbox_wake.notify_one();
        Ok(())
    }
}

/// An attempt that is about to end without money.
struct Refusal {
    before: AttemptState,
    ended: Attempt,
    now: Timestamp,
}

impl Refusal {
    fn of(attempt: Attempt, state: AttemptState, reason: &str, now: Timestamp) -> Self {
        Self {
            before: attempt.state,
            ended: Attempt {
                state,
                reason: Some(reason.to_owned()),
                settled: Some(now),
                next_try: None,
                ..attempt
            },
            now,
        }
    }

    /// Everything that it changes but the session. What is not given back with it is given back by a message.
    fn unit(&self, given: Option<Staged>) -> Result<UnitOfWork, CheckoutError> {
        let Self { before, ended, now } = self;
        let release = given.is_none().then(|| release::message(ended, *now));
        let report = reported(ended.state)
            .and_then(|outcome| PaymentReport::of(ended, outcome, *now))
            .map(|report| report.message(ended));
        Ok(UnitOfWork {
            staged: given.unwrap_or_default(),
            attempt: Some(AttemptWrite::moving(ended.clone(), *before)),
            outbox: messages(release.into_iter().chain(report))?,
            ..UnitOfWork::default()
        })
    }

    /// The session, open again.
    fn reopen(&self, session: Session) -> SessionWrite {
        SessionWrite {
            replaces: Some(session.revision),
            session: Session {
                revision: session.revision + 1,
                updated: self.now,
                state: SessionState::Open,
                setback: Some(setback(self.before, &self.ended)),
                ..session
            },
        }
    }
}

/// What Stripe is told of an attempt that ended so. Nothing of one that never reached the processor.
const fn reported(state: AttemptState) -> Option<ReportedOutcome> {
    match state {
        AttemptState::Declined => Some(ReportedOutcome::Failed),
        AttemptState::Voided => Some(ReportedOutcome::Canceled),
        _ => None,
    }
}

/// What the agent reads on the session after a decline.
pub(super) fn declined() -> Message {
    let text = "The payment was declined. Use another payment method.";
    Message::error("payment_declined", Subject::Payment, text)
}

/// What the agent reads on the session. The processor's code and the risk rules are the operator's business.
fn setback(before: AttemptState, ended: &Attempt) -> Message {
    // The token was not touched, or it is certain that it was never resolved.
    let kept = before == AttemptState::Reserved || ended.token_unused;
    let (code, text) = match (ended.state, ended.reason.as_deref().unwrap_or_default()) {
        _ if ended.token().is_none() => ("payment_declined", "The order was not placed. Nothing was charged."),
        (AttemptState::Declined, AUTHENTICATION_REQUIRED) => (
            "requires_3ds",
            "The issuer asks the buyer to authenticate. Use another payment method.",
        ),
        (AttemptState::Declined, _) => return declined(),
        _ if kept => (
            "payment_declined",
            "The payment was not made, and the payment token was not used up.",
        ),
        _ => (
            "payment_declined",
            "The payment was not made. Issue a new payment token and try again.",
        ),
    };
    Message::error(code, Subject::Payment, text)
}
