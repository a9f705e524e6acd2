//! Waiting for what has to come, without guessing how long it takes.

use std::time::Duration;

use tillhouse_payments::{Retries, Timings};
use tillhouse_sandbox::stripe::{PaymentRecord, ReportedOutcome};
use tokio::time::{Instant, sleep};

use crate::acp::Release;
use crate::answer::Answer;
use crate::host::TestHost;

/// Long enough for the slowest machine; what has to come comes in milliseconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// Wait until it holds.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds().await {
        assert!(
            Instant::now() < deadline,
            "in {PATIENCE:?} it did not come about that {what}"
        );
        sleep(Duration::from_millis(10)).await;
    }
}

/// Between two lookups of a brisk host.
pub const LOOKUP: Duration = Duration::from_millis(20);

/// Waits of milliseconds where a real host waits for seconds.
#[must_use]
pub fn brisk() -> Timings {
    Timings {
        token_retries: Retries {
            first: Duration::from_millis(5),
            longest: Duration::from_millis(20),
            ..Retries::default()
        },
        lookups: vec![LOOKUP],
        absence_floor: Duration::from_secs(60),
        settle_tick: Duration::from_millis(20),
        outbox_tick: Duration::from_millis(20),
        ..Timings::default()
    }
}

/// Wait until the session is in that status, and read it. The clock is moved on meanwhile, because what is unknown is looked
/// up by the clock.
pub async fn settled(host: &TestHost, session: &str, status: &str) -> Answer {
    let agent = host.acp(Release::V2026_04_17);
    until(&format!("the session is {status}"), async || {
        host.clock.advance(LOOKUP);
        agent.retrieve(session).await["status"] == status
    })
    .await;
    agent.retrieve(session).await
}

/// Wait until Stripe has so many records, and read them. The clock is moved on meanwhile, because a report that failed is
/// tried again by the clock.
pub async fn records(host: &TestHost, count: usize) -> Vec<PaymentRecord> {
    until(&format!("{count} payment records are reported"), async || {
        host.clock.advance(Duration::from_millis(100));
        host.sandbox.stripe.payment_records().len() >= count
    })
    .await;
    let records = host.sandbox.stripe.payment_records();
    assert_eq!(records.len(), count, "{records:#?}");
    records
}

/// The books agree: one capture of that amount, its payment reported once as made, and whatever else was reported failed.
pub async fn charged_once(host: &TestHost, cents: i64) {
    let captures = host.sandbox.acquirer.ledger().captures();
    assert_eq!(captures.len(), 1, "{captures:#?}");
    assert_eq!(captures[0].amount_captured, cents);
    let made = || {
        let records = host.sandbox.stripe.payment_records().into_iter();
        records
            .filter(|record| record.outcome == ReportedOutcome::Guaranteed)
            .collect::<Vec<_>>()
    };
    until("the payment is reported", async || {
        host.clock.advance(Duration::from_millis(100));
        !made().is_empty()
    })
    .await;
    let made = made();
    assert_eq!(made.len(), 1, "{made:#?}");
    assert_eq!(made[0].payment_reference, captures[0].reference);
    assert_eq!(made[0].amount_guaranteed.value, cents);
}

/// Wait until the last print can be had again: a checkout that is settled in the background is open a moment before its
/// stock is given back.
pub async fn given_back(host: &TestHost) {
    let agent = host.acp(Release::V2026_04_17);
    until("the last print is free again", async || {
        let seen = agent.open(&[("print-last", 1)]).await;
        !seen["messages"].to_string().contains("out_of_stock")
    })
    .await;
}

/// Nothing was taken.
pub fn not_charged(host: &TestHost) {
    let captures = host.sandbox.acquirer.ledger().captures();
    assert!(captures.is_empty(), "{captures:#?}");
}
