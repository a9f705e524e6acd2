//! Whose hooks are answered.

use serde_json::json;
use tillhouse_sandbox::stripe::hooks::{Hook, HookFault};
use tillhouse_tests::Merchant;

use super::{basket, customized, start, start_with};

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_hook_holds_nothing() {
    let host = start().await;
    let stripe = host.stripe_hooks();
    let mut checkout = customized(&stripe, &basket()).await;
    let forged = stripe.approve(&mut checkout, Some(HookFault::Forged)).await;
    assert!(super::reason(&forged).contains("invalid_signature"), "{forged:?}");
    assert!(host.attempts_of(&checkout.id).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_of_events_does_not_open_hooks_and_that_of_hooks_no_events() {
    let host = start().await;
    let hook = json!({"type": Hook::PriceAvailability.name(), "id": "h1", "livemode": false,
                      "data": {"sku_id": "tee-classic"}});
    let event = json!({"id": "evt_1", "object": "event", "type": "x", "livemode": false});
    let post = |body, secret: String| {
        host.client()
            .post("/webhooks/stripe")
            .json(body)
            .signed_with(&secret)
            .send()
    };
    let _ = post(&hook, Merchant::event_secret("demo"))
        .await
        .refused(400, "invalid_signature");
    let _ = post(&event, Merchant::hook_secret("demo"))
        .await
        .refused(400, "invalid_signature");
    let _ = post(&hook, Merchant::hook_secret("demo")).await.expect(200);
    let _ = post(&event, Merchant::event_secret("demo")).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_secret_is_accepted_beside_the_old_one() {
    let host = start_with("stripe.hook_secrets = [\"whsec_next\"]").await;
    let hook = json!({"type": Hook::PriceAvailability.name(), "id": "h1", "livemode": false,
                      "data": {"sku_id": "tee-classic"}});
    for secret in ["whsec_next".to_owned(), Merchant::hook_secret("demo")] {
        let post = host.client().post("/webhooks/stripe").json(&hook).signed_with(&secret);
        let _ = post.send().await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_a_hook_that_is_known_is_refused_and_never_acknowledged() {
    let host = start().await;
    let stripe = host.stripe_hooks();
    let data = json!({"sku_id": "tee-classic"});
    let known = Hook::PriceAvailability.name();
    for (body, code) in [
        (
            json!({"type": "v1.delegated_checkout.begin_checkout", "id": "h", "livemode": false, "data": {}}),
            "unknown_hook",
        ),
        (
            json!({"type": "delegated_commerce.something_new", "id": "h", "livemode": false, "data": {}}),
            "unknown_hook",
        ),
        (json!({"type": known, "livemode": false, "data": data}), "invalid"),
        (
            json!({"type": known, "id": "", "livemode": false, "data": data}),
            "invalid",
        ),
        (
            json!({"type": known, "id": "x".repeat(256), "livemode": false, "data": data}),
            "invalid",
        ),
        (
            json!({"type": known, "id": "h", "livemode": true, "data": data}),
            "livemode_mismatch",
        ),
        (json!({"type": known, "id": "h", "data": data}), "livemode_mismatch"),
        (
            json!({"type": known, "id": "h", "livemode": false}),
            "missing_required_field",
        ),
        (
            json!({"type": known, "id": "h2", "livemode": false, "data": {"sku_id": 1}}),
            "invalid",
        ),
        (
            json!({"type": Hook::Approval.name(), "id": "h3", "livemode": false, "data": {"currency": "usd"}}),
            "missing_required_field",
        ),
    ] {
        let answer = stripe.send_raw(&body).await.unwrap();
        assert_eq!(
            (answer.status, &answer.body["code"]),
            (400, &json!(code)),
            "{body}: {}",
            answer.body
        );
        assert_ne!(answer.body["received"], true);
    }
    let event = json!({"id": "evt_1", "object": "event", "type": known, "livemode": false});
    let post = host.client().post("/webhooks/stripe").json(&event);
    let kept = post
        .signed_with(&Merchant::event_secret("demo"))
        .send()
        .await
        .expect(200);
    assert_eq!(kept["received"], true, "it has the shape of an event");
}
