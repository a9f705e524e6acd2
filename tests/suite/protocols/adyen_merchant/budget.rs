//! Adyen waits five seconds: what takes longer is answered in time, and leaves nothing behind.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tillhouse_sandbox::adyen::MerchantCall;
use tillhouse_tests::eventually::wait_until;
use tillhouse_tests::{Merchant, Slow, TestHost, merchant_call};

use super::calls::Calls;
use super::{cart, is};

const BUDGET: Duration = Duration::from_secs(3);

async fn start(slow: &Arc<Slow>) -> TestHost {
    let merchant = Merchant::of_the_document().set("adyen.merchant.budget_ms = 3000");
    let builder = TestHost::builder().merchant(merchant);
    builder.observer(Arc::clone(slow) as _).start().await
}

/// Asserts that a call is answered within the budget that it is to be sent again.
async fn assert_late(host: &TestHost, call: MerchantCall, session: &str, body: &Value) {
    let sent = Instant::now();
    let late = merchant_call(&host.client(), call, session, body)
        .send()
        .await
        .expect(503);
    assert!(sent.elapsed() < BUDGET, "{call:?}: {:?}", sent.elapsed());
    assert!(late.header("retry-after").is_some(), "{call:?}");
    assert_eq!(late["messages"][0]["type"], "error", "{}", late.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_takes_too_long_holds_nothing() {
    for function in ["quoting.quote", "inventory.reserve"] {
        let slow = Slow::after(function);
        let host = start(&slow).await;
        let calls = Calls(host.adyen_sandbox());
        let created = calls.send(MerchantCall::Session, "ad_1", &cart(100)).await;
        assert_eq!(created.status, 200, "{created:?}");
        slow.hold();
        assert_late(&host, MerchantCall::Commit, "ad_1", &Value::Null).await;
        slow.release();
        assert_eq!(host.rows_in("attempt"), 0, "{function}");
        // All there is can be sold to another, once what was begun is undone.
        wait_until("the stock is there", async || {
            let other = calls.send(MerchantCall::Session, "ad_2", &cart(100)).await;
            other.status == 200 && calls.outcome(MerchantCall::Commit, "ad_2", &Value::Null).await.0 == 200
        })
        .await;
        assert_eq!(host.rows_in("attempt"), 1, "{function}");
        let (status, _) = calls.outcome(MerchantCall::Commit, "ad_1", &Value::Null).await;
        assert_eq!(status, 422, "{function}: it is sold");
        assert_eq!(
            calls.outcome(MerchantCall::Cancel, "ad_1", &Value::Null).await,
            is(200, "")
        );
    }
}

/// A token is charged after the stock is held: what is not held in time is not charged.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_could_not_be_charged_in_time_is_not_charged_later() {
    let slow = Slow::after("inventory.reserve");
    let mut host = start(&slow).await;
    let body = {
        let calls = Calls(host.adyen_sandbox().advanced());
        calls.created("ad_1").await;
        let token = host.adyen().token_of("pm_card_adyen", "ad_1", super::TOTAL).await;
        json!({"payment_data": {"provider": "adyen", "token": token}})
    };
    slow.hold();
    assert_late(&host, MerchantCall::Token, "ad_1", &body).await;
    slow.release();
    // A host that stops ends what it is doing.
    host.restart().await;
    let calls = Calls(host.adyen_sandbox().advanced());
    assert_eq!(host.rows_in("attempt"), 0);
    assert!(calls.0.payments_of("ad_1").is_empty());
    assert_eq!(calls.outcome(MerchantCall::Token, "ad_1", &body).await, is(204, ""));
    assert_eq!(calls.0.payments_of("ad_1").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_takes_too_long_is_neither_created_nor_changed() {
    let slow = Slow::after("quoting.quote");
    let host = start(&slow).await;
    let calls = Calls(host.adyen_sandbox());
    calls.created("ad_1").await;
    slow.hold();
    let body = cart(2);
    tokio::join!(
        assert_late(&host, MerchantCall::Session, "ad_1", &body),
        assert_late(&host, MerchantCall::Session, "ad_2", &body)
    );
    slow.release();
    let unchanged = calls.send(MerchantCall::Session, "ad_1", &json!({})).await;
    assert_eq!(unchanged.body["line_items"][0]["item"]["quantity"], 1, "{unchanged:?}");
    let unknown = calls.outcome(MerchantCall::Commit, "ad_2", &Value::Null).await;
    assert_eq!(unknown, is(404, "NOT_FOUND"));
}
