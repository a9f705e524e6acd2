//! Tests of what only this engine has: folder, group commit, log. The suite for every engine is `tests/store`.

mod catalogs;
mod fixtures;
mod older_contract;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG;
use rusqlite::{Connection, OpenFlags, StatementStatus};
use tempfile::TempDir;

use super::leases::Fences;
use super::{
    SqliteOpenError, SqliteSettings, SqliteStore, attempts, backup, connection, group_commit, inspect, messages, open,
    records, retention,
};
use fixtures::*;
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::outbox::MessageClass;
use tillhouse_checkout::ports::{CommitError, MessageSelection, Store};
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::unit_of_work::PreparedUnit;
use super::writer::WriteRequest;

/// The folder of a store, which the store creates in a temporary directory.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::with_prefix("tillhouse-store-").unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("store")
    }

    fn open(&self) -> Result<SqliteStore, SqliteOpenError> {
        self.open_with(&SqliteSettings::new(self.path()))
    }

    fn open_with(&self, settings: &SqliteSettings) -> Result<SqliteStore, SqliteOpenError> {
        SqliteStore::open(settings, Arc::new(StoppedClock))
    }

    /// A connection separate from the store's.
    fn sql(&self) -> Connection {
        Connection::open(self.database()).unwrap()
    }

    fn database(&self) -> PathBuf {
        self.path().join("tillhouse.db")
    }
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}

#[tokio::test]
async fn a_closed_store_returns_an_error() {
    let folder = Folder::new();
    let store = folder.open().unwrap();
    store.close().await;
    store.close().await;
    let error = store.commit(insert_session(session("cs_1", 1))).await.unwrap_err();
    assert!(error.to_string().contains("closed"), "{error}");
    let error = store.session(&merchant(), &SessionId::new("cs_1")).await.unwrap_err();
    assert!(error.to_string().contains("closed"), "{error}");
    let log = size(&folder.path().join("tillhouse.db-wal"));
    assert_eq!(log, 0, "the log was folded in");
}

#[tokio::test]
async fn what_was_queued_before_closing_is_committed() {
    let folder = Folder::new();
    let store = Arc::new(folder.open().unwrap());
    let mut commits = tokio::task::JoinSet::new();
    for n in 0..50 {
        let store = store.clone();
        commits.spawn(async move { store.commit(insert_session(session(&format!("cs_{n}"), 1))).await });
    }
    // Runs the other tasks until each has queued its unit and waits: this runtime has one thread.
    tokio::task::yield_now().await;
    store.close().await;
    for result in commits.join_all().await {
        result.unwrap();
    }
}

#[tokio::test]
async fn two_hosts_cannot_share_a_folder() {
    let folder = Folder::new();
    let first = folder.open().unwrap();
    let error = folder.open().unwrap_err();
    assert!(matches!(error, SqliteOpenError::Locked { .. }), "{error}");
    first.close().await;
    folder.open().unwrap();
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() {
    let folder = Folder::new();
    drop(folder.open().unwrap());
    folder
        .sql()
        .execute(
            "INSERT INTO refinery_schema_history SELECT version + 1000, 'future', applied_on, checksum \
             FROM refinery_schema_history ORDER BY version LIMIT 1",
            [],
        )
        .unwrap();
    let error = folder.open().unwrap_err();
    assert!(matches!(error, SqliteOpenError::Newer { found: 1001, .. }), "{error}");
}

#[tokio::test]
async fn an_edited_migration_is_refused() {
    let folder = Folder::new();
    drop(folder.open().unwrap());
    folder
        .sql()
        .execute("UPDATE refinery_schema_history SET checksum = '1'", [])
        .unwrap();
    let error = folder.open().unwrap_err();
    assert!(matches!(error, SqliteOpenError::Migration(_)), "{error}");
}

#[test]
fn a_folder_that_is_a_file_is_refused() {
    let folder = Folder::new();
    std::fs::write(folder.path(), b"").unwrap();
    let error = folder.open().unwrap_err();
    assert!(matches!(error, SqliteOpenError::Folder { .. }), "{error}");
}

#[tokio::test]
async fn the_log_does_not_grow_without_end() {
    let folder = Folder::new();
    let settings = SqliteSettings {
        checkpoint_pages: 16,
        log_max_pages: 64,
        ..SqliteSettings::new(folder.path())
    };
    let store = Arc::new(folder.open_with(&settings).unwrap());
    let log = folder.path().join("tillhouse.db-wal");
    let mut written = 0_u64;
    let mut largest = 0;
    for n in 0..400 {
        let value = vec![n as u8; 20_000];
        written += value.len() as u64;
        store.commit(put("k", &value)).await.unwrap();
        largest = largest.max(size(&log));
    }
    assert!(
        largest * 4 < written,
        "{largest} bytes of log for {written} bytes of values"
    );
    assert!(largest > 0);
}

#[tokio::test]
async fn a_reader_that_lags_holds_up_the_log_but_no_commit() {
    let folder = Folder::new();
    let settings = SqliteSettings {
        checkpoint_pages: 16,
        log_max_pages: 64,
        ..SqliteSettings::new(folder.path())
    };
    let store = folder.open_with(&settings).unwrap();
    let value = vec![1; 20_000];
    let write = || put("k", &value);
    let pages = |db: &Connection| -> u32 {
        db.query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| row.get(1))
            .unwrap()
    };
    store.commit(write()).await.unwrap();
    let (reader, observer) = (folder.sql(), folder.sql());
    reader.execute_batch("BEGIN; SELECT count(*) FROM kv;").unwrap();
    for _ in 0..100 {
        store.commit(write()).await.unwrap();
    }
    assert!(pages(&observer) >= 500, "the log was not started over under the reader");
    reader.execute_batch("COMMIT").unwrap();
    for _ in 0..100 {
        store.commit(write()).await.unwrap();
    }
    assert!(pages(&observer) < 500, "and was after it");
}

