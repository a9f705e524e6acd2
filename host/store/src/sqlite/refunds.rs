//! Refunds of orders. What is inserted must not take more from an order than it was paid with.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Params, named_params, params};

use super::read_error::ReadError;
use super::{SqliteStore, db_error, records};
use crate::column::{parse_json, readable_refunds, to_i64, to_limit};
use tillhouse_checkout::ids::{AttemptId, MerchantId, OrderId, RefundId};
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::ports::{CommitError, RefundFilter, RefundQueue, StoreError};
use tillhouse_checkout::refund::{Refund, RefundBasis, RefundChange, RefundStatus, RefundWrite};
use tillhouse_checkout::time::Timestamp;

/// What an order of this currency was paid with, and its revision: what else the merchant's system has said of it meanwhile may leave
/// less.
const CAPTURED: &str = "SELECT amount, revision FROM orders \
     WHERE merchant = ?1 AND id = ?2 AND attempt = ?3 AND currency = ?4 AND session = ?5";

/// What its refunds hold already.
const HELD: &str =
    "SELECT coalesce(sum(amount), 0) FROM refund WHERE merchant = ?1 AND order_id = ?2 AND state <> 'declined'";

const INSERT: &str = "INSERT INTO refund (id, merchant, session, order_id, attempt, state, amount, currency, asked, next_try, body) \
     VALUES (:id, :merchant, :session, :order, :attempt, :state, :amount, :currency, :asked, :next_try, :body) \
     ON CONFLICT (id) DO NOTHING";

// What is refunded, and of what, never changes; so none of it is set here.
const UPDATE: &str = "UPDATE refund SET state = :state, settled = :settled, next_try = :next_try, body = :body \
     WHERE id = :id AND state = :before AND merchant = :merchant AND session = :session AND order_id = :order \
     AND attempt = :attempt AND amount = :amount AND currency = :currency";

/// Inserts a refund for which money is left, or moves an existing one on from the state that the caller expects it to be in.
pub(super) fn write(db: &Connection, write: &RefundWrite, body: &str) -> Result<(), CommitError> {
    if !write.is_allowed() {
        return Err(CommitError::Refund);
    }
    let refund = write.refund();
    let changed = match write.change() {
        RefundChange::New(basis) => {
            check_sum(db, refund, basis)?;
            insert(db, refund, body)
        }
        RefundChange::Of(before) => update(db, refund, before, body),
    };
    match changed.map_err(db_error::classify)? {
        0 => Err(CommitError::Refund),
        _ => Ok(()),
    }
}

fn check_sum(db: &Connection, refund: &Refund, basis: RefundBasis) -> Result<(), CommitError> {
    let (order, held) = sums(db, refund).map_err(db_error::classify)?;
    let (captured, revision) = order.ok_or(CommitError::Refund)?;
    // A repetition is told so, also where nothing is left.
    if by_id(db, &refund.id).map_err(StoreError::from)?.is_some() {
        return Ok(());
    }
    if revision != to_i64(basis.revision) {
        return Err(CommitError::Order);
    }
    if refund.amount.amount.minor() > captured.min(basis.most.minor()) - held {
        return Err(CommitError::RefundExceedsCapture);
    }
    Ok(())
}

