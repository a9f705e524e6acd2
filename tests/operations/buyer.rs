//! Erasing a buyer: over the socket of a running host, and with the host stopped.

use libtest_mimic::Trial;
use rusqlite::Connection;
use serde_json::Value;
use tillhouse_sandbox::stripe::Operation;
use tillhouse_tests::eventually::wait_until;
use tillhouse_tests::process::HostProcess;

use crate::{each, fast_host, trial, with_unknown_outcome};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "buyer::an_erased_buyer_is_named_nowhere_and_the_log_verifies",
            an_erased_buyer_is_named_nowhere_and_the_log_verifies,
        ),
        trial("buyer::a_buyer_who_pays_is_not_erased", a_buyer_who_pays_is_not_erased),
    ]
}

const ITEM: &[(&str, u32)] = &[("tee-classic", 1)];
const EMAIL: &str = "Jane.Doe@example.com";

/// Everything in the tables of the store, as text, but plugin data and what the log of migrations says.
fn stored(host: &HostProcess) -> String {
    let db = Connection::open(host.store_folder().join("tillhouse.db")).unwrap();
    let mut text = String::new();
    for table in [
        "session",
        "attempt",
        "orders",
        "outbox",
        "inbox",
        "idempotency",
        "break",
        "audit",
    ] {
        let mut rows = db.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = rows.column_count();
        let mut rows = rows.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                let value = row.get_ref(column).unwrap();
                let bytes = value.as_bytes_or_null().ok().flatten().unwrap_or_default();
                text.push_str(&String::from_utf8_lossy(bytes));
            }
        }
    }
    text
}

/// Waits until everything about the orders was told, and nothing prevents an erasure.
async fn wait_until_told(host: &HostProcess) {
    wait_until("every message is delivered", async || {
        let queued = host.run_json(&["outbox", "list", "--state", "queued"]).expect_exit(0);
        queued.json["messages"].as_array().is_some_and(Vec::is_empty)
    })
    .await;
}

fn erase(host: &HostProcess, by: &[&str], code: i32) -> Value {
    let words = [&["buyer", "erase"], by].concat();
    host.run_json(&words).expect_exit(code).json
}

async fn an_erased_buyer_is_named_nowhere_and_the_log_verifies() {
    let mut host = HostProcess::start(fast_host(), &[]).await;
    let agent = host.acp();
    let paid = agent.buy(ITEM).await;
    let open = agent.ready(ITEM).await;
    let other = agent.buy(ITEM).await;
    wait_until_told(&host).await;
    let before = stored(&host);
    for part in ["Jane", "jane.doe@example.com", "+14155552671"] {
        assert!(before.contains(part), "{part}");
    }

    let planned = erase(&host, &["--session", paid.id(), "--dry-run"], 0);
    assert_eq!(
        (&planned["dry_run"], &planned["rows"]["sessions"]),
        (&true.into(), &1.into())
    );
    assert_eq!(stored(&host), before, "a dry run changes nothing");
    let done = erase(&host, &["--session", paid.id()], 0);
    assert_eq!(done["rows"], planned["rows"]);
    assert_eq!(done["sessions"][0]["order"], paid["order"]["id"]);
    let shown = agent.retrieve(paid.id()).await.expect(200).is("completed");
    assert_eq!(shown["totals"], paid["totals"]);
    assert!(!shown.text().contains("Jane"), "{}", shown.text());

    // By e-mail address, in any case: what is open is canceled.
    let done = erase(&host, &["--email", EMAIL], 0);
    let mut expected = [open.id(), other.id()];
    expected.sort_unstable();
    assert_eq!(each(&done["sessions"], "session"), expected);
    let _ = agent.retrieve(open.id()).await.expect(200).is("canceled");
    let _ = erase(&host, &["--email", EMAIL], 1);

    host.stop();
    let order = other["order"]["id"].as_str().unwrap();
    let again = erase(&host, &["--order", order, "--merchant", "demo"], 0);
    assert_eq!(again["sessions"][0]["session"], other.id());
    let after = stored(&host);
    for part in ["Jane", "jane.doe@example.com", "+14155552671", "123 Main St"] {
        assert!(!after.contains(part), "{part} is still stored");
    }
    assert!(after.contains(paid["order"]["id"].as_str().unwrap()), "the order stays");
    let log = host.run_json(&["audit", "list"]).expect_exit(0).json;
    let erasures = each(&log["records"], "action");
    let erasures = erasures.iter().filter(|action| **action == "buyer.erase");
    assert_eq!(erasures.count(), 4);
    let _ = host.run_json(&["audit", "verify"]).expect_exit(0);
    let _ = erase(&host, &["--session", "cs_missing"], 1);
    let _ = erase(&host, &["--email", "jane"], 2);
    let _ = erase(&host, &[], 2);
}

async fn a_buyer_who_pays_is_not_erased() {
    let host = HostProcess::start(fast_host(), &[]).await;
    let (session, attempt) = with_unknown_outcome(&host, "pm_card_serverError", "unknown").await;
    let before = stored(&host);
    for by in [["--session", session.id()], ["--email", EMAIL]] {
        let refused = erase(&host, &by, 1);
        let error = refused["error"].as_str().unwrap();
        for part in [attempt.as_str(), "is unknown", "attempts settle", session.id()] {
            assert!(error.contains(part), "{part}: {error}");
        }
    }
    let report = host.sandbox.stripe.hold(Operation::Report);
    let paid = host.acp().buy(ITEM).await;
    report.arrived(1).await;
    let refused = erase(&host, &["--session", paid.id()], 1);
    let error = refused["error"].as_str().unwrap();
    assert!(
        error.contains("not delivered yet") && error.contains("outbox list"),
        "{error}"
    );
    report.release();
    assert!(stored(&host).contains("Jane") && before.contains("Jane"));
    let log = host.run_json(&["audit", "list"]).expect_exit(0).json;
    assert!(!each(&log["records"], "action").contains(&"buyer.erase"), "{log:#}");
}
