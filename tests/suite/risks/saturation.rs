//! A merchant whose permits are all taken: tokens are not consumed, and it goes on selling afterwards.

use tillhouse_sandbox::stripe;
use tillhouse_tests::{Release, TestHost};

use super::eventually::{fast_timings, wait_for_status};

/// A host with one concurrent charge per merchant and no queue.
async fn host() -> TestHost {
    TestHost::builder()
        .timings(fast_timings())
        .set("plugins.payments_per_merchant = 1\nplugins.queue_wait_ms = 0")
        .start()
        .await
}

#[tokio::test]
async fn a_charge_without_a_turn_uses_up_no_token() {
    let host = host().await;
    let agent = host.acp(Release::V2026_04_17);
    let (first, second) = (
        agent.ready(&[("tee-classic", 1)]).await,
        agent.ready(&[("tee-classic", 1)]).await,
    );
    let total = first.total("total");
    let (token, other) = (host.token(total).await, host.token(total).await);
    let hold = host.sandbox.acquirer.hold_charges();
    let paying = tokio::spawn(agent.completion(first.id(), &token).send());
    hold.arrived(1).await;

    let refused = agent.complete(second.id(), &other).await.expect(503);
    assert!(refused.header("retry-after").is_some());
    assert_eq!(
        host.sandbox.stripe.received(stripe::Operation::Resolve),
        1,
        "expected only the first buyer's token to be resolved"
    );
    let _ = agent.retrieve(second.id()).await.is("ready_for_payment");

    hold.release();
    let _ = paying.await.unwrap().expect(200).is("completed");
    let _ = agent.complete(second.id(), &other).await.expect(200).is("completed");
    assert_eq!(host.charges(), 2);
}

#[tokio::test]
async fn a_processor_that_keeps_every_charge_waiting_keeps_no_buyer_from_a_price() {
    let host = host().await;
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.ready(&[("tee-classic", 1)]).await;
    let token = host.token(session.total("total")).await;
    let hold = host.sandbox.acquirer.hold_charges();
    let paying = tokio::spawn(agent.completion(session.id(), &token).send());
    hold.arrived(1).await;
    let _ = agent.ready(&[("tee-classic", 2)]).await;
    hold.release();
    let _ = paying.await.unwrap().expect(200);
    let _ = wait_for_status(&host, session.id(), "completed").await;
}
