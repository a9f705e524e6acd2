//! Purging sessions and the audit log.

use super::connections::Connections;
use super::db_error::TransactionError;
use super::journal;
use super::pipeline::Transaction;
use super::unit_of_work::final_error;
use crate::audit_cut::{self, AUDIT_BATCH};
use crate::column::{millis, to_limit};
use tillhouse_checkout::audit::AuditEntry;
use tillhouse_checkout::ports::{CommitError, SessionCutoffs, StoreError};
use tillhouse_checkout::time::Timestamp;

/// Sessions deleted per statement, each with a handful of rows that depend on it.
const SESSION_BATCH: i64 = 100;

/// Deletes sessions with what depends on them. What keeps a session, whatever its age: an open attempt or refund, a message
/// that is not delivered, a discrepancy. Sessions that another host is deleting are left to it.
macro_rules! purge {
    ($condition:literal) => {
        concat!(
            "WITH ended AS MATERIALIZED (SELECT seq, merchant, id FROM session AS this WHERE ",
            $condition,
            " AND updated < $1 \
             AND NOT EXISTS (SELECT 1 FROM attempt WHERE attempt.merchant = this.merchant AND attempt.session = this.id \
             AND (attempt.state IN ('reserved', 'authentication_required', 'awaiting', 'resolving', 'charging', 'unknown', 'needs_review', 'voiding') \
             OR EXISTS (SELECT 1 FROM breaks WHERE breaks.attempt = attempt.id))) \
             AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.merchant = this.merchant AND outbox.session = this.id \
             AND outbox.state <> 'delivered') \
             AND NOT EXISTS (SELECT 1 FROM refund WHERE refund.merchant = this.merchant AND refund.session = this.id \
             AND refund.state NOT IN ('done', 'declined')) ORDER BY updated LIMIT $2 FOR UPDATE SKIP LOCKED), \
             ended_attempts AS (DELETE FROM attempt USING ended WHERE attempt.merchant = ended.merchant \
             AND attempt.session = ended.id), \
             ended_orders AS (DELETE FROM orders USING ended WHERE orders.merchant = ended.merchant \
             AND orders.session = ended.id), \
             ended_refunds AS (DELETE FROM refund USING ended WHERE refund.merchant = ended.merchant \
             AND refund.session = ended.id), \
             told AS (DELETE FROM outbox USING ended WHERE outbox.merchant = ended.merchant \
             AND outbox.session = ended.id AND outbox.state = 'delivered') \
             DELETE FROM session USING ended WHERE session.seq = ended.seq RETURNING 1"
        )
    };
}

/// Canceled or expired, and no money was taken.
const UNPAID: &str = purge!(
    "state IN ('canceled', 'expired') AND NOT EXISTS (SELECT 1 FROM attempt WHERE attempt.merchant = this.merchant \
     AND attempt.session = this.id AND attempt.state NOT IN ('declined', 'failed'))"
);
/// Canceled or expired, whatever was taken and given back.
const CLOSED: &str = purge!("state IN ('canceled', 'expired')");
const COMPLETED: &str = purge!("state = 'completed'");

/// Deletes the sessions that are past their retention; returns their number.
pub(super) async fn purge_sessions(connections: &Connections, cutoffs: &SessionCutoffs) -> Result<u64, StoreError> {
    let paid = cutoffs
        .paid
        .into_iter()
        .flat_map(|paid| [(CLOSED, paid), (COMPLETED, paid)]);
    let mut purged = 0;
    for (sql, before) in std::iter::once((UNPAID, cutoffs.unpaid)).chain(paid) {
        loop {
            let removed = connections.write(sql, &[&millis(before), &SESSION_BATCH]).await?.len();
            purged += removed as u64;
            if to_limit(removed) < SESSION_BATCH {
                break;
            }
        }
    }
    Ok(purged)
}

/// Deletes the audit log's records of before this time; returns their number.
pub(super) async fn purge_audit(
    connections: &Connections,
    before: Timestamp,
    entry: &AuditEntry,
) -> Result<u64, CommitError> {
    let mut purged = 0;
    loop {
        let mut retry_budget = connections.retry_budget();
        let batch = loop {
            match purge_audit_once(connections, before, entry).await {
                Ok(batch) => break batch,
                Err(failure) => retry_budget.backoff_after(failure).await?,
            }
        };
        purged += batch;
        if batch < AUDIT_BATCH.unsigned_abs() {
            return Ok(purged);
        }
    }
}

/// One batch. The record that says so comes first: the table lets nothing be deleted that no record names. It also takes the lock of
/// the log, under which the oldest records are read.
async fn purge_audit_once(
    connections: &Connections,
    before: Timestamp,
    entry: &AuditEntry,
) -> Result<u64, TransactionError> {
    let client = connections.get().await.map_err(final_error)?;
    let transaction = Transaction::begin(client, connections.marks(), &[]).await?;
    journal::lock_audit(&transaction).await?;
    let oldest = transaction
        .query("SELECT at, seq, hash FROM audit ORDER BY seq LIMIT $1", &[&AUDIT_BATCH])
        .await?;
    let oldest = oldest.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
    let Some((through, hash)) = audit_cut::end(oldest, before) else {
        return Ok(0);
    };
    journal::append_audit(&transaction, &audit_cut::entry(entry, through, &hash)).await?;
    let deleted = transaction
        .query("DELETE FROM audit WHERE seq <= $1 RETURNING 1", &[&through])
        .await?
        .len();
    transaction.commit().await?;
    Ok(deleted as u64)
}
