//! Responses to a repeated key: replays, conflicts, and what is not recorded.

use serde_json::json;
use tillhouse_sandbox::Fault;
use tillhouse_sandbox::stripe::Operation;
use tillhouse_tests::{Release, TestHost, fixtures};

use crate::protocols::{RELEASES, host};

#[tokio::test]
async fn the_same_request_again_is_answered_from_the_record() {
    for release in RELEASES {
        let acp = host().await.acp(release);
        let cart = fixtures::cart(release, &[("tee-classic", 1)]);
        let create = acp.post("/checkout_sessions").json(&cart);
        let first = create.clone().send().await.expect(201);
        let again = create.send().await.expect(201);
        assert!(!first.is_replay() && again.is_replay());
        assert_eq!(first.body, again.body);
    }
}

#[tokio::test]
async fn a_payment_sent_twice_under_one_key_is_made_once() {
    let host = TestHost::start().await;
    for release in RELEASES {
        let acp = host.acp(release);
        let session = acp.ready(&[("tee-classic", 1)]).await;
        let token = host.token(session.total("total")).await;
        let complete = acp.completion(session.id(), &token);
        let before = host.charges();
        let first = complete.clone().send().await.expect(200).is("completed");
        let again = complete.send().await.expect(200);
        assert!(again.is_replay());
        assert_eq!(first.body, again.body);
        assert_eq!(host.charges(), before + 1);
    }
    host.stop().await;
}

#[tokio::test]
async fn a_key_with_another_body_is_refused_with_the_status_of_the_release() {
    for (release, status, kind) in [
        (Release::V2025_09_29, 409, "request_not_idempotent"),
        (Release::V2026_04_17, 422, "invalid_request"),
    ] {
        let acp = host().await.acp(release);
        let create = acp.post("/checkout_sessions");
        let one = fixtures::cart(release, &[("tee-classic", 1)]);
        let two = fixtures::cart(release, &[("tee-classic", 2)]);
        let first = create.clone().json(&one).send().await.expect(201);
        let refused = create
            .clone()
            .json(&two)
            .send()
            .await
            .refused(status, "idempotency_conflict");
        assert_eq!(refused["type"], kind);
        // The key still belongs to the first request.
        assert_eq!(create.json(&one).send().await.expect(201).body, first.body);
    }
}

#[tokio::test]
async fn stripe_gets_400_for_a_key_with_another_body() {
    let stripe = host().await.stripe_acs();
    let create = stripe.post("/agentic/checkouts").key("stripe-conflict");
    let one = create
        .clone()
        .json(&fixtures::checkout(&[("tee-classic", 1)]))
        .send()
        .await
        .expect(200);
    let two = create
        .clone()
        .json(&fixtures::checkout(&[("tee-classic", 2)]))
        .send()
        .await;
    let _ = two.refused(400, "idempotency_conflict");
    let again = create.json(&fixtures::checkout(&[("tee-classic", 1)])).send().await;
    assert!(again.is_replay());
    assert_eq!(again.body, one.body);
}

#[tokio::test]
async fn a_key_is_required_from_2026_04_17_on() {
    let cart = |release| fixtures::cart(release, &[("tee-classic", 1)]);
    let new = host().await.acp(Release::V2026_04_17);
    let keyless = new.post("/checkout_sessions").no_key().json(&cart(new.release));
    let _ = keyless.send().await.refused(400, "idempotency_key_required");
    let old = host().await.acp(Release::V2025_09_29);
    let keyless = old.post("/checkout_sessions").no_key().json(&cart(old.release));
    let one = keyless.clone().send().await.expect(201);
    let two = keyless.send().await.expect(201);
    assert_ne!(one.id(), two.id());
}

