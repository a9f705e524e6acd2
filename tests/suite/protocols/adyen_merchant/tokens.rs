//! The advanced flow: a token that Adyen delivers to a merchant that charges it, or does not.

use serde_json::{Value, json};
use tillhouse_sandbox::Fault;
use tillhouse_sandbox::adyen::{MerchantCall, Operation};
use tillhouse_tests::eventually::{LOOKUP, fast_timings, wait_until};
use tillhouse_tests::{Merchant, TestHost};

use super::calls::Calls;
use super::{TOTAL, discrepancies, is, paid};

async fn delivery(host: &TestHost, session: &str) -> Value {
    let token = host.adyen().token_of("pm_card_adyen", session, TOTAL).await;
    json!({"payment_data": {"provider": "adyen", "token": token}})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merchant_of_one_flow_takes_no_call_of_the_other() {
    for (flow, call) in [("standard", MerchantCall::Token), ("advanced", MerchantCall::Commit)] {
        let merchant = Merchant::of_the_document().set(&format!("adyen.merchant.flow = \"{flow}\""));
        let host = TestHost::builder().merchant(merchant).start().await;
        let calls = Calls(host.adyen_sandbox());
        calls.created("ad_1").await;
        let body = delivery(&host, "ad_1").await;
        for session in ["ad_1", "unknown"] {
            let refused = calls.outcome(call, session, &body).await;
            assert_eq!(refused, is(409, "FLOW_NOT_ENABLED"), "{flow}");
        }
        assert_eq!(host.rows_in("attempt"), 0, "{flow}");
        assert!(calls.0.payments_of("ad_1").is_empty(), "{flow}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_processor_leaves_the_payment_in_progress_until_it_is_settled() {
    let merchant = Merchant::of_the_document().set("adyen.merchant.budget_ms = 2000");
    let builder = TestHost::builder().merchant(merchant).timings(fast_timings());
    let host = builder.start().await;
    let calls = Calls(host.adyen_sandbox().advanced());
    calls.created("ad_1").await;
    let body = delivery(&host, "ad_1").await;
    let hold = host.sandbox.adyen.hold(Operation::Pay);
    for _ in 0..2 {
        let begun = calls.send(MerchantCall::Token, "ad_1", &body).await;
        assert_eq!(
            (begun.status, &begun.body["status"]),
            (200, &json!("in_progress")),
            "{begun:?}"
        );
        assert!(begun.body.get("order").is_none());
    }
    let other = delivery(&host, "ad_1").await;
    let busy = calls.outcome(MerchantCall::Token, "ad_1", &other).await;
    assert_eq!(busy, is(409, "IN_FLIGHT"));
    assert_eq!(
        calls.outcome(MerchantCall::Finalize, "ad_1", &paid("P1")).await.0,
        503,
        "undecided"
    );
    hold.release();
    wait_until("the payment is settled", async || {
        host.clock.advance(LOOKUP);
        calls.outcome(MerchantCall::Token, "ad_1", &body).await == is(204, "")
    })
    .await;
    let payments = calls.0.payments_of("ad_1");
    assert_eq!(payments.len(), 1);
    let reference = payments[0].psp_reference.to_string();
    assert_eq!(
        calls.outcome(MerchantCall::Finalize, "ad_1", &paid(&reference)).await,
        is(204, ""),
        "nothing is left to do"
    );
    assert_eq!(host.attempts_of("ad_1").await.len(), 1);
    assert!(discrepancies(&host).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_of_the_processor_is_asked_for_again_and_charged_once() {
    let builder = TestHost::builder().merchant(Merchant::of_the_document());
    let host = builder.timings(fast_timings()).start().await;
    let calls = Calls(host.adyen_sandbox().advanced());
    calls.created("ad_1").await;
    let body = delivery(&host, "ad_1").await;
    host.sandbox.adyen.fail_next(Operation::Pay, Fault::LoseAnswer);
    let (status, _) = calls.outcome(MerchantCall::Token, "ad_1", &body).await;
    assert!([200, 204].contains(&status), "{status}");
    wait_until("the payment is settled", async || {
        host.clock.advance(LOOKUP);
        calls.outcome(MerchantCall::Token, "ad_1", &body).await == is(204, "")
    })
    .await;
    assert_eq!(calls.0.payments_of("ad_1").len(), 1);
}

/// A card number is not a token, wherever a setting finds one: it is refused before anything of it is kept.
#[tokio::test(flavor = "multi_thread")]
async fn a_card_number_in_place_of_a_token_is_refused() {
    let host = TestHost::builder().merchant(Merchant::of_the_document()).start().await;
    let calls = Calls(host.adyen_sandbox().advanced());
    calls.created("ad_1").await;
    for number in ["4111111111111111", "4111 1111 1111 1111"] {
        let body = json!({"payment_data": {"provider": "adyen", "token": number}});
        let refused = calls.outcome(MerchantCall::Token, "ad_1", &body).await;
        assert_eq!(refused, is(422, "INVALID_TOKEN"), "{number}");
    }
    assert_eq!(host.rows_in("attempt"), 0);
}
