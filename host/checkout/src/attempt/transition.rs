//! The transitions of an attempt, each as the write that commits it.
//!
//! A transition sets everything that its state cannot be without. The store refuses one that the attempt may not take from
//! where it is, and one whose lease was lost.

#[cfg(test)]
mod tests;

use super::authentication_wait::AuthenticationWait;
use super::history::{AttemptHistory, RetrySchedule};
use super::state::{AttemptState, Paid, SentCharge, Unpaid};
use super::write::AttemptWrite;
use super::{Attempt, ReversalCall, SentReversal, WireEvidence};
use crate::authentication::AuthenticationProof;
use crate::contact::Address;
use crate::decision::Reservation;
use crate::ids::ProcessorReference;
use crate::time::Timestamp;

impl Attempt {
    /// The token is about to be resolved, for a charge that goes to this destination. `token_expires` is as its issuer says.
    #[must_use]
    pub fn resolving(&self, destination: String, token_expires: Option<Timestamp>) -> AttemptWrite {
        let mut next = self.moved(AttemptState::Resolving, self.retry);
        next.history.destination = Some(destination);
        next.history.token_expires = token_expires;
        self.replaced_by(next)
    }

    /// The buyer has to authenticate before the charge: the attempt ends at the end of the wait, unless the agent completes again. A
    /// charge that the processor answered so is over, and `charge_key` is the key of the next, which is another request.
    #[must_use]
    pub fn awaiting_authentication(&self, wait: AuthenticationWait, charge_key: Option<String>) -> AttemptWrite {
        let retry = RetrySchedule {
            tries: 0,
            next: Some(wait.until),
        };
        let mut next = self.moved(AttemptState::AuthenticationRequired(wait), retry);
        next.history.proof = None;
        if let Some(charge_key) = charge_key {
            next.charge_key = charge_key;
        }
        self.replaced_by(next)
    }

    /// The agent has completed again, with this result of the authentication: the attempt begins again, to be charged with it.
    #[must_use]
    pub fn authenticated(&self, proof: AuthenticationProof) -> AttemptWrite {
        // The first resolve of a token that was resolved before is not the first of its key.
        let retry = RetrySchedule {
            tries: u32::from(self.waits_with_resolved_token()),
            next: None,
        };
        let mut next = self.moved(AttemptState::Reserved, retry);
        next.history = AttemptHistory {
            proof: Some(proof),
            charge: None,
            wire: WireEvidence::default(),
            reason: None,
            ..next.history
        };
        self.replaced_by(next)
    }

    /// The charge is about to be sent: committed before its first byte leaves.
    #[must_use]
    pub fn charging(&self, digest: &str, now: Timestamp) -> AttemptWrite {
        let charge = SentCharge {
            digest: digest.to_owned(),
            sent: now,
        };
        let mut next = self.moved(AttemptState::Charging(charge), self.retry);
        next.history.wire = WireEvidence::SomeBytesWritten;
        self.replaced_by(next)
    }

    /// The same charge is about to be sent once more. No other host resumes the attempt before `until`.
    #[must_use]
    pub fn charging_again(&self, now: Timestamp, until: Timestamp) -> AttemptWrite {
        let retry = RetrySchedule {
            next: Some(until),
            ..self.retry
        };
        let state = AttemptState::Unknown {
            since: now,
            reason: self.reason().unwrap_or_default().to_owned(),
        };
        self.replaced_by(self.moved(state, retry))
    }

    /// The outcome of the charge is unknown.
    #[must_use]
    pub fn unknown(&self, reason: &str, now: Timestamp, next: Timestamp) -> AttemptWrite {
        let state = AttemptState::Unknown {
            since: self.unknown_since().unwrap_or(now),
            reason: reason.to_owned(),
        };
        let retry = RetrySchedule {
            next: Some(next),
            ..self.retry
        };
        self.replaced_by(self.moved(state, retry))
    }

    /// The store was restored from a backup: until now, the former host may have sent anything.
    #[must_use]
    pub fn restored(&self, reason: &str, now: Timestamp) -> AttemptWrite {
        let state = AttemptState::Unknown {
            since: now,
            reason: reason.to_owned(),
        };
        self.replaced_by(self.moved(state, RetrySchedule::default()))
    }

    /// A try that decided nothing: the attempt stays in its state, and is resumed at `next`.
    #[must_use]
    pub fn postponed(&self, reason: &str, next: Timestamp) -> AttemptWrite {
        let mut later = self.clone();
        later.retry = RetrySchedule {
            tries: self.retry.tries.saturating_add(1),
            next: Some(next),
        };
        match &mut later.state {
            AttemptState::Unknown { reason: last, .. }
            | AttemptState::NeedsReview { reason: last, .. }
            | AttemptState::Voiding { reason: last, .. } => reason.clone_into(last),
            _ => later.history.reason = Some(reason.to_owned()),
        }
        self.replaced_by(later)
    }

    /// An operator has to look.
    #[must_use]
    pub fn needs_review(&self, reason: &str, now: Timestamp, next: Timestamp) -> AttemptWrite {
        let state = AttemptState::NeedsReview {
            since: self.unknown_since().unwrap_or(now),
            reason: reason.to_owned(),
        };
        let retry = RetrySchedule {
            tries: self.retry.tries.saturating_add(1),
            next: Some(next),
        };
        self.replaced_by(self.moved(state, retry))
    }

