//! The first call of a refund, which is not always the first: a store that was restored from a backup may have lost an earlier one.

use tillhouse_checkout::decision::RefundLookup;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ports::DecisionError;
use tillhouse_checkout::refund::Refund;

use super::Refunding;
use crate::operation::is_key_kept;
use crate::settlement::Trigger;

impl Refunding {
    /// Make the call. A refund that is asked for again after the store has lost it is the same operation under the same key: while the
    /// processor keeps every key since the payment, a second call is the first. After that it is looked up once before.
    ///
    /// # Errors
    /// When the processor gives no answer: nothing was changed, and it is tried again when the lease is over.
    pub(super) async fn send_first(&self, refund: Refund) -> Result<(), CheckoutError> {
        if self.keeps_keys_since_payment(&refund).await? {
            return self.send(refund).await;
        }
        match self.look_up_again(&refund).await {
            Ok(RefundLookup::Found(outcome)) => self.settle(refund, outcome, &Trigger::Recovery).await,
            Ok(RefundLookup::Absent) | Err(DecisionError::Unsupported { .. }) => self.send(refund).await,
            Err(error) => Err(error.into()),
        }
    }

    async fn keeps_keys_since_payment(&self, refund: &Refund) -> Result<bool, CheckoutError> {
        let profile = self.context.processor.profile(&refund.merchant).await?;
        let attempt = self.context.store().attempt(&refund.attempt).await?;
        let now = self.context.now();
        Ok(profile
            .idempotency
            .zip(attempt)
            .is_some_and(|(idempotency, attempt)| is_key_kept(&idempotency, attempt.initiated, now)))
    }
}
