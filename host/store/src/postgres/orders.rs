//! Orders with their revisions.

use tokio_postgres::types::ToSql;

use crate::column::{millis, parse_json, to_i64, to_json, to_limit};
use tillhouse_checkout::ids::{MerchantId, OrderId, SessionId};
use tillhouse_checkout::order::{Order, OrderWrite};
use tillhouse_checkout::ports::{CommitError, StoreError};
use tillhouse_checkout::time::Timestamp;

use super::connections::Connections;
use super::pipeline::{Step, params};

/// Inserts an order, or replaces the revision that the caller expects it to have.
pub(super) fn write(write: &OrderWrite) -> Result<Step<'_>, StoreError> {
    match write.replaces {
        None => insert(&write.order),
        Some(before) => update(&write.order, before),
    }
}

fn insert(order: &Order) -> Result<Step<'_>, StoreError> {
    Ok(Step::new(
        "INSERT INTO orders (merchant, id, session, attempt, amount, currency, created, revision, body) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            order.merchant.as_str(),
            order.id.as_str(),
            order.session.as_str(),
            order.attempt.as_str(),
            order.total.amount.minor(),
            order.total.currency.upper(),
            millis(order.created),
            to_i64(order.revision()),
            to_json(order)?,
        ],
    ))
}

/// What was charged never changes.
fn update(order: &Order, before: u64) -> Result<Step<'_>, StoreError> {
    let step = Step::new(
        "UPDATE orders SET revision = $6, body = $7 WHERE merchant = $1 AND id = $2 AND session = $3 AND attempt = $4 \
         AND amount = $5 AND revision = $8 RETURNING 1",
        params![
            order.merchant.as_str(),
            order.id.as_str(),
            order.session.as_str(),
            order.attempt.as_str(),
            order.total.amount.minor(),
            to_i64(order.revision()),
            to_json(order)?,
            to_i64(before),
        ],
    );
    Ok(step.or_conflict(CommitError::Order))
}

pub(super) async fn of_session(
    connections: &Connections,
    merchant: &MerchantId,
    session: &SessionId,
) -> Result<Option<Order>, StoreError> {
    let sql = "SELECT body FROM orders WHERE merchant = $1 AND session = $2";
    Ok(read(connections, sql, &[&merchant.as_str(), &session.as_str()])
        .await?
        .pop())
}

pub(super) async fn by_id(
    connections: &Connections,
    merchant: &MerchantId,
    id: &OrderId,
) -> Result<Option<Order>, StoreError> {
    let sql = "SELECT body FROM orders WHERE merchant = $1 AND id = $2";
    Ok(read(connections, sql, &[&merchant.as_str(), &id.as_str()]).await?.pop())
}

/// The newest orders of a merchant that were placed before a time.
pub(super) async fn list(
    connections: &Connections,
    merchant: &MerchantId,
    before: Option<Timestamp>,
    limit: usize,
) -> Result<Vec<Order>, StoreError> {
    let sql = "SELECT body FROM orders WHERE merchant = $1 AND created < $2 ORDER BY created DESC, seq DESC LIMIT $3";
    let before = before.map_or(i64::MAX, millis);
    read(connections, sql, &[&merchant.as_str(), &before, &to_limit(limit)]).await
}

async fn read(
    connections: &Connections,
    sql: &'static str,
    params: &[&(dyn ToSql + Sync)],
) -> Result<Vec<Order>, StoreError> {
    let rows = connections.read(sql, params).await?;
    rows.iter().map(|row| parse_json("order", row.get(0))).collect()
}
