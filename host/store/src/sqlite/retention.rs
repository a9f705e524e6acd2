//! Purging sessions and the audit log.

use rusqlite::Connection;

use super::journal;
use crate::audit_cut::{self, AUDIT_BATCH};
use crate::column::{millis, to_i64};
use tillhouse_checkout::audit::AuditEntry;
use tillhouse_checkout::ports::SessionCutoffs;
use tillhouse_checkout::time::Timestamp;

/// Sessions deleted per unit of work, each with a handful of rows that depend on it.
pub(super) const SESSION_BATCH: u64 = 100;

/// What keeps a session, whatever its age: an open attempt or refund, a message that is not delivered, a discrepancy.
macro_rules! ended_sessions {
    ($condition:literal) => {
        concat!(
            "SELECT merchant, id FROM session AS this WHERE ",
            $condition,
            " AND updated < ?1 \
             AND NOT EXISTS (SELECT 1 FROM attempt WHERE attempt.merchant = this.merchant AND attempt.session = this.id \
             AND (attempt.state IN ('reserved', 'authentication_required', 'awaiting', 'resolving', 'charging', 'unknown', 'needs_review', 'voiding') \
             OR EXISTS (SELECT 1 FROM break WHERE break.attempt = attempt.id))) \
             AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.merchant = this.merchant AND outbox.session = this.id \
             AND outbox.state <> 'delivered') \
             AND NOT EXISTS (SELECT 1 FROM refund WHERE refund.merchant = this.merchant AND refund.session = this.id \
             AND refund.state NOT IN ('done', 'declined')) ORDER BY updated LIMIT ?2"
        )
    };
}

/// Canceled or expired, and no money was taken.
pub(super) const UNPAID: &str = ended_sessions!(
    "state IN ('canceled', 'expired') AND NOT EXISTS (SELECT 1 FROM attempt WHERE attempt.merchant = this.merchant \
     AND attempt.session = this.id AND attempt.state NOT IN ('declined', 'failed'))"
);
/// Canceled or expired, whatever was taken and given back.
const CLOSED: &str = ended_sessions!("state IN ('canceled', 'expired')");
pub(super) const COMPLETED: &str = ended_sessions!("state = 'completed'");

/// Deletes one batch of sessions that are past their retention; returns their number.
pub(super) fn purge_sessions(db: &Connection, cutoffs: &SessionCutoffs) -> rusqlite::Result<u64> {
    let mut purged = purge(db, UNPAID, cutoffs.unpaid, SESSION_BATCH)?;
    if let Some(paid) = cutoffs.paid {
        for class in [CLOSED, COMPLETED] {
            purged += purge(db, class, paid, SESSION_BATCH - purged)?;
        }
    }
    Ok(purged)
}

fn purge(db: &Connection, class: &str, before: Timestamp, limit: u64) -> rusqlite::Result<u64> {
    let found: Vec<(String, String)> = db
        .prepare_cached(class)?
        .query_map([millis(before), to_i64(limit)], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (merchant, session) in &found {
        for dependants in [
            "DELETE FROM attempt WHERE merchant = ?1 AND session = ?2",
            "DELETE FROM orders WHERE merchant = ?1 AND session = ?2",
            "DELETE FROM refund WHERE merchant = ?1 AND session = ?2",
            "DELETE FROM outbox WHERE merchant = ?1 AND session = ?2",
            "DELETE FROM session WHERE merchant = ?1 AND id = ?2",
        ] {
            db.prepare_cached(dependants)?.execute([merchant, session])?;
        }
    }
    Ok(found.len() as u64)
}

/// Deletes one batch of the audit log's oldest records; returns their number. The record that says so comes first: the table lets
/// nothing be deleted that no record names.
pub(super) fn purge_audit(db: &Connection, before: Timestamp, entry: &AuditEntry) -> rusqlite::Result<u64> {
    let oldest: Vec<(i64, i64, String)> = db
        .prepare_cached("SELECT at, seq, hash FROM audit ORDER BY seq LIMIT ?1")?
        .query_map([AUDIT_BATCH], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    let Some((through, hash)) = audit_cut::end(oldest, before) else {
        return Ok(0);
    };
    journal::append_audit(db, &audit_cut::entry(entry, through, &hash))?;
    let deleted = db
        .prepare_cached("DELETE FROM audit WHERE seq <= ?1")?
        .execute([through])?;
    Ok(deleted as u64)
}
