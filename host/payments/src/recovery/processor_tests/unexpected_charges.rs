//! Webhooks of charges that were made for attempts that expect none.

use tillhouse_checkout::attempt::Unpaid;
use tillhouse_checkout::session::SessionState;

use super::*;
use crate::testing::action_required;

/// An approval of the attempt of [`TestHost::with_attempt`].
fn approval_of_charge(charge: &str) -> ProcessorEvent {
    let approved = ChargeOutcome::Approved {
        processor_reference: charge.into(),
        minor: 4598,
        currency: "usd".into(),
        captured: true,
    };
    event("e1", ProcessorReport::Charge(approved))
}

#[tokio::test]
async fn a_charge_for_an_attempt_that_ended_unpaid_is_left_to_an_operator_once() {
    let host = TestHost::start();
    let declined = Unpaid::Declined("do_not_honor".into()).at(START);
    let id = host.with_attempt(declined).await;
    assert_eq!(handled_events(&host, vec![approval_of_charge("ch_1")]).await, 1);
    assert_eq!(handled_events(&host, vec![approval_of_charge("ch_1")]).await, 0);
    let expected = Discrepancy {
        merchant: merchant(),
        kind: DiscrepancyKind::ChargedElsewhere,
        subject: "ch_1".into(),
        attempt: Some(id.clone()),
        detail: "event e1 says that charge ch_1 was made, and the attempt is declined here".into(),
        found: START,
    };
    assert_eq!(discrepancies(&host).await, [expected]);
    assert_eq!(host.attempt(&id).await.status(), AttemptStatus::Declined);
    assert_eq!(inbox(&host).await.len(), 1);
}

#[tokio::test]
async fn only_another_charge_than_the_one_that_is_reversed_is_unexpected() {
    for (charge, count) in [("ch_1", 0), ("ch_2", 1)] {
        let host = with_decided_attempt().await;
        assert_eq!(handled_events(&host, vec![approval_of_charge(charge)]).await, 1);
        assert_eq!(discrepancies(&host).await.len(), count, "{charge}");
    }
}

#[tokio::test]
async fn a_charge_that_is_made_while_the_payment_waits_for_the_buyer_pays_it() {
    let host = TestHost::start();
    let asked = (action_required("three_d_secure"), WireEvidence::Answered);
    host.processor.set(|script| script.charges.push_back(asked));
    let id = host.session_with_3ds().await;
    host.complete(completion(&id)).await.unwrap();
    let [waiting] = host.attempts(&id).await.try_into().unwrap();
    assert_eq!(waiting.status(), AttemptStatus::AuthenticationRequired);
    assert_eq!(handled_events(&host, vec![approval(&waiting, amount(1000))]).await, 1);
    assert_eq!(host.attempt(&waiting.id).await.status(), AttemptStatus::Approved);
    assert!(matches!(host.stored(&id).await.state, SessionState::Completed { .. }));
}
