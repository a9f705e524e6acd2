//! Append-only tables: received events, discrepancies and the audit log.

use crate::column::{millis, timestamp, to_i64, to_limit};
use tillhouse_checkout::audit::{AuditAction, AuditEntry, AuditRecord};
use tillhouse_checkout::discrepancy::{Discrepancy, DiscrepancyKind};
use tillhouse_checkout::ids::{AttemptId, MerchantId};
use tillhouse_checkout::inbox::{EventSource, InboxEvent};
use tillhouse_checkout::ports::StoreError;

use super::connections::Connections;
use super::db_error::TransactionError;
use super::locks;
use super::pipeline::{Step, Transaction, params};

/// Records an event. A second delivery of it violates `inbox_event`.
pub(super) fn insert_event(event: &InboxEvent) -> Step<'_> {
    Step::new(
        "INSERT INTO inbox (source, event, merchant, kind, payload, received) VALUES ($1, $2, $3, $4, $5, $6)",
        params![
            event.source.to_string(),
            &event.id,
            event.merchant.as_str(),
            &event.kind,
            &event.payload,
            millis(event.received),
        ],
    )
}

/// Events of one source, oldest first.
pub(super) async fn events(
    connections: &Connections,
    source: &EventSource,
    after: i64,
    limit: usize,
) -> Result<Vec<(i64, InboxEvent)>, StoreError> {
    let sql = "SELECT seq, source, event, merchant, kind, payload, received FROM inbox \
               WHERE source = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    let rows = connections
        .read(sql, &[&source.to_string(), &after, &to_limit(limit)])
        .await?;
    let events = rows.iter().map(|row| {
        let event = InboxEvent {
            source: EventSource::from(row.get::<_, String>(1)),
            id: row.get(2),
            merchant: MerchantId::new(row.get::<_, String>(3)),
            kind: row.get(4),
            payload: row.get(5),
            received: timestamp(row.get(6)),
        };
        (row.get(0), event)
    });
    Ok(events.collect())
}

/// Records a discrepancy. One that is already recorded keeps its first time.
pub(super) fn insert_discrepancy(found: &Discrepancy) -> Step<'_> {
    Step::new(
        "INSERT INTO breaks (merchant, kind, subject, attempt, detail, found) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (merchant, kind, subject) DO NOTHING",
        params![
            found.merchant.as_str(),
            found.kind.as_str(),
            &found.subject,
            found.attempt.as_ref().map(AttemptId::as_str),
            &found.detail,
            millis(found.found),
        ],
    )
}

/// Recorded discrepancies, oldest first.
pub(super) async fn discrepancies(connections: &Connections, limit: usize) -> Result<Vec<Discrepancy>, StoreError> {
    let sql = "SELECT merchant, kind, subject, attempt, detail, found FROM breaks ORDER BY seq LIMIT $1";
    let rows = connections.read(sql, &[&to_limit(limit)]).await?;
    let discrepancies = rows.iter().map(|row| Discrepancy {
        merchant: MerchantId::new(row.get::<_, String>(0)),
        kind: DiscrepancyKind::from(row.get::<_, String>(1)),
        subject: row.get(2),
        attempt: row.get::<_, Option<String>>(3).map(AttemptId::new),
        detail: row.get(4),
        found: timestamp(row.get(5)),
    });
    Ok(discrepancies.collect())
}

/// Takes the lock of the audit log until the transaction ends.
pub(super) async fn lock_audit(transaction: &Transaction<'_>) -> Result<(), TransactionError> {
    let sql = "SELECT pg_advisory_xact_lock($1)";
    transaction.query(sql, &[&locks::AUDIT_LOCK]).await.map(|_| ())
}

/// Appends to the audit log. The last entry is read under a lock that other appends wait for until this one is committed.
pub(super) async fn append_audit(transaction: &Transaction<'_>, entry: &AuditEntry) -> Result<(), TransactionError> {
    lock_audit(transaction).await?;
    let last = transaction
        .query("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1", &[])
        .await?;
    let last = last
        .first()
        .map(|row| (row.get::<_, i64>(0).unsigned_abs(), row.get(1)));
    let record = AuditRecord::after(last, entry.clone());
    let sql = "INSERT INTO audit (seq, at, actor, action, subject, detail, previous, hash) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    transaction
        .query(
            sql,
            &[
                &to_i64(record.seq),
                &millis(entry.at),
                &entry.actor,
                &entry.action.as_str(),
                &entry.subject,
                &entry.detail,
                &record.previous,
                &record.hash,
            ],
        )
        .await
        .map(|_| ())
}

/// The audit log as stored; its hash chain is not verified here.
pub(super) async fn audit_records(
    connections: &Connections,
    after: u64,
    limit: usize,
) -> Result<Vec<AuditRecord>, StoreError> {
    let sql = "SELECT seq, at, actor, action, subject, detail, previous, hash FROM audit \
               WHERE seq > $1 ORDER BY seq LIMIT $2";
    let rows = connections.read(sql, &[&to_i64(after), &to_limit(limit)]).await?;
    let records = rows.iter().map(|row| AuditRecord {
        seq: row.get::<_, i64>(0).unsigned_abs(),
        entry: AuditEntry {
            at: timestamp(row.get(1)),
            actor: row.get(2),
            action: AuditAction::from(row.get::<_, String>(3)),
            subject: row.get(4),
            detail: row.get(5),
        },
        previous: row.get(6),
        hash: row.get(7),
    });
    Ok(records.collect())
}
