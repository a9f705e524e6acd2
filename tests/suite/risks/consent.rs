//! A buyer pays the total that was shown: a retry does not consent to another price.

use std::time::Duration;

use serde_json::json;
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_tests::{Builder, HttpResponse, Merchant, Release, Request, TestHost};
use tokio::task::JoinSet;

use super::eventually::{assert_charged_once, assert_not_charged, fast_timings};

const HEADER: &str =
    "id,title,description,link,image_link,availability,price,sale_price,sale_price_effective_date,shipping_type\n";

/// Digital items, so that neither address nor stock matters. One has a sale price until ten minutes after the start, one from
/// then on.
fn catalog() -> String {
    let row = |id: &str, price: &str, sale: &str, effective: &str| {
        format!(
            "{id},{id},A song.,https://s.example/{id},https://s.example/i,in_stock,{price},{sale},{effective},digital\n"
        )
    };
    [
        HEADER.to_owned(),
        row(
            "rises",
            "100.00 USD",
            "60.00 USD",
            "2026-11-21T00:00Z/2026-11-21T12:10Z",
        ),
        row(
            "falls",
            "100.00 USD",
            "60.00 USD",
            "2026-11-21T12:10Z/2026-11-22T00:00Z",
        ),
        row(
            "free-until",
            "9.00 USD",
            "0.00 USD",
            "2026-11-21T00:00Z/2026-11-21T12:10Z",
        ),
        row("song", "9.00 USD", "", ""),
    ]
    .concat()
}

const CODES: &str = r#"
[discounts.SOON]
percent = 50
ends = "2026-11-21T12:10:00Z"

[discounts.ONCE]
percent = 50
usage-limit = 1
"#;

fn builder() -> Builder {
    let shop = Merchant::named("demo").catalog(&catalog()).shop(CODES).untaxed();
    TestHost::builder().timings(fast_timings()).frozen().merchant(shop)
}

fn later(host: &TestHost) {
    host.clock.advance(Duration::from_secs(20 * 60));
}

/// Asserts a refusal that only reading the checkout can lift.
#[track_caller]
fn must_be_shown(answer: HttpResponse) -> HttpResponse {
    let refused = answer.refused(409, "conflict");
    assert_eq!(
        refused.header("retry-after"),
        None,
        "a refusal that waiting cannot lift has no retry-after"
    );
    assert!(refused.text().contains("Idempotency-Key"), "{}", refused.text());
    refused
}

#[tokio::test]
async fn a_completion_is_refused_until_the_new_total_was_shown() {
    for release in [Release::V2025_09_29, Release::V2026_04_17] {
        for (item, shown, now) in [("rises", 6000, 10_000), ("falls", 10_000, 6000)] {
            let host = builder().start().await;
            let agent = host.acp(release);
            let session = agent.open(&[(item, 1)]).await.is("ready_for_payment");
            assert_eq!(session.total("total"), shown);
            let token = host.token(10_000).await;
            let completion = agent.completion(session.id(), &token).key("k-sale-1");
            later(&host);

            let first = must_be_shown(completion.clone().send().await);
            assert!(first.text().contains("100.00 USD"), "{}", first.text());
            for _ in 0..3 {
                let again = must_be_shown(completion.clone().send().await);
                assert!(again.is_replay(), "the refusal is replayed under its key");
                let fresh = agent.complete(session.id(), &token).await;
                assert!(!must_be_shown(fresh).is_replay(), "another key gets no replay");
            }
            assert_not_charged(&host);

            let looked = agent.retrieve(session.id()).await.expect(200).is("ready_for_payment");
            assert_eq!(looked.total("total"), now);
            assert!(
                must_be_shown(completion.clone().send().await).is_replay(),
                "the refusal is still replayed"
            );
            let _ = agent.complete(session.id(), &token).await.expect(200).is("completed");
            assert_charged_once(&host, now).await;
        }
    }
}

