//! Two hosts on one database, each with a file of the same catalog.

use libtest_mimic::Trial;
use tillhouse_tests::eventually::wait_until;
use tillhouse_tests::process::HostProcess;
use tillhouse_tests::{PostgresServer, postgres_binaries};

use super::imports::import;
use super::{catalog, merchant, plan, price, rename_over, status, wait_for_price};
use crate::trial;

pub(super) fn trials() -> Vec<Trial> {
    let name = "catalogs::what_one_host_imports_every_host_sells";
    vec![trial(name, what_one_host_imports_every_host_sells).with_ignored_flag(postgres_binaries().is_none())]
}

async fn what_one_host_imports_every_host_sells() {
    let server = PostgresServer::start(postgres_binaries().unwrap());
    let database = server.database().await;
    let node = || {
        plan(20)
            .set(&format!("store.url = \"{}\"", database.url()))
            .merchant(merchant("demo"))
    };
    let first = HostProcess::start(node(), &[]).await;
    let second = HostProcess::start(node(), &[]).await;
    let versions = || {
        let history = first
            .run_json(&["catalog", "history", "--merchant", "demo"])
            .expect_exit(0);
        history.json["versions"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(versions(), 1, "the second host found what the first one had imported");

    // Both see their file change at the same time; one of them imports it.
    let next = catalog("11.00", 5);
    rename_over(&first, "demo", &next);
    rename_over(&second, "demo", &next);
    for host in [&first, &second] {
        wait_for_price(host, 1100).await;
        wait_until("the file is in force", async || status(host, "demo").1 == 0).await;
    }
    assert_eq!(versions(), 2);

    let _ = import(&second, &catalog("12.00", 5), &[]).expect_exit(0);
    assert_eq!((price(&first).await, price(&second).await), (1200, 1200));
    rename_over(&first, "demo", &catalog("13.00", 5));
    wait_for_price(&second, 1300).await;
    assert_eq!(versions(), 4);
}
