//! Changes of a session that is held. The hold ends in the commit of the change: where the change is refused, nothing was done, and what is
//! held stays held.

use tracing::{info, warn};

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::deadline::Deadline;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::operation::{CheckoutResponse, CreateRequest, ResponseRecorder};
use tillhouse_checkout::outside_payment::HoldRequest;
use tillhouse_checkout::ports::{CommitError, PhaseEnd, PhaseKind, PhaseScope};
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::unit_of_work::{SessionWrite, UnitOfWork};

use super::{OutsidePayments, refuse_paid, retried};
use crate::paying::{InsteadOf, may_be_held};
use crate::reservation_release;
use crate::settlement::{Ending, messages};

impl OutsidePayments {
    /// Quote a cart, and store nothing of it: as the session with the id would be changed to, or created.
    ///
    /// # Errors
    /// As for a creation.
    pub async fn quote(&self, request: CreateRequest, deadline: &Deadline) -> Result<Session, CheckoutError> {
        let checkout = &self.context.checkout;
        let found = match &request.id {
            Some(id) if request.caller.protocol.outside_payer().is_some() => {
                checkout.retrieve(&request.caller, id).await
            }
            _ => return Box::pin(checkout.quote_only(request, deadline)).await,
        };
        match found {
            Ok(session) if matches!(session.state, SessionState::Held { .. }) => {
                let Some(id) = session.live_attempt() else {
                    return Err(CheckoutError::InFlight);
                };
                let attempt = self.attempt(id).await?;
                let proposed = Box::pin(self.without_hold(&session, &attempt, &request, deadline)).await?;
                Ok(proposed.0)
            }
            Ok(_) | Err(CheckoutError::UnknownSession(_)) => Box::pin(checkout.quote_only(request, deadline)).await,
            Err(error) => Err(error),
        }
    }

    /// Change a session that is held: it is open again, and what was held of it is free. `None` if it is to be looked at again.
    pub(super) async fn change_held(
        &self,
        session: Session,
        attempt: Attempt,
        request: &CreateRequest,
        recorder: &ResponseRecorder,
    ) -> Result<Option<CheckoutResponse>, CheckoutError> {
        refuse_paid(&attempt)?;
        let (checkout, caller) = (&self.context.checkout, &request.caller);
        let proposed = Box::pin(self.without_hold(&session, &attempt, request, &recorder.deadline));
        let (mut proposed, end) = proposed.await?;
        let is_left = self.reservations.is_left_by_phase(&attempt);
        if is_left && may_be_held(&proposed, &attempt) {
            return self.release_to_look_again(session, attempt, &recorder.deadline).await;
        }
        proposed.mark_shown_to(caller);
        if let Some(refused) = checkout.refuse(&proposed, Some(&session), recorder).await? {
            info!(session.id = %session.id, "a change of a held session is refused, and it stays held as it is");
            return Ok(Some(refused));
        }
        let merchant = checkout.merchants.get(&session.merchant)?;
        let replaces = checkout.bump_revision(&mut proposed, merchant);
        let reply = (recorder.render)(&proposed);
        let now = self.context.now();
        let release = is_left.then(|| reservation_release::message(&attempt, now));
        let unit = UnitOfWork {
            session: Some(SessionWrite {
                session: Box::new(proposed),
                replaces: Some(replaces),
            }),
            staged: end.staged,
            attempt: Some(Ending::hold_released().of_attempt(&attempt, now)),
            outbox: messages(release)?,
            ..UnitOfWork::default()
        };
        match checkout.commit_unit(unit, reply, recorder).await {
            // The answer of before. Nothing was changed now, and the hold may be a later one.
            Ok(done @ CheckoutResponse::Replay(_)) => Ok(Some(done)),
            Ok(done) => {
                self.release_what_is_left(&attempt).await;
                Ok(Some(done))
            }
            // Another buyer has changed what the quote relies on.
            Err(CheckoutError::Conflict(CommitError::PluginData)) => Ok(None),
            Err(error) => retried(Err(error)).map(|()| None),
        }
    }

