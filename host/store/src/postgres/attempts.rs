//! Payment attempts. The unique indexes of the table prevent a second charge; the epoch fences off a host that has lost its
//! lease.

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::column::{millis, parse_attempt, readable, to_i64, to_json, to_limit};
use tillhouse_checkout::attempt::{Attempt, AttemptStatus, AttemptWrite};
use tillhouse_checkout::ids::{AttemptId, HostId, MerchantId, ProcessorReference, SessionId, TokenId};
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::ports::{AttemptFilter, CommitError, StoreError};
use tillhouse_checkout::time::Timestamp;

use super::connections::Connections;
use super::pipeline::{Step, params};

const INSERT: &str = "INSERT INTO attempt (id, merchant, session, token, token_burned, state, amount, currency, reference, \
     order_id, processor_reference, initiated, charge_sent, settled, next_try, body, lease_owner, lease_until, payer) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, \
     clock_timestamp() + make_interval(secs => $18), $19) RETURNING 1";

// What an attempt pays, with what and under which reference never changes; so none of it is set here. A paid one is given
// the processor's reference once. The lease stays with the host that works on the attempt, and ends when the new state needs no host.
const UPDATE: &str = "UPDATE attempt SET state = $6, token_burned = (token_burned OR $5) AND NOT $20, processor_reference = $10, \
     charge_sent = $12, settled = $13, next_try = $14, body = $15, \
     lease_owner = CASE WHEN $16 THEN lease_owner END, lease_until = CASE WHEN $16 THEN lease_until END \
     WHERE id = $1 AND merchant = $2 AND session = $3 AND token IS NOT DISTINCT FROM $4 AND amount = $7 AND currency = $8 AND reference = $9 \
     AND initiated = $11 AND state = $17 AND lease_epoch = $18 AND payer = $19 \
     AND (state <> 'approved' OR processor_reference IS NULL) RETURNING 1";

/// Inserts an attempt, or moves an existing one on from the state that the caller expects it to be in.
pub(super) fn write(write: &AttemptWrite) -> Result<Vec<Step<'_>>, StoreError> {
    let attempt = write.attempt();
    Ok(match write.replaces() {
        None => vec![
            Step::require(attempt.epoch == 0, CommitError::Attempt),
            insert(attempt, write.leased_by())?,
        ],
        Some(before) => vec![
            Step::require(attempt.may_follow(before), CommitError::Attempt),
            update(attempt, before)?,
        ],
    })
}

fn insert<'a>(attempt: &'a Attempt, by: Option<&'a LeaseHolder>) -> Result<Step<'a>, StoreError> {
    let by = by.filter(|_| attempt.status().is_in_progress());
    let params = params![
        attempt.id.as_str(),
        attempt.merchant.as_str(),
        attempt.session.as_str(),
        attempt.token().map(TokenId::as_str),
        attempt.consumes_token(),
        attempt.status().name(),
        attempt.amount.amount.minor(),
        attempt.amount.currency.upper(),
        &attempt.reference,
        &attempt.order.id,
        attempt.processor_reference().map(|it| it.as_str()),
        millis(attempt.initiated),
        attempt.charge().map(|charge| millis(charge.sent)),
        attempt.state.settled().map(millis),
        attempt.retry.next.map_or(0, millis),
        to_json(attempt)?,
        by.map(|by| by.host.as_str()),
        by.map(|by| by.lease.as_secs_f64()),
        attempt.payer.name(),
    ];
    Ok(Step::new(INSERT, params).or_conflict(CommitError::Attempt))
}

fn update(attempt: &Attempt, before: AttemptStatus) -> Result<Step<'_>, StoreError> {
    let params = params![
        attempt.id.as_str(),
        attempt.merchant.as_str(),
        attempt.session.as_str(),
        attempt.token().map(TokenId::as_str),
        attempt.consumes_token(),
        attempt.status().name(),
        attempt.amount.amount.minor(),
        attempt.amount.currency.upper(),
        &attempt.reference,
        attempt.processor_reference().map(|it| it.as_str()),
        millis(attempt.initiated),
        attempt.charge().map(|charge| millis(charge.sent)),
        attempt.state.settled().map(millis),
        attempt.retry.next.map_or(0, millis),
        to_json(attempt)?,
        attempt.keeps_lease(),
        before.name(),
        to_i64(attempt.epoch),
        attempt.payer.name(),
        attempt.token_unused(),
    ];
    Ok(Step::new(UPDATE, params).or_conflict(CommitError::Attempt))
}

