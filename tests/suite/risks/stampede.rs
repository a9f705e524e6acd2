//! A stampede: hundreds of identical payment requests at the same moment, round after round.

use tillhouse_tests::{HttpResponse, Release, Request, TestHost};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use std::sync::Arc;

use super::eventually::{fast_timings, wait_for_payment_records, wait_until};

/// Number of concurrent requests.
const CROWD: usize = 200;
/// Number of rounds, each with another checkout of the same host.
const ROUNDS: usize = 6;

async fn host() -> TestHost {
    let builder = TestHost::builder().timings(fast_timings());
    // A long queue wait, so that many concurrent requests wait for a permit instead of being rejected.
    builder.set("plugins.queue_wait_ms = 30000").start().await
}

/// Sends the request from many clients, all released at the same moment.
async fn stampede(request: &Request) -> Vec<HttpResponse> {
    let start = Arc::new(Barrier::new(CROWD));
    let mut running = JoinSet::new();
    for _ in 0..CROWD {
        let (start, request) = (Arc::clone(&start), request.clone());
        running.spawn(async move {
            start.wait().await;
            request.send().await
        });
    }
    running.join_all().await
}

/// Asserts that every response is the same success.
fn assert_one_response(answers: &[HttpResponse]) -> &HttpResponse {
    let first = answers.first().expect("expected at least one response");
    for answer in answers {
        assert_eq!((answer.status, answer.text()), (200, first.text()));
    }
    first
}

/// Asserts one more charge and one more order than before this round.
async fn assert_one_more_charge(host: &TestHost, round: usize, cents: i64) {
    let captures = host.sandbox.acquirer.ledger().captures();
    assert_eq!(
        captures.len(),
        round,
        "expected one charge per round, counting declined and voided ones: {captures:#?}"
    );
    assert_eq!(host.charges(), round);
    assert_eq!(captures[round - 1].amount_captured, cents);
    let _ = wait_for_payment_records(host, round).await;
}

#[tokio::test]
async fn two_hundred_identical_completes_charge_once_and_agree_round_after_round() {
    let host = host().await;
    let agent = host.acp(Release::V2026_04_17);
    for round in 1..=ROUNDS {
        let session = agent.ready(&[("tee-classic", 1)]).await;
        let total = session.total("total");
        let request = agent.completion(session.id(), &host.token(total).await);
        let answers = stampede(&request).await;

        let told = assert_one_response(&answers).clone().is("completed");
        let fresh = answers
            .iter()
            .filter(|answer| answer.status == 200 && !answer.is_replay());
        assert_eq!(fresh.count(), 1, "expected one response that is not a replay");
        let shown = agent.retrieve(session.id()).await.is("completed");
        assert_eq!(shown["order"]["id"], told["order"]["id"]);
        assert_one_more_charge(&host, round, total).await;
    }
}

#[tokio::test]
async fn two_hundred_identical_confirms_without_a_key_charge_once_and_agree_round_after_round() {
    let host = host().await;
    let stripe = host.stripe_acs();
    for round in 1..=ROUNDS {
        let checkout = stripe.ready(&[("tee-classic", 1)]).await;
        let total = checkout.total("total");
        let request = stripe.confirmation(checkout.id(), &host.token(total).await);
        let answers = stampede(&request).await;

        let mut orders: Vec<_> = answers
            .iter()
            .filter_map(|answer| answer["order"]["id"].as_str())
            .collect();
        orders.sort_unstable();
        orders.dedup();
        assert_eq!(orders.len(), 1, "expected the same order in every response");
        for answer in &answers {
            let known = ["completed", "in_progress"].map(Some);
            assert!(
                known.contains(&answer["status"].as_str()),
                "{} {}",
                answer.status,
                answer.text()
            );
        }
        wait_until("the checkout is completed", async || {
            stripe.retrieve(checkout.id()).await["status"] == "completed"
        })
        .await;
        // Afterwards every request gets the same response.
        let _ = assert_one_response(&stampede(&request).await).clone().is("completed");
        assert_one_more_charge(&host, round, total).await;
    }
}
