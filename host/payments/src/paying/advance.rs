//! A reserved attempt on its way: check the token, assess the risk, resolve the token, charge.

use tokio::time::Instant;

use tillhouse_checkout::attempt::{Attempt, Paid};
use tillhouse_checkout::authentication::ThreeDSecure;
use tillhouse_checkout::credential::Credential;
use tillhouse_checkout::deadline::{Deadline, DeadlineExceeded};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::operation::CompleteRequest;
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::Paying;
use super::reserve::ReservedAttempt;
use crate::charging::Charging;
use crate::settlement::PaymentOutcome;
use crate::token_resolution::Unresolved;

impl Paying {
    /// Take a reserved attempt to the outcome of its charge, or postpone it because the token service has to be called again later.
    pub(super) async fn advance(
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
            let nothing_due = PaymentOutcome::Approved(Paid::NothingDue);
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
            // Only this request has the proof: no worker may go on without it.
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
pub(super) enum Progress {
    /// To the outcome of its charge.
    Charged(Box<Attempt>, PaymentOutcome),
    /// To an authentication of the buyer, before its token is resolved.
    NeedsBuyer(Box<Attempt>, Box<ThreeDSecure>),
    /// It continues in the background.
    Postponed,
}

/// An attempt that ends before anything was sent to the processor.
pub(super) struct Stopped {
    pub(super) attempt: Box<Attempt>,
    pub(super) error: CheckoutError,
    /// The token was never resolved, so that it may pay another attempt.
    pub(super) token_unused: bool,
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