pub(super) async fn by_id(connections: &Connections, id: &AttemptId) -> Result<Option<Attempt>, StoreError> {
    let sql = "SELECT body, lease_epoch FROM attempt WHERE id = $1";
    Ok(list(connections, sql, &[&id.as_str()]).await?.pop())
}

pub(super) async fn of_session(
    connections: &Connections,
    merchant: &MerchantId,
    session: &SessionId,
) -> Result<Vec<Attempt>, StoreError> {
    let sql = "SELECT body, lease_epoch FROM attempt WHERE merchant = $1 AND session = $2 ORDER BY seq";
    list(connections, sql, &[&merchant.as_str(), &session.as_str()]).await
}

/// The attempt with this reference at the merchant's processor.
pub(super) async fn by_reference(
    connections: &Connections,
    merchant: &MerchantId,
    reference: &str,
) -> Result<Option<Attempt>, StoreError> {
    let sql = "SELECT body, lease_epoch FROM attempt WHERE merchant = $1 AND reference = $2";
    Ok(list(connections, sql, &[&merchant.as_str(), &reference]).await?.pop())
}

/// The live attempt that makes this order.
pub(super) async fn by_order(
    connections: &Connections,
    merchant: &MerchantId,
    order: &str,
) -> Result<Option<Attempt>, StoreError> {
    let sql = "SELECT body, lease_epoch FROM attempt WHERE merchant = $1 AND order_id = $2 \
               AND state NOT IN ('declined', 'failed', 'voided')";
    Ok(list(connections, sql, &[&merchant.as_str(), &order]).await?.pop())
}

/// The attempt whose charge has this reference at the processor: at most one, as its index says.
pub(super) async fn by_charge(
    connections: &Connections,
    merchant: &MerchantId,
    charge: &ProcessorReference,
) -> Result<Option<Attempt>, StoreError> {
    let sql = "SELECT body, lease_epoch FROM attempt WHERE merchant = $1 AND processor_reference = $2";
    Ok(list(connections, sql, &[&merchant.as_str(), &charge.as_str()])
        .await?
        .pop())
}

/// Attempts that match an operator's filter, oldest first.
pub(super) async fn filtered(connections: &Connections, filter: &AttemptFilter) -> Result<Vec<Attempt>, StoreError> {
    let sql = "SELECT body, lease_epoch FROM attempt WHERE ($1::text IS NULL OR merchant = $1) \
               AND ($2::text IS NULL OR session = $2) AND (cardinality($3::text[]) = 0 OR state = ANY ($3)) \
               AND initiated >= $4 AND initiated < $5 ORDER BY seq LIMIT $6";
    let states: Vec<&str> = filter.states.iter().map(|state| state.name()).collect();
    let params: [&(dyn ToSql + Sync); 6] = [
        &filter.merchant.as_ref().map(MerchantId::as_str),
        &filter.session.as_ref().map(SessionId::as_str),
        &states,
        &filter.since.map_or(0, millis),
        &filter.until.map_or(i64::MAX, millis),
        &to_limit(filter.limit),
    ];
    list(connections, sql, &params).await
}

/// Whether another checkout may have consumed the token.
pub(super) async fn token_used(
    connections: &Connections,
    merchant: &MerchantId,
    token: &TokenId,
    session: &SessionId,
) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM attempt WHERE merchant = $1 AND token = $2 AND token_burned AND session <> $3";
    let params: [&(dyn ToSql + Sync); 3] = [&merchant.as_str(), &token.as_str(), &session.as_str()];
    Ok(!connections.read(sql, &params).await?.is_empty())
}

