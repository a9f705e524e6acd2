//! What Adyen calls at a merchant, one call after the other: whose sessions there are, what is held, and what becomes of a payment that
//! Adyen has made, late, twice or of another amount.

mod after_the_hold;
mod budget;
mod callers;
mod calls;
mod changed_holds;
mod edges;
mod tokens;

use serde_json::{Value, json};
use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_sandbox::adyen::MerchantCall;
use tillhouse_tests::{Merchant, Release, TestHost};

use calls::Calls;

/// Total of the document: 34900, 2967 tax, 799 shipping.
const TOTAL: i64 = 38_666;

async fn start() -> TestHost {
    TestHost::builder().merchant(Merchant::of_the_document()).start().await
}

fn cart(quantity: u32) -> Value {
    json!({
        "currency": "USD",
        "items": [{"id": "01", "quantity": quantity}],
        "buyer": {"email": "s.hopper@example.com", "first_name": "Simon", "last_name": "Hopper"},
        "fulfillment_address": {"line_one": "123 Market St", "line_two": "", "city": "San Francisco", "state": "CA",
                                "country": "US", "postal_code": "94103"},
        "fulfillment_option_id": "ship_standard",
    })
}

fn paid(reference: &str) -> Value {
    json!({"pspReference": reference, "resultCode": "Authorised", "amount": {"value": TOTAL, "currency": "USD"}})
}