#[tokio::test]
async fn without_a_key_showing_the_total_is_enough() {
    let host = builder().start().await;
    let stripe = host.stripe_acs();
    let checkout = stripe.open(&[("rises", 1)]).await.is("ready_for_payment");
    let token = host.token(10_000).await;
    later(&host);
    for _ in 0..3 {
        let _ = must_be_shown(stripe.confirm(checkout.id(), &token).await);
    }
    assert_not_charged(&host);
    let looked = stripe.retrieve(checkout.id()).await.expect(200);
    assert_eq!(looked.total("total"), 10_000);
    let _ = stripe.confirm(checkout.id(), &token).await.expect(200).is("completed");
    assert_charged_once(&host, 10_000).await;
}

#[tokio::test]
async fn an_update_is_a_look() {
    let host = builder().start().await;
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.open(&[("song", 1)]).await;
    let coded = agent
        .update(session.id(), &json!({"discounts": {"codes": ["SOON"]}}))
        .await
        .expect(200);
    assert_eq!(coded.total("total"), 450);
    let token = host.token(900).await;
    later(&host);
    let _ = must_be_shown(agent.complete(session.id(), &token).await);
    let updated = agent
        .update(session.id(), &json!({"discounts": {"codes": []}}))
        .await
        .expect(200);
    assert_eq!(updated.total("total"), 900);
    let _ = agent.complete(session.id(), &token).await.expect(200).is("completed");
    assert_charged_once(&host, 900).await;
}

#[tokio::test]
async fn the_replay_of_an_older_answer_is_not_a_look() {
    let host = builder().start().await;
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.open(&[("rises", 1)]).await;
    let note = agent
        .post(&format!("/checkout_sessions/{}", session.id()))
        .json(&json!({"buyer": {"email": "jane.doe@example.com"}}))
        .key("k-note");
    let _ = note.clone().send().await.expect(200);
    let token = host.token(10_000).await;
    later(&host);
    let _ = must_be_shown(agent.complete(session.id(), &token).await);
    let replayed = note.clone().send().await.expect(200);
    assert!(replayed.is_replay());
    assert_eq!(replayed.total("total"), 6000);
    let _ = must_be_shown(agent.complete(session.id(), &token).await);
    assert_not_charged(&host);
}

#[tokio::test]
async fn a_refusal_is_remembered_across_a_restart() {
    let mut host = builder().start().await;
    let session = host.acp(Release::V2026_04_17).open(&[("rises", 1)]).await;
    let token = host.token(10_000).await;
    later(&host);
    let _ = must_be_shown(host.acp(Release::V2026_04_17).complete(session.id(), &token).await);
    host.restart().await;
    let agent = host.acp(Release::V2026_04_17);
    let _ = must_be_shown(agent.complete(session.id(), &token).await);
    assert_not_charged(&host);
    let _ = agent.retrieve(session.id()).await.expect(200);
    let _ = agent.complete(session.id(), &token).await.expect(200).is("completed");
    assert_charged_once(&host, 10_000).await;
}

#[tokio::test]
async fn what_was_free_is_charged_only_after_a_look() {
    let host = builder().start().await;
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.open(&[("free-until", 1)]).await.is("ready_for_payment");
    assert_eq!(session.total("total"), 0);
    let token = host.token(900).await;
    later(&host);
    for _ in 0..2 {
        let _ = must_be_shown(agent.complete(session.id(), &token).await);
    }
    assert_not_charged(&host);
}

async fn revision(host: &TestHost, session: &str) -> u64 {
    let store = host.store();
    let found = store.session(&MerchantId::new("demo"), &SessionId::new(session)).await;
    found.unwrap().unwrap().revision
}

#[tokio::test]
async fn a_read_writes_only_where_it_shows_another_total() {
    let host = builder().start().await;
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.open(&[("rises", 1)]).await;
    let created = revision(&host, session.id()).await;
    for _ in 0..3 {
        let _ = agent.retrieve(session.id()).await.expect(200);
    }
    assert_eq!(revision(&host, session.id()).await, created);
    later(&host);
    let token = host.token(10_000).await;
    let _ = must_be_shown(agent.complete(session.id(), &token).await);
    let refused = revision(&host, session.id()).await;
    let _ = agent.retrieve(session.id()).await.expect(200);
    let looked = revision(&host, session.id()).await;
    assert!(refused < looked);
    let _ = agent.retrieve(session.id()).await.expect(200);
    assert_eq!(revision(&host, session.id()).await, looked);
}

