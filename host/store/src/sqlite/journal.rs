//! Append-only tables: received events, discrepancies and the audit log.

use rusqlite::{Connection, OptionalExtension, params};

use super::read_error::ReadError;
use crate::column::{timestamp, to_i64, to_limit};
use tillhouse_checkout::audit::{AuditAction, AuditEntry, AuditRecord};
use tillhouse_checkout::discrepancy::{Discrepancy, DiscrepancyKind};
use tillhouse_checkout::ids::{AttemptId, MerchantId};
use tillhouse_checkout::inbox::{EventSource, InboxEvent};

/// Records an event. A second delivery of it violates `inbox_event`.
pub(super) fn insert_event(db: &Connection, event: &InboxEvent) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO inbox (source, event, merchant, kind, payload, received) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        event.source.to_string(),
        event.id,
        event.merchant.as_str(),
        event.kind,
        event.payload,
        to_i64(event.received.millis()),
    ])?;
    Ok(())
}

/// Events of one source, oldest first.
pub(super) fn events(
    db: &Connection,
    source: &EventSource,
    after: i64,
    limit: usize,
) -> Result<Vec<(i64, InboxEvent)>, ReadError> {
    let mut statement = db.prepare_cached(
        "SELECT seq, source, event, merchant, kind, payload, received FROM inbox \
         WHERE source = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
    )?;
    let events = statement.query_map(params![source.to_string(), after, to_limit(limit)], |row| {
        let event = InboxEvent {
            source: EventSource::from(row.get::<_, String>(1)?),
            id: row.get(2)?,
            merchant: MerchantId::new(row.get::<_, String>(3)?),
            kind: row.get(4)?,
            payload: row.get(5)?,
            received: timestamp(row.get(6)?),
        };
        Ok((row.get(0)?, event))
    })?;
    Ok(events.collect::<Result<_, _>>()?)
}

/// Records a discrepancy. One that is already recorded keeps its first time.
pub(super) fn insert_discrepancy(db: &Connection, found: &Discrepancy) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO break (merchant, kind, subject, attempt, detail, found) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT (merchant, kind, subject) DO NOTHING",
    )?
    .execute(params![
        found.merchant.as_str(),
        found.kind.as_str(),
        found.subject,
        found.attempt.as_ref().map(AttemptId::as_str),
        found.detail,
        to_i64(found.found.millis()),
    ])?;
    Ok(())
}

/// Recorded discrepancies, oldest first.
pub(super) fn discrepancies(db: &Connection, limit: usize) -> Result<Vec<Discrepancy>, ReadError> {
    let mut statement =
        db.prepare_cached("SELECT merchant, kind, subject, attempt, detail, found FROM break ORDER BY seq LIMIT ?1")?;
    let discrepancies = statement.query_map([to_limit(limit)], |row| {
        Ok(Discrepancy {
            merchant: MerchantId::new(row.get::<_, String>(0)?),
            kind: DiscrepancyKind::from(row.get::<_, String>(1)?),
            subject: row.get(2)?,
            attempt: row.get::<_, Option<String>>(3)?.map(AttemptId::new),
            detail: row.get(4)?,
            found: timestamp(row.get(5)?),
        })
    })?;
    Ok(discrepancies.collect::<Result<_, _>>()?)
}

/// Appends to the audit log. There is one writer, so the last entry stays the last until this is committed.
pub(super) fn append_audit(db: &Connection, entry: &AuditEntry) -> rusqlite::Result<()> {
    let last: Option<(i64, String)> = db
        .prepare_cached("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let last = last.as_ref().map(|(seq, hash)| (seq.unsigned_abs(), hash.as_str()));
    let record = AuditRecord::after(last, entry.clone());
    db.prepare_cached(
        "INSERT INTO audit (seq, at, actor, action, subject, detail, previous, hash) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        to_i64(record.seq),
        to_i64(entry.at.millis()),
        entry.actor,
        entry.action.as_str(),
        entry.subject,
        entry.detail,
        record.previous,
        record.hash,
    ])?;
    Ok(())
}

/// The audit log as stored; its hash chain is not verified here.
pub(super) fn audit_records(db: &Connection, after: u64, limit: usize) -> Result<Vec<AuditRecord>, ReadError> {
    let mut statement = db.prepare_cached(
        "SELECT seq, at, actor, action, subject, detail, previous, hash FROM audit WHERE seq > ?1 ORDER BY seq LIMIT ?2",
    )?;
    let records = statement.query_map([to_i64(after), to_limit(limit)], |row| {
        Ok(AuditRecord {
            seq: row.get::<_, i64>(0)?.unsigned_abs(),
            entry: AuditEntry {
                at: timestamp(row.get(1)?),
                actor: row.get(2)?,
                action: AuditAction::from(row.get::<_, String>(3)?),
                subject: row.get(4)?,
                detail: row.get(5)?,
            },
            previous: row.get(6)?,
            hash: row.get(7)?,
        })
    })?;
    Ok(records.collect::<Result<_, _>>()?)
}
