//! The transitions of an attempt, each as the write that commits it.
//!
//! A transition sets everything that its state cannot be without. The store refuses one that the attempt may not take from
//! where it is, and one whose lease was lost.

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

#[cfg(test)]
mod tests {
    use super::super::fixture::attempt;
    use super::*;
    use crate::attempt::AttemptStatus::{Approved, Charging, NeedsReview, Unknown, Voided, Voiding};
    use crate::authentication::{AuthenticationOutcome, ThreeDSecure};
    use crate::payer::Payer;

    const NOW: Timestamp = Timestamp(2000);
    const LATER: Timestamp = Timestamp(3000);

    fn reference() -> ProcessorReference {
        ProcessorReference::new("ch_1")
    }

    fn charged() -> Attempt {
        let resolving = attempt().resolving("processor@1".to_owned(), None).into_attempt();
        resolving.charging("d1", NOW).into_attempt()
    }

    fn wait(token_resolved: bool) -> AuthenticationWait {
        AuthenticationWait {
            requirements: Box::new(ThreeDSecure {
                acquirer_bin: "411111".into(),
                acquirer_country: "US".into(),
                merchant_id: "m_1".into(),
                merchant_name: "Acme".into(),
                requestor_id: None,
                directory_server: "visa".into(),
                flow: None,
            }),
            until: LATER,
            token_resolved,
        }
    }

    fn proof() -> AuthenticationProof {
        AuthenticationProof {
            outcome: AuthenticationOutcome::Authenticated,
            eci: Some("05".into()),
            transaction_id: None,
            version: None,
            has_cryptogram: true,
        }
    }

    #[test]
    fn a_charge_after_an_authentication_is_another_request_for_the_same_token() {
        let asked = charged().awaiting_authentication(wait(true), Some("charge-2".to_owned()));
        assert_eq!(asked.replaces(), Some(Charging));
        let asked = asked.into_attempt();
        assert!(!asked.keeps_lease(), "any host may end it, or continue it");
        assert_eq!(asked.retry.next, Some(LATER));
        let again = asked.authenticated(proof()).into_attempt();
        assert!(again.keeps_lease());
        assert_eq!(
            (again.charge_key.as_str(), again.resolve_key.as_str()),
            ("charge-2", "resolve")
        );
        assert_eq!((again.charge(), again.retry.tries), (None, 1));
        assert_eq!(again.authentication_wait(), Some(&wait(true)));
        assert_eq!(again.history.proof, Some(proof()));
        let back = again.awaiting_authentication(wait(true), None).into_attempt();
        assert_eq!((back.history.proof, back.charge_key.as_str()), (None, "charge-2"));
    }

    #[test]
    fn a_transition_names_the_status_that_it_replaces() {
        let write = charged().approved(Paid::Charge(reference()), LATER);
        assert_eq!((write.replaces(), write.attempt().status()), (Some(Charging), Approved));
    }

    #[test]
    fn what_a_state_held_is_not_lost_with_it() {
        let unknown = charged().unknown("no answer", NOW, LATER).into_attempt();
        assert_eq!((unknown.status(), unknown.retry.next), (Unknown, Some(LATER)));
        assert_eq!(unknown.charge().map(|charge| charge.digest.as_str()), Some("d1"));
        let review = unknown.needs_review("still none", LATER, LATER).into_attempt();
        assert_eq!((review.status(), review.retry.tries), (NeedsReview, 1));
        assert_eq!(review.unknown_since(), Some(NOW), "since the outcome was first unknown");
        let voiding = review.voiding(reference(), "no order").into_attempt();
        assert_eq!((voiding.status(), voiding.retry), (Voiding, RetrySchedule::default()));
        let voided = voiding.ended(Unpaid::Voided("refunded".into()), LATER).into_attempt();
        assert_eq!((voided.status(), voided.reason()), (Voided, Some("refunded")));
        assert_eq!(voided.processor_reference(), Some(&reference()));
        assert_eq!(voided.unknown_since(), Some(NOW));
    }

