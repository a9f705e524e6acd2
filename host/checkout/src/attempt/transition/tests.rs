//! What each transition leaves of an attempt.

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
