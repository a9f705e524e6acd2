//! An attempt that waits for the buyer's authentication: how it begins to wait, and how it goes back to waiting.

use tracing::{error, info, warn};

use tillhouse_checkout::attempt::{Attempt, AttemptStatus, AttemptWrite, AuthenticationWait};
use tillhouse_checkout::authentication::ThreeDSecure;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::operation::CheckoutResponse;
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::{SessionWrite, UnitOfWork};

use super::{Ending, Settlement, Trigger, empty, in_progress};
use crate::token_resolution::RESOLVE_KEY_LIFETIME;

impl Settlement {
    /// The buyer has to authenticate before the charge: session and attempt wait for the agent, which reads what it needs.
    pub(crate) async fn await_buyer(
        &self,
        session: Session,
        attempt: Attempt,
        requirements: ThreeDSecure,
        trigger: Trigger<'_>,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let is_charged = attempt.status() == AttemptStatus::Charging;
        let wait = AuthenticationWait {
            until: self.longest_wait(&session, &attempt),
            requirements: Box::new(requirements),
            token_resolved: is_charged,
        };
        info!(session.id = %session.id, attempt.id = %attempt.id, is_charged, "the payment waits for the buyer's authentication");
        let charge_key = is_charged.then(|| self.context.checkout.ids.idempotency_key());
        let write = attempt.awaiting_authentication(wait, charge_key);
        Box::pin(self.wait_with(session, &attempt, write, &trigger)).await
    }

    /// The attempt waits for the buyer again, because the request that had the proof of the authentication is over before its charge
    /// was sent. An attempt that never waited ends instead.
    pub(crate) async fn await_buyer_again(&self, session: Session, attempt: Attempt) -> Result<(), CheckoutError> {
        let Some(wait) = attempt.authentication_wait().cloned() else {
            let ending = Ending::interrupted(&attempt, "the proof of the buyer's authentication is gone");
            return Box::pin(self.end_unpaid(Some(session), attempt, ending, Trigger::Recovery)).await;
        };
        let may_be_resolved = attempt.status() == AttemptStatus::Resolving;
        let wait = AuthenticationWait {
            token_resolved: wait.token_resolved || may_be_resolved,
            ..wait
        };
        warn!(attempt.id = %attempt.id, "the payment waits for the buyer's authentication again");
        let write = attempt.awaiting_authentication(wait, None);
        Box::pin(self.wait_with(session, &attempt, write, &Trigger::Recovery))
            .await
            .map(|_| ())
    }

    async fn wait_with(
        &self,
        mut session: Session,
        attempt: &Attempt,
        write: AttemptWrite,
        trigger: &Trigger<'_>,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let Some(wait) = write.attempt().authentication_wait().cloned() else {
            return Ok(in_progress(&session, trigger.recorder()));
        };
        let mut is_recorded = true;
        loop {
            let waiting = waiting(&session, attempt, &wait, self.context.now());
            let reply = trigger.recorder().map(|recorder| (recorder.render)(&waiting));
            let key = trigger.recorder().and_then(|recorder| recorder.key.as_ref());
            let unit = trigger.add_to(UnitOfWork {
                session: Some(SessionWrite {
                    session: Box::new(waiting),
                    replaces: Some(session.revision),
                }),
                attempt: Some(write.clone()),
                idempotency: key
                    .filter(|_| is_recorded)
                    .zip(reply.clone())
                    .map(|(key, reply)| key.record(reply)),
                ..UnitOfWork::default()
            });
            match self.context.commit_outcome(&unit).await {
                Ok(()) => {
                    self.context.recovery_wake.notify_one();
                    return Ok(CheckoutResponse::Fresh(reply.unwrap_or_else(empty)));
                }
                // The key was recorded by a request on another host; the attempt is what matters.
                Err(CommitError::Idempotency) if is_recorded => is_recorded = false,
                Err(CommitError::Session) => match self.context.session_paid_by(attempt).await? {
                    Some(now) => session = now,
                    None => return Err(CommitError::Session.into()),
                },
                Err(error) => {
                    self.context.recovery_wake.notify_one();
                    error!(attempt.id = %attempt.id, %error, "failed to commit that a payment waits for the buyer; recovery will resume it");
                    return Ok(in_progress(&session, trigger.recorder()));
                }
            }
        }
    }

    /// Until when the attempt may wait: no longer than the checkout session, the reserved stock, the token, and the key under which
    /// the issuer of the token resolves it again.
    fn longest_wait(&self, session: &Session, attempt: &Attempt) -> Timestamp {
        let timings = &self.context.timings;
        let of_token = attempt
            .history
            .token_expires
            .map(|expires| expires.before(timings.token_margin));
        [
            self.context.now().after(timings.authentication_timeout),
            session.expires,
            attempt.reservation.expires,
            attempt.initiated.after(RESOLVE_KEY_LIFETIME),
        ]
        .into_iter()
        .chain(of_token)
        .min()
        .unwrap_or(session.expires)
    }
}

fn waiting(session: &Session, attempt: &Attempt, wait: &AuthenticationWait, now: Timestamp) -> Session {
    Session {
        revision: session.revision + 1,
        updated: now,
        last_payment_error: None,
        state: SessionState::AuthenticationRequired {
            attempt: attempt.id.clone(),
            order: Box::new(attempt.order.clone()),
            requirements: wait.requirements.clone(),
            device: Box::new(attempt.device.clone()),
            until: wait.until,
        },
        ..session.clone()
    }
}