#[tokio::test]
async fn a_key_has_one_to_255_characters() {
    let acp = host().await.acp(Release::V2026_04_17);
    let cart = fixtures::cart(acp.release, &[("tee-classic", 1)]);
    let create = acp.post("/checkout_sessions").json(&cart);
    for bad in ["", &"k".repeat(256), "käse"] {
        let _ = create
            .clone()
            .key(bad)
            .send()
            .await
            .refused(400, "invalid_idempotency_key");
    }
    let _ = create.key(&"k".repeat(255)).send().await.expect(201);
}

#[tokio::test]
async fn a_refusal_of_the_domain_is_recorded() {
    for release in RELEASES {
        let acp = host().await.acp(release);
        let cart = fixtures::cart(release, &[("no-such-item", 1)]);
        let create = acp.post("/checkout_sessions").json(&cart);
        let first = create.clone().send().await.refused(400, "invalid_item_id");
        let again = create.send().await.refused(400, "invalid_item_id");
        assert!(!first.is_replay() && again.is_replay());
        assert_eq!(first.body, again.body);
    }
}

#[tokio::test]
async fn a_decline_is_recorded_and_not_charged_again() {
    let host = TestHost::start().await;
    let acp = host.acp(Release::V2026_04_17);
    let session = acp.ready(&[("tee-classic", 1)]).await;
    let token = host.token_of("pm_card_chargeDeclined", session.total("total")).await;
    let complete = acp.completion(session.id(), &token);
    let _ = complete.clone().send().await.refused(402, "payment_declined");
    let attempts = host.charges();
    assert!(complete.send().await.refused(402, "payment_declined").is_replay());
    assert_eq!(host.charges(), attempts);
    host.stop().await;
}

#[tokio::test]
async fn a_body_that_does_not_fit_leaves_the_key_for_one_that_does() {
    let acp = host().await.acp(Release::V2026_04_17);
    let create = acp.post("/checkout_sessions");
    let _ = create.clone().body("{").send().await.refused(400, "invalid");
    let _ = create
        .clone()
        .json(&json!({}))
        .send()
        .await
        .refused(400, "missing_required_field");
    let good = fixtures::cart(acp.release, &[("tee-classic", 1)]);
    assert!(!create.json(&good).send().await.expect(201).is_replay());
}

#[tokio::test]
async fn an_internal_error_is_not_recorded_and_the_key_can_be_retried() {
    let host = TestHost::start().await;
    let acp = host.acp(Release::V2026_04_17);
    let session = acp.ready(&[("tee-classic", 1)]).await;
    let token = host.token(session.total("total")).await;
    let complete = acp.completion(session.id(), &token);
    // A Stripe API key that Stripe rejects: the host does not retry that by itself.
    for _ in 0..3 {
        host.sandbox.stripe.fail_next(Operation::Retrieve, Fault::Status(401));
    }
    let refused = complete.clone().send().await.refused(503, "service_unavailable");
    assert!(
        refused
            .header("retry-after")
            .is_some_and(|after| after.parse::<u64>().is_ok())
    );
    let mut again = complete.clone().send().await;
    // The first request used up some of the planned failures; retry until the rest is used up.
    while again.status == 503 {
        again = complete.clone().send().await;
    }
    assert!(!again.clone().expect(200).is("completed").is_replay());
    assert_eq!(host.charges(), 1);
    host.stop().await;
}

#[tokio::test]
async fn records_outlive_the_host() {
    let mut host = TestHost::start().await;
    let acp = host.acp(Release::V2026_04_17);
    let session = acp.ready(&[("tee-classic", 1)]).await;
    let token = host.token(session.total("total")).await;
    let done = acp
        .completion(session.id(), &token)
        .key("before-and-after")
        .send()
        .await
        .expect(200);
    host.restart().await;
    let acp = host.acp(Release::V2026_04_17);
    let again = acp
        .completion(session.id(), &token)
        .key("before-and-after")
        .send()
        .await
        .expect(200);
    assert!(again.is_replay());
    assert_eq!(again.body, done.body);
    assert_eq!(host.charges(), 1);
    host.stop().await;
}
