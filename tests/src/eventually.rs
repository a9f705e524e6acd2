//! Polling until a condition holds, without guessing how long it takes.

use std::time::Duration;

use tillhouse_payments::{Backoff, Timings, TokenRetries};
use tillhouse_sandbox::stripe::{PaymentRecord, ReportedOutcome};
use tokio::time::{Instant, sleep};

use crate::acp::Release;
use crate::host::TestHost;
use crate::http_response::HttpResponse;
use crate::protocol::Protocol;

/// Timeout of every wait. Long enough for the slowest machine: the conditions normally hold within milliseconds.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Waits until a condition holds; panics after a timeout.
pub async fn wait_until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + TIMEOUT;
    while !holds().await {
        assert!(
            Instant::now() < deadline,
            "timed out after {TIMEOUT:?} waiting until {what}"
        );
        sleep(Duration::from_millis(10)).await;
    }
}

/// Interval between two status checks of a host with [`fast_timings`].
pub const LOOKUP: Duration = Duration::from_millis(20);

/// Timings of milliseconds where a production host waits for seconds.
#[must_use]
pub fn fast_timings() -> Timings {
    Timings {
        token_retries: TokenRetries {
            backoff: Backoff {
                first: Duration::from_millis(5),
                longest: Duration::from_millis(20),
            },
            ..TokenRetries::default()
        },
        status_checks: vec![LOOKUP],
        absence_floor: Duration::from_secs(60),
        recovery_tick: Duration::from_millis(20),
        outbox_tick: Duration::from_millis(20),
        ..Timings::default()
    }
}

/// Waits until the session has this status, and returns it, over the protocol that it was created by. Advances the clock meanwhile,
/// because status checks of unknown outcomes are scheduled by it.
pub async fn wait_for_status(host: &TestHost, session: &str, status: &str) -> HttpResponse {
    let acp = Protocol::Acp(Release::V2026_04_17);
    let protocol = match acp.retrieve(host, session).await.status {
        404 => Protocol::StripeAcs,
        _ => acp,
    };
    wait_until(&format!("the session is {status}"), async || {
        host.clock.advance(LOOKUP);
        protocol.retrieve(host, session).await["status"] == status
    })
    .await;
    protocol.retrieve(host, session).await
}

/// Waits until Stripe has this many payment records, and returns them. Advances the clock meanwhile, because retries of a failed
/// report are scheduled by it.
pub async fn wait_for_payment_records(host: &TestHost, count: usize) -> Vec<PaymentRecord> {
    wait_until(&format!("{count} payment records are reported"), async || {
        host.clock.advance(Duration::from_millis(100));
        host.sandbox.stripe.payment_records().len() >= count
    })
    .await;
    let records = host.sandbox.stripe.payment_records();
    assert_eq!(records.len(), count, "{records:#?}");
    records
}

/// Asserts that the ledgers agree: one capture of this amount, reported once as successful; all other reports say failed.
pub async fn assert_charged_once(host: &TestHost, cents: i64) {
    let captures = host.sandbox.acquirer.ledger().captures();
    assert_eq!(captures.len(), 1, "{captures:#?}");
    assert_eq!(captures[0].amount_captured, cents);
    let made = || {
        let records = host.sandbox.stripe.payment_records().into_iter();
        records
            .filter(|record| record.outcome == ReportedOutcome::Guaranteed)
            .collect::<Vec<_>>()
    };
    wait_until("the payment is reported", async || {
        host.clock.advance(Duration::from_millis(100));
        !made().is_empty()
    })
    .await;
    let made = made();
    assert_eq!(made.len(), 1, "{made:#?}");
    assert_eq!(made[0].payment_reference, captures[0].reference);
    assert_eq!(made[0].amount_guaranteed.value, cents);
}

/// Waits until the last print is available again: a checkout that is settled in the background is open a moment before its
/// reservation is released.
pub async fn wait_for_released_stock(host: &TestHost) {
    let agent = host.acp(Release::V2026_04_17);
    wait_until("the last print is available again", async || {
        let seen = agent.open(&[("print-last", 1)]).await;
        !seen["messages"].to_string().contains("out_of_stock")
    })
    .await;
}

/// Asserts that the acquirer captured nothing.
pub fn assert_not_charged(host: &TestHost) {
    let captures = host.sandbox.acquirer.ledger().captures();
    assert!(captures.is_empty(), "{captures:#?}");
}
