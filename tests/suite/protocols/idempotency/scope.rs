//! The scope of an idempotency key: merchant, principal and path.

use serde_json::json;
use tillhouse_tests::{Release, fixtures};

use crate::protocols::host;

#[tokio::test]
async fn the_same_key_on_another_session_is_another_request() {
    let acp = host().await.acp(Release::V2026_04_17);
    let one = acp.open(&[("tee-classic", 1)]).await;
    let two = acp.open(&[("mug-enamel", 1)]).await;
    for session in [&one, &two] {
        let path = format!("/checkout_sessions/{}", session.id());
        let updated = acp
            .post(&path)
            .key("per-path")
            .json(&json!({}))
            .send()
            .await
            .expect(200);
        assert!(!updated.is_replay());
        assert_eq!(updated.id(), session.id());
    }
    let path = format!("/checkout_sessions/{}/cancel", one.id());
    assert!(!acp.post(&path).key("per-path").send().await.expect(200).is_replay());
}

#[tokio::test]
async fn the_same_key_at_another_merchant_is_another_request() {
    let cart = fixtures::cart(Release::V2026_04_17, &[("tee-classic", 1)]);
    let host = host().await;
    let mut ids = Vec::new();
    for acp in [
        host.acp(Release::V2026_04_17),
        host.acp_at("acme", Release::V2026_04_17),
    ] {
        let made = acp
            .post("/checkout_sessions")
            .key("per-merchant")
            .json(&cart)
            .send()
            .await
            .expect(201);
        assert!(!made.is_replay());
        ids.push(made.id().to_owned());
    }
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn the_same_key_of_another_agent_is_another_request() {
    let acp = host().await.acp_at("acme", Release::V2026_04_17);
    let cart = fixtures::cart(acp.release, &[("tee-classic", 1)]);
    let create = acp.post("/checkout_sessions").key("per-principal").json(&cart);
    let mine = create.clone().send().await.expect(201);
    let theirs = create.bearer("key_second").send().await.expect(201);
    assert!(!theirs.is_replay());
    assert_ne!(mine.id(), theirs.id());
}

#[tokio::test]
async fn a_merchant_by_name_and_by_prefix_is_the_same_merchant() {
    let host = host().await;
    let cart = fixtures::cart(Release::V2026_04_17, &[("tee-classic", 1)]);
    let by_prefix = host.acp_at("acme", Release::V2026_04_17).post("/checkout_sessions");
    let by_prefix = by_prefix.key("by-name-or-prefix").json(&cart).send().await.expect(201);
    let by_name = host
        .acp(Release::V2026_04_17)
        .post("/checkout_sessions")
        .bearer("key_acme");
    let by_name = by_name
        .host("acme.example")
        .key("by-name-or-prefix")
        .json(&cart)
        .send()
        .await;
    assert!(by_name.is_replay());
    assert_eq!(by_name.body, by_prefix.body);
}

#[tokio::test]
async fn a_get_has_no_use_for_a_key() {
    let acp = host().await.acp(Release::V2026_04_17);
    let session = acp.open(&[("tee-classic", 1)]).await;
    let path = format!("/checkout_sessions/{}", session.id());
    let read = acp.get(&path).key("read-twice");
    let _ = read.clone().send().await.expect(200).is("not_ready_for_payment");
    let _ = acp.cancel(session.id()).await.expect(200);
    let again = read.send().await.expect(200).is("canceled");
    assert!(!again.is_replay());
}
