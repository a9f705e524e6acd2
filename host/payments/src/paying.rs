//! Paying: one attempt, taken through its recovery points.
//!
//! reserve → check the token → prepare the charge → resolve the token → charge → settle. Each step commits what it is about to do
//! before it does it; [`crate::recovery`] continues from whatever a crash left.

mod advance;
mod authentication;
mod cancellation;
mod consents;
mod duplicates;
mod hold;
mod order_identity;
mod refused;
mod requirements;
mod reserve;
mod reserving;
mod retry_of_completion;
mod risk;
mod second_completion;
mod shortage;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use tracing::info;

use tillhouse_checkout::deadline::{Deadline, DeadlineExceeded};
use tillhouse_checkout::error::{CheckoutError, PaymentTokenError};
use tillhouse_checkout::operation::{CheckoutResponse, CompleteRequest, ResponseRecorder};
use tillhouse_checkout::ports::{CommitError, StoreError};
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::token_has_card_number;

use crate::charging::Charging;
use crate::context::PaymentContext;
use crate::reservation_release::ReservationRelease;
use crate::settlement::{Ending, Settlement, Trigger};
use crate::token_resolution::TokenResolution;
use advance::Progress;
use duplicates::{Duplicates, Role, Waited};
pub(crate) use hold::holds_the_same;
use reserve::ReservedAttempt;
pub(crate) use reserving::InsteadOf;
use reserving::{Reserving, with_billing};
pub(crate) use shortage::{is_about_stock, may_be_held};

/// How long a response may be late, if the commit of the reservation was begun before the caller's deadline.
const LAST_COMMIT: Duration = Duration::from_millis(500);

/// Completes checkout sessions: from the reservation to the outcome of the charge.
#[derive(Clone, Debug)]
pub struct Paying {
    context: Arc<PaymentContext>,
    tokens: TokenResolution,
    charging: Charging,
    settlement: Settlement,
    reservations: ReservationRelease,
    duplicates: Duplicates,
    /// The payments that run. Closing it and waiting is how the host drains.
    tasks: TaskTracker,
}

impl Paying {
    pub(crate) fn new(
        context: Arc<PaymentContext>,
        tokens: TokenResolution,
        charging: Charging,
        settlement: Settlement,
        reservations: ReservationRelease,
    ) -> Self {
        Self {
            context,
            tokens,
            charging,
            settlement,
            reservations,
            duplicates: Duplicates::default(),
            tasks: TaskTracker::new(),
        }
    }

    /// Pay a checkout session. The work runs in a task of its own: a caller that disconnects changes nothing.
    ///
    /// # Errors
    /// When the session cannot be paid, or the payment was declined. An unknown outcome is not an error: the answer is then
    /// [`CheckoutResponse::InProgress`].
    pub async fn complete(
        &self,
        request: CompleteRequest,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        if token_has_card_number(request.token.id.as_str()) {
            // Before anything is stored, logged or sent: it would be in every attempt and in Stripe's access log.
            return Err(PaymentTokenError::Unknown.into());
        }
        let request = CompleteRequest {
            token: self.context.issuers.kept(&request.token),
            ..request
        };
        let (caller, id, token, render) = (
            request.caller.clone(),
            request.session.clone(),
            request.token.clone(),
            Arc::clone(&recorder.render),
        );
        let until = request.deadline.map(|deadline| Instant::now() + deadline);
        let deadline = Deadline::answering(until.map(Instant::into_std));
        let this = self.clone();
        let role = self.duplicates.begin(&request);
        let of_work = deadline.clone();
        let mut work = self
            .tasks
            .spawn(async move { Box::pin(this.pay_once(role, request, recorder, until, &of_work)).await });
        let Some(until) = until else {
            return work.await.unwrap_or_else(|_| Err(task_lost()));
        };
        if let Ok(done) = tokio::time::timeout_at(until, &mut work).await {
            return done.unwrap_or_else(|_| Err(task_lost()));
        }
        // Not reserved: nothing will be begun any more, unless it is just being committed.
        let gave_up = deadline.give_up();
        if !gave_up
            && !deadline.is_committed()
            && let Ok(done) = tokio::time::timeout(LAST_COMMIT, &mut work).await
        {
            return done.unwrap_or_else(|_| Err(task_lost()));
        }
        // After a commit that does not end, the attempt ends too: its caller is told that nothing was begun.
        let gave_up = gave_up || deadline.stop_waiting();
        let session = self.context.checkout.retrieve(&caller, &id).await?;
        if let SessionState::Committing { attempt, .. } = &session.state {
            return if self.attempt_pays_with(attempt, &token).await? {
                Ok(CheckoutResponse::InProgress(render(&session)))
            } else {
                Err(CheckoutError::OtherTokenInFlight)
            };
        }
        if gave_up {
            return Err(DeadlineExceeded.into());
        }
        match tokio::time::timeout(LAST_COMMIT, &mut work).await {
            Ok(done) => done.unwrap_or_else(|_| Err(task_lost())),
            Err(_) => Err(DeadlineExceeded.into()),
        }
    }

