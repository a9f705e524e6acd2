//! An attempt that ends without money: the checkout is open again, and what the attempt held goes back.

use tracing::{error, warn};

use crate::checkout::attempt::{Attempt, AttemptState};
use crate::checkout::error::CheckoutError;
use crate::checkout::message::{Message, Subject};
use crate::checkout::ports::CommitError;
use crate::checkout::session::{Session, SessionState};
use crate::checkout::unit::{AttemptWrite, SessionWrite, UnitOfWork};

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

    /// The checkout is open again and says why. Stock and codes go back: at once, and by the outbox should this host die.
    /// A session that the attempt no longer pays stays as it is.
    pub(super) async fn refuse(
        &self,
        session: Option<Session>,
        attempt: Attempt,
        state: AttemptState,
        reason: &str,
        cause: Cause<'_>,
    ) -> Result<(), CheckoutError> {
        let now = self.checkout.clock.now();
        let ended = Attempt {
            state,
            reason: Some(reason.to_owned()),
            settled: Some(now),
            next_try: None,
            ..attempt.clone()
        };
        let mut outbox = vec![release::message(&ended, now)];
        if let Some(outcome) = reported(state) {
            outbox.push(PaymentReport::of(&ended, outcome, now).message(&ended));
        }
        let mut unit = cause.mark(UnitOfWork {
            attempt: Some(AttemptWrite::moving(ended.clone(), attempt.state)),
            outbox: messages(outbox)?,
            ..UnitOfWork::default()
        });
        let mut session = session.filter(|session| is_paying(session, &attempt));
        loop {
            unit.session = session.map(|session| SessionWrite {
                replaces: Some(session.revision),
                session: Session {
                    revision: session.revision + 1,
                    updated: now,
                    state: SessionState::Open,
                    setback: Some(setback(state, reason)),
                    ..session
                },
            });
            match self.commit_outcome(&unit).await {
                Err(CommitError::Session) => session = self.still_paying(&attempt).await?,
                other => break other?,
            }
        }
        if let Err(error) = self.release(&ended).await {
            warn!(attempt.id = %ended.id, %error, "stock was not given back yet; the outbox will");
        }
        self.outbox_wake.notify_one();
        Ok(())
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

/// What the agent reads on the session. The processor's code and the risk rules are the operator's business.
fn setback(state: AttemptState, reason: &str) -> Message {
    let (code, text) = match (state, reason) {
        (AttemptState::Declined, AUTHENTICATION_REQUIRED) => (
            "requires_3ds",
            "The issuer asks the buyer to authenticate. Use another payment method.",
        ),
        (AttemptState::Declined, _) => (
            "payment_declined",
            "The payment was declined. Use another payment method.",
        ),
        _ => (
            "payment_declined",
            "The payment was not made. Issue a new payment token and try again.",
        ),
    };
    Message::error(code, Subject::Payment, text)
}
