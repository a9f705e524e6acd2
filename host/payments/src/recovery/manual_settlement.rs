//! Manual settlement: an operator who knows what became of a charge says so.

use std::sync::Arc;

use tillhouse_checkout::attempt::{Attempt, AttemptStatus, Paid};
use tillhouse_checkout::audit::AuditEntry;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{AttemptId, ProcessorReference};

use super::Recovery;
use crate::ordering::Ordering;
use crate::settlement::{Ending, PaymentOutcome, SETTLED_BY_OPERATOR, Trigger};

/// What an operator knows of a charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnownOutcome {
    /// Money was taken, under this reference of the processor.
    Charged(ProcessorReference),
    /// Money was not taken, or was refunded, and will not be taken.
    NotCharged,
}

/// Why an attempt was not settled. Nothing was changed, unless the variant says so.
#[derive(Debug, thiserror::Error)]
pub enum ManualSettlementError {
    /// The store has no attempt with this id.
    #[error("there is no attempt {0}")]
    Absent(AttemptId),
    /// The attempt is in a state that needs no operator.
    #[error(
        "attempt {id} is {}: only one that is unknown or needs_review can be settled, and one that is voiding with --not-charged",
        status.name()
    )]
    NotSettleable {
        /// Attempt that was named.
        id: AttemptId,
        /// Its status, which does not allow a manual settlement.
        status: AttemptStatus,
    },
    /// Without the processor's reference it cannot be told which charge was made.
    #[error("the processor's reference of the charge is empty")]
    NoReference,
    /// A worker holds the lease of the attempt.
    #[error("attempt {0} is being worked on; retry in a few seconds")]
    Busy(AttemptId),
    /// The ledger contradicts what was said; the attempt, as it was committed, says why.
    #[error("attempt {} could not be settled as stated, and is {} now: {}", .0.id, .0.status().name(), .0.reason().unwrap_or("see the log of the host"))]
    Contradicted(Box<Attempt>),
    /// The store gave no answer, or the session is unknown.
    #[error(transparent)]
    Checkout(#[from] CheckoutError),
}

impl Recovery {
    /// Settle an attempt as an operator says, with all that follows from it as from an answer of the processor: outcome, order,
    /// session, report and events, together with the audit entry, in one commit.
    ///
    /// The entry is made from the attempt as it was.
    ///
    /// # Errors
    /// When the attempt does not allow that, a worker holds it, or what was said contradicts the ledger.
    pub async fn settle_manually(
        &self,
        id: &AttemptId,
        known: KnownOutcome,
        entry: impl FnOnce(&Attempt) -> AuditEntry + Send,
    ) -> Result<Attempt, ManualSettlementError> {
        let seen = self.attempt(id).await?;
        check(&seen, &known)?;
        let attempt = self
            .lease(&seen)
            .await?
            .ok_or_else(|| ManualSettlementError::Busy(id.clone()))?;
        let _guard = self.context.in_progress.begin(attempt.id.clone(), attempt.epoch);
        // If it has moved on in between, the lease expires by itself.
        check(&attempt, &known)?;
        let trigger = Trigger::Operator(entry(&attempt));
        let session = self.context.session_paid_by(&attempt).await?;
        let wanted = match (&known, attempt.status()) {
            (KnownOutcome::Charged(_), _) if session.is_none() => AttemptStatus::Voiding,
            (KnownOutcome::Charged(_), _) => AttemptStatus::Approved,
            (KnownOutcome::NotCharged, AttemptStatus::Voiding) => AttemptStatus::Voided,
            (KnownOutcome::NotCharged, _) => AttemptStatus::Declined,
        };
        match (known, session) {
            (KnownOutcome::NotCharged, session) => {
                let ending = match wanted {
                    AttemptStatus::Voided => Ending::reversed(SETTLED_BY_OPERATOR.to_owned()),
                    _ => Ending::never_charged(SETTLED_BY_OPERATOR),
                };
                self.settlement.end_unpaid(session, attempt, ending, trigger).await?;
            }
            (KnownOutcome::Charged(reference), Some(session)) if attempt.payer.is_elsewhere() => {
                let (merchant, paid) = (attempt.merchant.clone(), Paid::Charge(reference.clone()));
                let approved = self.settlement.approve_reported(session, attempt, paid, trigger);
                Box::pin(approved).await?;
                let ordering = Ordering::new(Arc::clone(&self.context));
                ordering.take_kept_reports(&merchant, &reference).await?;
            }
            (KnownOutcome::Charged(reference), Some(session)) => {
                let outcome = PaymentOutcome::Approved(Paid::Charge(reference));
                self.settlement.settle_found(session, attempt, outcome, trigger).await?;
            }
            (KnownOutcome::Charged(reference), None) => {
                let why = "the checkout session is no longer being paid";
                self.settlement.begin_voiding(&attempt, reference, why, &trigger).await;
            }
        }
        let now = self.attempt(id).await?;
        if now.status() == wanted {
            Ok(now)
        } else {
            Err(ManualSettlementError::Contradicted(Box::new(now)))
        }
    }

    async fn attempt(&self, id: &AttemptId) -> Result<Attempt, ManualSettlementError> {
        let found = self.context.store().attempt(id).await.map_err(CheckoutError::from)?;
        found.ok_or_else(|| ManualSettlementError::Absent(id.clone()))
    }
}

fn check(attempt: &Attempt, known: &KnownOutcome) -> Result<(), ManualSettlementError> {
    match (attempt.status(), known) {
        (_, KnownOutcome::Charged(reference)) if reference.as_str().is_empty() => {
            Err(ManualSettlementError::NoReference)
        }
        (AttemptStatus::Unknown | AttemptStatus::NeedsReview, _)
        | (AttemptStatus::Voiding, KnownOutcome::NotCharged) => Ok(()),
        (status, _) => Err(ManualSettlementError::NotSettleable {
            id: attempt.id.clone(),
            status,
        }),
    }
}
