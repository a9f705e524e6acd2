//! Sessions and idempotency records.

use rusqlite::{Connection, OptionalExtension, params};

use crate::column::{parse_json, timestamp, to_i64, to_limit};
use tillhouse_checkout::idempotency::{IdempotencyRecord, IdempotencyScope, Reply};
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::order::Order;
use tillhouse_checkout::ports::{CommitError, RetentionCutoffs};
use tillhouse_checkout::session::Session;
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::SessionWrite;

use super::db_error;
use super::read_error::ReadError;

/// Rows deleted per unit of work.
pub(super) const PURGE_BATCH: u64 = 1000;

/// Inserts a session, or replaces the revision that the caller expects it to have.
pub(super) fn write_session(db: &Connection, write: &SessionWrite, body: &str) -> Result<(), CommitError> {
    let changed = match write.replaces {
        None => insert_session(db, &write.session, body),
        Some(before) => update_session(db, &write.session, before, body),
    };
    match changed.map_err(db_error::classify)? {
        0 => Err(CommitError::Session),
        _ => Ok(()),
    }
}

fn insert_session(db: &Connection, session: &Session, body: &str) -> rusqlite::Result<usize> {
    db.prepare_cached(
        "INSERT INTO session (merchant, id, revision, state, updated, expires, body, principal) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        session.merchant.as_str(),
        session.id.as_str(),
        to_i64(session.revision),
        session.state.name(),
        to_i64(session.updated.millis()),
        to_i64(session.expires.millis()),
        body,
        session.agent.principal,
    ])
}

/// Counts the open sessions of a principal, up to `limit`.
pub(super) fn open_sessions(
    db: &Connection,
    merchant: &MerchantId,
    principal: Option<&str>,
    limit: u64,
) -> Result<u64, ReadError> {
    let open: i64 = db
        .prepare_cached(
            "SELECT count(*) FROM (SELECT 1 FROM session WHERE merchant = ?1 AND principal IS ?2 AND state = 'open' LIMIT ?3)",
        )?
        .query_row(params![merchant.as_str(), principal, to_i64(limit)], |row| row.get(0))?;
    Ok(open.unsigned_abs())
}

fn update_session(db: &Connection, session: &Session, before: u64, body: &str) -> rusqlite::Result<usize> {
    db.prepare_cached(
        "UPDATE session SET revision = ?3, state = ?4, updated = ?5, expires = ?6, body = ?7 \
         WHERE merchant = ?1 AND id = ?2 AND revision = ?8 AND state NOT IN ('completed', 'canceled', 'expired') \
         AND (state <> 'committing' OR ?4 NOT IN ('canceled', 'expired')) AND (state <> 'held' OR ?4 <> 'expired')",
    )?
    .execute(params![
        session.merchant.as_str(),
        session.id.as_str(),
        to_i64(session.revision),
        session.state.name(),
        to_i64(session.updated.millis()),
        to_i64(session.expires.millis()),
        body,
        to_i64(before),
    ])
}

/// A session; a completed one with its order as it is now.
pub(super) fn session(db: &Connection, merchant: &MerchantId, id: &SessionId) -> Result<Option<Session>, ReadError> {
    let mut statement = db.prepare_cached(
        "SELECT session.body, orders.body FROM session LEFT JOIN orders ON session.state = 'completed' \
         AND orders.merchant = session.merchant AND orders.session = session.id \
         WHERE session.merchant = ?1 AND session.id = ?2",
    )?;
    let mut rows = statement.query([merchant.as_str(), id.as_str()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let text = |column| row.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from);
    let session: Option<Session> = text(0)?.map(|body| parse_json("session", body)).transpose()?;
    let order: Option<Order> = text(1)?.map(|body| parse_json("order", body)).transpose()?;
    Ok(session.map(|session| match order {
        Some(order) => session.with_current_order(order),
        None => session,
    }))
}

/// Inserts an idempotency record, replacing an expired one.
pub(super) fn insert_idempotency(db: &Connection, record: &IdempotencyRecord, now: Timestamp) -> rusqlite::Result<()> {
    let scope = &record.scope;
    db.prepare_cached(
        "DELETE FROM idempotency WHERE merchant = ?1 AND principal = ?2 AND endpoint = ?3 AND key = ?4 AND expires <= ?5",
    )?
    .execute(params![
        scope.merchant.as_str(),
        scope.principal,
        scope.endpoint,
        scope.key,
        to_i64(now.millis()),
    ])?;
    db.prepare_cached(
        "INSERT INTO idempotency (merchant, principal, endpoint, key, fingerprint, status, body, expires) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        scope.merchant.as_str(),
        scope.principal,
        scope.endpoint,
        scope.key,
        record.fingerprint,
        record.reply.status,
        record.reply.body,
        to_i64(record.expires.millis()),
    ])?;
    Ok(())
}

