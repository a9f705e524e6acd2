//! Changes of sessions that are held: a 422 means that nothing was done, so that what was held still is.

use serde_json::{Value, json};
use tillhouse_sandbox::adyen::MerchantCall;

use super::calls::Calls;
use super::{cart, discrepancies, is, start};

/// A session that holds 60 of the 100 units.
async fn held_sixty(calls: &Calls<'_>) {
    assert_eq!(calls.send(MerchantCall::Session, "ad_1", &cart(60)).await.status, 200);
    let held = calls.outcome(MerchantCall::Commit, "ad_1", &Value::Null).await;
    assert_eq!(held, is(200, ""));
}

fn items(quantity: u32) -> Value {
    json!({"items": [{"id": "01", "quantity": quantity}]})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_is_refused_leaves_the_session_held() {
    let host = start().await;
    let calls = Calls(host.adyen_sandbox());
    held_sixty(&calls).await;
    let before = calls.send(MerchantCall::Commit, "ad_1", &Value::Null).await;
    for (body, code) in [
        (items(101), "PARTIAL_STOCK"),
        (json!({"items": [{"id": "none", "quantity": 1}]}), "OUT_OF_STOCK"),
        (
            json!({"fulfillment_option_id": "teleport"}),
            "INVALID_FULFILLMENT_OPTION",
        ),
        (json!({"currency": "EUR"}), "CURRENCY_NOT_SUPPORTED"),
    ] {
        let refused = calls.send(MerchantCall::Session, "ad_1", &body).await;
        let code_of = &refused.body["messages"][0]["code"];
        assert_eq!((refused.status, code_of), (422, &json!(code)), "{body}: {refused:?}");
        let again = calls.send(MerchantCall::Commit, "ad_1", &Value::Null).await;
        assert_eq!(again, before, "{body}");
    }
    assert_eq!(host.attempts_of("ad_1").await.len(), 1);
    let other = calls.outcome(MerchantCall::Session, "ad_2", &cart(60)).await;
    assert_eq!(other.0, 422, "the stock is still held: {other:?}");
    let paid = json!({"pspReference": "P1", "resultCode": "Authorised"});
    assert_eq!(calls.outcome(MerchantCall::Finalize, "ad_1", &paid).await, is(204, ""));
    assert!(discrepancies(&host).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_session_holds_counts_as_free_for_its_own_change() {
    let host = start().await;
    let calls = Calls(host.adyen_sandbox());
    held_sixty(&calls).await;
    assert_eq!(
        calls.outcome(MerchantCall::Session, "ad_1", &items(70)).await,
        is(200, "")
    );
    assert_eq!(
        calls.outcome(MerchantCall::Session, "ad_2", &cart(100)).await,
        is(200, ""),
        "what was held is free"
    );
    assert_eq!(
        calls.outcome(MerchantCall::Commit, "ad_1", &Value::Null).await,
        is(200, "")
    );
    // The same units, for a payment with another billing address.
    let billed = json!({"billing_address": cart(1)["fulfillment_address"]});
    assert_eq!(calls.outcome(MerchantCall::Commit, "ad_1", &billed).await, is(200, ""));
    let attempts = host.attempts_of("ad_1").await;
    let states: Vec<_> = attempts.iter().map(|it| it.status().name()).collect();
    assert_eq!(states, ["failed", "failed", "awaiting"]);
    let sold = calls.outcome(MerchantCall::Session, "ad_2", &cart(31)).await;
    assert_eq!(sold.0, 422, "70 are held, and not 140 or none: {sold:?}");
    assert_eq!(
        calls.outcome(MerchantCall::Session, "ad_2", &cart(30)).await,
        is(200, "")
    );
}