/// The commit fails as a whole, because a deferred foreign key is checked only at COMMIT.
#[tokio::test]
async fn a_failed_commit_fails_every_unit_of_the_group() {
    let folder = Folder::new();
    drop(folder.open().unwrap());
    let db = folder.sql();
    db.execute_batch(
        "PRAGMA foreign_keys = ON;
         CREATE TABLE broken (parent INTEGER REFERENCES nowhere (id) DEFERRABLE INITIALLY DEFERRED);
         CREATE TABLE nowhere (id INTEGER PRIMARY KEY);
         CREATE TEMP TRIGGER fail AFTER INSERT ON main.session WHEN new.id = 'poison'
         BEGIN INSERT INTO broken VALUES (1); END;",
    )
    .unwrap();
    let units = |ids: &[&str]| -> Vec<WriteRequest> {
        ids.iter()
            .map(|id| WriteRequest::Unit(Box::new(PreparedUnit::new(insert_session(session(id, 1))).unwrap())))
            .collect()
    };
    let answers = group_commit::commit(
        &db,
        units(&["a", "a", "poison", "b"]).iter(),
        &Fences::default(),
        &marks(),
        START,
    );
    assert_eq!(answers.len(), 4);
    for answer in answers {
        assert!(matches!(answer, Err(CommitError::Store(_))), "{answer:?}");
    }
    let left: i64 = db
        .query_row("SELECT count(*) FROM session", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 0);
    // The next group is not affected.
    let answers = group_commit::commit(&db, units(&["a", "a", "b"]).iter(), &Fences::default(), &marks(), START);
    let committed: Vec<_> = answers.iter().map(Result::is_ok).collect();
    assert_eq!(committed, [true, false, true]);
}

/// An error that is not a conflict of a known index is a store error, and only of the unit that caused it.
#[tokio::test]
async fn a_failed_unit_does_not_affect_the_others_of_its_group() {
    let folder = Folder::new();
    drop(folder.open().unwrap());
    let db = folder.sql();
    db.execute_batch(
        "CREATE TEMP TRIGGER fail BEFORE INSERT ON main.session WHEN new.id = 'poison'
         BEGIN SELECT RAISE(ABORT, 'boom'); END;",
    )
    .unwrap();
    let unit = |id: &str| WriteRequest::Unit(Box::new(PreparedUnit::new(insert_session(session(id, 1))).unwrap()));
    let answers = group_commit::commit(
        &db,
        [unit("a"), unit("poison"), unit("b")].iter(),
        &Fences::default(),
        &marks(),
        START,
    );
    assert!(matches!(&answers[1], Err(CommitError::Store(error)) if error.message().contains("boom")));
    assert!(answers[0].is_ok() && answers[2].is_ok());
}

