//! Sessions that are read: unknown, expired, of others, and over.

use std::time::Duration;

use serde_json::json;
use tillhouse_tests::{HttpResponse, Protocol, Release, fixtures};

use super::{ITEM, completion, host, in_dialect, plan, refused};

/// What an answer says, without the id that was asked for.
fn said(answer: &HttpResponse, id: &str) -> (u16, String) {
    in_dialect(answer);
    (answer.status, answer.text().replace(id, "ID"))
}

#[tokio::test]
async fn a_session_of_another_is_as_unknown_as_none() {
    let host = host().await;
    let agent = host.adyen();
    let acp = host.acp(Release::V2026_04_17).ready(ITEM).await;
    let hooks = Protocol::StripeAcs
        .create(host, ITEM, "usd", &fixtures::address())
        .await
        .expect(200);
    let other = host.adyen_at("acme").ready(ITEM).await;
    let none = said(&agent.retrieve("cs_none").await, "cs_none");
    assert_eq!(none.0, 404, "{}", none.1);
    for id in [acp.id(), hooks.id(), other.id()] {
        for answer in [
            agent.retrieve(id).await,
            agent.update(id, &json!({})).await,
            agent.update(id, &json!({"currency": "EUR"})).await,
            agent.complete(id, "acp_tok_1").await,
            agent.cancel(id).await,
        ] {
            assert_eq!(said(&answer, id), none, "{}", answer.text());
        }
    }
    let mine = agent.ready(ITEM).await;
    assert_eq!(host.acp(Release::V2026_04_17).retrieve(mine.id()).await.status, 404);
    let of_acp = host.acp(Release::V2026_04_17).retrieve(acp.id()).await.expect(200);
    assert_eq!(of_acp["totals"], acp["totals"]);
}

#[tokio::test]
async fn an_id_that_can_be_none_is_unknown() {
    let agent = host().await.adyen();
    for id in [
        "%00",
        "..%2fx",
        "%ff",
        "cs%20none",
        "cs_none%0d%0ax:y",
        &"x".repeat(300),
        "%F0%9F%8F%A0",
    ] {
        let answer = agent.get(&format!("/{id}")).send().await;
        let answer = refused(answer, 404, "NOT_FOUND", "", id);
        assert_eq!(answer.headers.get("x"), None);
        let answer = agent
            .post(&format!("/{id}/complete"))
            .json(&completion("t"))
            .send()
            .await;
        let _ = refused(answer, 404, "NOT_FOUND", "", id);
    }
}

#[tokio::test]
async fn an_expired_session_is_not_there() {
    let host = plan().frozen().start().await;
    let agent = host.adyen();
    let session = agent.ready(ITEM).await;
    let token = agent
        .token_of("pm_card_adyen", session.id(), session.total("total"))
        .await;
    host.clock.advance(Duration::from_secs(6 * 3600));
    let unknown = said(&agent.retrieve("cs_none").await, "cs_none");
    for swept in [false, true] {
        if swept {
            host.payments().expiry().run_once().await.unwrap();
        }
        for answer in [
            agent.retrieve(session.id()).await,
            agent.update(session.id(), &json!({})).await,
            agent.update(session.id(), &json!({"currency": "EUR"})).await,
            agent.complete(session.id(), &token).await,
            agent.cancel(session.id()).await,
        ] {
            assert_eq!(said(&answer, session.id()), unknown, "swept: {swept}");
        }
    }
    assert_eq!(host.attempts_of(session.id()).await, []);
    assert!(host.sandbox.adyen.ledger().payments.is_empty());
}

#[tokio::test]
async fn a_body_of_a_read_is_ignored() {
    let agent = host().await.adyen();
    let session = agent.ready(ITEM).await;
    for body in ["{}", "garbage", "{\"currency\":\"EUR\"}"] {
        let read = agent
            .get(&format!("/{}", session.id()))
            .body(body)
            .send()
            .await
            .expect(200);
        assert_eq!(read.json, session.json, "{body}");
    }
    let queried = agent
        .get(&format!("/{}?currency=EUR", session.id()))
        .send()
        .await
        .expect(200);
    assert_eq!(queried.json, session.json);
}

#[tokio::test]
async fn what_is_over_is_shown_as_it_ended() {
    let host = host().await;
    let agent = host.adyen();
    let bought = agent.buy(ITEM).await;
    let read = agent.retrieve(bought.id()).await.expect(200).is("completed");
    assert_eq!(read.json, bought.json);
    assert_eq!(read["order"]["checkout_session_id"], bought.id());
    let canceled = agent.ready(ITEM).await;
    let _ = agent.cancel(canceled.id()).await.expect(200);
    let read = agent.retrieve(canceled.id()).await.expect(200).is("canceled");
    assert!(read.json.get("order").is_none());
    in_dialect(&read);
}
