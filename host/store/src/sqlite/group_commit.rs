//! Group commit: many units of work, one transaction, one fsync; a unit that fails does not affect the others.

use rusqlite::Connection;

use tillhouse_checkout::ids::AttemptId;
use tillhouse_checkout::ports::{CommitError, StoreError};
use tillhouse_checkout::time::Timestamp;

use super::leases::Leases;
use super::writer::WriteRequest;
use super::{db_error, journal, messages, records, unit_of_work};

type WriteResult = Result<u64, CommitError>;

/// Commits a group. Returns one answer for each, in order; none may be passed on before this returns.
///
/// If the transaction itself fails, all are answered with [`CommitError::Store`], also those that had a conflict: the row that
/// they conflicted with may be rolled back too.
pub(super) fn commit<'w>(
    db: &Connection,
    group: impl Iterator<Item = &'w WriteRequest> + Clone,
    leases: &Leases<AttemptId>,
    now: Timestamp,
) -> Vec<WriteResult> {
    transaction(db, group.clone(), leases, now).unwrap_or_else(|error| {
        tracing::error!(%error, "store: a group of commits failed");
        if !db.is_autocommit()
            && let Err(error) = run(db, "ROLLBACK")
        {
            tracing::error!(%error, "store: rollback failed");
        }
        let error = StoreError::caused_by(error);
        group.map(|_| Err(CommitError::Store(error.clone()))).collect()
    })
}

fn transaction<'w>(
    db: &Connection,
    group: impl Iterator<Item = &'w WriteRequest>,
    leases: &Leases<AttemptId>,
    now: Timestamp,
) -> rusqlite::Result<Vec<WriteResult>> {
    run(db, "BEGIN IMMEDIATE")?;
    let answers = group
        .map(|request| savepoint(db, request, leases, now))
        .collect::<Result<_, _>>()?;
    run(db, "COMMIT")?;
    Ok(answers)
}

fn savepoint(
    db: &Connection,
    request: &WriteRequest,
    leases: &Leases<AttemptId>,
    now: Timestamp,
) -> rusqlite::Result<WriteResult> {
    run(db, "SAVEPOINT unit")?;
    let answer = apply(db, request, leases, now);
    if answer.is_err() {
        // Fails if SQLite has already rolled back everything (disk full, for example): then the whole group has failed.
        run(db, "ROLLBACK TO unit")?;
    }
    run(db, "RELEASE unit")?;
    Ok(answer)
}

fn apply(db: &Connection, request: &WriteRequest, leases: &Leases<AttemptId>, now: Timestamp) -> WriteResult {
    match request {
        WriteRequest::Unit(prepared) => unit_of_work::apply(db, prepared, leases, now).map(|()| 0),
        WriteRequest::Message(change) => messages::move_message(db, change).map_err(db_error::classify),
        WriteRequest::Replay { filter, now, audit } => {
            let replayed = messages::replay(db, filter, *now).map_err(db_error::classify)?;
            journal::append_audit(db, audit).map_err(db_error::classify)?;
            Ok(replayed)
        }
        WriteRequest::Purge(cutoffs) => records::purge(db, cutoffs).map_err(db_error::classify),
    }
}

fn run(db: &Connection, sql: &str) -> rusqlite::Result<()> {
    db.prepare_cached(sql)?.execute([]).map(|_| ())
}
