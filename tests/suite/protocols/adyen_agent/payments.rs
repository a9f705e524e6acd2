//! Payments that are declined, take long, or whose answer is lost, and callers that hang up.

use serde_json::json;
use tillhouse_sandbox::Fault;
use tillhouse_sandbox::adyen::{MerchantConnection, Operation};
use tillhouse_tests::eventually::{LOOKUP, wait_until};
use tillhouse_tests::{HttpResponse, TestHost};

use super::{ITEM, in_dialect, plan, refused, told};

/// A session, and a token of this card for it.
async fn to_pay(host: &TestHost, card: &str) -> (HttpResponse, String) {
    let session = host.adyen().ready(ITEM).await;
    let token = host.adyen().token_of(card, session.id(), session.total("total")).await;
    (session, token)
}

/// Waits until the session has this status. Advances the clock meanwhile, which schedules what is repeated.
async fn becomes(host: &TestHost, session: &str, status: &str) -> HttpResponse {
    wait_until(&format!("the session is {status}"), async || {
        host.clock.advance(LOOKUP);
        host.adyen().retrieve(session).await["status"] == status
    })
    .await;
    host.adyen().retrieve(session).await
}

#[tokio::test]
async fn a_declined_payment_is_the_open_session_and_the_same_again() {
    let host = plan().start().await;
    let agent = host.adyen();
    for card in [
        "pm_card_chargeDeclined",
        "pm_card_insufficientFunds",
        "pm_card_expiredCard",
        "pm_card_fraudSuspected",
    ] {
        let (session, token) = to_pay(&host, card).await;
        let request = agent.completion(session.id(), &token);
        let declined = request.clone().send().await.expect(200).is("ready_for_payment");
        assert_eq!(told(&declined), ("PAYMENT_DECLINED", "payment_data"), "{card}");
        assert_eq!(declined["messages"][0]["type"], "error");
        assert!(declined.json.get("order").is_none());
        for word in [
            "FRAUD",
            "balance",
            "fraud",
            "insufficient",
            "expired",
            "do_not_honor",
            "Refused",
        ] {
            assert!(!declined.text().contains(word), "{card}: {}", declined.text());
        }
        let again = request.send().await.expect(200);
        assert!(again.is_replay() && again.body == declined.body, "{card}");
        let without_key = agent.completion(session.id(), &token).no_key().send().await;
        in_dialect(&without_key);
        assert_eq!(
            told(&without_key).0,
            "PAYMENT_DECLINED",
            "{card}: {}",
            without_key.text()
        );
        assert_eq!(host.sandbox.adyen.ledger().payments_of(session.id()).len(), 1, "{card}");
        let shown = agent.retrieve(session.id()).await.expect(200).is("ready_for_payment");
        assert_eq!(shown["totals"], session["totals"], "{card}");
        let token = agent
            .token_of("pm_card_adyen", session.id(), session.total("total"))
            .await;
        let paid = agent.complete(session.id(), &token).await.expect(200).is("completed");
        assert!(!paid.text().contains("PAYMENT_DECLINED"), "{}", paid.text());
    }
}

#[tokio::test]
async fn stock_of_a_declined_payment_is_there_for_the_next() {
    let host = plan().start().await;
    let agent = host.adyen();
    let (session, token) = {
        let session = agent.ready(&[("last", 3)]).await;
        let token = agent
            .token_of("pm_card_chargeDeclined", session.id(), session.total("total"))
            .await;
        (session, token)
    };
    let _ = agent
        .complete(session.id(), &token)
        .await
        .expect(200)
        .is("ready_for_payment");
    let _ = agent.buy(&[("last", 3)]).await;
    let token = agent
        .token_of("pm_card_adyen", session.id(), session.total("total"))
        .await;
    let late = agent.complete(session.id(), &token).await;
    let _ = refused(late, 422, "OUT_OF_STOCK", "items[0]", "sold to another");
}

