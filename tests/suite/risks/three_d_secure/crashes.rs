//! A host that dies around an authentication: the payment waits in the store, and the proof is not there without the agent.

use super::super::eventually::wait_until;
use super::*;

#[tokio::test]
async fn a_payment_waits_across_a_restart() {
    for card in [BEFORE, AT_CHARGE] {
        let mut host = start().await;
        let release = Release::V2026_04_17;
        let payment = waiting(&host, release, card).await;
        host.crash().await;
        let now = host.acp(release).retrieve(payment.id()).await.expect(200);
        let now = now.is("authentication_required");
        assert_eq!(
            now["authentication_metadata"],
            payment.answer["authentication_metadata"]
        );
        let result = authenticate(&host, card, &payment, BuyerDecision::Approve).await;
        let result = result.for_release(release);
        let paid = second(&host, release, &payment, &result).send().await;
        let _ = paid.expect(200).is("completed");
        assert_charged_once(&host, payment.total()).await;
    }
}

#[tokio::test]
async fn a_host_that_dies_with_the_proof_charges_nothing_and_the_agent_brings_it_again() {
    let mut host = start().await;
    let release = Release::V2026_04_17;
    let payment = waiting(&host, release, BEFORE).await;
    let result = authenticate(&host, BEFORE, &payment, BuyerDecision::Approve).await;
    let result = result.for_release(release);
    let hold = host.sandbox.stripe.hold(stripe::Operation::Resolve);
    let sent = tokio::spawn(second(&host, release, &payment, &result).send());
    hold.arrived(1).await;
    host.kill();
    hold.release();
    sent.abort();
    host.start_again().await;
    let id = payment.id().to_owned();
    wait_until("the payment waits for the buyer again", async || {
        let attempts = host.attempts_of(&id).await;
        attempts[0].status() == AttemptStatus::AuthenticationRequired
    })
    .await;
    assert_not_charged(&host);
    let paid = second(&host, release, &payment, &result).send().await;
    let _ = paid.expect(200).is("completed");
    assert_charged_once(&host, payment.total()).await;
}

#[tokio::test]
async fn a_payment_whose_buyer_does_not_come_back_ends_and_its_stock_is_for_sale() {
    let host = start().await;
    let release = Release::V2026_04_17;
    let payment = waiting(&host, release, BEFORE).await;
    host.clock.advance(std::time::Duration::from_secs(15 * 60));
    let id = payment.id().to_owned();
    wait_until("the payment has ended", async || {
        host.attempts_of(&id).await[0].status() == AttemptStatus::Failed
    })
    .await;
    let other = host.acp(release).buy(&[("print-last", 1)]).await;
    assert_charged_once(&host, other.total("total")).await;
}
