//! What cannot be concluded yet: outcomes that are not known, books that do not agree, money that has to go back.

use tracing::{error, warn};

use tillhouse_checkout::attempt::{Attempt, AttemptState};
use tillhouse_checkout::ids::ProcessorReference;
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit::{AttemptWrite, Break, UnitOfWork};

use super::Payments;
use super::cause::Cause;

impl Payments {
    /// It cannot be told what became of the charge. It is looked up after the next pause of the schedule.
    pub(super) async fn leave_unknown(&self, attempt: &Attempt, reason: &str) {
        warn!(attempt.id = %attempt.id, reason, "outcome unknown");
        let now = self.checkout.clock.now();
        let unknown = Attempt {
            state: AttemptState::Unknown,
            reason: Some(reason.to_owned()),
            unknown_since: attempt.unknown_since.or(Some(now)),
            next_try: Some(self.next_try(attempt.tries)),
            ..attempt.clone()
        };
        self.put(unknown, attempt.state, UnitOfWork::default()).await;
    }

    /// Somebody tried to find out and is no wiser: once more after the next pause.
    pub(super) async fn try_later(&self, attempt: &Attempt, reason: &str) {
        warn!(attempt.id = %attempt.id, state = attempt.state.name(), tries = attempt.tries + 1, reason, "not settled yet");
        let later = Attempt {
            tries: attempt.tries.saturating_add(1),
            reason: Some(reason.to_owned()),
            next_try: Some(self.next_try(attempt.tries.saturating_add(1))),
            ..attempt.clone()
        };
        self.put(later, attempt.state, UnitOfWork::default()).await;
    }

    /// A person has to look. The host goes on asking the processor, slowly: evidence that comes by itself is as good.
    pub(super) async fn review(&self, attempt: &Attempt, kind: &str, detail: &str, cause: Cause<'_>) {
        error!(attempt.id = %attempt.id, kind, detail, "needs review");
        let now = self.checkout.clock.now();
        let pause = self.timings.lookups.last().copied().unwrap_or_default();
        let reviewed = Attempt {
            state: AttemptState::NeedsReview,
            reason: Some(detail.to_owned()),
            unknown_since: attempt.unknown_since.or(Some(now)),
            tries: attempt.tries.saturating_add(1),
            next_try: Some(now.after(pause)),
            ..attempt.clone()
        };
        let found = self.found(attempt, kind, detail, now);
        let unit = cause.mark(UnitOfWork {
            found: Some(found),
            ..UnitOfWork::default()
        });
        self.put(reviewed, attempt.state, unit).await;
    }

    /// Money was taken and there can be no order for it: it goes back.
    pub(super) async fn begin_voiding(
        &self,
        attempt: &Attempt,
        reference: ProcessorReference,
        why: &str,
        cause: &Cause<'_>,
    ) {
        error!(attempt.id = %attempt.id, why, "charged without an order; giving the money back");
        let voiding = Attempt {
            state: AttemptState::Voiding,
            processor_reference: Some(reference.clone()),
            reason: Some(why.to_owned()),
            tries: 0,
            next_try: None,
            ..attempt.clone()
        };
        let found = self.found(attempt, "charged_without_order", why, self.checkout.clock.now());
        let unit = cause.mark(UnitOfWork {
            found: Some(found),
            ..UnitOfWork::default()
        });
        if self.put(voiding, attempt.state, unit).await == Put::ReferenceSeen {
            // Another attempt's charge must not be given back.
            let seen = format!("the processor's reference {reference} belongs to another attempt");
            Box::pin(self.review(attempt, "reference_seen", &seen, cause.clone())).await;
        }
    }

    fn found(&self, attempt: &Attempt, kind: &str, detail: &str, now: Timestamp) -> Break {
        Break {
            merchant: attempt.merchant.clone(),
            kind: kind.to_owned(),
            subject: attempt.reference.clone(),
            attempt: Some(attempt.id.clone()),
            detail: detail.to_owned(),
            found: now,
        }
    }

    /// Never fails: what could not be committed stays as it was, its lease runs out, and it is taken up again.
    pub(super) async fn put(&self, attempt: Attempt, before: AttemptState, unit: UnitOfWork) -> Put {
        let id = attempt.id.clone();
        let unit = UnitOfWork {
            attempt: Some(AttemptWrite::moving(attempt, before)),
            ..unit
        };
        let done = self.commit_outcome(&unit).await;
        self.settle_wake.notify_one();
        match done {
            Ok(()) => Put::Aside,
            Err(CommitError::ReferenceSeen) => Put::ReferenceSeen,
            Err(error) => {
                error!(attempt.id = %id, %error, "an attempt could not be put aside; the settling worker will take it up");
                Put::Not
            }
        }
    }

    pub(super) fn next_try(&self, tries: u32) -> Timestamp {
        let pauses = &self.timings.lookups;
        let pause = usize::try_from(tries)
            .ok()
            .and_then(|at| pauses.get(at))
            .or(pauses.last());
        self.checkout.clock.now().after(pause.copied().unwrap_or_default())
    }
}

/// What became of putting an attempt aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Put {
    Aside,
    ReferenceSeen,
    Not,
}
