//! Sessions and idempotency records.

use tokio_postgres::types::ToSql;

use crate::column::{millis, parse_json, timestamp, to_i64, to_json, to_limit};
use tillhouse_checkout::idempotency::{IdempotencyRecord, IdempotencyScope, Reply};
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::order::Order;
use tillhouse_checkout::ports::{CommitError, RetentionCutoffs, StoreError};
use tillhouse_checkout::session::Session;
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::SessionWrite;

use super::connections::Connections;
use super::pipeline::{Step, params};

/// Rows deleted per statement.
const PURGE_BATCH: i64 = 1000;

/// Inserts a session, or replaces the revision that the caller expects it to have.
pub(super) fn write_session(write: &SessionWrite) -> Result<Step<'_>, StoreError> {
    let session = &write.session;
    let sql = match write.replaces {
        None => {
            "INSERT INTO session (merchant, id, revision, state, updated, expires, body, principal) \
             SELECT $1, $2, $3, $4, $5, $6, $7, $9::text WHERE $8::bigint IS NULL \
             ON CONFLICT (merchant, id) DO NOTHING RETURNING 1"
        }
        Some(_) => {
            "UPDATE session SET revision = $3, state = $4, updated = $5, expires = $6, body = $7 \
             WHERE merchant = $1 AND id = $2 AND revision = $8::bigint \
             AND state NOT IN ('completed', 'canceled', 'expired') \
             AND (state <> 'committing' OR $4 NOT IN ('canceled', 'expired')) AND (state <> 'held' OR $4 <> 'expired') RETURNING 1"
        }
    };
    let mut params = params![
        session.merchant.as_str(),
        session.id.as_str(),
        to_i64(session.revision),
        session.state.name(),
        millis(session.updated),
        millis(session.expires),
        to_json(session)?,
        write.replaces.map(to_i64),
    ];
    if write.replaces.is_none() {
        params.push(Box::new(&session.agent.principal));
    }
    Ok(Step::new(sql, params).or_conflict(CommitError::Session))
}

/// Counts the open sessions of a principal, up to `limit`.
pub(super) async fn open_sessions(
    connections: &Connections,
    merchant: &MerchantId,
    principal: Option<&str>,
    limit: u64,
) -> Result<u64, StoreError> {
    // Two conditions, because an index is not used for IS NOT DISTINCT FROM.
    let sql = match principal {
        Some(_) => {
            "SELECT count(*) FROM (SELECT 1 FROM session \
             WHERE merchant = $1 AND principal = $2::text AND state = 'open' LIMIT $3) AS open"
        }
        None => {
            "SELECT count(*) FROM (SELECT 1 FROM session \
             WHERE merchant = $1 AND principal IS NULL AND $2::text IS NULL AND state = 'open' LIMIT $3) AS open"
        }
    };
    let rows = connections
        .read(sql, &[&merchant.as_str(), &principal, &to_i64(limit)])
        .await?;
    Ok(rows.first().map_or(0, |row| row.get::<_, i64>(0).unsigned_abs()))
}

