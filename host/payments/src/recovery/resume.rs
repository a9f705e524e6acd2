//! Resuming an attempt whose token was being resolved: left behind by a host that crashed, or postponed because the token service
//! gave no answer.
//!
//! Nothing was sent to the processor, so the attempt continues from there: the token is resolved under the same key, for which
//! Stripe gives the same response, and the card is charged. Only the holder of the lease does that, and the charge is fenced by it.

use tracing::info;

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::credential::Credential;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::session::Session;

use super::Recovery;
use crate::backoff::Tries;
use crate::charging::Charging;
use crate::settlement::{Ending, PaymentOutcome, Trigger};
use crate::token::TokenError;
use crate::token_resolution::{RESOLVE_KEY_LIFETIME, Unresolved};

impl Recovery {
    /// Resolve the token again, and charge.
    pub(super) async fn resume(&self, attempt: Attempt) -> Result<(), CheckoutError> {
        let Some(session) = self.context.session_paid_by(&attempt).await? else {
            let reason = "its checkout session is not being paid, and nothing was sent to the processor";
            let ending = Ending::interrupted(&attempt, reason);
            return self.fail(None, attempt, ending).await;
        };
        if attempt.amount.amount.is_zero() {
            // An earlier release began it with a token. Nothing is due, so that nothing is resolved or charged.
            let reason = "nothing is due; complete the checkout again";
            let ending = Ending::interrupted(&attempt, reason);
            return self.fail(Some(session), attempt, ending).await;
        }
        // The host that left it may have had a response: this is not the only try.
        let mut attempt = attempt;
        attempt.retry.tries = attempt.retry.tries.max(1);
        let resolved = if self.context.now() < attempt.initiated.after(RESOLVE_KEY_LIFETIME) {
            self.tokens.resolve(&attempt, Tries::once(), || {}).await
        } else {
            let expired = TokenError::Unavailable {
                detail: "no answer for as long as Stripe keeps the key".to_owned(),
                retry_after: None,
            };
            Err(self.tokens.end_by_evidence(&attempt, expired).await)
        };
        match resolved {
            Ok(credential) => Box::pin(self.charge_resumed(session, attempt, credential)).await,
            Err(Unresolved::Retry { reason, retry_after }) => {
                self.tokens
                    .postpone(&self.settlement, &attempt, &reason, retry_after)
                    .await;
                Ok(())
            }
            Err(Unresolved::Final { error, token_unused }) => {
                info!(attempt.id = %attempt.id, %error, unused = token_unused, "the token was not resolved");
                let ending = Ending::stopped(&attempt, &error, token_unused);
                self.fail(Some(session), attempt, ending).await
            }
        }
    }

    /// The charge, as the task that resolved the token first would have made it.
    async fn charge_resumed(
        &self,
        session: Session,
        attempt: Attempt,
        credential: Credential,
    ) -> Result<(), CheckoutError> {
        let ready = match self.charging.prepare(&session, &attempt, &[]).await {
            Ok(ready) => ready,
            Err(error) => {
                self.tokens
                    .postpone(&self.settlement, &attempt, &error.to_string(), None)
                    .await;
                return Ok(());
            }
        };
        if let Err(error) = Charging::check_credential(ready.as_ref(), &credential) {
            let ending = Ending::stopped(&attempt, &error.into(), false);
            return self.fail(Some(session), attempt, ending).await;
        }
        info!(attempt.id = %attempt.id, "resuming an attempt before its charge");
        let attempt = attempt.resumed(ready.destination());
        let (attempt, outcome) = self.charging.charge(&session, attempt, credential, ready).await;
        if let PaymentOutcome::NotSent(unsent) = outcome {
            let ending = Ending::not_sent(&attempt, &unsent);
            return self.fail(Some(session), attempt, ending).await;
        }
        self.settlement
            .settle_found(session, attempt, outcome, Trigger::Recovery)
            .await
    }

    async fn fail(&self, session: Option<Session>, attempt: Attempt, ending: Ending) -> Result<(), CheckoutError> {
        Box::pin(self.settlement.end_unpaid(session, attempt, ending, Trigger::Recovery)).await
    }
}