    /// Hold something else than what is held. `None` if the session is to be looked at again.
    pub(super) async fn hold_instead(
        &self,
        session: &Session,
        attempt: Attempt,
        request: &HoldRequest,
        provider: &'static str,
        recorder: &ResponseRecorder,
    ) -> Result<Option<CheckoutResponse>, CheckoutError> {
        refuse_paid(&attempt)?;
        let opened = opened(session, &attempt);
        let held = Box::pin(
            self.paying
                .hold(&opened, request, provider, InsteadOf::Held(&attempt), recorder),
        )
        .await;
        match held {
            Ok(done) => {
                self.release_what_is_left(&attempt).await;
                Ok(Some(done))
            }
            Err(CheckoutError::Conflict(conflict @ CommitError::Idempotency)) => {
                let checkout = &self.context.checkout;
                checkout.replay_or_error(conflict, recorder).await.map(Some)
            }
            Err(error) if self.reservations.is_left_by_phase(&attempt) && is_shortage(&error) => {
                self.release_to_look_again(session.clone(), attempt, &recorder.deadline)
                    .await
            }
            Err(error) => retried(Err(error)).map(|()| None),
        }
    }

    /// The session as the request changes it, quoted as if nothing were held of it, and what that leaves to commit.
    async fn without_hold(
        &self,
        session: &Session,
        attempt: &Attempt,
        request: &CreateRequest,
        deadline: &Deadline,
    ) -> Result<(Session, PhaseEnd), CheckoutError> {
        if let Some(wanted) = request.currency.filter(|currency| *currency != session.currency) {
            let offered = session.currency;
            return Err(CheckoutError::Currency { wanted, offered });
        }
        let checkout = &self.context.checkout;
        let mut proposed = opened(session, attempt);
        proposed.keep_facts_of_creation(request);
        proposed.change_cart(request.edit.clone())?;
        let is_chosen = request.edit.choices.is_some();
        loop {
            let scope = PhaseScope {
                deadline: deadline.until(),
                ..checkout.scope(&proposed, PhaseKind::Quote)
            };
            let mut phase = self.reservations.phase_without(scope.clone(), attempt).await?;
            match checkout.quote(phase.as_mut(), &scope, &mut proposed, is_chosen).await {
                // The item may be of a later catalog than the one that the session was quoted with.
                Err(CheckoutError::UnknownItem { .. }) if proposed.catalog.take().is_some() => {}
                quoted => return quoted.map(|()| (proposed, phase.finish())),
            }
        }
    }

    /// Stock outside the host is not released as a try: what another system lacks may be what is held of this very session. It is given up
    /// then, and the session looked at again without it.
    async fn release_to_look_again(
        &self,
        session: Session,
        attempt: Attempt,
        deadline: &Deadline,
    ) -> Result<Option<CheckoutResponse>, CheckoutError> {
        // The caller that was told that there was no time still has its hold.
        let _permit = deadline.begin_commit()?;
        retried(self.release_hold(session, attempt).await).map(|()| None)
    }

    async fn release_what_is_left(&self, attempt: &Attempt) {
        if !self.reservations.is_left_by_phase(attempt) {
            return;
        }
        if let Err(error) = self.reservations.release(attempt).await {
            warn!(attempt.id = %attempt.id, %error, "failed to release the stock of a hold that ended; the outbox will retry");
        }
        self.context.outbox_wake.notify_one();
    }
}

/// The session without its hold. The identity of the order stays, which the party may have shown.
fn opened(session: &Session, attempt: &Attempt) -> Session {
    Session {
        state: SessionState::Open,
        kept_order: Some(attempt.order.clone()),
        ..session.clone()
    }
}

const fn is_shortage(error: &CheckoutError) -> bool {
    matches!(
        error,
        CheckoutError::OutOfStock
            | CheckoutError::NothingAvailable
            | CheckoutError::LimitReached
            | CheckoutError::CodeUsedUp { .. }
    )
}
