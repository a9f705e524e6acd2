//! Trials of the store on SQLite.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;

use libtest_mimic::Trial;
use tillhouse_store::{SqliteSettings, SqliteStore};
use tillhouse_tests::TestFolder;

use crate::suite::fixtures::*;
use crate::suite::{self, ManualClock, Subject, durability};
use crate::{trial, trials};

/// Name of the store's folder, which the store creates for its user alone.
const STORE: &str = "store";

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials: Vec<Trial> = suite::all()
        .into_iter()
        .map(|(name, check)| {
            trial(format!("sqlite::{name}"), move || async move {
                let folder = TestFolder::new();
                check(&open(folder.path())).await;
            })
        })
        .collect();
    trials.extend(trials!("sqlite", ();
        commits_survive_closing, commits_survive_dropping, commits_survive_a_crash, the_audit_log_cannot_be_changed,
    ));
    trials
}

fn store(folder: &Path) -> (SqliteStore, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::at(START));
    (
        SqliteStore::open(&SqliteSettings::new(folder.join(STORE)), clock.clone()).unwrap(),
        clock,
    )
}

fn open(folder: &Path) -> Subject {
    let (store, clock) = store(folder);
    Subject::new(Arc::new(store), clock)
}

async fn commits_survive_closing((): &()) {
    let folder = TestFolder::new();
    let (store, clock) = store(folder.path());
    let store = Arc::new(store);
    let subject = Subject::new(store.clone(), clock);
    durability::before(&subject).await;
    store.close().await;
    durability::after(&open(folder.path())).await;
}

async fn commits_survive_dropping((): &()) {
    let folder = TestFolder::new();
    durability::before(&open(folder.path())).await;
    durability::after(&open(folder.path())).await;
}

/// Copies the files while the store is open: they are as after a killed process.
async fn commits_survive_a_crash((): &()) {
    let (folder, copy) = (TestFolder::new(), TestFolder::new());
    let running = open(folder.path());
    durability::before(&running).await;
    let to = copy.path().join(STORE);
    DirBuilder::new().mode(0o700).create(&to).unwrap();
    for file in ["tillhouse.db", "tillhouse.db-wal"] {
        fs::copy(folder.path().join(STORE).join(file), to.join(file)).unwrap();
    }
    let log = fs::metadata(to.join("tillhouse.db-wal")).unwrap();
    assert!(log.len() > 0, "the write-ahead log must not be empty");
    durability::after(&open(copy.path())).await;
}

async fn the_audit_log_cannot_be_changed((): &()) {
    let folder = TestFolder::new();
    let subject = open(folder.path());
    subject.commit(audit(entry("pa_1"))).await;
    let beside = rusqlite::Connection::open(folder.path().join(STORE).join("tillhouse.db")).unwrap();
    for statement in ["UPDATE audit SET actor = 'other'", "DELETE FROM audit"] {
        let error = beside.execute(statement, []).unwrap_err().to_string();
        assert!(error.contains("only added to"), "{error}");
    }
    assert_eq!(subject.store.audit_log(0, 10).await.unwrap()[0].entry, entry("pa_1"));
}
