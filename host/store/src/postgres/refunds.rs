//! Refunds of orders. The row of the order is locked before one is inserted, so that two hosts cannot take more from it together than
//! it was paid with; the epoch fences off a host that has lost its lease.

use async_trait::async_trait;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::column::{millis, parse_json, readable_refunds, to_i64, to_json, to_limit};
use tillhouse_checkout::ids::{AttemptId, HostId, MerchantId, OrderId, RefundId};
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::ports::{CommitError, RefundFilter, RefundQueue, StoreError};
use tillhouse_checkout::refund::{Refund, RefundBasis, RefundChange, RefundStatus, RefundWrite};
use tillhouse_checkout::time::Timestamp;

use super::PostgresStore;
use super::connections::Connections;
use super::pipeline::{Step, params};

/// Other refunds of the order wait here until this unit is committed.
const LOCK_ORDER: &str = "SELECT 1 FROM orders WHERE merchant = $1 AND id = $2 AND attempt = $3 AND currency = $4 \
     AND session = $5 FOR UPDATE";

const IS_NEW: &str = "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM refund WHERE id = $1)";

/// What else the merchant's system has said of the order meanwhile may leave less of it.
const IS_UNCHANGED: &str = "SELECT 1 FROM orders WHERE merchant = $1 AND id = $2 AND revision = $3";

const INSERT: &str = "INSERT INTO refund (id, merchant, session, order_id, attempt, state, amount, currency, asked, next_try, body) \
     SELECT $1, $2, $3, $4, $5, $6, $7::bigint, $8, $9, $10, $11 \
     WHERE $7::bigint + (SELECT coalesce(sum(amount), 0) FROM refund WHERE merchant = $2 AND order_id = $4 AND state <> 'declined') \
     <= least($12::bigint, (SELECT amount FROM orders WHERE merchant = $2 AND id = $4)) RETURNING 1";

// What is refunded, and of what, never changes; so none of it is set here. The lease stays with the host that makes the call, and
// ends when the new state needs no host.
const UPDATE: &str = "UPDATE refund SET state = $7, settled = $8, next_try = $9, body = $10, \
     lease_owner = CASE WHEN $11 THEN lease_owner END, lease_until = CASE WHEN $11 THEN lease_until END \
     WHERE id = $1 AND merchant = $2 AND session = $3 AND order_id = $4 AND attempt = $5 AND amount = $6 \
     AND state = $12 AND lease_epoch = $13 RETURNING 1";

/// Inserts a refund for which money is left, or moves an existing one on from the state that the caller expects it to be in.
pub(super) fn write(write: &RefundWrite) -> Result<Vec<Step<'_>>, StoreError> {
    let refund = write.refund();
    let allowed = Step::require(write.is_allowed(), CommitError::Refund);
    Ok(match write.change() {
        RefundChange::New(basis) => vec![
            allowed,
            lock_order(refund),
            is_new(refund),
            is_unchanged(refund, basis),
            insert(refund, basis)?,
        ],
        RefundChange::Of(before) => vec![allowed, update(refund, before)?],
    })
}

fn lock_order(refund: &Refund) -> Step<'_> {
    let params = params![
        refund.merchant.as_str(),
        refund.order.as_str(),
        refund.attempt.as_str(),
        refund.amount.currency.upper(),
        refund.session.as_str(),
    ];
    Step::new(LOCK_ORDER, params).or_conflict(CommitError::Refund)
}

fn is_new(refund: &Refund) -> Step<'_> {
    Step::new(IS_NEW, params![refund.id.as_str()]).or_conflict(CommitError::Refund)
}

fn is_unchanged(refund: &Refund, basis: RefundBasis) -> Step<'_> {
    let params = params![refund.merchant.as_str(), refund.order.as_str(), to_i64(basis.revision)];
    Step::new(IS_UNCHANGED, params).or_conflict(CommitError::Order)
}

fn insert(refund: &Refund, basis: RefundBasis) -> Result<Step<'_>, StoreError> {
    let params = params![
        refund.id.as_str(),
        refund.merchant.as_str(),
        refund.session.as_str(),
        refund.order.as_str(),
        refund.attempt.as_str(),
        refund.status().name(),
        refund.amount.amount.minor(),
        refund.amount.currency.upper(),
        millis(refund.asked),
        refund.retry.next.map_or(0, millis),
        to_json(refund)?,
        basis.most.minor(),
    ];
    Ok(Step::new(INSERT, params).or_conflict(CommitError::RefundExceedsCapture))
}

fn update(refund: &Refund, before: RefundStatus) -> Result<Step<'_>, StoreError> {
    let params = params![
        refund.id.as_str(),
        refund.merchant.as_str(),
        refund.session.as_str(),
        refund.order.as_str(),
        refund.attempt.as_str(),
        refund.amount.amount.minor(),
        refund.status().name(),
        refund.state.settled().map(millis),
        refund.retry.next.map_or(0, millis),
        to_json(refund)?,
        refund.keeps_lease(),
        before.name(),
        to_i64(refund.epoch),
    ];
    Ok(Step::new(UPDATE, params).or_conflict(CommitError::Refund))
}