    #[test]
    fn a_host_keeps_its_lease_for_a_call_that_reverses_and_for_no_longer() {
        let voiding = charged().voiding(reference(), "no order").into_attempt();
        assert!(!voiding.keeps_lease(), "any host may begin");
        let calling = voiding.reversing(ReversalCall::Void, NOW).into_attempt();
        assert_eq!((calling.status(), calling.keeps_lease()), (Voiding, true));
        let waiting = calling.postponed("unknown", LATER).into_attempt();
        assert_eq!(
            (waiting.history.reversal.map(|sent| sent.call), waiting.keeps_lease()),
            (Some(ReversalCall::Void), false)
        );
        assert!(
            waiting
                .reversing(ReversalCall::Refund, NOW)
                .into_attempt()
                .keeps_lease()
        );
        let review = waiting.needs_review("no refund", LATER, LATER).into_attempt();
        assert!(!review.keeps_lease());
        for review in [review.reversal_refused(), review] {
            let again = review.voiding(reference(), "no order").into_attempt();
            assert!(!again.keeps_lease(), "any host may ask what became of the call");
            assert_eq!(again.history.reversal, review.history.reversal);
        }
    }

    #[test]
    fn a_repeated_call_keeps_the_time_of_the_first_and_another_call_begins_anew() {
        let voiding = charged().voiding(reference(), "no order").into_attempt();
        let once = voiding.reversing(ReversalCall::Void, NOW).into_attempt();
        let twice = once.reversing(ReversalCall::Void, LATER).into_attempt();
        let refund = twice.reversing(ReversalCall::Refund, LATER).into_attempt();
        for (attempt, call, first, last) in [
            (once, ReversalCall::Void, NOW, NOW),
            (twice, ReversalCall::Void, NOW, LATER),
            (refund, ReversalCall::Refund, LATER, LATER),
        ] {
            assert_eq!(attempt.history.reversal, Some(SentReversal { call, first, last }));
        }
    }

    #[test]
    fn every_attempt_that_a_transition_makes_is_read_as_it_was_written() {
        let resolving = attempt()
            .resolving("processor@1".to_owned(), Some(LATER))
            .into_attempt();
        let waiting = charged()
            .awaiting_authentication(wait(true), Some("charge-2".to_owned()))
            .into_attempt();
        let unknown = charged().unknown("no answer", NOW, LATER).into_attempt();
        let voiding = unknown.voiding(reference(), "no order").into_attempt();
        let held = Attempt {
            payer: Payer::Elsewhere {
                provider: "adyen".into(),
            },
            state: AttemptState::Awaiting { until: LATER },
            ..attempt()
        };
        for written in [
            held.hold_over("not reported", LATER, LATER).into_attempt(),
            held.paid_late(Some(&reference()), "late", LATER, LATER).into_attempt(),
            held.approved(Paid::Charge(reference()), LATER).into_attempt(),
            held.approved(Paid::Unreferenced, LATER).into_attempt(),
            held,
            attempt(),
            attempt().awaiting_authentication(wait(false), None).into_attempt(),
            waiting.authenticated(proof()).into_attempt(),
            waiting,
            resolving.postponed("503", LATER).into_attempt(),
            resolving,
            charged(),
            charged().approved(Paid::Charge(reference()), LATER).into_attempt(),
            charged()
                .ended(Unpaid::Declined("do_not_honor".into()), LATER)
                .into_attempt(),
            unknown.charging_again(LATER, LATER).into_attempt(),
            unknown.postponed("pending", LATER).into_attempt(),
            unknown.needs_review("an hour", LATER, LATER).into_attempt(),
            unknown.approved(Paid::Charge(reference()), LATER).into_attempt(),
            unknown.restored("restored", LATER).into_attempt(),
            unknown,
            voiding.needs_review("no refund", LATER, LATER).into_attempt(),
            voiding.ended(Unpaid::Voided("voided".into()), LATER).into_attempt(),
            voiding.reversing(ReversalCall::Refund, LATER).into_attempt(),
            voiding,
        ] {
            let json = serde_json::to_string(&written).unwrap();
            assert_eq!(serde_json::from_str::<Attempt>(&json).unwrap(), written, "{json}");
        }
    }
}