#[tokio::test]
async fn readers_cannot_write() {
    let folder = Folder::new();
    let store = folder.open().unwrap();
    let error = store
        .read(|db| {
            db.execute("DELETE FROM session", [])?;
            Ok(())
        })
        .await
        .unwrap_err();
    assert!(
        error.message().contains("readonly") || error.message().contains("read-only"),
        "{error}"
    );
}

/// The queries that run all the time use their indexes.
#[tokio::test]
async fn the_workers_queries_do_not_scan() {
    let folder = Folder::new();
    drop(folder.open().unwrap());
    let db = folder.sql();
    for (query, indexes) in [
        (attempts::DUE, &["attempt_open"][..]),
        (messages::DUE, &["outbox_due", "outbox_stream"]),
        (records::OVERDUE, &["session_overdue"]),
        (
            retention::UNPAID,
            &["session_unpaid", "attempt_session", "outbox_session"],
        ),
        (
            retention::COMPLETED,
            &["session_completed", "attempt_session", "outbox_session"],
        ),
        (
            "SELECT rowid FROM idempotency WHERE expires <= ?1 ORDER BY expires LIMIT ?2",
            &["idempotency_expires"],
        ),
    ] {
        let mut statement = db.prepare(&format!("EXPLAIN QUERY PLAN {query}")).unwrap();
        let count = statement.parameter_count();
        let parameters = rusqlite::params_from_iter(vec![1; count]);
        let rows = statement.query_map(parameters, |row| row.get::<_, String>(3)).unwrap();
        let plan: Vec<String> = rows.collect::<Result<_, _>>().unwrap();
        for index in indexes {
            assert!(plan.iter().any(|line| line.contains(index)), "{query}: {plan:?}");
        }
        assert!(
            !plan
                .iter()
                .any(|line| line.starts_with("SCAN") && !line.contains("INDEX") && !line.contains("json_each")),
            "{plan:?}"
        );
    }
}

#[test]
fn every_connection_plans_a_query_once() {
    let folder = Folder::new();
    let opened = open::open_folder(&SqliteSettings::new(folder.path())).unwrap();
    let copy = folder.path().join("copy.db");
    backup::copy(backup::Content::Store, &folder.database(), &copy).unwrap();
    let looking = backup::read_only(&folder.database()).unwrap();
    let copied = connection::open(&copy, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    let connections = [&opened.writer, &opened.checkpointer, &looking, &copied];
    for db in connections.into_iter().chain(&opened.readers) {
        assert!(db.db_config(SQLITE_DBCONFIG_ENABLE_QPSG).unwrap());
    }
}

/// SQLite counts how often it plans a statement again, for other values or because its bindings were cleared.
#[test]
fn the_workers_queries_are_not_planned_anew_for_every_execution() {
    let folder = Folder::new();
    let opened = open::open_folder(&SqliteSettings::new(folder.path())).unwrap();
    let db = opened.readers.first().unwrap();
    for n in 1..=10_i32 {
        let busy = if n % 2 == 0 { "[]" } else { r#"["acme"]"# };
        let (now, limit) = (Timestamp(n.unsigned_abs().into()), n.unsigned_abs() as usize);
        let selection = MessageSelection {
            class: (n % 2 == 0).then_some(MessageClass::Event),
            ..MessageSelection::of_all(limit)
        };
        messages::due(db, now, &selection).unwrap();
        attempts::due(db, now, busy, limit).unwrap();
        let mut overdue = db.prepare_cached(records::OVERDUE).unwrap();
        overdue.query_map([n, n], |_| Ok(())).unwrap().for_each(drop);
    }
    for query in [messages::DUE, attempts::DUE, records::OVERDUE] {
        let statement = db.prepare_cached(query).unwrap();
        assert_eq!(statement.get_status(StatementStatus::Run), 10, "{query}");
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0, "{query}");
    }
}

#[tokio::test]
async fn a_caller_that_stops_waiting_does_not_affect_others() {
    let folder = Folder::new();
    let store = Arc::new(folder.open().unwrap());
    let abandoned = tokio::spawn({
        let store = store.clone();
        async move { store.commit(insert_session(session("cs_1", 1))).await }
    });
    tokio::task::yield_now().await;
    abandoned.abort();
    store.commit(UnitOfWork::default()).await.unwrap();
    store.commit(insert_session(session("cs_2", 1))).await.unwrap();
}