/// The amount and the revision of the order, and what its refunds hold.
fn sums(db: &Connection, refund: &Refund) -> rusqlite::Result<(Option<(i64, i64)>, i64)> {
    let order = params![
        refund.merchant.as_str(),
        refund.order.as_str(),
        refund.attempt.as_str(),
        refund.amount.currency.upper(),
        refund.session.as_str(),
    ];
    let found = db
        .prepare_cached(CAPTURED)?
        .query_row(order, |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let held = db
        .prepare_cached(HELD)?
        .query_row([refund.merchant.as_str(), refund.order.as_str()], |row| row.get(0))?;
    Ok((found, held))
}

fn insert(db: &Connection, refund: &Refund, body: &str) -> rusqlite::Result<usize> {
    db.prepare_cached(INSERT)?.execute(named_params! {
        ":id": refund.id.as_str(),
        ":merchant": refund.merchant.as_str(),
        ":session": refund.session.as_str(),
        ":order": refund.order.as_str(),
        ":attempt": refund.attempt.as_str(),
        ":state": refund.status().name(),
        ":amount": refund.amount.amount.minor(),
        ":currency": refund.amount.currency.upper(),
        ":asked": to_i64(refund.asked.millis()),
        ":next_try": refund.retry.next.map_or(0, |it| to_i64(it.millis())),
        ":body": body,
    })
}

fn update(db: &Connection, refund: &Refund, before: RefundStatus, body: &str) -> rusqlite::Result<usize> {
    db.prepare_cached(UPDATE)?.execute(named_params! {
        ":id": refund.id.as_str(),
        ":merchant": refund.merchant.as_str(),
        ":session": refund.session.as_str(),
        ":order": refund.order.as_str(),
        ":attempt": refund.attempt.as_str(),
        ":before": before.name(),
        ":state": refund.status().name(),
        ":amount": refund.amount.amount.minor(),
        ":currency": refund.amount.currency.upper(),
        ":settled": refund.state.settled().map(|it| to_i64(it.millis())),
        ":next_try": refund.retry.next.map_or(0, |it| to_i64(it.millis())),
        ":body": body,
    })
}

fn by_id(db: &Connection, id: &RefundId) -> Result<Option<Refund>, ReadError> {
    let found = list(db, "SELECT body FROM refund WHERE id = ?1", [id.as_str()])?;
    Ok(found.into_iter().next())
}

/// The first condition must equal that of the index `refund_open`, so that the index is used.
const DUE: &str = "SELECT body FROM refund WHERE state IN ('asked', 'sent', 'pending', 'unknown', 'needs_review') \
     AND next_try <= ?1 AND (?2 = '[]' OR merchant NOT IN (SELECT value FROM json_each(?2))) ORDER BY next_try, seq LIMIT ?3";

/// The refunds that are due now, except those of the busy merchants (names as JSON).
fn due(db: &Connection, now: Timestamp, busy: &str, limit: usize) -> Result<Vec<Refund>, ReadError> {
    let due = read_each(db, DUE, params![to_i64(now.millis()), busy, to_limit(limit)])?;
    Ok(readable_refunds(due))
}

/// Refunds that match a filter, oldest first.
fn filtered(db: &Connection, filter: &RefundFilter) -> Result<Vec<Refund>, ReadError> {
    // A list as JSON, because SQLite has no arrays to bind.
    let states: Vec<&str> = filter.states.iter().map(|state| state.name()).collect();
    list(
        db,
        "SELECT body FROM refund WHERE (?1 IS NULL OR merchant = ?1) AND (?2 IS NULL OR order_id = ?2) \
         AND (?3 IS NULL OR attempt = ?3) AND (?4 = '[]' OR state IN (SELECT value FROM json_each(?4))) \
         ORDER BY seq LIMIT ?5",
        params![
            filter.merchant.as_ref().map(MerchantId::as_str),
            filter.order.as_ref().map(OrderId::as_str),
            filter.attempt.as_ref().map(AttemptId::as_str),
            serde_json::json!(states).to_string(),
            to_limit(filter.limit),
        ],
    )
}

fn list(db: &Connection, sql: &str, params: impl Params) -> Result<Vec<Refund>, ReadError> {
    Ok(read_each(db, sql, params)?.into_iter().collect::<Result<_, _>>()?)
}

fn read_each(db: &Connection, sql: &str, params: impl Params) -> rusqlite::Result<Vec<Result<Refund, StoreError>>> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut refunds = Vec::new();
    while let Some(row) = rows.next()? {
        let body = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        refunds.push(parse_json("refund", body));
    }
    Ok(refunds)
}

