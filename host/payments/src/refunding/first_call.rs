//! The first call of a refund, which is not always the first: a store that was restored from a backup may have lost an earlier one.

use tillhouse_checkout::decision::RefundLookup;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ports::DecisionError;
use tillhouse_checkout::refund::Refund;
use tillhouse_checkout::time::Timestamp;

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
        let payment = self.context.store().attempt(&refund.attempt).await?;
        let paid = payment.map_or(refund.asked, |payment| payment.initiated);
        if self.keeps_keys_since(paid, &refund).await? {
            return self.send(refund).await;
        }
        match self.look_up_again(&refund).await {
            Ok(RefundLookup::Found(outcome)) => {
                // When it was made is not known: whatever becomes of it, it is not made again under a key of that time.
                let sent = self.commit_sent(&refund, paid).await?;
                self.settle(sent, outcome, &Trigger::Recovery).await
            }
            Ok(RefundLookup::Absent) | Err(DecisionError::Unsupported { .. }) => self.send(refund).await,
            Err(error) => Err(error.into()),
        }
    }

    async fn keeps_keys_since(&self, paid: Timestamp, refund: &Refund) -> Result<bool, CheckoutError> {
        let profile = self.context.processor.profile(&refund.merchant).await?;
        let now = self.context.now();
        let keeps = |idempotency| is_key_kept(&idempotency, paid, now);
        Ok(profile.idempotency.is_some_and(keeps))
    }
}