async fn send_concurrently(requests: Vec<Request>) -> Vec<HttpResponse> {
    let mut running = JoinSet::new();
    for request in requests {
        running.spawn(request.send());
    }
    running.join_all().await
}

/// A buyer who loses the last use of a code retries without reading the checkout, as the error before suggested.
#[tokio::test]
async fn a_buyer_who_loses_the_last_use_of_a_code_is_shown_the_full_price_before_paying() {
    let host = builder().set("plugins.queue_wait_ms = 30000").start().await;
    let agent = host.acp(Release::V2026_04_17);
    let mut completions = Vec::new();
    for _ in 0..6 {
        let session = agent.open(&[("song", 1)]).await;
        let coded = agent
            .update(session.id(), &json!({"discounts": {"codes": ["ONCE"]}}))
            .await
            .expect(200);
        assert_eq!(coded.total("total"), 450);
        completions.push(agent.completion(session.id(), &host.token(900).await));
    }
    let first = send_concurrently(completions.clone()).await;
    let mut all = first;
    for _ in 0..3 {
        all.extend(send_concurrently(completions.clone()).await);
    }
    for answer in all.iter().filter(|answer| answer.status == 200) {
        assert_eq!(answer.total("total"), 450, "{}", answer.text());
    }
    assert_charged_once(&host, 450).await;
}

/// Another tab changes the cart while the checkout is being completed, and the client retries the rejected request.
#[tokio::test]
async fn a_cart_that_changes_during_the_completion_is_not_paid_by_a_retry() {
    let host = builder().set("plugins.queue_wait_ms = 30000").start().await;
    let agent = host.acp(Release::V2026_04_17);
    let mut refused = 0;
    for _ in 0..40 {
        let session = agent.open(&[("song", 1)]).await;
        let completion = agent.completion(session.id(), &host.token(9000).await);
        let line = json!({"line_items": [{"id": "song", "quantity": 3}]});
        let change = agent.post(&format!("/checkout_sessions/{}", session.id())).json(&line);
        let (completed, _) = tokio::join!(completion.clone().send(), change.send());
        if completed.status == 409 {
            refused += 1;
            for _ in 0..2 {
                let again = completion.clone().send().await.expect(409);
                assert_eq!(again.header("retry-after"), None, "{}", again.text());
            }
        }
    }
    // If the update was committed before the completion began, three items were shown and three are paid. A rejected completion
    // was not paid by a retry.
    let captures = host.sandbox.acquirer.ledger().captures();
    assert_eq!(captures.len(), 40 - refused);
}

/// The buyer must read the checkout after the refusal: reading it before does not count for a retry without a key.
#[tokio::test]
async fn an_update_that_overtakes_a_confirm_was_not_seen_by_it() {
    let host = builder().set("plugins.queue_wait_ms = 30000").start().await;
    let stripe = host.stripe_acs();
    let mut refused = 0;
    for _ in 0..40 {
        let checkout = stripe.open(&[("song", 1)]).await;
        let confirm = stripe.confirmation(checkout.id(), &host.token(9000).await);
        let change = stripe
            .post(&format!("/agentic/checkouts/{}", checkout.id()))
            .json(&json!({"line_items": [{"sku_id": "song", "quantity": 3}]}));
        let (confirmed, _) = tokio::join!(confirm.clone().send(), change.send());
        if confirmed.status == 409 {
            refused += 1;
            let _ = must_be_shown(confirmed);
            for _ in 0..2 {
                let _ = must_be_shown(confirm.clone().send().await);
            }
        }
    }
    assert_eq!(host.sandbox.acquirer.ledger().captures().len(), 40 - refused);
}
