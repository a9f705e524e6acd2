//! Discount codes that do not apply, and how an update leaves, clears or replaces them.

use serde_json::{Value, json};
use tillhouse_tests::HttpResponse;

use super::{changed, creation, host, refused};

fn of_codes(codes: &Value) -> Value {
    json!({"discounts": {"codes": codes}})
}

/// Codes and reasons of what was rejected.
fn rejected(session: &HttpResponse) -> Vec<(&str, &str)> {
    let rejected = session["discounts"]["rejected"].as_array().unwrap().iter();
    rejected
        .map(|code| (code["code"].as_str().unwrap(), code["reason"].as_str().unwrap()))
        .collect()
}

#[tokio::test]
async fn a_code_that_does_not_apply_says_why() {
    let agent = host().await.adyen();
    let codes = json!({"codes": ["NOTHING", "SAVE10", "SUMMER23", "SAVE10", "MEMBER", "SPEND100"]});
    let created = agent
        .create(&changed(creation(), "/discounts", codes))
        .await
        .expect(201)
        .is("ready_for_payment");
    assert_eq!(
        created["discounts"]["applied"][0]["code"],
        "SAVE10",
        "{}",
        created.text()
    );
    let mut found = rejected(&created);
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("MEMBER", "discount_code_user_not_logged_in"),
            ("NOTHING", "discount_code_invalid"),
            ("SAVE10", "discount_code_already_applied"),
            ("SPEND100", "discount_code_minimum_not_met"),
            ("SUMMER23", "discount_code_expired"),
        ]
    );
}

#[tokio::test]
async fn codes_are_left_cleared_or_replaced_by_an_update() {
    let agent = host().await.adyen();
    let session = agent.create(&creation()).await.expect(201);
    assert_eq!(session["discounts"]["codes"], json!(["SAVE10"]));
    for untouched in [
        json!({"discounts": {}}),
        json!({}),
        json!({"buyer": {"first_name": "Joan"}}),
    ] {
        let now = agent.update(session.id(), &untouched).await.expect(200);
        assert_eq!(now["discounts"], session["discounts"], "{untouched}");
        assert_eq!(now["totals"], session["totals"], "{untouched}");
    }
    let null = agent.update(session.id(), &of_codes(&Value::Null)).await;
    let _ = refused(null, 400, "INVALID_REQUEST", "discounts.codes", "null");
    let replaced = agent
        .update(session.id(), &of_codes(&json!(["FIVEOFF"])))
        .await
        .expect(200);
    assert_eq!(replaced["discounts"]["codes"], json!(["FIVEOFF"]));
    let cleared = agent.update(session.id(), &of_codes(&json!([]))).await.expect(200);
    let none = json!({"codes": [], "applied": [], "rejected": []});
    assert_eq!(cleared["discounts"], none);
    assert!(cleared.total("total") > session.total("total"));
}
