//! What operators do: runs their commands against a host in a separate process.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod adyen;
mod audit;
mod backup;
mod buyer;
mod catalogs;
mod doctor;
mod drain;
mod feed_audit;
mod feeds;
mod older_store;
mod orders;
mod outbox;
mod outside_payments;
mod reconcile;
mod releases;
mod rewound;
mod settle;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use serde_json::Value;
use tillhouse_tests::eventually::wait_until;
use tillhouse_tests::process::{HostProcess, tillhouse_if_invoked};
use tillhouse_tests::{Builder, HttpResponse, TestHost};
use tokio::runtime::Runtime;

fn main() -> ExitCode {
    if let Some(code) = tillhouse_if_invoked() {
        return code;
    }
    let trials = [
        adyen::trials(),
        settle::trials(),
        orders::trials(),
        outbox::trials(),
        outside_payments::trials(),
        reconcile::trials(),
        backup::trials(),
        rewound::trials(),
        drain::trials(),
        feed_audit::trials(),
        feeds::trials(),
        older_store::trials(),
        audit::trials(),
        buyer::trials(),
        doctor::trials(),
        releases::trials(),
        catalogs::trials(),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials.into_iter().flatten().collect()).exit_code()
}

/// A trial with its own async runtime.
fn trial<F: Future<Output = ()>>(name: &str, run: impl FnOnce() -> F + Send + 'static) -> Trial {
    Trial::test(name, move || {
        Runtime::new().expect("an async runtime can be started").block_on(run());
        Ok(())
    })
}

/// Timings of milliseconds where a production host waits for seconds.
fn fast_host() -> Builder {
    TestHost::builder().set("[payments]\nlookups_ms = [50]\noutbox_tick_ms = 50")
}

/// Pays with a card that leaves the outcome unknown, and waits until the attempt has this state; returns the session and the
/// attempt's id.
async fn with_unknown_outcome(host: &HostProcess, card: &str, state: &str) -> (HttpResponse, String) {
    let agent = host.acp();
    let session = agent.ready(&[("tee-classic", 1)]).await;
    let token = host.token_of(card, session.total("total")).await;
    let paid = agent.complete(session.id(), &token).await;
    let _ = paid.expect(200).is("complete_in_progress");
    let mut attempt = String::new();
    wait_until(&format!("the attempt is {state}"), async || {
        let list = host.run_json(&["attempts", "list", "--state", state, "--session", session.id()]);
        let list = list.expect_exit(0).json;
        let found = &list["attempts"][0]["id"];
        found.as_str().unwrap_or_default().clone_into(&mut attempt);
        !attempt.is_empty()
    })
    .await;
    (session, attempt)
}

/// Waits until the session has this status, and returns it.
async fn wait_for_status(host: &HostProcess, session: &HttpResponse, status: &str) -> HttpResponse {
    let agent = host.acp();
    wait_until(&format!("the session is {status}"), async || {
        agent.retrieve(session.id()).await["status"] == status
    })
    .await;
    agent.retrieve(session.id()).await
}

/// The values of one field in a list of objects, sorted.
fn each<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    let rows = list.as_array().expect("expected a JSON array");
    let mut values: Vec<&str> = rows.iter().filter_map(|row| row[field].as_str()).collect();
    values.sort_unstable();
    values
}