    /// The payment of the other party takes its time: its stock is held until then.
    #[must_use]
    pub fn held_longer(&self, until: Timestamp) -> AttemptWrite {
        let retry = RetrySchedule {
            next: Some(until),
            ..self.retry
        };
        self.replaced_by(self.moved(AttemptState::Awaiting { until }, retry))
    }

    /// The time of a hold is over: its stock is released, and the payment of the other party may still be reported.
    #[must_use]
    pub fn hold_over(&self, reason: &str, now: Timestamp, next: Timestamp) -> AttemptWrite {
        let mut review = self.needs_review(reason, now, next).into_attempt();
        review.history.without_stock = true;
        self.replaced_by(review)
    }

    /// The other party reports a payment that is not expected any more: an operator decides what becomes of it.
    #[must_use]
    pub fn paid_late(
        &self,
        reference: Option<&ProcessorReference>,
        reason: &str,
        now: Timestamp,
        next: Timestamp,
    ) -> AttemptWrite {
        let mut review = self.needs_review(reason, now, next).into_attempt();
        review.history.paid_late = true;
        review.history.processor_reference = reference.or(review.history.processor_reference.as_ref()).cloned();
        self.replaced_by(review)
    }

    /// The same attempt, with stock that was reserved again for a payment that was reported late.
    #[must_use]
    pub fn with_stock(&self, reservation: Reservation) -> Self {
        let mut next = self.clone();
        next.reservation = reservation;
        next.history.without_stock = false;
        next
    }

    /// Money was taken and the order cannot be made: the charge has to be voided or refunded, at once.
    #[must_use]
    pub fn voiding(&self, charge: ProcessorReference, reason: &str) -> AttemptWrite {
        let state = AttemptState::Voiding {
            charge,
            reason: reason.to_owned(),
        };
        let mut next = self.moved(state, RetrySchedule::default());
        // The call of an earlier reversal may still arrive, and is asked about first: by any host, so that the lease is not kept.
        next.retry.next = next.history.reversal.map(|sent| sent.last);
        self.replaced_by(next)
    }

    /// A call that reverses the charge is about to be made: committed before it is, so that a repetition asks first what became
    /// of it. The host keeps its lease for the call.
    #[must_use]
    pub fn reversing(&self, call: ReversalCall, now: Timestamp) -> AttemptWrite {
        let mut next = self.clone();
        let earlier = self.history.reversal.filter(|sent| sent.call == call);
        next.history.reversal = Some(SentReversal {
            call,
            first: earlier.map_or(now, |sent| sent.first),
            last: now,
        });
        next.retry.next = None;
        self.replaced_by(next)
    }

    /// The processor refused to reverse the charge, so that nothing of that call can still arrive; an operator has to look.
    #[must_use]
    pub fn reversal_refused(&self) -> Self {
        let mut next = self.clone();
        next.history.reversal = None;
        next
    }

    /// Paid: the processor approved the charge, or nothing was due.
    #[must_use]
    pub fn approved(&self, paid: Paid, now: Timestamp) -> AttemptWrite {
        let state = AttemptState::Approved { paid, settled: now };
        self.replaced_by(self.moved(state, self.no_more_retries()))
    }

    /// The other party names the payment that it took and reported without a reference; `None` where its reference is known.
    #[must_use]
    pub fn referenced(&self, reference: ProcessorReference) -> Option<AttemptWrite> {
        let AttemptState::Approved {
            paid: Paid::Unreferenced,
            settled,
        } = &self.state
        else {
            return None;
        };
        let state = AttemptState::Approved {
            paid: Paid::Charge(reference),
            settled: *settled,
        };
        Some(self.replaced_by(self.moved(state, self.retry)))
    }

    /// Unpaid: the attempt ended, and no money moves.
    #[must_use]
    pub fn ended(&self, how: Unpaid, now: Timestamp) -> AttemptWrite {
        self.replaced_by(self.moved(how.at(now), self.no_more_retries()))
    }

    /// The same attempt, billed to the address that came with the card unless the agent named another.
    #[must_use]
    pub fn billed_to(&self, address_of_card: Option<&Address>) -> Self {
        let mut next = self.clone();
        next.billing = next.billing.or_else(|| address_of_card.cloned());
        next
    }

    /// A resolution that another task or host began, continued by this one: its charge may go to another destination.
    #[must_use]
    pub fn resumed(&self, destination: String) -> Self {
        let mut next = self.clone();
        next.retry = RetrySchedule::default();
        next.history = AttemptHistory {
            destination: Some(destination),
            reason: None,
            ..next.history
        };
        next
    }

    const fn no_more_retries(&self) -> RetrySchedule {
        RetrySchedule {
            tries: self.retry.tries,
            next: None,
        }
    }

    fn moved(&self, state: AttemptState, retry: RetrySchedule) -> Self {
        Self {
            history: self.history.after(&self.state).beside(&state),
            state,
            retry,
            ..self.clone()
        }
    }

    const fn replaced_by(&self, next: Self) -> AttemptWrite {
        AttemptWrite::replacing(next, self.status())
    }
}
