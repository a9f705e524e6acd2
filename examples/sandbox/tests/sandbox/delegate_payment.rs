//! A card is delegated over ACP, and the seller resolves the token.

use axum::http::Method;
use serde_json::{Value, json};

use crate::client::{Raw, Reply, resolve_path, sandbox};

const PATH: &str = "/agentic_commerce/delegate_payment";

fn body() -> Value {
    json!({
        "payment_method": {
            "type": "card", "card_number_type": "fpan", "number": "4242424242424242", "exp_month": "11", "exp_year": "2030",
            "cvc": "123", "display_card_funding_type": "credit", "metadata": {},
        },
        "allowance": {
            "reason": "one_time", "max_amount": 4598, "currency": "usd", "checkout_session_id": "cs_1",
            "merchant_id": "demo", "expires_at": "2026-11-22T00:00:00Z",
        },
        "risk_signals": [{"type": "card_testing", "score": 5, "action": "authorized"}],
        "metadata": {"campaign": "q4"},
    })
}

async fn delegate(agent: &Raw, key: Option<&str>, body: &Value) -> Reply {
    agent.try_send(Method::POST, PATH, key, body.to_string()).await.unwrap()
}

#[tokio::test]
async fn a_delegated_card_becomes_a_token_that_the_seller_resolves_once() {
    let sandbox = sandbox().await;
    let seller = Raw::stripe(&sandbox);
    for release in ["2025-09-29", "2025-12-12", "2026-01-16", "2026-01-30", "2026-04-17"] {
        let agent = seller.release(Some(release));
        let answer = delegate(&agent, Some(release), &body()).await;
        assert_eq!(answer.status, 201, "{release}: {:?}", answer.body);
        assert_eq!(answer.body["metadata"]["campaign"], "q4");
        let again = delegate(&agent, Some(release), &body()).await;
        assert!(again.replayed && again.body == answer.body);
        let id = answer.body["id"].as_str().unwrap();
        let token = sandbox
            .stripe
            .tokens()
            .into_iter()
            .find(|token| token.id.as_str() == id)
            .unwrap();
        assert_eq!((token.max_amount, token.last4.as_str()), (4598, "4242"));
        let resolved = seller.form(&resolve_path(id), Some(id), &[]).await;
        let card = &resolved.body["payment_method_details"]["card"]["credentials"]["dpan"];
        assert_eq!(card["number"], "4242424242424242");
    }
}

#[tokio::test]
async fn a_request_that_does_not_fit_is_refused_by_its_member_without_the_card() {
    let sandbox = sandbox().await;
    let agent = Raw::stripe(&sandbox).release(Some("2026-01-30"));
    for (pointer, value, status, param) in [
        ("/payment_method/number", json!("4242"), 422, "$.payment_method.number"),
        ("/payment_method/type", json!("bank"), 400, "$.payment_method.type"),
        (
            "/payment_method/exp_month",
            json!("13"),
            422,
            "$.payment_method.exp_month",
        ),
        ("/payment_method/number", json!(4_242_424_242_424_242_u64), 400, "$"),
        ("/allowance/currency", json!("USD"), 400, "$.allowance.currency"),
        (
            "/allowance/expires_at",
            json!("2020-01-01T00:00:00Z"),
            422,
            "$.allowance.expires_at",
        ),
        ("/risk_signals", json!([]), 400, "$.risk_signals"),
    ] {
        let mut changed = body();
        *changed.pointer_mut(pointer).unwrap() = value;
        let answer = delegate(&agent, None, &changed).await;
        assert_eq!(
            (answer.status, &answer.body["param"]),
            (status, &json!(param)),
            "{pointer}"
        );
        assert_eq!(answer.body["code"], "invalid_card");
        assert!(!answer.body.to_string().contains("42424242"), "{}", answer.body);
    }
    let newest = Raw::stripe(&sandbox).release(Some("2026-04-17"));
    assert_eq!(
        delegate(&newest, None, &body()).await.body["code"],
        "idempotency_key_required"
    );
    assert_eq!(delegate(&agent.release(None), None, &body()).await.status, 400);
    assert!(sandbox.stripe.tokens().is_empty());
}
