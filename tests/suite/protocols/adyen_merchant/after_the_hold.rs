//! A payment that Adyen reports when the hold's time is over: the stock is sold to others, and the money is the operator's to judge.

use std::time::Duration;

use serde_json::Value;
use tillhouse_checkout::attempt::AttemptStatus;
use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_sandbox::adyen::MerchantCall;
use tillhouse_tests::eventually::{fast_timings, wait_until};
use tillhouse_tests::{Merchant, TestHost};

use super::calls::Calls;
use super::{discrepancies, is, paid};

const HOLD: Duration = Duration::from_secs(900);

async fn start() -> TestHost {
    let builder = TestHost::builder().merchant(Merchant::of_the_document());
    builder.frozen().timings(fast_timings()).start().await
}

async fn status(host: &TestHost, session: &str) -> AttemptStatus {
    host.attempts_of(session).await[0].state.status()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_in_the_last_second_of_the_hold_makes_the_order() {
    let host = start().await;
    let calls = Calls(host.adyen_sandbox());
    calls.held("ad_1").await;
    host.clock.advance(HOLD - Duration::from_millis(1));
    // Recovery ran in between: another session's stock is looked at.
    calls.held("ad_2").await;
    assert_eq!(
        calls.outcome(MerchantCall::Finalize, "ad_1", &paid("P1")).await,
        is(204, "")
    );
    assert!(discrepancies(&host).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_after_the_hold_is_for_the_operator_and_its_stock_for_others() {
    let host = start().await;
    let calls = Calls(host.adyen_sandbox());
    let created = calls.send(MerchantCall::Session, "ad_1", &super::cart(100)).await;
    let total = created.body["totals"].as_array().unwrap();
    let total = total.iter().find(|total| total["type"] == "total").unwrap()["amount"].clone();
    assert_eq!(
        calls.outcome(MerchantCall::Commit, "ad_1", &Value::Null).await,
        is(200, "")
    );
    host.clock.advance(HOLD + Duration::from_secs(1));
    wait_until("the hold is over", async || {
        status(&host, "ad_1").await == AttemptStatus::NeedsReview
    })
    .await;
    let unknown = DiscrepancyKind::OutcomeUnknown;
    assert_eq!(discrepancies(&host).await, [unknown], "time alone ends no payment");
    calls.created("ad_2").await;
    assert_eq!(
        calls.outcome(MerchantCall::Commit, "ad_2", &Value::Null).await,
        is(200, "")
    );
    let report = serde_json::json!({"pspReference": "P1", "resultCode": "Authorised",
        "amount": {"value": total, "currency": "USD"}});
    for _ in 0..2 {
        let late = calls.outcome(MerchantCall::Finalize, "ad_1", &report).await;
        assert_eq!(late, is(409, "INVALID_STATE"));
    }
    let kinds = discrepancies(&host).await;
    let late = kinds.iter().filter(|kind| **kind == DiscrepancyKind::PaidAfterEnd);
    assert_eq!((kinds.len(), late.count()), (2, 1), "told once: {kinds:?}");
    assert_eq!(
        calls.outcome(MerchantCall::Finalize, "ad_2", &paid("P2")).await,
        is(204, "")
    );
    assert_eq!(discrepancies(&host).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_was_refused_after_the_hold_leaves_nothing_to_do() {
    let host = start().await;
    let calls = Calls(host.adyen_sandbox());
    calls.held("ad_1").await;
    host.clock.advance(HOLD + Duration::from_secs(1));
    wait_until("the hold is over", async || {
        status(&host, "ad_1").await == AttemptStatus::NeedsReview
    })
    .await;
    let refused = serde_json::json!({"pspReference": "P1", "resultCode": "Refused"});
    assert_eq!(
        calls.outcome(MerchantCall::Finalize, "ad_1", &refused).await,
        is(204, "")
    );
    let open = calls.send(MerchantCall::Session, "ad_1", &serde_json::json!({})).await;
    assert_eq!(
        (open.status, &open.body["status"]),
        (200, &"ready_for_payment".into()),
        "{open:?}"
    );
    assert_eq!(
        discrepancies(&host).await,
        [DiscrepancyKind::OutcomeUnknown],
        "of before"
    );
}
