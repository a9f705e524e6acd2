//! Orders with their revisions.

use rusqlite::{Connection, params};

use crate::column::{millis, parse_json, to_i64, to_limit};
use tillhouse_checkout::ids::{MerchantId, OrderId, SessionId};
use tillhouse_checkout::order::{Order, OrderWrite};
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::time::Timestamp;

use super::db_error;
use super::read_error::ReadError;

/// Inserts an order, or replaces the revision that the caller expects it to have.
pub(super) fn write(db: &Connection, write: &OrderWrite, body: &str) -> Result<(), CommitError> {
    let changed = match write.replaces {
        None => insert(db, &write.order, body),
        Some(before) => update(db, &write.order, before, body),
    };
    match changed.map_err(db_error::classify)? {
        0 => Err(CommitError::Order),
        _ => Ok(()),
    }
}

fn insert(db: &Connection, order: &Order, body: &str) -> rusqlite::Result<usize> {
    db.prepare_cached(
        "INSERT INTO orders (merchant, id, session, attempt, amount, currency, created, revision, body) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        order.merchant.as_str(),
        order.id.as_str(),
        order.session.as_str(),
        order.attempt.as_str(),
        order.total.amount.minor(),
        order.total.currency.upper(),
        millis(order.created),
        to_i64(order.revision()),
        body,
    ])
}

/// What was charged never changes.
fn update(db: &Connection, order: &Order, before: u64, body: &str) -> rusqlite::Result<usize> {
    db.prepare_cached(
        "UPDATE orders SET revision = ?6, body = ?7 \
         WHERE merchant = ?1 AND id = ?2 AND session = ?3 AND attempt = ?4 AND amount = ?5 AND revision = ?8",
    )?
    .execute(params![
        order.merchant.as_str(),
        order.id.as_str(),
        order.session.as_str(),
        order.attempt.as_str(),
        order.total.amount.minor(),
        to_i64(order.revision()),
        body,
        to_i64(before),
    ])
}

pub(super) fn of_session(
    db: &Connection,
    merchant: &MerchantId,
    session: &SessionId,
) -> Result<Option<Order>, ReadError> {
    let sql = "SELECT body FROM orders WHERE merchant = ?1 AND session = ?2";
    Ok(read(db, sql, [merchant.as_str(), session.as_str()])?.pop())
}

pub(super) fn by_id(db: &Connection, merchant: &MerchantId, id: &OrderId) -> Result<Option<Order>, ReadError> {
    let sql = "SELECT body FROM orders WHERE merchant = ?1 AND id = ?2";
    Ok(read(db, sql, [merchant.as_str(), id.as_str()])?.pop())
}

/// The newest orders of a merchant that were placed before a time.
pub(super) fn list(
    db: &Connection,
    merchant: &MerchantId,
    before: Option<Timestamp>,
    limit: usize,
) -> Result<Vec<Order>, ReadError> {
    let sql = "SELECT body FROM orders WHERE merchant = ?1 AND created < ?2 ORDER BY created DESC, seq DESC LIMIT ?3";
    let before = before.map_or(i64::MAX, millis);
    read(db, sql, params![merchant.as_str(), before, to_limit(limit)])
}

fn read(db: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<Vec<Order>, ReadError> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut orders = Vec::new();
    while let Some(row) = rows.next()? {
        let body = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        orders.push(parse_json("order", body)?);
    }
    Ok(orders)
}
