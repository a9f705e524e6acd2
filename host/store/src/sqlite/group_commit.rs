//! Group commit: many units of work, one transaction, one fsync; a unit that fails does not affect the others.

use rusqlite::Connection;

use tillhouse_checkout::ports::{CommitError, StoreError};
use tillhouse_checkout::time::Timestamp;

use super::leases::Fences;
use super::writer::WriteRequest;
use super::{buyers, commit_mark, db_error, feeds, journal, messages, records, retention, unit_of_work, vault};
use crate::commit_marks::CommitMarks;

type WriteResult = Result<u64, CommitError>;

/// Commits a group. Returns one answer for each, in order; none may be passed on before this returns.
///
/// If the transaction itself fails, all are answered with [`CommitError::Store`], also those that had a conflict: the row that
/// they conflicted with may be rolled back too.
pub(super) fn commit<'w>(
    db: &Connection,
    group: impl Iterator<Item = &'w WriteRequest> + Clone,
    fences: &Fences,
    marks: &CommitMarks,
    now: Timestamp,
) -> Vec<WriteResult> {
    transaction(db, group.clone(), fences, marks, now).unwrap_or_else(|error| {
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
    fences: &Fences,
    marks: &CommitMarks,
    now: Timestamp,
) -> rusqlite::Result<Vec<WriteResult>> {
    run(db, "BEGIN IMMEDIATE")?;
    let answers = group
        .map(|request| savepoint(db, request, fences, now))
        .collect::<Result<Vec<_>, _>>()?;
    if answers.iter().all(Result::is_err) {
        // Nothing was written, and so there is nothing to make durable.
        run(db, "COMMIT")?;
        return Ok(answers);
    }
    let number = marks.next();
    commit_mark::write(db, &number)?;
    run(db, "COMMIT")?;
    number.confirm();
    Ok(answers)
}

fn savepoint(
    db: &Connection,
    request: &WriteRequest,
    fences: &Fences,
    now: Timestamp,
) -> rusqlite::Result<WriteResult> {
    run(db, "SAVEPOINT unit")?;
    let answer = apply(db, request, fences, now);
    if answer.is_err() {
        // Fails if SQLite has already rolled back everything (disk full, for example): then the whole group has failed.
        run(db, "ROLLBACK TO unit")?;
    }
    run(db, "RELEASE unit")?;
    Ok(answer)
}

fn apply(db: &Connection, request: &WriteRequest, fences: &Fences, now: Timestamp) -> WriteResult {
    match request {
        WriteRequest::Unit(prepared) => unit_of_work::apply(db, prepared, fences, now).map(|()| 0),
        WriteRequest::Message(change) => messages::move_message(db, change).map_err(db_error::classify),
        WriteRequest::Replay { filter, now, audit } => {
            let replayed = messages::replay(db, filter, *now).map_err(db_error::classify)?;
            journal::append_audit(db, audit).map_err(db_error::classify)?;
            Ok(replayed)
        }
        WriteRequest::Purge(cutoffs) => records::purge(db, cutoffs).map_err(db_error::classify),
        WriteRequest::PurgeSessions(cutoffs) => retention::purge_sessions(db, cutoffs).map_err(db_error::classify),
        WriteRequest::PurgeAudit(before, entry) => {
            retention::purge_audit(db, *before, entry).map_err(db_error::classify)
        }
        WriteRequest::DeleteCards => vault::delete_all(db).map_err(db_error::classify),
        WriteRequest::Feed(write) => feeds::apply(db, write, &fences.feeds),
        WriteRequest::EraseCarts(about, audit) => {
            buyers::forget(db, about).map_err(db_error::classify)?;
            journal::append_audit(db, audit).map_err(db_error::classify)?;
            Ok(0)
        }
        WriteRequest::Erase(erasure, audit) => {
            buyers::erase(db, erasure)?;
            journal::append_audit(db, audit).map_err(db_error::classify)?;
            Ok(0)
        }
    }
}

fn run(db: &Connection, sql: &str) -> rusqlite::Result<()> {
    db.prepare_cached(sql)?.execute([]).map(|_| ())
}
