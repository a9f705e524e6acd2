//! Idempotency keys: what is recorded under one, what is not, and what another request under it is told.

use std::sync::Arc;

use serde_json::json;
use tillhouse_tests::Slow;
use tillhouse_tests::eventually::wait_until;

use super::{ITEM, changed, creation, host, in_dialect, plan, refused};

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_at_once_is_told_to_wait_and_replayed_afterwards() {
    let slow = Slow::after("quoting.quote");
    let host = plan().observer(Arc::clone(&slow) as _).start().await;
    let request = host.adyen().post("").json(&creation());
    slow.hold();
    let first = tokio::spawn(request.clone().send());
    wait_until("the first creation is quoted", async || slow.is_delaying()).await;
    let second = refused(request.clone().send().await, 409, "IN_FLIGHT", "", "the same at once");
    assert!(second.header("retry-after").is_some());
    slow.release();
    let first = first.await.unwrap().expect(201);
    let again = request.send().await.expect(201);
    assert!(again.is_replay() && again.body == first.body);
    assert_eq!(host.rows_in("session"), 1);
}

#[tokio::test]
async fn another_body_under_a_key_is_refused_and_the_first_stays() {
    let agent = host().await.adyen();
    let request = agent.post("");
    let first = request.clone().json(&creation()).send().await.expect(201);
    for other in [
        changed(creation(), "/items/0/quantity", json!(2)),
        changed(creation(), "/affiliate_attribution/token", json!("click_9")),
        changed(creation(), "/currency", json!("usd")),
    ] {
        let answer = request.clone().json(&other).send().await;
        let _ = refused(answer, 422, "IDEMPOTENCY_CONFLICT", "", &other.to_string());
    }
    let spaced = creation().to_string().replace(':', " : ");
    let spaced = spaced.replace("https : ", "https:");
    let again = request.body(spaced).send().await.expect(201);
    assert!(again.is_replay() && again.body == first.body);
}

#[tokio::test]
async fn a_key_that_is_none_is_refused() {
    let agent = host().await.adyen();
    for (what, key) in [
        ("256 characters", "k".repeat(256)),
        ("nothing", String::new()),
        ("not ASCII", "schl\u{fc}ssel".to_owned()),
        ("a tab", "a\tb".to_owned()),
    ] {
        let answer = agent.post("").key(&key).json(&creation()).send().await;
        assert_eq!(answer.status, 400, "{what}: {}", answer.text());
        in_dialect(&answer);
    }
    let _ = agent
        .post("")
        .key(&format!("{}1", "k".repeat(254)))
        .json(&creation())
        .send()
        .await
        .expect(201);
    let _ = agent.post("").no_key().json(&creation()).send().await.expect(201);
}

#[tokio::test]
async fn two_keys_on_a_request_are_none() {
    let agent = host().await.adyen();
    let answer = agent
        .post("")
        .append_header("idempotency-key", "another")
        .json(&creation())
        .send()
        .await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    in_dialect(&answer);
}

#[tokio::test]
async fn one_key_on_several_operations_means_nothing() {
    let host = host().await;
    let agent = host.adyen();
    let (one, other) = (agent.ready(ITEM).await, agent.ready(ITEM).await);
    let with_key = |below: String| agent.post(&below).key("one-for-all");
    let created = with_key(String::new()).json(&creation()).send().await.expect(201);
    for session in [&one, &other] {
        let updated = with_key(format!("/{}", session.id()))
            .json(&json!({}))
            .send()
            .await
            .expect(200);
        assert_eq!((updated.id(), updated.is_replay()), (session.id(), false));
    }
    let canceled = with_key(format!("/{}/cancel", one.id()))
        .send()
        .await
        .expect(200)
        .is("canceled");
    assert_eq!((canceled.id(), canceled.is_replay()), (one.id(), false));
    let again = with_key(String::new()).json(&creation()).send().await.expect(201);
    assert!(again.is_replay() && again.body == created.body);
    let acme = host
        .adyen_at("acme")
        .post("")
        .key("one-for-all")
        .json(&creation())
        .send()
        .await
        .expect(201);
    assert!(!acme.is_replay(), "another merchant");
}

/// What passes or was never admitted is not kept; what the domain has refused for good is.
#[tokio::test]
async fn what_is_kept_under_a_key_depends_on_the_answer() {
    let agent = host().await.adyen();
    let session = agent.ready(ITEM).await;
    let canceled = agent.ready(ITEM).await;
    let _ = agent.cancel(canceled.id()).await.expect(200);
    let update = |id: &str, body: serde_json::Value| agent.post(&format!("/{id}")).json(&body);
    for (what, request, status, kept) in [
        ("400", update(session.id(), json!({"x": 1})), 400, false),
        ("404", update("cs_none", json!({})), 404, false),
        (
            "415",
            update(session.id(), json!({})).header("content-type", "text/plain"),
            415,
            false,
        ),
        ("422", update(session.id(), json!({"currency": "EUR"})), 422, true),
        ("409 of the state", update(canceled.id(), json!({})), 409, true),
    ] {
        let _ = request.clone().send().await.expect(status);
        let again = request.send().await.expect(status);
        assert_eq!(again.is_replay(), kept, "{what}");
        in_dialect(&again);
    }
}
