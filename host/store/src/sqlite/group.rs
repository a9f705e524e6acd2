//! Group commit: many units of work, one transaction, one fsync; a unit that fails does not affect the others.

use rusqlite::Connection;

use tillhouse_checkout::ids::AttemptId;
use tillhouse_checkout::ports::{CommitError, StoreError};
use tillhouse_checkout::time::Timestamp;

use super::leases::Leases;
use super::writer::Work;
use super::{conflict, journal, messages, records, unit};

type Answer = Result<u64, CommitError>;

/// Commits a group. Returns one answer for each, in order; none may be passed on before this returns.
///
/// If the transaction itself fails, all are answered with [`CommitError::Store`], also those that had a conflict: the row that
/// they conflicted with may be rolled back too.
pub(super) fn commit<'w>(
    db: &Connection,
    group: impl Iterator<Item = &'w Work> + Clone,
    leases: &Leases<AttemptId>,
    now: Timestamp,
) -> Vec<Answer> {
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
    group: impl Iterator<Item = &'w Work>,
    leases: &Leases<AttemptId>,
    now: Timestamp,
) -> rusqlite::Result<Vec<Answer>> {
    run(db, "BEGIN IMMEDIATE")?;
    let answers = group
        .map(|work| savepoint(db, work, leases, now))
        .collect::<Result<_, _>>()?;
    run(db, "COMMIT")?;
    Ok(answers)
}

fn savepoint(db: &Connection, work: &Work, leases: &Leases<AttemptId>, now: Timestamp) -> rusqlite::Result<Answer> {
    run(db, "SAVEPOINT unit")?;
    let answer = apply(db, work, leases, now);
    if answer.is_err() {
        // Fails if SQLite has already rolled back everything (disk full, for example): then the whole group has failed.
        run(db, "ROLLBACK TO unit")?;
    }
    run(db, "RELEASE unit")?;
    Ok(answer)
}

fn apply(db: &Connection, work: &Work, leases: &Leases<AttemptId>, now: Timestamp) -> Answer {
    match work {
        Work::Unit(prepared) => unit::apply(db, prepared, leases, now).map(|()| 0),
        Work::Message(change) => messages::apply(db, change).map_err(conflict::name),
        Work::Replay { filter, now, audit } => {
            let replayed = messages::replay(db, filter, *now).map_err(conflict::name)?;
            journal::audit(db, audit).map_err(conflict::name)?;
            Ok(replayed)
        }
        Work::Purge(cutoffs) => records::purge(db, cutoffs).map_err(conflict::name),
    }
}

fn run(db: &Connection, sql: &str) -> rusqlite::Result<()> {
    db.prepare_cached(sql)?.execute([]).map(|_| ())
}