/// The idempotency record of a request, unless it has expired.
pub(super) fn idempotency(
    db: &Connection,
    scope: IdempotencyScope,
    now: Timestamp,
) -> Result<Option<IdempotencyRecord>, ReadError> {
    let found = db
        .prepare_cached(
            "SELECT fingerprint, status, body, expires FROM idempotency \
             WHERE merchant = ?1 AND principal = ?2 AND endpoint = ?3 AND key = ?4 AND expires > ?5",
        )?
        .query_row(
            params![
                scope.merchant.as_str(),
                scope.principal,
                scope.endpoint,
                scope.key,
                to_i64(now.millis()),
            ],
            |row| {
                let reply = Reply {
                    status: row.get(1)?,
                    body: row.get(2)?,
                };
                Ok((row.get(0)?, reply, timestamp(row.get(3)?)))
            },
        )
        .optional()?;
    Ok(found.map(|(fingerprint, reply, expires)| IdempotencyRecord {
        scope,
        fingerprint,
        reply,
        expires,
    }))
}

pub(super) const OVERDUE: &str =
    "SELECT body FROM session WHERE state = 'open' AND expires <= ?1 ORDER BY expires LIMIT ?2";

/// Open sessions that have expired.
pub(super) fn overdue(db: &Connection, now: Timestamp, limit: usize) -> Result<Vec<Session>, ReadError> {
    let mut statement = db.prepare_cached(OVERDUE)?;
    let mut rows = statement.query([to_i64(now.millis()), to_limit(limit)])?;
    let mut sessions = Vec::new();
    while let Some(row) = rows.next()? {
        sessions.push(parse_json(
            "session",
            row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?,
        )?);
    }
    Ok(sessions)
}

/// Purges one batch of what is past its retention; returns the number of rows.
pub(super) fn purge(db: &Connection, cutoffs: &RetentionCutoffs) -> rusqlite::Result<u64> {
    let mut remaining = PURGE_BATCH;
    for (sql, before) in [
        (
            "DELETE FROM idempotency WHERE rowid IN \
             (SELECT rowid FROM idempotency WHERE expires <= ?1 ORDER BY expires LIMIT ?2)",
            cutoffs.expired,
        ),
        (
            "DELETE FROM saved_cart WHERE seq IN (SELECT seq FROM saved_cart WHERE expires <= ?1 ORDER BY expires LIMIT ?2)",
            cutoffs.expired,
        ),
        (
            "DELETE FROM vault WHERE rowid IN (SELECT rowid FROM vault WHERE ends <= ?1 ORDER BY ends LIMIT ?2)",
            cutoffs.expired,
        ),
        (
            "DELETE FROM outbox WHERE id IN \
             (SELECT id FROM outbox WHERE state <> 'queued' AND state = 'delivered' AND ended < ?1 ORDER BY ended LIMIT ?2)",
            cutoffs.delivered_before,
        ),
        (
            "DELETE FROM outbox WHERE id IN \
             (SELECT id FROM outbox WHERE state <> 'queued' AND state = 'dead' AND ended < ?1 ORDER BY ended LIMIT ?2)",
            cutoffs.ended_before,
        ),
        (
            "DELETE FROM inbox WHERE seq IN (SELECT seq FROM inbox WHERE received < ?1 ORDER BY received LIMIT ?2)",
            cutoffs.ended_before,
        ),
    ] {
        let removed = db
            .prepare_cached(sql)?
            .execute([to_i64(before.millis()), to_i64(remaining)])?;
        remaining = remaining.saturating_sub(removed as u64);
    }
    Ok(PURGE_BATCH - remaining)
}

/// Merchant ids as a JSON array, because SQLite has no arrays to bind.
pub(super) fn merchants_json(merchants: &[MerchantId]) -> String {
    let names: Vec<&str> = merchants.iter().map(MerchantId::as_str).collect();
    serde_json::json!(names).to_string()
}
