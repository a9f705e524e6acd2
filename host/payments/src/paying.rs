//! Paying: one attempt, taken through its recovery points.
//!
//! reserve → check the token → prepare the charge → resolve the token → charge → settle. Each step commits what it is about to do
//! before it does it; [`crate::recovery`] continues from whatever a crash left.

mod authentication;
mod cancellation;
mod consents;
mod duplicates;
mod requirements;
mod reserve;
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

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::authentication::ThreeDSecure;
use tillhouse_checkout::credential::Credential;
use tillhouse_checkout::deadline::{Deadline, DeadlineExceeded};
use tillhouse_checkout::error::{CheckoutError, PaymentTokenError};
use tillhouse_checkout::ids::TokenId;
use tillhouse_checkout::mask;
use tillhouse_checkout::operation::{CheckoutResponse, CompleteRequest, ResponseRecorder};
use tillhouse_checkout::ports::{CommitError, StoreError};
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::unit_of_work::UnitOfWork;

use crate::charging::Charging;
use crate::context::PaymentContext;
use crate::reservation_release::ReservationRelease;
use crate::settlement::{Ending, PaymentOutcome, Settlement, Trigger};
use crate::token_resolution::{TokenResolution, Unresolved};
use duplicates::{Duplicates, Role, Waited};
use reserve::ReservedAttempt;

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
        if is_card_number(&request.token.id) {
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
            && !session.shows_the_same_with(&reserve::with_billing(&request), &before, &request.caller)
        {
            return self.refuse_unseen(&request).await;
        }
        self.refuse_failed_authentication(&session, request.authentication.as_ref())
            .await?;
        if !self.context.issuers.serve(&session.merchant, request.token.issuer) {
            let issuer = request.token.issuer.as_str().to_owned();
            return Err(CheckoutError::UnsupportedPayment(issuer));
        }
        let begun = match Box::pin(self.reserve(&session, &request, deadline)).await {
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

    /// Take a reserved attempt to the outcome of its charge, or postpone it because the token service has to be called again later.
    async fn advance(
        &self,
        begun: &ReservedAttempt,
        request: &CompleteRequest,
        until: Option<Instant>,
        deadline: &Deadline,
    ) -> Result<Progress, Stopped> {
        let ReservedAttempt { session, attempt, .. } = begun;
        let stopped = |error| Stopped::before_resolving(attempt, error);
        if deadline.is_given_up() {
            return Err(stopped(DeadlineExceeded.into()));
        }
        if attempt.token().is_none() {
            self.assess_risk(session, attempt, request, None)
                .await
                .map_err(stopped)?;
            let nothing_due = PaymentOutcome::Approved(tillhouse_checkout::attempt::Paid::NothingDue);
            return Ok(Progress::Charged(Box::new(attempt.clone()), nothing_due));
        }
        let token = self
            .tokens
            .check_token(session, attempt, until)
            .await
            .map_err(stopped)?;
        let attempt = &attempt.billed_to(token.billing.as_ref());
        let risk = self
            .assess_risk(session, attempt, request, Some(&token))
            .await
            .map_err(stopped)?;
        let asked = self.required_authentication(session, attempt, &token, risk).await;
        if let Some(requirements) = asked.map_err(stopped)? {
            let mut attempt = attempt.clone();
            attempt.history.token_expires = token.expires;
            return Ok(Progress::NeedsBuyer(Box::new(attempt), Box::new(requirements)));
        }
        let ready = self
            .charging
            .prepare(session, attempt, &token.forms)
            .await
            .map_err(stopped)?;

        let write = attempt.resolving(ready.destination(), token.expires);
        let resolving = write.attempt().clone();
        let unit = UnitOfWork {
            attempt: Some(write),
            ..UnitOfWork::default()
        };
        if let Err(error) = self.context.store().commit(unit).await {
            return Err(stopped(self.tokens.consumed_where(attempt, error.into()).await));
        }
        // Kept unless the resolve has to be retried: it occupies one of the merchant's permits.
        let mut ready = Some(ready);
        let retries = &self.context.timings.token_retries;
        let end = until.unwrap_or_else(|| Instant::now() + retries.read_timeout);
        let tries = retries.backoff.until(end, &resolving.resolve_key);
        let resolved = self.tokens.resolve(&resolving, tries, || drop(ready.take())).await;
        let credential = match resolved {
            Ok(credential) => with_authentication(credential, request),
            // Only this request has the proof: nobody else may go on without it.
            Err(Unresolved::Retry { reason, retry_after }) if resolving.history.proof.is_some() => {
                let error = CheckoutError::TokenService {
                    detail: reason,
                    retry_after,
                };
                return Err(Stopped::resolving(resolving, error));
            }
            Err(Unresolved::Retry { reason, retry_after }) => {
                self.tokens
                    .postpone(&self.settlement, &resolving, &reason, retry_after)
                    .await;
                return Ok(Progress::Postponed);
            }
            Err(Unresolved::Final { error, token_unused }) => {
                return Err(Stopped {
                    attempt: Box::new(resolving),
                    error,
                    token_unused,
                });
            }
        };
        let ready = match ready {
            Some(ready) => ready,
            None => match self.charging.prepare(session, &resolving, &[]).await {
                Ok(ready) => ready,
                Err(error) if resolving.history.proof.is_some() => return Err(Stopped::resolving(resolving, error)),
                Err(error) => {
                    self.tokens
                        .postpone(&self.settlement, &resolving, &error.to_string(), None)
                        .await;
                    return Ok(Progress::Postponed);
                }
            },
        };
        if let Err(error) = Charging::check_credential(ready.as_ref(), &credential) {
            return Err(Stopped::resolving(resolving, error.into()));
        }
        let (attempt, outcome) = self.charging.charge(session, resolving, credential, ready).await;
        Ok(Progress::Charged(Box::new(attempt), outcome))
    }
}

/// How far an attempt came.
enum Progress {
    /// To the outcome of its charge.
    Charged(Box<Attempt>, PaymentOutcome),
    /// To an authentication of the buyer, before its token is resolved.
    NeedsBuyer(Box<Attempt>, Box<ThreeDSecure>),
    /// It continues in the background.
    Postponed,
}

/// An attempt that ends before anything was sent to the processor.
struct Stopped {
    attempt: Box<Attempt>,
    error: CheckoutError,
    token_unused: bool,
}

impl Stopped {
    /// Its token is consumed, or may be.
    fn resolving(attempt: Attempt, error: CheckoutError) -> Self {
        Self {
            attempt: Box::new(attempt),
            error,
            token_unused: false,
        }
    }

    fn before_resolving(attempt: &Attempt, error: CheckoutError) -> Self {
        Self {
            attempt: Box::new(attempt.clone()),
            error,
            token_unused: false,
        }
    }
}

/// The credential with the authentication value that the agent brought, if it brought one.
fn with_authentication(mut credential: Credential, request: &CompleteRequest) -> Credential {
    if let Some(result) = &request.authentication {
        credential.authenticate(result);
    }
    credential
}

/// Whether an agent sent a card number in place of a token.
fn is_card_number(token: &TokenId) -> bool {
    mask(token.as_str()).contains("[card]")
}

fn task_lost() -> CheckoutError {
    CheckoutError::Store(StoreError::new("the payment's task ended without an answer"))
}
