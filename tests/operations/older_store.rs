//! A store that a host of contract 0.1 wrote: refused by name if it has checkouts, else migrated.

use libtest_mimic::Trial;
use rusqlite::Connection;
use tillhouse_tests::process::HostProcess;

use crate::{fast_host, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "older_store::checkouts_of_contract_0_1_are_refused_by_name_and_left_alone",
            checkouts_of_contract_0_1_are_refused_by_name_and_left_alone,
        ),
        trial(
            "older_store::a_store_of_contract_0_1_without_checkouts_is_migrated",
            a_store_of_contract_0_1_without_checkouts_is_migrated,
        ),
    ]
}

/// A stopped host whose store is as contract 0.1 left it: the tables are the same, and the last migration is that to 0.2.
async fn host_of_0_1(with_checkouts: bool) -> HostProcess {
    let mut host = HostProcess::start(fast_host(), &[]).await;
    let _ = host.acp().open(&[("tee-classic", 1)]).await;
    host.stop();
    let db = database(&host);
    let undone = db.execute("DELETE FROM refinery_schema_history WHERE name = 'contract'", []);
    assert_eq!(undone.unwrap(), 1, "the migration to contract 0.2 has another name");
    if !with_checkouts {
        db.execute("DELETE FROM session", []).unwrap();
    }
    host
}

fn database(host: &HostProcess) -> Connection {
    Connection::open(host.store_folder().join("tillhouse.db")).unwrap()
}

fn sessions(host: &HostProcess) -> i64 {
    let count = database(host).query_row("SELECT count(*) FROM session", [], |row| row.get(0));
    count.unwrap()
}

async fn checkouts_of_contract_0_1_are_refused_by_name_and_left_alone() {
    let mut host = host_of_0_1(true).await;
    let log = host.expect_start_error().await;
    for word in [
        "checkouts of contract 0.1",
        "finish open payments",
        "a new folder in store.url",
    ] {
        assert!(log.contains(word), "{word:?} is not in {log}");
    }
    let doctor = host.run_json(&["doctor"]).expect_exit(1);
    assert!(doctor.text.contains("checkouts of contract 0.1"), "{}", doctor.text);
    assert_eq!(sessions(&host), 1);
    host.configure("store.url = \"sqlite:another\"");
    host.start_again().await;
    let _ = host.acp().ready(&[("tee-classic", 1)]).await;
}

async fn a_store_of_contract_0_1_without_checkouts_is_migrated() {
    let mut host = host_of_0_1(false).await;
    host.start_again().await;
    let _ = host.acp().ready(&[("tee-classic", 1)]).await;
    assert_eq!(sessions(&host), 1);
}
