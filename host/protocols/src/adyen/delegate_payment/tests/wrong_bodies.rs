//! Bodies that are not as the document has them: 422, by the member that is wrong.

use axum::body::Body;
use serde_json::json;

use super::{NUMBER, assert_refused, body, changed, host, request};
use crate::testing::{send, with};

#[tokio::test]
async fn each_required_member_that_is_missing_is_named() {
    let members = [
        (
            "",
            &[
                "payment_method",
                "allowance",
                "billing_address",
                "risk_signals",
                "metadata",
            ][..],
        ),
        ("payment_method", &["type", "card_number_type", "number", "metadata"]),
        (
            "allowance",
            &[
                "reason",
                "max_amount",
                "currency",
                "checkout_session_id",
                "merchant_id",
                "expires_at",
            ],
        ),
        (
            "billing_address",
            &["name", "line_one", "city", "country", "postal_code"],
        ),
        ("risk_signals", &["type", "score", "action"]),
    ];
    let (router, vault) = host(None);
    let mut cases = 0;
    for (object, members) in members {
        for member in members {
            let path = [object, member].into_iter().filter(|part| !part.is_empty());
            let path = path.collect::<Vec<_>>().join(".");
            let pointer = format!("/{}", path.replace('.', "/"));
            let response = send(&router, request("k1", &changed(&pointer, json!(null)))).await;
            assert_refused(&response, 422, &path);
            assert_eq!(response.code(), "missing_required_field", "{path}");
            cases += 1;
        }
    }
    assert_eq!((cases, vault.asked()), (23, 0));
    // Nothing was recorded: the corrected request has the same key.
    assert_eq!(send(&router, request("k1", &body())).await.status, 200);
}

#[tokio::test]
async fn a_member_that_cannot_be_used_is_named_and_no_digit_of_a_card_is_told() {
    let spaced = "4111 1111 1111 1111";
    let cases = [
        ("/payment_method/type", json!("bank"), "payment_method.type"),
        (
            "/payment_method/card_number_type",
            json!(NUMBER),
            "payment_method.card_number_type",
        ),
        (
            "/payment_method/number",
            json!("4111111111111112"),
            "payment_method.number",
        ),
        ("/payment_method/number", json!("41111111111"), "payment_method.number"),
        (
            "/payment_method/number",
            json!("41111111111111111111"),
            "payment_method.number",
        ),
        ("/payment_method/number", json!(spaced), "payment_method.number"),
        (
            "/payment_method/number",
            json!("411111111111111a"),
            "payment_method.number",
        ),
        (
            "/payment_method/number",
            json!(4_111_111_111_111_111_u64),
            "payment_method.number",
        ),
        ("/payment_method/virtual", json!(true), "payment_method.virtual"),
        ("/payment_method/exp_year", json!("2020"), "payment_method.exp_year"),
        ("/payment_method/exp_year", json!("30"), "payment_method.exp_year"),
        ("/payment_method/exp_year", json!(null), "payment_method.exp_year"),
        ("/payment_method/exp_month", json!("13"), "payment_method.exp_month"),
        ("/payment_method/exp_month", json!(null), "payment_method.exp_month"),
        ("/payment_method/cvc", json!("73"), "payment_method.cvc"),
        ("/payment_method/iin", json!("41111111"), "payment_method.iin"),
        (
            "/payment_method/display_last4",
            json!("1112"),
            "payment_method.display_last4",
        ),
        (
            "/payment_method/display_card_funding_type",
            json!("gift"),
            "payment_method.display_card_funding_type",
        ),
        ("/payment_method/name", json!("x".repeat(10_240)), "payment_method.name"),
        ("/payment_method/name", json!(spaced), "payment_method.name"),
        (
            "/payment_method/checks_performed",
            json!([NUMBER]),
            "payment_method.checks_performed[0]",
        ),
        (
            "/payment_method/metadata",
            json!({"a": {"b": NUMBER}}),
            "payment_method.metadata.a",
        ),
        ("/allowance/max_amount", json!(-1), "allowance.max_amount"),
        ("/allowance/max_amount", json!(1.5), "allowance.max_amount"),
        (
            "/allowance/max_amount",
            json!(9_007_199_254_740_992_u64),
            "allowance.max_amount",
        ),
        ("/allowance/currency", json!("dollars"), "allowance.currency"),
        ("/allowance/currency", json!("BIF"), "allowance.max_amount"),
        (
            "/allowance/expires_at",
            json!("2026-11-30T12:00:00"),
            "allowance.expires_at",
        ),
        (
            "/allowance/expires_at",
            json!("2026-02-30T12:00:00Z"),
            "allowance.expires_at",
        ),
        ("/allowance/reason", json!("recurring"), "allowance.reason"),
        (
            "/billing_address/name",
            json!("x".repeat(10_240)),
            "billing_address.name",
        ),
        ("/billing_address/line_one", json!(NUMBER), "billing_address.line_one"),
        ("/billing_address/country", json!("USA"), "billing_address.country"),
        (
            "/risk_signals",
            json!([{"type": "card_testing", "score": 10, "action": "authorized"}]),
            "risk_signals",
        ),
        ("/risk_signals/action", json!("blocked"), "risk_signals.action"),
        ("/risk_signals/score", json!("10"), "risk_signals.score"),
        ("/metadata", json!({"note": NUMBER}), "metadata.note"),
        ("/unknown", json!(1), "unknown"),
        ("/4111111111111111", json!(1), "['[card]']"),
    ];
    let (router, _) = host(None);
    for (pointer, value, path) in cases {
        assert_refused(&send(&router, request("k1", &changed(pointer, value))).await, 422, path);
    }
    assert_eq!(send(&router, request("k1", &body())).await.status, 200);
}

#[tokio::test]
async fn a_body_that_is_not_json_or_not_an_object_is_422_and_other_media_types_are_415() {
    let (router, _) = host(None);
    for text in ["", "{", "[]", "null", r#"{"metadata":{},"metadata":{}}"#, "\"\\ud800\""] {
        let mut sent = request("", &body());
        *sent.body_mut() = Body::from(text.to_owned());
        let response = send(&router, sent).await;
        assert_eq!(response.status, 422, "{text}: {}", response.body);
    }
    let text = with(request("", &body()), "content-type", "text/plain");
    assert_eq!(send(&router, text).await.status, 415);
}
