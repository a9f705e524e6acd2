//! Settling by hand: a person who knows what became of a charge says so (reliability reference §1.4, step 5).

use tillhouse_checkout::attempt::{Attempt, AttemptState};
use tillhouse_checkout::audit::AuditEntry;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{AttemptId, ProcessorReference};

use super::Payments;
use super::cause::Cause;
use super::conclude::Ending;

/// Why an attempt that nobody charged is over, as the attempt and the report to Stripe have it.
const BY_OPERATOR: &str = "settled_by_operator";

/// What a person knows of a charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Knowledge {
    /// Money was taken, under this reference of the processor.
    Charged(ProcessorReference),
    /// Money was not taken, or went back, and will not be taken.
    NotCharged,
}

/// Why an attempt was not settled. Nothing was changed, unless it says so.
#[derive(Debug, thiserror::Error)]
pub enum ByHandError {
    /// There is no such attempt.
    #[error("there is no attempt {0}")]
    Absent(AttemptId),
    /// Nothing about it is to be settled.
    #[error(
        "attempt {id} is {}: only one that is unknown or needs_review can be settled, and one that is voiding with --not-charged",
        state.name()
    )]
    Settled {
        /// The attempt.
        id: AttemptId,
        /// Where it is.
        state: AttemptState,
    },
    /// A worker has it.
    #[error("attempt {0} is being worked on at this moment; try again in a few seconds")]
    Busy(AttemptId),
    /// What was said cannot be; the attempt says why.
    #[error("attempt {} could not be settled so and is {} now: {}", .0.id, .0.state.name(), .0.reason.as_deref().unwrap_or("see the log of the host"))]
    Contradicted(Box<Attempt>),
    /// The store or the books do not allow it.
    #[error(transparent)]
    Checkout(#[from] CheckoutError),
}

impl Payments {
    /// End an attempt as a person says, with everything that an answer of the processor would bring about: outcome, order,
    /// session, report and notices, and the audit entry beside them, in one commit.
    ///
    /// The entry is made from the attempt as it was.
    ///
    /// # Errors
    /// When the attempt is not open to that, a worker has it, or what was said contradicts the books.
    pub async fn settle_by_hand(
        &self,
        id: &AttemptId,
        known: Knowledge,
        entry: impl FnOnce(&Attempt) -> AuditEntry + Send,
    ) -> Result<Attempt, ByHandError> {
        let seen = self.attempt_named(id).await?;
        check(&seen, &known)?;
        let claimed = self.claim(&seen).await?.ok_or_else(|| ByHandError::Busy(id.clone()))?;
        let _driving = self.driven.take(claimed.id.clone(), claimed.epoch);
        // Should it have moved on in between, the lease runs out by itself.
        check(&claimed, &known)?;
        let cause = Cause::settled(entry(&claimed));
        let session = self.still_paying(&claimed).await?;
        let wanted = match (&known, claimed.state) {
            (Knowledge::Charged(_), _) if session.is_none() => AttemptState::Voiding,
            (Knowledge::Charged(_), _) => AttemptState::Approved,
            (Knowledge::NotCharged, AttemptState::Voiding) => AttemptState::Voided,
            (Knowledge::NotCharged, _) => AttemptState::Declined,
        };
        match (known, session) {
            (Knowledge::NotCharged, session) => {
                self.refuse(session, claimed, wanted, BY_OPERATOR, cause).await?;
            }
            (Knowledge::Charged(reference), Some(session)) => {
                self.settle(session, claimed, Ending::Approved(reference), cause)
                    .await?;
            }
            (Knowledge::Charged(reference), None) => {
                let why = "the checkout is no longer being paid";
                self.begin_voiding(&claimed, reference, why, &cause).await;
            }
        }
        let now = self.attempt_named(id).await?;
        if now.state == wanted {
            Ok(now)
        } else {
            Err(ByHandError::Contradicted(Box::new(now)))
        }
    }

    async fn attempt_named(&self, id: &AttemptId) -> Result<Attempt, ByHandError> {
        let found = self.checkout.store.attempt(id).await.map_err(CheckoutError::from)?;
        found.ok_or_else(|| ByHandError::Absent(id.clone()))
    }
}

fn check(attempt: &Attempt, known: &Knowledge) -> Result<(), ByHandError> {
    match (attempt.state, known) {
        (AttemptState::Unknown | AttemptState::NeedsReview, _) | (AttemptState::Voiding, Knowledge::NotCharged) => {
            Ok(())
        }
        (state, _) => Err(ByHandError::Settled {
            id: attempt.id.clone(),
            state,
        }),
    }
}
