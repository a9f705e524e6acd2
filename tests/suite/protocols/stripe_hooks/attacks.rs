//! Approvals whose data is wrong, senseless or meant to harm: nothing is held of them, and none is approved.

use serde_json::{Value, json};
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::session::SessionState;
use tillhouse_sandbox::agent::Basket;
use tillhouse_sandbox::stripe::hooks::{Decision, Hook};
use tillhouse_tests::{Merchant, TestHost};

use super::{approved, basket, customized, session, start};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_an_order_is_never_approved_and_holds_nothing() {
    let host = start().await;
    let stripe = host.stripe_hooks();
    let checkout = customized(&stripe, &basket()).await;
    let line = checkout.approval()["line_items_details"][0].clone();
    let mut nested = json!(1);
    for _ in 0..100 {
        nested = json!([nested]);
    }
    let mut many = Vec::new();
    for index in 0..10_000 {
        let mut other = line.clone();
        other["id"] = json!(format!("li_{index}"));
        other["sku_id"] = json!(format!("sku-{index}"));
        many.push(other);
    }
    let mut number = 0;
    for (path, values) in [
        (
            "/line_items_details/0/quantity",
            vec![
                json!(0),
                json!(-1),
                json!(1.5),
                json!(1e30),
                json!(4_294_967_296_u64),
                json!("2"),
                json!(null),
                nested.clone(),
            ],
        ),
        (
            "/line_items_details/0/unit_amount",
            vec![
                json!(-1),
                json!(0.5),
                json!("100"),
                json!(9_223_372_036_854_775_807_u64),
                json!([]),
            ],
        ),
        (
            "/line_items_details/0/sku_id",
            vec![json!(""), json!(7), json!({}), json!("x".repeat(100_000))],
        ),
        (
            "/line_items_details",
            vec![
                json!([]),
                json!({}),
                json!("x"),
                json!([null]),
                json!([[line]]),
                Value::Array(many),
            ],
        ),
        (
            "/amount_total",
            vec![json!(-5), json!(1.25), json!("12"), json!(1), json!(i64::MAX)],
        ),
        (
            "/currency",
            vec![json!("xxx1"), json!(""), json!(null), json!("jpy"), json!("kwd")],
        ),
        ("/email", vec![json!("not an address"), json!(5), nested]),
        ("/payment_method_details", vec![json!("card"), json!([])]),
        (
            "/shipping_details/address",
            vec![json!("Main Street"), json!({"country": "ZZ"})],
        ),
    ] {
        for value in values {
            let mut data = checkout.approval();
            *data.pointer_mut(path).unwrap() = value;
            number += 1;
            let answer = stripe.send(Hook::Approval, &format!("h{number}"), &data).await.unwrap();
            let shown: String = answer.body.to_string().chars().take(300).collect();
            let decision = &answer.body["manual_approval_details"]["type"];
            assert!(
                matches!(answer.status, 400 | 413) || (answer.status == 200 && decision == "declined"),
                "{path} {number}: {} {shown}",
                answer.status
            );
            assert_ne!(answer.body["received"], true);
            assert!(
                host.attempts_of(&checkout.id).await.is_empty(),
                "{path} {number}: {shown}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_that_are_null_are_as_if_they_were_not_there() {
    let host = start().await;
    let stripe = host.stripe_hooks();
    let checkout = customized(&stripe, &basket()).await;
    let mut data = checkout.approval();
    for name in [
        "phone",
        "payment_method_details",
        "billing_details",
        "line_item_details",
        "metadata",
    ] {
        data[name] = Value::Null;
    }
    data["total_details"]["amount_discount"] = Value::Null;
    let answer = stripe.send(Hook::Approval, "h", &data).await.unwrap();
    assert_eq!(answer.body["manual_approval_details"]["type"], "approved", "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_both_spellings_the_documented_one_counts_and_lines_of_one_product_add_up() {
    let host = start().await;
    let stripe = host.stripe_hooks();
    let checkout = customized(&stripe, &basket()).await;
    let mut data = checkout.approval();
    let mut one = data["line_items_details"][0].clone();
    one["quantity"] = json!(1);
    let mut other = one.clone();
    other["id"] = json!("li_other");
    data["line_items_details"] = json!([one, other]);
    data["line_item_details"] = json!([{"id": "li_9", "sku_id": "tee-classic", "quantity": 9, "unit_amount": 1}]);
    let answer = stripe.send(Hook::Approval, "h", &data).await.unwrap();
    assert_eq!(answer.body["manual_approval_details"]["type"], "approved", "{answer:?}");
    let held = session(&host, &checkout.id).await;
    let units: u32 = held.cart.lines.iter().map(|line| line.quantity).sum();
    assert_eq!(units, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_is_answered_the_same_after_a_restart() {
    let mut host = start().await;
    let stripe = host.stripe_hooks();
    let checkout = customized(&stripe, &basket()).await;
    let refused = checkout.approval().to_string().replace("tee-classic", "none");
    let mut refused: Value = serde_json::from_str(&refused).unwrap();
    refused["checkout_session"] = json!("cs_refused");
    let mut answers = Vec::new();
    for (id, data) in [("approved", &checkout.approval()), ("declined", &refused)] {
        answers.push(stripe.send(Hook::Approval, id, data).await.unwrap());
    }
    host.restart().await;
    let stripe = host.stripe_hooks();
    let again = stripe
        .send(Hook::Approval, "approved", &checkout.approval())
        .await
        .unwrap();
    assert_eq!(again, answers[0]);
    assert_eq!(
        stripe.send(Hook::Approval, "declined", &refused).await.unwrap(),
        answers[1]
    );
    assert_eq!(host.attempts_of(&checkout.id).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_the_card_is_kept() {
    let host = start().await;
    let stripe = host.stripe_hooks();
    let checkout = approved(&stripe, &basket()).await;
    stripe.tell(&checkout.completed_event("paid")).await.unwrap();
    let kept = format!(
        "{:?} {:?} {:?}",
        session(&host, &checkout.id).await,
        host.attempts_of(&checkout.id).await,
        host.order_of(&checkout.id).await
    );
    for secret in ["424242", "4242\"", "fp_sandbox", "2030"] {
        assert!(!kept.contains(secret), "{secret}: {kept}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_and_an_event_of_one_merchant_do_nothing_at_another() {
    let host = TestHost::builder()
        .merchant(Merchant::named("demo"))
        .merchant(Merchant::named("other"))
        .frozen()
        .start()
        .await;
    let stripe = host.stripe_hooks();
    let checkout = approved(&stripe, &Basket::of("tee-classic", 2)).await;
    let hook = json!({"type": Hook::Approval.name(), "id": "h", "livemode": false, "data": checkout.approval()});
    for (body, secret) in [
        (&hook, Merchant::hook_secret("demo")),
        (&checkout.completed_event("paid"), Merchant::event_secret("demo")),
    ] {
        let post = host.client().post("/m/other/webhooks/stripe").json(body);
        let _ = post.signed_with(&secret).send().await.refused(400, "invalid_signature");
    }
    let event = checkout.completed_event("paid");
    let post = host.client().post("/m/other/webhooks/stripe").json(&event);
    let _ = post
        .signed_with(&Merchant::event_secret("other"))
        .send()
        .await
        .expect(200);
    assert!(matches!(
        session(&host, &checkout.id).await.state,
        SessionState::Held { .. }
    ));
    let mut again = checkout.clone();
    assert_eq!(stripe.approve(&mut again, None).await, Decision::Approved);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_id_of_a_checkout_and_of_a_hook_at_two_merchants_is_two_checkouts() {
    let host = TestHost::builder()
        .merchant(Merchant::named("demo"))
        .merchant(Merchant::named("other"))
        .frozen()
        .start()
        .await;
    let stripe = host.stripe_hooks();
    let mut checkout = customized(&stripe, &basket()).await;
    let hook = json!({"type": Hook::Approval.name(), "id": "h", "livemode": false, "data": checkout.approval()});
    for merchant in ["demo", "other"] {
        let post = host
            .client()
            .post(&format!("/m/{merchant}/webhooks/stripe"))
            .json(&hook);
        let answer = post
            .signed_with(&Merchant::hook_secret(merchant))
            .send()
            .await
            .expect(200);
        assert_eq!(answer["manual_approval_details"]["type"], "approved", "{merchant}");
    }
    checkout.pay();
    stripe.tell(&checkout.completed_event("paid")).await.unwrap();
    let (other, id) = (MerchantId::new("other"), SessionId::new(checkout.id.as_str()));
    let theirs = host.store().session(&other, &id).await.unwrap().unwrap();
    assert!(matches!(theirs.state, SessionState::Held { .. }), "{:?}", theirs.state);
    let ours = session(&host, &checkout.id).await;
    assert!(matches!(ours.state, SessionState::Completed { .. }), "{:?}", ours.state);
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_of_another_form_than_json_objects_do_nothing() {
    let host = start().await;
    let stripe = host.stripe_hooks();
    let checkout = customized(&stripe, &basket()).await;
    let kind = Hook::Approval.name();
    let data = checkout.approval();
    let whole = json!({"type": kind, "id": "h", "livemode": false, "data": data}).to_string();
    let twice = format!("{},\"data\":{{}}}}", whole.trim_end_matches('}').trim_end());
    let inside = whole.replacen("\"currency\":", "\"currency\":\"eur\",\"currency\":", 1);
    let two_types = whole.replacen("\"type\":", "\"type\":\"x\",\"type\":", 1);
    for (name, body) in [
        ("a list", format!("[{whole}]")),
        ("cut off", whole[..whole.len() - 2].to_owned()),
        ("more after it", format!("{whole}{{}}")),
        ("a member twice", twice),
        ("a member of the data twice", inside),
        ("its type twice", two_types),
        ("not a number", whole.replacen("\"quantity\":2", "\"quantity\":NaN", 1)),
        ("empty", String::new()),
    ] {
        let post = host.client().post("/webhooks/stripe").body(body);
        let post = post.header("content-type", "application/json");
        let answer = post.signed_with(&Merchant::hook_secret("demo")).send().await;
        assert!(matches!(answer.status, 400 | 413), "{name}: {}", answer.text());
        assert!(host.attempts_of(&checkout.id).await.is_empty(), "{name}");
    }
    let too_large = format!("{whole}{}", " ".repeat(4_000_000));
    let post = host.client().post("/webhooks/stripe").body(too_large);
    let post = post.signed_with(&Merchant::hook_secret("demo"));
    // The host answers and closes before everything is sent, so that the client may see only that.
    if let Ok(answer) = post.try_send().await {
        assert_eq!(answer.status, 413, "{}", answer.text());
    }
    assert!(host.attempts_of(&checkout.id).await.is_empty());
    let post = host.client().post("/webhooks/stripe").body(whole);
    let post = post.header("content-type", "text/plain");
    let answer = post.signed_with(&Merchant::hook_secret("demo")).send().await;
    assert_eq!(answer.status, 415, "{}", answer.text());
    assert!(host.attempts_of(&checkout.id).await.is_empty());
}
