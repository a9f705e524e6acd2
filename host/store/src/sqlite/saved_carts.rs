//! Saved carts: written by revision, counted by their owner.

use rusqlite::{Connection, params};

use crate::column::{millis, parse_json, to_i64};
use tillhouse_checkout::ids::{MerchantId, SavedCartId};
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::saved_cart::{SavedCart, SavedCartWrite};
use tillhouse_checkout::time::Timestamp;

use super::db_error;
use super::read_error::ReadError;

/// Inserts a cart, or replaces the revision that the caller expects it to have.
pub(super) fn write(db: &Connection, write: &SavedCartWrite, body: &str) -> Result<(), CommitError> {
    let sql = match write.replaces {
        None => {
            "INSERT INTO saved_cart (merchant, id, principal, session, revision, expires, body) \
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE ?8 IS NULL"
        }
        Some(_) => {
            "UPDATE saved_cart SET principal = ?3, session = ?4, revision = ?5, expires = ?6, body = ?7 \
             WHERE merchant = ?1 AND id = ?2 AND revision = ?8"
        }
    };
    let (cart, draft) = (&write.cart, &write.cart.draft);
    let changed = db.prepare_cached(sql).and_then(|mut statement| {
        statement.execute(params![
            draft.merchant.as_str(),
            cart.id.as_str(),
            draft.agent.principal,
            cart.checkout.as_ref().map(|checkout| checkout.session.as_str()),
            to_i64(draft.revision),
            millis(draft.expires),
            body,
            write.replaces.map(to_i64),
        ])
    });
    match changed.map_err(db_error::classify)? {
        0 => Err(CommitError::SavedCart),
        _ => Ok(()),
    }
}

pub(super) fn by_id(db: &Connection, merchant: &MerchantId, id: &SavedCartId) -> Result<Option<SavedCart>, ReadError> {
    let mut statement = db.prepare_cached("SELECT body FROM saved_cart WHERE merchant = ?1 AND id = ?2")?;
    let mut rows = statement.query([merchant.as_str(), id.as_str()])?;
    match rows.next()? {
        Some(row) => Ok(Some(parse_json(
            "saved cart",
            row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?,
        )?)),
        None => Ok(None),
    }
}

/// Counts the carts of a principal that live on after `now`, up to `limit`.
pub(super) fn count(
    db: &Connection,
    merchant: &MerchantId,
    principal: Option<&str>,
    now: Timestamp,
    limit: u64,
) -> Result<u64, ReadError> {
    let kept: i64 = db
        .prepare_cached(
            "SELECT count(*) FROM (SELECT 1 FROM saved_cart \
             WHERE merchant = ?1 AND principal IS ?2 AND expires > ?3 LIMIT ?4)",
        )?
        .query_row(
            params![merchant.as_str(), principal, millis(now), to_i64(limit)],
            |row| row.get(0),
        )?;
    Ok(kept.unsigned_abs())
}