/// Leases attempts that are due. Rows that another host has locked are skipped instead of waited for.
pub(super) async fn lease_due(
    connections: &Connections,
    by: &LeaseHolder,
    now: Timestamp,
    busy: &[MerchantId],
    limit: usize,
) -> Result<Vec<Attempt>, StoreError> {
    // The first condition must equal that of the index `attempt_open`, so that the index is used.
    let sql = "WITH due AS MATERIALIZED (SELECT seq FROM attempt \
               WHERE state IN ('reserved', 'authentication_required', 'awaiting', 'resolving', 'charging', 'unknown', 'needs_review', 'voiding') \
               AND next_try <= $3 AND (lease_until IS NULL OR lease_until <= clock_timestamp()) \
               AND merchant <> ALL ($4::text[]) ORDER BY next_try, seq LIMIT $5 FOR UPDATE SKIP LOCKED) \
               UPDATE attempt AS this SET lease_owner = $1, lease_epoch = lease_epoch + 1, \
               lease_until = clock_timestamp() + make_interval(secs => $2) FROM due WHERE this.seq = due.seq \
               RETURNING body, lease_epoch, next_try, this.seq";
    let busy: Vec<&str> = busy.iter().map(MerchantId::as_str).collect();
    let params: [&(dyn ToSql + Sync); 5] = [
        &by.host.as_str(),
        &by.lease.as_secs_f64(),
        &millis(now),
        &busy,
        &to_limit(limit),
    ];
    let mut rows = connections.write(sql, &params).await?;
    // An UPDATE returns its rows in any order.
    rows.sort_by_key(|row| (row.get::<_, i64>(2), row.get::<_, i64>(3)));
    Ok(readable(rows.iter().map(read)))
}

pub(super) async fn lease(
    connections: &Connections,
    by: &LeaseHolder,
    id: &AttemptId,
) -> Result<Option<Attempt>, StoreError> {
    let sql = "UPDATE attempt SET lease_owner = $1, lease_epoch = lease_epoch + 1, \
               lease_until = clock_timestamp() + make_interval(secs => $2) WHERE id = $3 \
               AND state IN ('reserved', 'authentication_required', 'awaiting', 'resolving', 'charging', 'unknown', 'needs_review', 'voiding') \
               AND (lease_until IS NULL OR lease_until <= clock_timestamp()) RETURNING body, lease_epoch";
    let params: [&(dyn ToSql + Sync); 3] = [&by.host.as_str(), &by.lease.as_secs_f64(), &id.as_str()];
    connections.write(sql, &params).await?.first().map(read).transpose()
}

/// Extends the leases of these attempts; returns those whose lease was lost.
pub(super) async fn renew(
    connections: &Connections,
    by: &LeaseHolder,
    held: &[(AttemptId, u64)],
) -> Result<Vec<AttemptId>, StoreError> {
    let sql = "UPDATE attempt AS this SET lease_until = clock_timestamp() + make_interval(secs => $2) \
               FROM unnest($3::text[], $4::bigint[]) AS held (id, epoch) \
               WHERE this.id = held.id AND this.lease_epoch = held.epoch AND this.lease_owner = $1 RETURNING this.id";
    let (ids, epochs): (Vec<&str>, Vec<i64>) = held.iter().map(|(id, epoch)| (id.as_str(), to_i64(*epoch))).unzip();
    let params: [&(dyn ToSql + Sync); 4] = [&by.host.as_str(), &by.lease.as_secs_f64(), &ids, &epochs];
    let rows = connections.write(sql, &params).await?;
    let kept: Vec<&str> = rows.iter().map(|row| row.get(0)).collect();
    let lost = held.iter().filter(|(id, _)| !kept.contains(&id.as_str()));
    Ok(lost.map(|(id, _)| id.clone()).collect())
}

/// Releases every lease of a host.
pub(super) async fn release_leases(connections: &Connections, host: &HostId) -> Result<(), StoreError> {
    let sql = "UPDATE attempt SET lease_owner = NULL, lease_until = NULL WHERE lease_owner = $1";
    connections.write(sql, &[&host.as_str()]).await.map(|_| ())
}

async fn list(
    connections: &Connections,
    sql: &'static str,
    params: &[&(dyn ToSql + Sync)],
) -> Result<Vec<Attempt>, StoreError> {
    connections.read(sql, params).await?.iter().map(read).collect()
}

/// Reads a row with the columns `body, lease_epoch`.
fn read(row: &Row) -> Result<Attempt, StoreError> {
    let attempt = parse_attempt(row.get(0))?;
    Ok(Attempt {
        epoch: row.get::<_, i64>(1).unsigned_abs(),
        ..attempt
    })
}