#[async_trait]
impl RefundQueue for SqliteStore {
    async fn refund(&self, id: &RefundId) -> Result<Option<Refund>, StoreError> {
        let id = id.clone();
        let found = self.read(move |db| by_id(db, &id)).await?;
        Ok(found.map(|refund| self.under_its_lease(refund)))
    }

    async fn payment_record(&self, attempt: &AttemptId) -> Result<Option<String>, StoreError> {
        let attempt = attempt.clone();
        let found = self.read(move |db| {
            let mut statement = db.prepare_cached("SELECT payment_record FROM attempt WHERE id = ?1")?;
            Ok(statement.query_row([attempt.as_str()], |row| row.get(0)).optional()?)
        });
        Ok(found.await?.flatten())
    }

    async fn list_refunds(&self, filter: &RefundFilter) -> Result<Vec<Refund>, StoreError> {
        let filter = filter.clone();
        let found = self.read(move |db| filtered(db, &filter)).await?;
        Ok(found.into_iter().map(|refund| self.under_its_lease(refund)).collect())
    }

    async fn lease_refunds(
        &self,
        by: &LeaseHolder,
        now: Timestamp,
        busy: &[MerchantId],
        limit: usize,
    ) -> Result<Vec<Refund>, StoreError> {
        // Leased refunds are in the list as well: ask for as many more.
        let most = limit.saturating_add(self.fences.refunds.held_count());
        let busy = records::merchants_json(busy);
        let due = self.read(move |db| due(db, now, &busy, most)).await?;
        let mut leased = Vec::new();
        for refund in due {
            if leased.len() == limit {
                break;
            }
            leased.extend(self.lease_open_refund(by, refund).await?);
        }
        Ok(leased)
    }

    async fn lease_refund(&self, by: &LeaseHolder, id: &RefundId) -> Result<Option<Refund>, StoreError> {
        let wanted = id.clone();
        let found = self.read(move |db| by_id(db, &wanted)).await?;
        match found.filter(|refund| refund.status().is_open()) {
            Some(refund) => self.lease_open_refund(by, refund).await,
            None => Ok(None),
        }
    }

    async fn renew_refund_leases(
        &self,
        by: &LeaseHolder,
        held: &[(RefundId, u64)],
    ) -> Result<Vec<RefundId>, StoreError> {
        let lost = held
            .iter()
            .filter(|(id, epoch)| !self.fences.refunds.renew(id, *epoch, by));
        Ok(lost.map(|(id, _)| id.clone()).collect())
    }
}

impl SqliteStore {
    fn under_its_lease(&self, refund: Refund) -> Refund {
        Refund {
            epoch: self.fences.refunds.epoch(&refund.id),
            ..refund
        }
    }

    /// Takes the lease of a refund that was open a moment ago. It is read again under the lease: its last holder may have written it
    /// in between.
    async fn lease_open_refund(&self, by: &LeaseHolder, seen: Refund) -> Result<Option<Refund>, StoreError> {
        let leases = &self.fences.refunds;
        let Some(epoch) = leases.acquire(&seen.id, by) else {
            return Ok(None);
        };
        let wanted = seen.id.clone();
        let now = self.read(move |db| by_id(db, &wanted)).await?;
        match now.filter(|refund| refund.status().is_open() && refund.retry.next == seen.retry.next) {
            Some(refund) => Ok(Some(Refund { epoch, ..refund })),
            None => {
                leases.end(&seen.id, epoch);
                Ok(None)
            }
        }
    }

    /// Ends the lease of a refund that was written, unless a task continues with it.
    pub(super) fn end_refund_lease(&self, write: &RefundWrite) {
        let refund = write.refund();
        if refund.keeps_lease() {
            return;
        }
        if refund.status().is_open() {
            self.fences.refunds.end(&refund.id, refund.epoch);
        } else {
            self.fences.refunds.remove(&refund.id, refund.epoch);
        }
    }
}
