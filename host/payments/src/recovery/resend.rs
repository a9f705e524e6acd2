//! Sending a charge again, byte for byte and under its key, where the processor promises that this is one charge.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Mutex;
use tracing::info;

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ports::{ChargeJournal, Store, StoreError};
use tillhouse_checkout::session::Session;
use tillhouse_checkout::time::Clock;
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::Recovery;
use crate::operation::is_key_kept;
use crate::settlement::PaymentOutcome;
use crate::token_resolution::RESOLVE_KEY_LIFETIME;

/// How long no other host resumes an attempt whose charge is being sent again. Longer than a charge may take, and no longer than
/// necessary, because a host that dies meanwhile delays the recovery by this much.
const RESEND_TIME: Duration = Duration::from_secs(25);

impl Recovery {
    /// Send the same charge again, as long as the keys of token and charge are remembered. Only an approval ends the attempt;
    /// everything else is left to the next lookup. Returns the attempt as it was last committed: once bytes were sent again, its
    /// outcome is unknown since then.
    pub(super) async fn resend(
        &self,
        session: &Session,
        attempt: &Attempt,
    ) -> Result<(Attempt, Option<PaymentOutcome>), CheckoutError> {
        let profile = self.context.processor.profile(&attempt.merchant).await?;
        let (Ok((issuer, token)), Some(idempotency), Some(charge)) =
            (self.context.issuers.of(attempt), profile.idempotency, attempt.charge())
        else {
            return Ok((attempt.clone(), None));
        };
        if attempt.history.proof.is_some() || attempt.authentication_wait().is_some() {
            // The authentication value was in memory only: the same bytes cannot be made again. After a wait, the key is that of the
            // next charge, which must not be made without an authentication.
            return Ok((attempt.clone(), None));
        }
        let now = self.context.now();
        if !is_key_kept(&idempotency, charge.sent, now) || now >= attempt.initiated.after(RESOLVE_KEY_LIFETIME) {
            return Ok((attempt.clone(), None));
        }
        let scope = self.charging.scope(session, attempt);
        let ready = self.context.processor.prepare(scope).await?;
        let resolved = issuer
            .resolve_again(&attempt.merchant, token, &attempt.resolve_key)
            .await;
        let Ok(credential) = resolved else {
            return Ok((attempt.clone(), None));
        };
        let journal = Arc::new(SameBytes {
            store: Arc::clone(self.context.store()),
            clock: Arc::clone(&self.context.checkout.clock),
            attempt: Mutex::new(attempt.clone()),
        });
        info!(attempt.id = %attempt.id, "sending the same charge again");
        let charged = self
            .charging
            .charge_again(session, attempt, credential, ready, Arc::clone(&journal) as _)
            .await;
        let outcome = PaymentOutcome::found(charged, attempt).and_then(PaymentOutcome::money_moved);
        let attempt = journal.attempt.lock().await.clone();
        Ok((attempt, outcome))
    }
}

/// Lets only the bytes pass that were sent the first time, and commits that they are sent again.
struct SameBytes {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    /// As it was last committed.
    attempt: Mutex<Attempt>,
}

#[async_trait]
impl ChargeJournal for SameBytes {
    async fn charging(&self, digest: &str) -> Result<(), StoreError> {
        let mut attempt = self.attempt.lock().await;
        if attempt.charge().is_none_or(|charge| charge.digest != digest) {
            return Err(StoreError::new("the charge would differ from the one that was sent"));
        }
        let now = self.clock.now();
        let write = attempt.charging_again(now, now.after(RESEND_TIME));
        let sent = write.attempt().clone();
        let unit = UnitOfWork {
            attempt: Some(write),
            ..UnitOfWork::default()
        };
        self.store.commit(unit).await.map_err(StoreError::caused_by)?;
        *attempt = sent;
        Ok(())
    }
}