#[tokio::test]
async fn a_payment_that_takes_long_is_in_progress_until_it_is_decided() {
    let host = plan().set("server.request_timeout_ms = 2000").start().await;
    let agent = host.adyen();
    for (card, status) in [
        ("pm_card_adyen", "completed"),
        ("pm_card_chargeDeclined", "ready_for_payment"),
    ] {
        let (session, token) = to_pay(&host, card).await;
        let hold = host.sandbox.adyen.hold(Operation::Pay);
        let request = agent.completion(session.id(), &token);
        let pending = request.clone().send().await.expect(200).is("in_progress");
        in_dialect(&pending);
        assert!(pending.json.get("order").is_none(), "{}", pending.text());
        let shown = agent.retrieve(session.id()).await.expect(200).is("in_progress");
        in_dialect(&shown);
        let change = agent.update(session.id(), &json!({})).await;
        let _ = refused(change, 409, "IN_FLIGHT", "", "a change meanwhile");
        hold.release();
        let decided = becomes(&host, session.id(), status).await;
        in_dialect(&decided);
        if status == "completed" {
            assert_eq!(decided["order"]["checkout_session_id"], session.id());
        } else {
            assert_eq!(decided.message("PAYMENT_DECLINED")["path"], "payment_data");
        }
        let again = request.send().await.expect(200);
        assert_eq!(again["status"], status, "the replay: {}", again.text());
        assert_eq!(host.sandbox.adyen.ledger().payments_of(session.id()).len(), 1);
    }
}

#[tokio::test]
async fn a_processor_that_fails_or_loses_its_answer_charges_once() {
    let host = plan().start().await;
    let agent = host.adyen();
    for fault in [
        Fault::LoseAnswer,
        Fault::DropConnection,
        Fault::Status(500),
        Fault::Status(503),
    ] {
        let (session, token) = to_pay(&host, "pm_card_adyen").await;
        host.sandbox.adyen.fail_next(Operation::Pay, fault);
        let first = agent.complete(session.id(), &token).await;
        in_dialect(&first);
        assert_eq!(first.status, 200, "{fault:?}: {}", first.text());
        let _ = becomes(&host, session.id(), "completed").await;
        let payments = host.sandbox.adyen.ledger().payments_of(session.id());
        assert_eq!(payments.len(), 1, "{fault:?}");
        assert_eq!(payments[0].captured, session.total("total"));
    }
}

/// The webhook says what became of a payment whose answer was lost, and the order is made then.
#[tokio::test(flavor = "multi_thread")]
async fn a_payment_whose_answer_is_lost_is_in_progress_until_the_webhook_says_more() {
    let host = plan().start().await;
    let adyen = host.adyen_sandbox();
    let url = adyen.webhook_url();
    let _adyen = adyen.connected(|connection| MerchantConnection {
        webhook_url: Some(url),
        ..connection
    });
    let agent = host.adyen();
    let (session, token) = to_pay(&host, "pm_card_adyen").await;
    host.sandbox.adyen.fail_next(Operation::Pay, Fault::LoseAnswer);
    let paid = agent.complete(session.id(), &token).await.expect(200);
    assert!(
        ["in_progress", "completed"].contains(&paid["status"].as_str().unwrap()),
        "{}",
        paid.text()
    );
    wait_until("the order is made", async || {
        agent.retrieve(session.id()).await["status"] == "completed"
    })
    .await;
    assert_eq!(host.sandbox.adyen.ledger().captures().len(), 1);
}

#[tokio::test]
async fn a_caller_that_hangs_up_finds_the_payment_made() {
    let host = plan().start().await;
    let agent = host.adyen();
    let (session, token) = to_pay(&host, "pm_card_adyen").await;
    let request = agent.completion(session.id(), &token);
    let hold = host.sandbox.adyen.hold(Operation::Pay);
    let first = tokio::spawn(request.clone().send());
    hold.arrived(1).await;
    first.abort();
    assert!(first.await.is_err());
    hold.release();
    let again = request.clone().send().await.expect(200).is("completed");
    assert!(again.is_replay());
    let third = request.send().await.expect(200);
    assert_eq!(third.body, again.body);
    assert_eq!(host.sandbox.adyen.ledger().payments.len(), 1);
}

#[tokio::test]
async fn the_same_completion_at_once_is_answered_once() {
    let host = plan().start().await;
    let agent = host.adyen();
    let (session, token) = to_pay(&host, "pm_card_adyen").await;
    let with_key = agent.completion(session.id(), &token);
    let hold = host.sandbox.adyen.hold(Operation::Pay);
    let first = tokio::spawn(with_key.clone().send());
    hold.arrived(1).await;
    let same = tokio::spawn(with_key.clone().send());
    let other_body = with_key
        .clone()
        .json(&json!({"payment_data": {"provider": "adyen", "token": "acp_tok_2"}}));
    let other = other_body.send().await;
    in_dialect(&other);
    assert!([409, 422].contains(&other.status), "{}", other.text());
    hold.release();
    let (first, same) = (
        first.await.unwrap().expect(200).is("completed"),
        same.await.unwrap().expect(200),
    );
    assert_eq!(first.body, same.body);
    assert_eq!(host.sandbox.adyen.ledger().payments.len(), 1);
}
