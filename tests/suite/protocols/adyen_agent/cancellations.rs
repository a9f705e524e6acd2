//! Cancellations of sessions in every state.

use tillhouse_sandbox::adyen::Operation;

use super::{ITEM, in_dialect, is_untouched, plan, refused};

#[tokio::test]
async fn a_session_is_canceled_once_and_only_while_it_is_open() {
    let host = plan().start().await;
    let agent = host.adyen();
    let open = agent.ready(ITEM).await;
    let canceled = agent.cancel(open.id()).await.expect(200).is("canceled");
    in_dialect(&canceled);
    let again = agent.cancel(open.id()).await.expect(200).is("canceled");
    assert_eq!(again.json, canceled.json);
    let lacking = agent.open(ITEM).await;
    let _ = agent.cancel(lacking.id()).await.expect(200).is("canceled");
    let completed = agent.buy(ITEM).await;
    let request = agent.post(&format!("/{}/cancel", completed.id()));
    let _ = refused(request.clone().send().await, 409, "INVALID_STATE", "", "completed");
    assert!(request.send().await.expect(409).is_replay());
    let read = agent.retrieve(completed.id()).await.expect(200);
    assert_eq!(read.json, completed.json);
    let token = agent.token_of("pm_card_adyen", open.id(), open.total("total")).await;
    let late = agent.complete(open.id(), &token).await;
    let _ = refused(late, 409, "INVALID_STATE", "", "a canceled session is not paid");
    assert_eq!(host.attempts_of(open.id()).await, []);
}

#[tokio::test]
async fn a_payment_under_way_is_not_canceled() {
    let host = plan().start().await;
    let agent = host.adyen();
    let session = agent.ready(ITEM).await;
    let token = agent
        .token_of("pm_card_adyen", session.id(), session.total("total"))
        .await;
    let hold = host.sandbox.adyen.hold(Operation::Pay);
    let paying = tokio::spawn(agent.completion(session.id(), &token).send());
    hold.arrived(1).await;
    let request = agent.post(&format!("/{}/cancel", session.id()));
    for _ in 0..2 {
        let answer = refused(
            request.clone().send().await,
            409,
            "IN_FLIGHT",
            "",
            "a payment under way",
        );
        assert!(answer.header("retry-after").is_some() && !answer.is_replay());
    }
    hold.release();
    let _ = paying.await.unwrap().expect(200).is("completed");
    let _ = refused(request.send().await, 409, "INVALID_STATE", "", "paid meanwhile");
    assert_eq!(host.sandbox.adyen.ledger().captures().len(), 1);
}

#[tokio::test]
async fn a_cancellation_has_nothing_to_say() {
    let host = plan().start().await;
    let agent = host.adyen();
    let session = agent.ready(ITEM).await;
    let cancel = || agent.post(&format!("/{}/cancel", session.id()));
    for wrong in [
        "garbage",
        "[]",
        "null",
        "{",
        r#"{"reason":"x"}"#,
        r#"{"status":"canceled"}"#,
    ] {
        let answer = cancel().body(wrong).send().await;
        assert_eq!(answer.status, 400, "{wrong}: {}", answer.text());
        in_dialect(&answer);
    }
    is_untouched(&host, &session, "wrong cancellations").await;
    let _ = cancel().body("{}").send().await.expect(200).is("canceled");
}
