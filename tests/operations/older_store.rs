//! A store that a host of contract 0.1 wrote: refused by name if it has checkouts, else migrated.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

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

/// The migrations of the host of contract 0.1.
const MIGRATIONS: [&str; 3] = [
    include_str!("../../host/store/src/sqlite/migrations/V1__checkout.sql"),
    include_str!("../../host/store/src/sqlite/migrations/V2__work.sql"),
    include_str!("../../host/store/src/sqlite/migrations/V3__payer.sql"),
];

/// A stopped host whose store is as contract 0.1 left it. Its folder holds nothing else: that host remembered no commits.
async fn host_of_0_1(with_checkouts: bool) -> HostProcess {
    let mut host = HostProcess::start(fast_host(), &[]).await;
    host.stop();
    let history: Vec<(i32, String, String, String)> = database(&host)
        .prepare("SELECT version, name, applied_on, checksum FROM refinery_schema_history WHERE version <= 3")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(history.len(), MIGRATIONS.len());
    for file in std::fs::read_dir(host.store_folder()).unwrap() {
        let file = file.unwrap();
        if file.file_type().unwrap().is_file() {
            std::fs::remove_file(file.path()).unwrap();
        }
    }
    let db = database(&host);
    std::fs::set_permissions(host.store_folder().join("tillhouse.db"), Permissions::from_mode(0o600)).unwrap();
    for migration in MIGRATIONS {
        db.execute_batch(migration).unwrap();
    }
    db.execute_batch(
        "CREATE TABLE refinery_schema_history \
         (version INT4 PRIMARY KEY, name VARCHAR(255), applied_on VARCHAR(255), checksum VARCHAR(255))",
    )
    .unwrap();
    for row in history {
        db.execute("INSERT INTO refinery_schema_history VALUES (?1, ?2, ?3, ?4)", row)
            .unwrap();
    }
    if with_checkouts {
        let session = "INSERT INTO session (merchant, id, revision, state, updated, expires, body) \
                       VALUES ('demo', 'cs_1', 1, 'completed', 1, 1, '{}')";
        db.execute(session, []).unwrap();
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
