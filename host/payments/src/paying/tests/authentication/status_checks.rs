//! What a status check of a payment finds while the processor may answer for the charge before the authentication.

use tillhouse_checkout::decision::{ChargeLookup, ProcessorCapabilities};

use super::*;
use crate::unknown_outcome::make_unknown;

fn no_answer() -> (ChargeOutcome, WireEvidence) {
    (ChargeOutcome::Unknown(None), WireEvidence::FullRequest)
}

fn declined() -> ChargeOutcome {
    ChargeOutcome::Declined {
        code: "do_not_honor".into(),
        retryable: false,
    }
}

/// Rounds of recovery in which the processor finds this.
async fn checked(host: &TestHost, rounds: usize, found: ChargeOutcome) {
    host.processor.set(|script| {
        script.profile = Some(crate::testing::profile());
        let found = std::iter::repeat_n(ChargeLookup::Found(found), rounds);
        script.lookups.extend(found);
    });
    for _ in 0..rounds {
        host.clock.advance(Duration::from_secs(300));
        assert_eq!(host.payments.recovery().run_once().await, 1);
    }
}

#[tokio::test]
async fn a_payment_that_waited_for_the_buyer_is_not_sent_again_after_a_restore() {
    for asking in Asking::BOTH {
        let (host, id) = waiting(asking).await;
        let (sent, resolved) = (charges(&host), host.tokens.resolved().len());
        let attempt = only_attempt(&host, &id).await;
        make_unknown(host.store.as_ref(), &attempt, START, "the store was restored")
            .await
            .unwrap();
        checked(&host, 6, ChargeOutcome::Unknown(None)).await;
        assert_eq!(only_attempt(&host, &id).await.status(), AttemptStatus::Unknown);
        assert_eq!(
            (charges(&host), host.tokens.resolved().len()),
            (sent, resolved),
            "{asking:?}"
        );
    }
}

#[tokio::test]
async fn after_a_second_charge_only_money_that_moved_decides() {
    for (found, status) in [
        (declined(), AttemptStatus::Unknown),
        (action_required("redirect"), AttemptStatus::Unknown),
        (action_required("three_d_secure"), AttemptStatus::Unknown),
        (approved(), AttemptStatus::Approved),
    ] {
        let (host, id) = waiting(Asking::AtTheCharge).await;
        host.processor.set(|script| script.charges.push_back(no_answer()));
        host.complete(authenticated(&id)).await.unwrap();
        checked(&host, 1, found.clone()).await;
        assert_eq!(only_attempt(&host, &id).await.status(), status, "{found:?}");
    }
}

#[tokio::test]
async fn a_lookup_and_a_cancellation_name_the_charge_that_was_made_last() {
    let (host, id) = waiting(Asking::AtTheCharge).await;
    host.processor.set(|script| {
        script.charges.push_back(no_answer());
        script.capabilities = ProcessorCapabilities {
            cancel_by_reference: true,
            ..ProcessorCapabilities::default()
        };
    });
    host.complete(authenticated(&id)).await.unwrap();
    host.clock.advance(Duration::from_secs(24 * 3600));
    checked(&host, 1, ChargeOutcome::Unknown(None)).await;
    let operation = format!("{}-authenticated", only_attempt(&host, &id).await.id);
    assert!(charges(&host).pop().unwrap().contains(&operation));
    let asked = host.processor.read(|script| script.status_calls.clone());
    assert_eq!(
        asked,
        [("lookup", operation.clone()), ("cancel-by-reference", operation)]
    );
}

#[tokio::test]
async fn a_charge_found_to_require_an_authentication_ends_the_payment() {
    let host = TestHost::start();
    let id = host.session_with_3ds().await;
    host.processor.set(|script| script.charges.push_back(no_answer()));
    host.complete(completion(&id)).await.unwrap();
    checked(&host, 1, action_required("three_d_secure")).await;
    let attempt = only_attempt(&host, &id).await;
    assert_eq!(
        (attempt.status(), attempt.reason()),
        (AttemptStatus::Declined, Some("authentication_required"))
    );
    assert_eq!(host.stored(&id).await.state, SessionState::Open);
}

fn approved() -> ChargeOutcome {
    crate::testing::approved(crate::testing::usd(1000))
}
