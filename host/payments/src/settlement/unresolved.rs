//! Attempts that cannot be settled yet: unknown outcomes, discrepancies, charges to reverse.

use tracing::{error, warn};

use tillhouse_checkout::attempt::{Attempt, AttemptWrite};
use tillhouse_checkout::discrepancy::{Discrepancy, DiscrepancyKind};
use tillhouse_checkout::ids::ProcessorReference;
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::approval::reference_seen;
use super::{Settlement, Trigger};

impl Settlement {
    /// The outcome of the charge is unknown; its status is checked after the next backoff.
    pub(crate) async fn leave_unknown(&self, attempt: &Attempt, reason: &str) {
        warn!(attempt.id = %attempt.id, reason, "the outcome of the charge is unknown");
        let next = self.context.next_try(attempt.retry.tries);
        let write = attempt.unknown(reason, self.context.now(), next);
        self.put(write, UnitOfWork::default()).await;
    }

    /// The try was inconclusive; schedule the next one.
    pub(crate) async fn retry_later(&self, attempt: &Attempt, reason: &str) {
        let tries = attempt.retry.tries.saturating_add(1);
        warn!(attempt.id = %attempt.id, state = attempt.status().name(), tries, reason, "not settled yet; will retry");
        let next = self.context.next_try(tries);
        self.put(attempt.postponed(reason, next), UnitOfWork::default()).await;
    }

    /// Only an operator, or the party that takes the payment, can settle it: it stays as it is.
    pub(crate) async fn wait_for_operator(&self, attempt: &Attempt) {
        let reason = attempt.reason().unwrap_or_default().to_owned();
        let next = self.context.next_try(u32::MAX);
        self.put(attempt.postponed(&reason, next), UnitOfWork::default()).await;
    }

    /// Postpone an attempt until a given time.
    pub(crate) async fn postpone(&self, attempt: &Attempt, reason: &str, next: Timestamp) {
        self.put(attempt.postponed(reason, next), UnitOfWork::default()).await;
    }

    /// An operator has to look. The host continues to check the status, slowly: an answer of the processor settles it as well.
    pub(crate) async fn request_review(
        &self,
        attempt: &Attempt,
        kind: DiscrepancyKind,
        detail: &str,
        trigger: &Trigger<'_>,
    ) {
        error!(attempt.id = %attempt.id, kind = kind.as_str(), detail, "attempt needs review by an operator");
        let now = self.context.now();
        let pause = self.context.timings.status_checks.last().copied().unwrap_or_default();
        let write = attempt.needs_review(detail, now, now.after(pause));
        let unit = trigger.add_to(UnitOfWork {
            discrepancy: Some(discrepancy(attempt, kind, detail, now)),
            ..UnitOfWork::default()
        });
        self.put(write, unit).await;
    }

    /// Money was taken and the order cannot be made: the charge is voided or refunded.
    pub(crate) async fn begin_voiding(
        &self,
        attempt: &Attempt,
        reference: ProcessorReference,
        why: &str,
        trigger: &Trigger<'_>,
    ) {
        error!(attempt.id = %attempt.id, why, "charged without an order; the charge will be voided or refunded");
        let write = attempt.voiding(reference.clone(), why);
        let now = self.context.now();
        let unit = trigger.add_to(UnitOfWork {
            discrepancy: Some(discrepancy(attempt, DiscrepancyKind::ChargedWithoutOrder, why, now)),
            ..UnitOfWork::default()
        });
        if self.put(write, unit).await == CommitResult::ReferenceSeen {
            // Another attempt's charge must not be reversed.
            let detail = reference_seen(reference);
            Box::pin(self.request_review(attempt, DiscrepancyKind::ReferenceSeen, &detail, trigger)).await;
        }
    }

    /// Never fails: an attempt that could not be committed stays as it was, its lease expires, and recovery resumes it.
    async fn put(&self, write: AttemptWrite, unit: UnitOfWork) -> CommitResult {
        let id = write.attempt().id.clone();
        let unit = UnitOfWork {
            attempt: Some(write),
            ..unit
        };
        let done = self.context.commit_outcome(&unit).await;
        self.context.recovery_wake.notify_one();
        match done {
            Ok(()) => CommitResult::Done,
            Err(CommitError::ReferenceSeen) => CommitResult::ReferenceSeen,
            Err(error) => {
                error!(attempt.id = %id, %error, "failed to commit the state of an attempt; recovery will resume it");
                CommitResult::Failed
            }
        }
    }
}

/// Whether a state that is not final was committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CommitResult {
    Done,
    ReferenceSeen,
    Failed,
}

pub(super) fn discrepancy(attempt: &Attempt, kind: DiscrepancyKind, detail: &str, now: Timestamp) -> Discrepancy {
    Discrepancy {
        merchant: attempt.merchant.clone(),
        kind,
        subject: attempt.reference.clone(),
        attempt: Some(attempt.id.clone()),
        detail: detail.to_owned(),
        found: now,
    }
}
