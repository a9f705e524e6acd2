//! The end of a hold's time: the stock goes back, and the payment stays open until the word of another settles it.

use tracing::warn;

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::discrepancy::{Discrepancy, DiscrepancyKind};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::plugin_data::StagedChanges;
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::OutsidePayments;
use crate::reservation_release;
use crate::settlement::messages;

/// Why an attempt whose hold is over waits for an operator.
pub(super) const NOT_REPORTED: &str = "the party that takes the payment has not reported it while the stock was held";

impl OutsidePayments {
    /// Whether the time of a hold is over.
    pub(super) fn is_over(&self, attempt: &Attempt) -> bool {
        attempt.held_until().is_none_or(|until| until <= self.context.now())
    }

    /// When an attempt that waits for an operator is looked at again.
    pub(super) fn next_look(&self) -> Timestamp {
        let pause = self.context.timings.status_checks.last().copied().unwrap_or_default();
        self.context.now().after(pause)
    }

    /// Release the stock of a hold whose time is over, and leave the payment to the operator: time alone ends none.
    pub(crate) async fn end_hold(&self, attempt: Attempt) -> Result<(), CheckoutError> {
        if !self.is_over(&attempt) {
            return Ok(());
        }
        warn!(attempt.id = %attempt.id, "the time of a hold is over: its stock is released");
        let mut staged = self.reservations.stage(&attempt).await;
        loop {
            let is_staged = staged.is_some();
            let unit = self.end_of_hold(&attempt, staged)?;
            match self.context.commit_outcome(&unit).await {
                // The plugin data of the release was changed in the meantime.
                Err(CommitError::PluginData | CommitError::Insufficient { .. }) if is_staged => staged = None,
                Ok(()) if is_staged => return Ok(()),
                Ok(()) => break,
                Err(error) => return Err(error.into()),
            }
        }
        if let Err(error) = self.reservations.release(&attempt).await {
            warn!(attempt.id = %attempt.id, %error, "failed to release the stock of a hold; the outbox will retry");
        }
        self.context.outbox_wake.notify_one();
        Ok(())
    }

    fn end_of_hold(&self, attempt: &Attempt, staged: Option<StagedChanges>) -> Result<UnitOfWork, CheckoutError> {
        let now = self.context.now();
        let release = staged
            .is_none()
            .then(|| reservation_release::of_expired_hold(attempt, now));
        Ok(UnitOfWork {
            attempt: Some(attempt.hold_over(NOT_REPORTED, now, self.next_look())),
            staged: staged.unwrap_or_default(),
            outbox: messages(release)?,
            discrepancy: Some(Discrepancy {
                merchant: attempt.merchant.clone(),
                kind: DiscrepancyKind::OutcomeUnknown,
                subject: attempt.reference.clone(),
                attempt: Some(attempt.id.clone()),
                detail: format!(
                    "{NOT_REPORTED}: look for the checkout {} at {}, and settle the attempt by what became of it there",
                    attempt.session,
                    attempt.payer.provider().unwrap_or("that party"),
                ),
                found: now,
            }),
            ..UnitOfWork::default()
        })
    }
}
