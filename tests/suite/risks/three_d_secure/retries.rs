//! Lost replies, retries and races of completions around an authentication: never two charges.

use super::*;

#[tokio::test]
async fn a_retry_of_either_completion_gets_what_the_first_was_answered() {
    for card in [BEFORE, AT_CHARGE] {
        let host = start().await;
        let release = Release::V2026_04_17;
        let agent = host.acp(release);
        let session = ready(&agent).await;
        let token = host.token_of(card, session.total("total")).await;
        let first = agent.completion(session.id(), &token);
        let answer = first.clone().send().await.expect(200).is("authentication_required");
        let again = first.send().await.expect(200).is("authentication_required");
        assert!(again.is_replay());
        let payment = Waiting { session, token, answer };
        let result = authenticate(&host, card, &payment, BuyerDecision::Approve).await;
        let result = result.for_release(release);
        let request = second(&host, release, &payment, &result);
        let paid = request.clone().send().await.expect(200).is("completed");
        let replayed = request.send().await.expect(200).is("completed");
        assert!(replayed.is_replay());
        let other_key = second(&host, release, &payment, &result).send().await;
        let other_key = other_key.expect(200).is("completed");
        assert_eq!(paid["order"]["id"], other_key["order"]["id"]);
        assert_charged_once(&host, payment.total()).await;
    }
}

#[tokio::test]
async fn a_completion_under_a_new_key_without_the_result_is_told_what_is_missing() {
    let host = start().await;
    let release = Release::V2026_04_17;
    let payment = waiting(&host, release, BEFORE).await;
    let agent = host.acp(release);
    let refused = agent.complete(payment.id(), &payment.token).await;
    let _ = refused.refused(400, "requires_3ds").about("$.authentication_result");
    let _ = agent.retrieve(payment.id()).await.is("authentication_required");
    let other = host.token(payment.total()).await;
    let _ = agent.complete(payment.id(), &other).await.refused(409, "conflict");
    assert_not_charged(&host);
    assert_eq!(host.attempts_of(payment.id()).await.len(), 1);
}

#[tokio::test]
async fn many_second_completions_at_once_are_one_charge() {
    for card in [BEFORE, AT_CHARGE] {
        let host = start().await;
        let release = Release::V2026_04_17;
        let payment = waiting(&host, release, card).await;
        let result = authenticate(&host, card, &payment, BuyerDecision::Approve).await;
        let result = result.for_release(release);
        let hold = host.sandbox.acquirer.hold_charges();
        let sent: Vec<_> = (0..8)
            .map(|_| tokio::spawn(second(&host, release, &payment, &result).send()))
            .collect();
        hold.arrived(1).await;
        hold.release();
        for answer in sent {
            let answer = answer.await.unwrap().expect(200);
            let status = answer["status"].as_str().unwrap();
            assert!(matches!(status, "completed" | "complete_in_progress"), "{status}");
        }
        assert_charged_once(&host, payment.total()).await;
    }
}

#[tokio::test]
async fn a_proof_that_the_issuer_did_not_give_is_declined_by_the_acquirer() {
    let host = start().await;
    let release = Release::V2026_04_17;
    let payment = waiting(&host, release, BEFORE).await;
    let made_up = json!({"outcome": "authenticated", "outcome_details": {
        "three_ds_cryptogram": "AbCdEfGhIjKlMnOpQrStUvWxY0=", "electronic_commerce_indicator": "05",
        "transaction_id": "dsTransId_abc123", "version": "2.2.0",
    }});
    let refused = second(&host, release, &payment, &made_up).send().await;
    let _ = refused.refused(402, "payment_declined");
    assert_not_charged(&host);
}
