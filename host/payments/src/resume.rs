//! Going on with an attempt whose token was being resolved: left behind by a host that fell, or put aside because the token service
//! had no answer.
//!
//! Nothing was sent to the processor, so that it goes on from there: the token is resolved under the same key, for which Stripe
//! gives the same answer, and charged. Only the holder of the lease does that, and the charge is fenced by it.

use std::time::Duration;

use tracing::{info, warn};

use super::Payments;
use super::cause::Cause;
use super::conclude::Ending;
use super::inquire::RESOLVE_KEY_LIFE;
use super::outbox::LONGEST_PAUSE;
use super::resolve::Unresolved;
use super::retry::Tries;
use super::token::TokenError;
use tillhouse_checkout::attempt::{Attempt, AttemptState};
use tillhouse_checkout::credential::Credential;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::session::Session;
use tillhouse_checkout::unit::UnitOfWork;

impl Payments {
    /// Go on with it.
    pub(super) async fn resume(&self, attempt: Attempt) -> Result<(), CheckoutError> {
        let Some(session) = self.still_paying(&attempt).await? else {
            let reason = "its checkout is not being paid, and nothing was sent to the processor";
            return self
                .refuse(None, attempt, AttemptState::Failed, reason, Cause::default())
                .await;
        };
        if attempt.amount.amount.is_zero() {
            // An earlier release began it with a token. Nothing is due, so that nothing is resolved or charged.
            let reason = "nothing is due; complete the checkout again";
            return self
                .refuse(Some(session), attempt, AttemptState::Failed, reason, Cause::default())
                .await;
        }
        // Whoever left it may have had an answer: this is not the only try.
        let attempt = Attempt {
            tries: attempt.tries.max(1),
            ..attempt
        };
        let resolved = if self.checkout.clock.now() < attempt.initiated.after(RESOLVE_KEY_LIFE) {
            self.resolve(&attempt, Tries::once(), || {}).await
        } else {
            let over = TokenError::Unavailable {
                detail: "no answer for as long as Stripe keeps the key".to_owned(),
                retry_after: None,
            };
            Err(self.over_by_evidence(&attempt, over).await)
        };
        match resolved {
            Ok(credential) => Box::pin(self.go_on(session, attempt, credential)).await,
            Err(Unresolved::Later { reason, retry_after }) => {
                self.resolve_later(&attempt, &reason, retry_after).await;
                Ok(())
            }
            Err(Unresolved::Over { error, unused }) => {
                info!(attempt.id = %attempt.id, %error, unused, "the token was not resolved");
                let ended = Attempt {
                    token_unused: unused,
                    ..attempt
                };
                let reason = error.to_string();
                self.refuse(Some(session), ended, AttemptState::Failed, &reason, Cause::default())
                    .await
            }
        }
    }

    /// The charge, as it would have been made by whoever resolved the token first.
    async fn go_on(&self, session: Session, attempt: Attempt, credential: Credential) -> Result<(), CheckoutError> {
        let ready = match self.prepare(&session, &attempt).await {
            Ok(ready) => ready,
            Err(error) => {
                self.resolve_later(&attempt, &error.to_string(), None).await;
                return Ok(());
            }
        };
        info!(attempt.id = %attempt.id, "going on with what was left before the charge");
        let attempt = Attempt {
            destination: Some(ready.destination()),
            reason: None,
            tries: 0,
            next_try: None,
            ..attempt
        };
        let (attempt, ending) = self.charge(&session, attempt, credential, ready).await;
        if let Ending::NotSent(reason) = ending {
            return self
                .refuse(Some(session), attempt, AttemptState::Failed, &reason, Cause::default())
                .await;
        }
        self.settle(session, attempt, ending, Cause::default()).await
    }

    /// Put an attempt aside whose token may have been resolved. Whoever finds it due asks again, and not before Stripe wants that.
    pub(super) async fn resolve_later(&self, attempt: &Attempt, reason: &str, retry_after: Option<Duration>) {
        let tries = attempt.tries.saturating_add(1);
        warn!(attempt.id = %attempt.id, tries, reason, "the token is not resolved yet");
        let asked = retry_after.unwrap_or_default().min(LONGEST_PAUSE);
        let next_try = self.next_try(attempt.tries).max(self.checkout.clock.now().after(asked));
        let later = Attempt {
            tries,
            reason: Some(reason.to_owned()),
            next_try: Some(next_try),
            ..attempt.clone()
        };
        let _ = self.put(later, attempt.state, UnitOfWork::default()).await;
    }
}
