//! How Stripe authenticates itself.

use tillhouse_tests::{Merchant, Release, Request, TestHost, fixtures};

use crate::protocols::host;

async fn create() -> Request {
    let cart = fixtures::checkout(&[("tee-classic", 1)]);
    host().await.client().post("/agentic/checkouts").json(&cart)
}

#[tokio::test]
async fn a_signature_over_the_body_is_enough() {
    let _ = create().await.signed().send().await.expect(200);
}

#[tokio::test]
async fn without_a_good_signature_there_is_nothing_but_401() {
    let signature = create().await.signed().signature().unwrap();
    let other_body = create().await.body("{\"currency\":\"usd\",\"line_items\":[]}");
    let no_time = signature.split_once(',').unwrap().1.to_owned();
    for request in [
        create().await,
        create().await.signed_with("whsec_wrong"),
        create().await.signed_with("whsec_acme"),
        create().await.header("stripe-signature", "t=1,v1="),
        create().await.header("stripe-signature", &no_time),
        create()
            .await
            .header("stripe-signature", &signature.replace("v1=", "v0=")),
        other_body.header("stripe-signature", &signature),
    ] {
        let _ = request.send().await.refused(401, "invalid_signature");
    }
}

#[tokio::test]
async fn a_signature_is_good_for_five_minutes_either_way() {
    let now = host().await.clock.seconds();
    for (seconds, status) in [
        (now - 290, 200),
        (now + 290, 200),
        (now - 310, 401),
        (now + 310, 401),
        (0, 401),
    ] {
        let _ = create().await.signed_at(seconds).send().await.expect(status);
    }
}

#[tokio::test]
async fn one_good_signature_among_several_is_enough() {
    let signature = create().await.signed().signature().unwrap();
    let (time, good) = signature.split_once(',').unwrap();
    let bad = "0".repeat(64);
    for header in [
        format!("{time},v1={bad},{good}"),
        format!("{time},{good},v1={bad},v0=abc"),
        format!("{good}, {time}"),
    ] {
        let _ = create()
            .await
            .header("stripe-signature", &header)
            .send()
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn two_secrets_are_in_force_during_a_rotation() {
    let acme = host().await.client_of("acme");
    let cart = fixtures::checkout(&[("tee-classic", 1)]);
    let create = acme.post("/agentic/checkouts").json(&cart);
    for (secret, status) in [("whsec_acme", 200), ("whsec_next", 200), ("whsec_demo", 401)] {
        let _ = create.clone().signed_with(secret).send().await.expect(status);
    }
}

#[tokio::test]
async fn a_get_signs_the_empty_body() {
    let stripe = host().await.stripe_acs();
    let checkout = stripe.open(&[("tee-classic", 1)]).await;
    let path = format!("/agentic/checkouts/{}", checkout.id());
    let _ = stripe.get(&path).send().await.expect(200);
    let _ = stripe.client.get(&path).send().await.refused(401, "invalid_signature");
}

#[tokio::test]
async fn an_acp_key_does_not_open_stripes_hooks_nor_the_other_way_round() {
    let _ = create()
        .await
        .acp(Release::V2026_04_17)
        .send()
        .await
        .refused(401, "invalid_signature");
    let signed = host().await.client().post("/checkout_sessions").signed();
    let _ = signed.body("{}").send().await.refused(401, "unauthorized");
}

#[tokio::test]
async fn a_bearer_key_is_the_alternative() {
    let merchant = Merchant::named("demo").set(
        r#"
        stripe_acs.auth = "bearer"
        stripe_acs.keys = [{ name = "stripe", secret = "key_stripe" }]
        "#,
    );
    let host = TestHost::builder()
        .merchant(merchant.without_signing_secrets())
        .start()
        .await;
    let cart = fixtures::checkout(&[("tee-classic", 1)]);
    let create = host.client().post("/agentic/checkouts").json(&cart);
    let _ = create.clone().bearer("key_stripe").send().await.expect(200);
    let _ = create
        .clone()
        .bearer("key_demo")
        .send()
        .await
        .refused(401, "unauthorized");
    let _ = create.signed().send().await.refused(401, "unauthorized");
    host.stop().await;
}
