//! Discount codes of 2026-04-17 (RFC discount).

use serde_json::{Value, json};
use tillhouse_tests::{Acp, HttpResponse, Release, fixtures};

use crate::protocols::host;

/// A session for 50.00 of tees with these discount codes, for a buyer with this email address.
async fn with_codes(acp: &Acp<'_>, codes: &Value, email: &str) -> HttpResponse {
    let cart = fixtures::cart(acp.release, &[("tee-classic", 2)]);
    let body = fixtures::with(cart, &fixtures::delivery(acp.release, &fixtures::address()));
    let buyer = fixtures::with(fixtures::buyer(), &json!({"email": email}));
    let fields = json!({"buyer": buyer, "discounts": {"codes": codes}});
    acp.create(&fixtures::with(body, &fields)).await.expect(201)
}

/// What each of the eight reasons needs: the codes, the buyer, and the index of the rejected code.
#[tokio::test]
async fn each_reason_to_refuse_a_code_is_shown_in_discounts_and_as_a_warning() {
    let jane = "jane.doe@example.com";
    let cases = [
        ("discount_code_expired", json!(["SUMMER23"]), jane),
        ("discount_code_invalid", json!(["NOSUCHCODE"]), jane),
        ("discount_code_already_applied", json!(["SAVE10", "save10"]), jane),
        (
            "discount_code_combination_disallowed",
            json!(["SAVE10", "STAFF"]),
            "kim@staff.example",
        ),
        ("discount_code_minimum_not_met", json!(["SPEND100"]), jane),
        ("discount_code_user_not_logged_in", json!(["MEMBER"]), jane),
        ("discount_code_user_ineligible", json!(["STAFF"]), jane),
        ("discount_code_usage_limit_reached", json!(["USED_UP"]), jane),
    ];
    let acp = host().await.acp(Release::V2026_04_17);
    for (reason, codes, email) in cases {
        let session = with_codes(&acp, &codes, email).await.is("ready_for_payment");
        let codes = codes.as_array().unwrap();
        let rejected = session["discounts"]["rejected"].as_array().unwrap();
        assert_eq!(rejected.len(), 1, "{reason}: {}", session.text());
        assert_eq!(rejected[0]["reason"], reason);
        assert_eq!(rejected[0]["code"], codes[codes.len() - 1]);
        let warning = session.message(reason);
        assert_eq!(warning["type"], "warning");
        assert_eq!(warning["param"], format!("$.discounts.codes[{}]", codes.len() - 1));
    }
}

#[tokio::test]
async fn each_refusal_of_a_code_that_was_sent_again_has_an_entry_of_its_own() {
    let acp = host().await.acp(Release::V2026_04_17);
    for (codes, refused) in [
        (json!(["SAVE10", "SAVE10", "SAVE10"]), &[1, 2][..]),
        (json!(["save10", "SAVE10", "Save10"]), &[1, 2]),
        (json!(["NOPE", "NOPE"]), &[0, 1]),
        (json!(["NOPE", "SAVE10", "nope", "SAVE10"]), &[0, 2, 3]),
    ] {
        let session = with_codes(&acp, &codes, "jane.doe@example.com").await;
        let messages = session["messages"].as_array().unwrap().iter();
        let warnings = messages.filter(|message| message["type"] == "warning");
        let mut params: Vec<_> = warnings
            .map(|message| message["param"].as_str().unwrap().to_owned())
            .collect();
        params.sort();
        let expected: Vec<_> = refused
            .iter()
            .map(|index| format!("$.discounts.codes[{index}]"))
            .collect();
        assert_eq!(params, expected, "{codes}: {}", session.text());
    }
}

#[tokio::test]
async fn an_applied_code_says_where_its_amount_went() {
    let acp = host().await.acp(Release::V2026_04_17);
    let session = with_codes(&acp, &json!(["save10"]), "jane.doe@example.com").await;
    let applied = &session["discounts"]["applied"][0];
    assert_eq!(applied["amount"], 500);
    assert_eq!(applied["coupon"]["percent_off"], 10.0);
    assert_eq!(
        applied["allocations"],
        json!([{"path": "$.line_items[0]", "amount": 500}])
    );
    assert_eq!(session.total("items_discount"), 500);
    assert_eq!(session.total("total"), 4500 + 599 + 326);
}

#[tokio::test]
async fn a_discount_on_the_order_stands_beside_those_of_the_lines() {
    let acp = host().await.acp(Release::V2026_04_17);
    let session = with_codes(&acp, &json!(["SAVE10", "ORDER3"]), "jane.doe@example.com").await;
    assert_eq!(session.total("items_discount"), 500);
    assert_eq!(session.total("subtotal"), 4500);
    assert_eq!(session.total("discount"), 300);
    let sum = session.total("subtotal") - 300 + session.total("fulfillment") + session.total("tax");
    assert_eq!(session.total("total"), sum);
}

#[tokio::test]
async fn a_signed_in_buyer_gets_what_members_get() {
    let acp = host().await.acp(Release::V2026_04_17);
    let session = acp.ready(&[("tee-classic", 2)]).await;
    let buyer = fixtures::with(fixtures::buyer(), &json!({"authentication_status": "authenticated"}));
    let body = json!({"buyer": buyer, "discounts": {"codes": ["MEMBER"]}});
    let session = acp.update(session.id(), &body).await.expect(200);
    assert_eq!(session.total("items_discount"), 600);
}

#[tokio::test]
async fn coupons_is_the_old_name_and_discounts_wins() {
    let acp = host().await.acp(Release::V2026_04_17);
    let session = acp.ready(&[("tee-classic", 2)]).await;
    let old = acp
        .update(session.id(), &json!({"coupons": ["ORDER3"]}))
        .await
        .expect(200);
    assert_eq!(old.total("discount"), 300);
    let both = json!({"coupons": ["ORDER3"], "discounts": {"codes": ["SAVE10"]}});
    let both = acp.update(session.id(), &both).await.expect(200);
    assert_eq!((both.total("discount"), both.total("items_discount")), (0, 500));
}
