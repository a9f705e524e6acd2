//! Restarts of a shop with a large catalog.

use libtest_mimic::Trial;
use tillhouse_tests::process::HostProcess;

use super::{catalog, merchant, plan, price, wait_for_price, write};
use crate::{each, trial};

pub(super) fn trials() -> Vec<Trial> {
    let name = "catalogs::a_large_changed_file_does_not_hold_up_a_start";
    vec![trial(name, a_large_changed_file_does_not_hold_up_a_start)]
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