/// A session; a completed one with its order as it is now.
pub(super) async fn session(
    connections: &Connections,
    merchant: &MerchantId,
    id: &SessionId,
) -> Result<Option<Session>, StoreError> {
    let sql = "SELECT session.body, orders.body FROM session LEFT JOIN orders ON session.state = 'completed' \
               AND orders.merchant = session.merchant AND orders.session = session.id \
               WHERE session.merchant = $1 AND session.id = $2";
    let rows = connections.read(sql, &[&merchant.as_str(), &id.as_str()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let session: Session = parse_json("session", row.get(0))?;
    let order: Option<Order> = row
        .get::<_, Option<&str>>(1)
        .map(|body| parse_json("order", body))
        .transpose()?;
    Ok(Some(match order {
        Some(order) => session.with_current_order(order),
        None => session,
    }))
}

/// Open sessions that have expired.
pub(super) async fn overdue(
    connections: &Connections,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Session>, StoreError> {
    let sql = "SELECT body FROM session WHERE state = 'open' AND expires <= $1 ORDER BY expires, seq LIMIT $2";
    sessions(connections, sql, &[&millis(now), &to_limit(limit)]).await
}

async fn sessions(
    connections: &Connections,
    sql: &'static str,
    params: &[&(dyn ToSql + Sync)],
) -> Result<Vec<Session>, StoreError> {
    let rows = connections.read(sql, params).await?;
    rows.iter().map(|row| parse_json("session", row.get(0))).collect()
}

/// Inserts an idempotency record, replacing an expired one.
pub(super) fn insert_idempotency(record: &IdempotencyRecord, now: Timestamp) -> Step<'_> {
    let scope = &record.scope;
    Step::new(
        "INSERT INTO idempotency AS this (merchant, principal, endpoint, key, fingerprint, status, body, expires) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT ON CONSTRAINT idempotency_key DO UPDATE SET \
         fingerprint = excluded.fingerprint, status = excluded.status, body = excluded.body, expires = excluded.expires \
         WHERE this.expires <= $9 RETURNING 1",
        params![
            scope.merchant.as_str(),
            &scope.principal,
            &scope.endpoint,
            &scope.key,
            record.fingerprint.as_slice(),
            i32::from(record.reply.status),
            record.reply.body.as_slice(),
            millis(record.expires),
            millis(now),
        ],
    )
    .or_conflict(CommitError::Idempotency)
}

/// The idempotency record of a request, unless it has expired.
pub(super) async fn idempotency(
    connections: &Connections,
    scope: &IdempotencyScope,
    now: Timestamp,
) -> Result<Option<IdempotencyRecord>, StoreError> {
    let sql = "SELECT fingerprint, status, body, expires FROM idempotency \
               WHERE merchant = $1 AND principal = $2 AND endpoint = $3 AND key = $4 AND expires > $5";
    let merchant = scope.merchant.as_str();
    let rows = connections
        .read(
            sql,
            &[&merchant, &scope.principal, &scope.endpoint, &scope.key, &millis(now)],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let broken = || StoreError::new("failed to parse a stored idempotency record");
    Ok(Some(IdempotencyRecord {
        scope: scope.clone(),
        fingerprint: row.get::<_, &[u8]>(0).try_into().map_err(|_| broken())?,
        reply: Reply {
            status: u16::try_from(row.get::<_, i32>(1)).map_err(|_| broken())?,
            body: row.get(2),
        },
        expires: timestamp(row.get(3)),
    }))
}

/// Purges what is past its retention, oldest first, in portions: each statement has its cut-off. Rows that another host is
/// deleting are left to it.
pub(super) async fn purge(connections: &Connections, cutoffs: &RetentionCutoffs) -> Result<u64, StoreError> {
    let mut purged = 0;
    for (sql, before) in [
        (
            "DELETE FROM idempotency WHERE ctid = ANY (ARRAY (SELECT ctid FROM idempotency WHERE expires <= $1 \
             ORDER BY expires LIMIT $2 FOR UPDATE SKIP LOCKED)) RETURNING 1",
            cutoffs.expired,
        ),
        (
            "DELETE FROM saved_cart WHERE seq = ANY (ARRAY (SELECT seq FROM saved_cart WHERE expires <= $1 \
             ORDER BY expires LIMIT $2 FOR UPDATE SKIP LOCKED)) RETURNING 1",
            cutoffs.expired,
        ),
        (
            "DELETE FROM vault WHERE ctid = ANY (ARRAY (SELECT ctid FROM vault WHERE ends <= $1 \
             ORDER BY ends LIMIT $2 FOR UPDATE SKIP LOCKED)) RETURNING 1",
            cutoffs.expired,
        ),
        (
            "DELETE FROM outbox WHERE id = ANY (ARRAY (SELECT id FROM outbox WHERE state <> 'queued' \
             AND state = 'delivered' AND ended < $1 ORDER BY ended LIMIT $2 FOR UPDATE SKIP LOCKED)) RETURNING 1",
            cutoffs.delivered_before,
        ),
        (
            "DELETE FROM outbox WHERE id = ANY (ARRAY (SELECT id FROM outbox WHERE state <> 'queued' \
             AND state = 'dead' AND ended < $1 ORDER BY ended LIMIT $2 FOR UPDATE SKIP LOCKED)) RETURNING 1",
            cutoffs.ended_before,
        ),
        (
            "DELETE FROM inbox WHERE seq = ANY (ARRAY (SELECT seq FROM inbox WHERE received < $1 \
             ORDER BY received LIMIT $2 FOR UPDATE SKIP LOCKED)) RETURNING 1",
            cutoffs.ended_before,
        ),
    ] {
        loop {
            let removed = connections.write(sql, &[&millis(before), &PURGE_BATCH]).await?.len();
            purged += removed as u64;
            if to_limit(removed) < PURGE_BATCH {
                break;
            }
        }
    }
    Ok(purged)
}