    /// Begin no more retries, and wait for the payments that run, within the timeout. Returns how many still run; they stay at
    /// their last recovery point.
    pub async fn drain(&self, timeout: Duration) -> usize {
        self.context.stopping.cancel();
        self.tasks.close();
        let drained = tokio::time::timeout(timeout, self.tasks.wait()).await;
        drained.map_or_else(|_| self.tasks.len(), |()| 0)
    }

    /// Pay, or wait for the same completion that pays already.
    async fn pay_once(
        &self,
        mut role: Role,
        request: CompleteRequest,
        recorder: ResponseRecorder,
        until: Option<Instant>,
        deadline: &Deadline,
    ) -> Result<CheckoutResponse, CheckoutError> {
        // As it was when this completion began to wait. What is shown while it waits is not what it was sent for.
        let mut before = None;
        loop {
            match role {
                Role::First(first) => {
                    let done = Box::pin(self.pay(request, recorder, until, deadline, before)).await;
                    first.end(&done);
                    return done;
                }
                Role::Duplicate(same) => {
                    if before.is_none() {
                        before = Some(
                            self.context
                                .checkout
                                .retrieve(&request.caller, &request.session)
                                .await?,
                        );
                    }
                    match same.end(until).await {
                        Waited::Refused(error) => return Err(error),
                        Waited::LookAtSession => {
                            return Box::pin(self.pay(request, recorder, until, deadline, before)).await;
                        }
                        Waited::TryAgain => role = self.duplicates.begin(&request),
                    }
                }
            }
        }
    }

    async fn pay(
        &self,
        request: CompleteRequest,
        recorder: ResponseRecorder,
        until: Option<Instant>,
        deadline: &Deadline,
        before: Option<Session>,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let checkout = &self.context.checkout;
        let session = checkout.retrieve(&request.caller, &request.session).await?;
        if matches!(session.state, SessionState::AuthenticationRequired { .. }) {
            if before.is_some()
                && let Some(answer) = self.answer_to_duplicate(&session, &request, &recorder).await?
            {
                return Ok(answer);
            }
            return Box::pin(self.complete_waiting(session, request, recorder, until, deadline)).await;
        }
        if let Some(answer) = self.answer_to_retry(&session, &request, &recorder).await? {
            return Ok(answer);
        }
        if let Some(before) = before
            && !session.shows_the_same_with(
                &with_billing(&request.edit, request.billing.as_ref()),
                &before,
                &request.caller,
            )
        {
            return self.refuse_unseen(&request).await;
        }
        self.refuse_failed_authentication(&session, request.authentication.as_ref())
            .await?;
        if !self.context.issuers.serve(&session.merchant, request.token.issuer) {
            let issuer = request.token.issuer.as_str().to_owned();
            return Err(CheckoutError::UnsupportedPayment(issuer));
        }
        let reserving = Reserving::of_completion(&request);
        let begun = match Box::pin(self.reserve(&session, &reserving, deadline)).await {
            Err(CheckoutError::Conflict(CommitError::Session)) => {
                return self.answer_after_conflict(&request, &recorder).await;
            }
            Err(error) => return self.answer_unless_paid(error, &request, &recorder).await,
            Ok(begun) => begun,
        };
        info!(session.id = %begun.session.id, attempt.id = %begun.attempt.id, amount = %begun.attempt.amount, "reserved");
        Box::pin(self.finish(begun, &request, &recorder, until, deadline)).await
    }

    /// Take a reserved attempt as far as it gets, and commit that.
    async fn finish(
        &self,
        begun: ReservedAttempt,
        request: &CompleteRequest,
        recorder: &ResponseRecorder,
        until: Option<Instant>,
        deadline: &Deadline,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let trigger = Trigger::Request(recorder);
        match Box::pin(self.advance(&begun, request, until, deadline)).await {
            Ok(Progress::Charged(attempt, outcome)) => {
                Box::pin(self.settlement.settle(begun.session, *attempt, outcome, trigger)).await
            }
            Ok(Progress::NeedsBuyer(attempt, requirements)) => {
                let waits = self
                    .settlement
                    .await_buyer(begun.session, *attempt, *requirements, trigger);
                Box::pin(waits).await
            }
            Ok(Progress::Postponed) => Ok(CheckoutResponse::InProgress((recorder.render)(&begun.session))),
            // The agent still has the proof, and the buyer need not authenticate again.
            Err(stop) if stop.attempt.authentication_wait().is_some() && duplicates::passes(&stop.error) => {
                self.settlement.await_buyer_again(begun.session, *stop.attempt).await?;
                Err(stop.error)
            }
            Err(stop) => {
                let ending = Ending::stopped(&stop.attempt, &stop.error, stop.token_unused);
                self.settlement.abandon(begun.session, *stop.attempt, ending).await;
                Err(stop.error)
            }
        }
    }
}

fn task_lost() -> CheckoutError {
    CheckoutError::Store(StoreError::new("the payment's task ended without an answer"))
}
