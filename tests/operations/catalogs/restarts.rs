//! Stops and restarts of a shop with a large catalog, or while one is imported.

use libtest_mimic::Trial;
use rusqlite::Connection;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_payments::operator::catalogs::AskImportProgress;
use tillhouse_server::admin::AdminClient;
use tillhouse_tests::eventually::wait_until;
use tillhouse_tests::process::{HostProcess, tillhouse};

use super::{catalog, merchant, plan, price, wait_for_price, write};
use crate::{each, trial};

pub(super) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "catalogs::a_large_changed_file_does_not_hold_up_a_start",
            a_large_changed_file_does_not_hold_up_a_start,
        ),
        trial(
            "catalogs::a_host_that_stops_gives_an_import_up_and_says_so",
            a_host_that_stops_gives_an_import_up_and_says_so,
        ),
        trial(
            "catalogs::a_host_stops_while_it_imports_the_file_that_its_start_did_not_wait_for",
            a_host_stops_while_it_imports_the_file_that_its_start_did_not_wait_for,
        ),
    ]
}

/// A file that is larger than what a start waits for.
fn large(price: &str) -> String {
    let note = "x".repeat(100_000);
    let others = (0..50).map(|number| format!("tape-{number},A Tape,5.00 USD,in_stock,1,digital,{note}\n"));
    let others: String = others.collect();
    let small = catalog(price, 5).replace("shipping_type\n", "shipping_type,note\n");
    format!("{},\n{others}", small.trim_end())
}

async fn a_large_changed_file_does_not_hold_up_a_start() {
    // Without a version in force there is nothing to sell from: the first start waits.
    let first = merchant("demo").catalog(&large("10.00"));
    let mut host = HostProcess::start(plan(0).merchant(first), &[]).await;
    assert_eq!(price(&host).await, 1000);
    host.stop();
    write(&host, "demo", large("11.00"));
    host.start_again().await;
    wait_for_price(&host, 1100).await;
    // It was imported by a host that was serving already, and so it is in the audit log by itself.
    let log = host.run_json(&["audit", "list"]).expect_exit(0).json;
    assert_eq!(
        each(&log["records"], "action"),
        ["catalog.reload", "host.start", "host.start"]
    );
    let started = &log["records"][1];
    assert!(started.to_string().contains("demo 1 "), "{started:#}");
    host.stop();
    host.start_again().await;
    assert_eq!(price(&host).await, 1100);
}

/// Another writer of the catalogs: imports wait for it, until it is dropped.
fn other_writer(host: &HostProcess) -> Connection {
    let other = Connection::open(host.store_folder().join("catalog.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    other
}

async fn wait_until_importing(host: &HostProcess) {
    let client = AdminClient::new(host.store_folder().join("admin.sock"));
    let merchant = MerchantId::new("demo");
    wait_until("an import is under way", async || {
        let merchant = merchant.clone();
        matches!(client.send(&AskImportProgress { merchant }).await, Ok(Some(_)))
    })
    .await;
}

async fn wait_until_stopped(host: &mut HostProcess) {
    wait_until("the host has stopped", async || host.ended().is_some()).await;
    assert!(
        host.ended().unwrap().success(),
        "{}",
        String::from_utf8_lossy(&host.log())
    );
}

async fn a_host_that_stops_gives_an_import_up_and_says_so() {
    let mut host = HostProcess::start(plan(0).merchant(merchant("demo")), &[]).await;
    let file = host.folder().join("import.csv");
    std::fs::write(&file, catalog("20.00", 5)).unwrap();
    let other = other_writer(&host);
    let (file, socket) = (file, host.store_folder().join("admin.sock"));
    let importing = tokio::task::spawn_blocking(move || {
        let [file, socket] = [&file, &socket].map(|path| path.to_str().unwrap());
        tillhouse(&["catalog", "import", file, "--merchant", "demo", "--socket", socket])
    });
    wait_until_importing(&host).await;
    host.terminate();
    let given_up = importing.await.unwrap().expect_exit(3);
    let said = "the host stops, and nothing of the file was imported: import it again when the host runs";
    assert!(given_up.text.contains(said), "{}", given_up.text);
    drop(other);
    wait_until_stopped(&mut host).await;
    host.start_again().await;
    assert_eq!(price(&host).await, 1000);
}

async fn a_host_stops_while_it_imports_the_file_that_its_start_did_not_wait_for() {
    let mut host = HostProcess::start(plan(0).merchant(merchant("demo")), &[]).await;
    host.stop();
    write(&host, "demo", large("11.00"));
    let other = other_writer(&host);
    host.start_again().await;
    wait_until_importing(&host).await;
    assert_eq!(price(&host).await, 1000);
    host.terminate();
    drop(other);
    wait_until_stopped(&mut host).await;
    host.start_again().await;
    wait_for_price(&host, 1100).await;
}