/// Releases every lease of a host.
pub(super) async fn release_leases(connections: &Connections, host: &HostId) -> Result<(), StoreError> {
    let sql = "UPDATE refund SET lease_owner = NULL, lease_until = NULL WHERE lease_owner = $1";
    connections.write(sql, &[&host.as_str()]).await.map(|_| ())
}

/// Reads a row with the columns `body, lease_epoch`.
fn read(row: &Row) -> Result<Refund, StoreError> {
    let refund: Refund = parse_json("refund", row.get(0))?;
    Ok(Refund {
        epoch: row.get::<_, i64>(1).unsigned_abs(),
        ..refund
    })
}

#[async_trait]
impl RefundQueue for PostgresStore {
    async fn refund(&self, id: &RefundId) -> Result<Option<Refund>, StoreError> {
        let sql = "SELECT body, lease_epoch FROM refund WHERE id = $1";
        let rows = self.connections.read(sql, &[&id.as_str()]).await?;
        rows.first().map(read).transpose()
    }

    async fn payment_record(&self, attempt: &AttemptId) -> Result<Option<String>, StoreError> {
        let sql = "SELECT payment_record FROM attempt WHERE id = $1";
        let rows = self.connections.read(sql, &[&attempt.as_str()]).await?;
        Ok(rows.first().and_then(|row| row.get(0)))
    }

    async fn list_refunds(&self, filter: &RefundFilter) -> Result<Vec<Refund>, StoreError> {
        let sql = "SELECT body, lease_epoch FROM refund WHERE ($1::text IS NULL OR merchant = $1) \
                   AND ($2::text IS NULL OR order_id = $2) AND ($3::text IS NULL OR attempt = $3) \
                   AND (cardinality($4::text[]) = 0 OR state = ANY ($4)) ORDER BY seq LIMIT $5";
        let states: Vec<&str> = filter.states.iter().map(|state| state.name()).collect();
        let params: [&(dyn ToSql + Sync); 5] = [
            &filter.merchant.as_ref().map(MerchantId::as_str),
            &filter.order.as_ref().map(OrderId::as_str),
            &filter.attempt.as_ref().map(AttemptId::as_str),
            &states,
            &to_limit(filter.limit),
        ];
        self.connections.read(sql, &params).await?.iter().map(read).collect()
    }

    async fn lease_refunds(
        &self,
        by: &LeaseHolder,
        now: Timestamp,
        busy: &[MerchantId],
        limit: usize,
    ) -> Result<Vec<Refund>, StoreError> {
        // The first condition must equal that of the index `refund_open`, so that the index is used.
        let sql = "WITH due AS MATERIALIZED (SELECT seq FROM refund \
                   WHERE state IN ('asked', 'sent', 'pending', 'unknown', 'needs_review') \
                   AND next_try <= $3 AND (lease_until IS NULL OR lease_until <= clock_timestamp()) \
                   AND merchant <> ALL ($4::text[]) ORDER BY next_try, seq LIMIT $5 FOR UPDATE SKIP LOCKED) \
                   UPDATE refund AS this SET lease_owner = $1, lease_epoch = lease_epoch + 1, \
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
        let mut rows = self.connections.write(sql, &params).await?;
        // An UPDATE returns its rows in any order.
        rows.sort_by_key(|row| (row.get::<_, i64>(2), row.get::<_, i64>(3)));
        Ok(readable_refunds(rows.iter().map(read)))
    }

    async fn lease_refund(&self, by: &LeaseHolder, id: &RefundId) -> Result<Option<Refund>, StoreError> {
        let sql = "UPDATE refund SET lease_owner = $1, lease_epoch = lease_epoch + 1, \
                   lease_until = clock_timestamp() + make_interval(secs => $2) WHERE id = $3 \
                   AND state IN ('asked', 'sent', 'pending', 'unknown', 'needs_review') \
                   AND (lease_until IS NULL OR lease_until <= clock_timestamp()) RETURNING body, lease_epoch";
        let params: [&(dyn ToSql + Sync); 3] = [&by.host.as_str(), &by.lease.as_secs_f64(), &id.as_str()];
        let rows = self.connections.write(sql, &params).await?;
        rows.first().map(read).transpose()
    }

    async fn renew_refund_leases(
        &self,
        by: &LeaseHolder,
        held: &[(RefundId, u64)],
    ) -> Result<Vec<RefundId>, StoreError> {
        let sql = "UPDATE refund AS this SET lease_until = clock_timestamp() + make_interval(secs => $2) \
                   FROM unnest($3::text[], $4::bigint[]) AS held (id, epoch) \
                   WHERE this.id = held.id AND this.lease_epoch = held.epoch AND this.lease_owner = $1 RETURNING this.id";
        let (ids, epochs): (Vec<&str>, Vec<i64>) = held.iter().map(|(id, epoch)| (id.as_str(), to_i64(*epoch))).unzip();
        let params: [&(dyn ToSql + Sync); 4] = [&by.host.as_str(), &by.lease.as_secs_f64(), &ids, &epochs];
        let rows = self.connections.write(sql, &params).await?;
        let kept: Vec<&str> = rows.iter().map(|row| row.get(0)).collect();
        let lost = held.iter().filter(|(id, _)| !kept.contains(&id.as_str()));
        Ok(lost.map(|(id, _)| id.clone()).collect())
    }
}