async fn discrepancies(host: &TestHost) -> Vec<DiscrepancyKind> {
    let found = host.store().list_discrepancies(20).await.unwrap();
    found.into_iter().map(|discrepancy| discrepancy.kind).collect()
}

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_created_and_changed_under_adyens_own_id() {
    let host = start().await;
    let calls = Calls(host.adyen_sandbox());
    let body = cart(1);
    let (first, second) = tokio::join!(
        calls.send(MerchantCall::Session, "ad_1", &body),
        calls.send(MerchantCall::Session, "ad_1", &body)
    );
    assert_eq!((first.status, second.status), (200, 200), "{first:?} {second:?}");
    let changed = calls
        .send(
            MerchantCall::Session,
            "ad_1",
            &json!({"items": [{"id": "01", "quantity": 2}]}),
        )
        .await;
    assert_eq!(changed.body["line_items"][0]["item"]["quantity"], 2);
    let again = calls.send(MerchantCall::Session, "ad_1", &json!({})).await;
    assert_eq!(again.body["line_items"], changed.body["line_items"]);
    for (body, code) in [
        (json!({"items": [{"id": "01", "quantity": 101}]}), "PARTIAL_STOCK"),
        (json!({"items": [{"id": "none", "quantity": 1}]}), "OUT_OF_STOCK"),
        (json!({"currency": "EUR"}), "CURRENCY_NOT_SUPPORTED"),
        (
            json!({"fulfillment_option_id": "teleport"}),
            "INVALID_FULFILLMENT_OPTION",
        ),
    ] {
        assert_eq!(
            calls.outcome(MerchantCall::Session, "ad_1", &body).await,
            is(422, code),
            "{body}"
        );
        let now = calls.send(MerchantCall::Session, "ad_1", &json!({})).await;
        assert_eq!(now.body["line_items"], changed.body["line_items"], "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sold_makes_no_session() {
    let host = start().await;
    let calls = Calls(host.adyen_sandbox());
    for (body, code) in [
        (json!({}), "MISSING_FIELD"),
        (json!({"currency": "USD", "items": []}), "MISSING_FIELD"),
        (
            json!({"currency": "EUR", "items": [{"id": "01", "quantity": 1}]}),
            "CURRENCY_NOT_SUPPORTED",
        ),
        (cart(101), "PARTIAL_STOCK"),
    ] {
        assert_eq!(
            calls.outcome(MerchantCall::Session, "ad_1", &body).await,
            is(422, code),
            "{body}"
        );
        let commit = calls.outcome(MerchantCall::Commit, "ad_1", &json!({})).await;
        assert_eq!(commit, is(404, "NOT_FOUND"), "{body}");
    }
    for call in [MerchantCall::Finalize, MerchantCall::Cancel] {
        assert_eq!(calls.outcome(call, "ad_1", &json!({})).await, is(404, "NOT_FOUND"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_another_door_is_never_touched() {
    let host = start().await;
    let calls = Calls(host.adyen_sandbox());
    let acp = host.acp(Release::V2026_04_17).ready(&[("01", 1)]).await;
    let agents = host.adyen().ready(&[("01", 1)]).await;
    for session in [acp.id(), agents.id()] {
        let taken = calls.outcome(MerchantCall::Session, session, &cart(3)).await;
        assert_eq!(taken, is(409, "INVALID_STATE"));
        for call in [MerchantCall::Commit, MerchantCall::Finalize, MerchantCall::Cancel] {
            assert_eq!(calls.outcome(call, session, &json!({})).await, is(404, "NOT_FOUND"));
        }
    }
    let unchanged = host.adyen().retrieve(agents.id()).await.expect(200);
    assert_eq!(unchanged.json["line_items"], agents.json["line_items"]);
    calls.created("ad_1").await;
    assert_eq!(host.adyen().retrieve("ad_1").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_holds_once_and_names_the_order() {
    let host = start().await;
    let calls = Calls(host.adyen_sandbox());
    calls.created("ad_1").await;
    let other = json!({"amount": {"value": TOTAL - 1, "currency": "USD"}});
    assert_eq!(
        calls.outcome(MerchantCall::Commit, "ad_1", &other).await,
        is(422, "PRICE_MISMATCH")
    );
    let first = calls.send(MerchantCall::Commit, "ad_1", &Value::Null).await;
    let again = calls.send(MerchantCall::Commit, "ad_1", &Value::Null).await;
    assert_eq!((first.status, &first.body), (200, &again.body));
    let order = &first.body["order"];
    assert_eq!(order["checkout_session_id"], "ad_1");
    assert!(
        order["permalink_url"]
            .as_str()
            .unwrap()
            .starts_with("https://www.merchant-company.example.com/orders/")
    );
    assert_eq!(host.attempts_of("ad_1").await.len(), 1);
    assert_eq!(
        calls.outcome(MerchantCall::Commit, "ad_1", &other).await,
        is(422, "PRICE_MISMATCH")
    );
    assert_eq!(
        calls.outcome(MerchantCall::Finalize, "ad_1", &paid("P1")).await,
        is(204, "")
    );
    let after = calls.send(MerchantCall::Commit, "ad_1", &Value::Null).await;
    assert_eq!((after.status, &after.body["order"]), (200, order), "the same payment");
    assert_eq!(
        calls.outcome(MerchantCall::Commit, "ad_1", &other).await,
        is(409, "INVALID_STATE")
    );
    assert!(discrepancies(&host).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn stock_that_is_held_is_not_sold_twice() {
    let host = start().await;
    let calls = Calls(host.adyen_sandbox());
    for session in ["ad_1", "ad_2"] {
        let created = calls.send(MerchantCall::Session, session, &cart(60)).await;
        assert_eq!(created.status, 200, "{created:?}");
    }
    assert_eq!(
        calls.outcome(MerchantCall::Commit, "ad_1", &Value::Null).await,
        is(200, "")
    );
    let sold = calls.outcome(MerchantCall::Commit, "ad_2", &Value::Null).await;
    assert_eq!(sold.0, 422, "{sold:?}");
    assert!(["OUT_OF_STOCK", "PARTIAL_STOCK"].contains(&sold.1.as_str()), "{sold:?}");
    assert_eq!(
        calls.outcome(MerchantCall::Cancel, "ad_1", &Value::Null).await,
        is(200, "")
    );
    let changed = calls.outcome(MerchantCall::Session, "ad_2", &json!({})).await;
    assert_eq!(changed, is(200, ""), "what was held is back");
    assert_eq!(
        calls.outcome(MerchantCall::Commit, "ad_2", &Value::Null).await,
        is(200, "")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_a_held_session_releases_it() {
    let host = start().await;
    let calls = Calls(host.adyen_sandbox());
    calls.held("ad_1").await;
    let changed = calls
        .send(
            MerchantCall::Session,
            "ad_1",
            &json!({"items": [{"id": "01", "quantity": 2}]}),
        )
        .await;
    assert_eq!(
        (changed.status, &changed.body["status"]),
        (200, &json!("ready_for_payment")),
        "{changed:?}"
    );
    assert!(changed.body.get("order").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finalize_call_is_taken_once_and_a_second_payment_is_for_the_operator() {
    let host = start().await;
    let calls = Calls(host.adyen_sandbox());
    calls.held("ad_1").await;
    for _ in 0..2 {
        assert_eq!(
            calls.outcome(MerchantCall::Finalize, "ad_1", &paid("P1")).await,
            is(204, "")
        );
    }
    assert!(discrepancies(&host).await.is_empty());
    assert_eq!(
        calls.outcome(MerchantCall::Finalize, "ad_1", &paid("P2")).await,
        is(204, "")
    );
    assert_eq!(discrepancies(&host).await, [DiscrepancyKind::PaidTwice]);
    assert_eq!(
        calls.outcome(MerchantCall::Cancel, "ad_1", &Value::Null).await,
        is(409, "INVALID_STATE")
    );
    let late = calls.outcome(MerchantCall::Session, "ad_1", &json!({})).await;
    assert_eq!(late, is(409, "INVALID_STATE"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_payment_opens_the_session_again() {
    let host = start().await;
    let calls = Calls(host.adyen_sandbox());
    calls.held("ad_1").await;
    let refused = json!({"pspReference": "P1", "resultCode": "Refused", "refusalReason": "Not enough balance"});
    for _ in 0..2 {
        assert_eq!(
            calls.outcome(MerchantCall::Finalize, "ad_1", &refused).await,
            is(204, "")
        );
    }
    let open = calls.send(MerchantCall::Session, "ad_1", &json!({})).await;
    assert_eq!(open.body["status"], "ready_for_payment", "{open:?}");
    assert_eq!(
        calls.outcome(MerchantCall::Commit, "ad_1", &Value::Null).await,
        is(200, "")
    );
    assert_eq!(
        calls.outcome(MerchantCall::Finalize, "ad_1", &paid("P2")).await,
        is(204, "")
    );
    assert!(discrepancies(&host).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finalize_call_without_a_commit_or_a_result_makes_the_order() {
    let host = start().await;
    let calls = Calls(host.adyen_sandbox());
    calls.created("ad_1").await;
    assert_eq!(
        calls.outcome(MerchantCall::Finalize, "ad_1", &paid("P1")).await,
        is(204, "")
    );
    calls.held("ad_2").await;
    assert_eq!(
        calls.outcome(MerchantCall::Finalize, "ad_2", &Value::Null).await,
        is(204, "")
    );
    for session in ["ad_1", "ad_2"] {
        let ended = calls.outcome(MerchantCall::Cancel, session, &Value::Null).await;
        assert_eq!(ended, is(409, "INVALID_STATE"), "{session} is completed");
    }
    assert!(discrepancies(&host).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_is_not_expected_is_for_the_operator() {
    let host = start().await;
    let calls = Calls(host.adyen_sandbox());
    calls.held("ad_1").await;
    assert_eq!(
        calls.outcome(MerchantCall::Cancel, "ad_1", &Value::Null).await,
        is(200, "")
    );
    assert_eq!(
        calls.outcome(MerchantCall::Cancel, "ad_1", &Value::Null).await,
        is(200, "")
    );
    let late = calls.outcome(MerchantCall::Finalize, "ad_1", &paid("P1")).await;
    assert_eq!(late, is(409, "INVALID_STATE"));
    assert_eq!(discrepancies(&host).await, [DiscrepancyKind::PaidAfterEnd]);
    calls.held("ad_2").await;
    let less = json!({"pspReference": "P2", "resultCode": "Authorised", "amount": {"value": 1, "currency": "USD"}});
    let other = calls.outcome(MerchantCall::Finalize, "ad_2", &less).await;
    assert_eq!(other, is(409, "INVALID_STATE"));
    let kinds = discrepancies(&host).await;
    assert!(kinds.contains(&DiscrepancyKind::AmountDiffers), "{kinds:?}");
    let commit = calls.outcome(MerchantCall::Commit, "ad_1", &Value::Null).await;
    assert_eq!(commit, is(409, "INVALID_STATE"), "canceled");
}

#[tokio::test(flavor = "multi_thread")]
async fn finalize_against_cancel_has_one_winner() {
    let host = start().await;
    let calls = Calls(host.adyen_sandbox());
    for round in 0..4 {
        let session = format!("ad_{round}");
        calls.held(&session).await;
        let reference = format!("P{round}");
        let report = paid(&reference);
        let (finalized, canceled) = tokio::join!(
            calls.outcome(MerchantCall::Finalize, &session, &report),
            calls.outcome(MerchantCall::Cancel, &session, &Value::Null)
        );
        match (finalized.0, canceled.0) {
            (204, 409) => {}
            (409, 200) => assert!(discrepancies(&host).await.contains(&DiscrepancyKind::PaidAfterEnd)),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivered_token_is_charged_once() {
    let host = start().await;
    let calls = Calls(host.adyen_sandbox().advanced());
    calls.created("ad_1").await;
    let token = host.adyen().token_of("pm_card_adyen", "ad_1", TOTAL).await;
    let body = json!({"payment_data": {"provider": "adyen", "token": token}});
    for _ in 0..2 {
        assert_eq!(calls.outcome(MerchantCall::Token, "ad_1", &body).await, is(204, ""));
    }
    let payments = calls.0.payments_of("ad_1");
    assert_eq!(payments.len(), 1);
    let reference = payments[0].psp_reference.to_string();
    let finalized = calls.outcome(MerchantCall::Finalize, "ad_1", &paid(&reference)).await;
    assert_eq!(finalized, is(204, ""), "nothing is left to do");
    assert!(discrepancies(&host).await.is_empty());
    calls.created("ad_2").await;
    let declined = host.adyen().token_of("pm_card_chargeDeclined", "ad_2", TOTAL).await;
    let body = json!({"payment_data": {"provider": "adyen", "token": declined}});
    let refused = calls.outcome(MerchantCall::Token, "ad_2", &body).await;
    assert_eq!(refused, is(422, "PAYMENT_DECLINED"));
    assert_eq!(host.attempts_of("ad_1").await.len(), 1);
}
