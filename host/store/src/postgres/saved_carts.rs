//! Saved carts: written by revision, counted by their owner.

use crate::column::{millis, parse_json, to_i64, to_json};
use tillhouse_checkout::ids::{MerchantId, SavedCartId};
use tillhouse_checkout::ports::{CommitError, StoreError};
use tillhouse_checkout::saved_cart::{SavedCart, SavedCartWrite};
use tillhouse_checkout::time::Timestamp;

use super::connections::Connections;
use super::pipeline::{Step, params};

/// Inserts a cart, or replaces the revision that the caller expects it to have.
pub(super) fn write(write: &SavedCartWrite) -> Result<Step<'_>, StoreError> {
    let sql = match write.replaces {
        None => {
            "INSERT INTO saved_cart (merchant, id, principal, session, revision, expires, body) \
             SELECT $1, $2, $3::text, $4::text, $5, $6, $7 WHERE $8::bigint IS NULL \
             ON CONFLICT (merchant, id) DO NOTHING RETURNING 1"
        }
        Some(_) => {
            "UPDATE saved_cart SET principal = $3::text, session = $4::text, revision = $5, expires = $6, body = $7 \
             WHERE merchant = $1 AND id = $2 AND revision = $8::bigint RETURNING 1"
        }
    };
    let (cart, draft) = (&write.cart, &write.cart.draft);
    let params = params![
        draft.merchant.as_str(),
        cart.id.as_str(),
        &draft.agent.principal,
        cart.checkout.as_ref().map(|checkout| checkout.session.as_str()),
        to_i64(draft.revision),
        millis(draft.expires),
        to_json(cart)?,
        write.replaces.map(to_i64),
    ];
    Ok(Step::new(sql, params).or_conflict(CommitError::SavedCart))
}

pub(super) async fn by_id(
    connections: &Connections,
    merchant: &MerchantId,
    id: &SavedCartId,
) -> Result<Option<SavedCart>, StoreError> {
    let sql = "SELECT body FROM saved_cart WHERE merchant = $1 AND id = $2";
    let rows = connections.read(sql, &[&merchant.as_str(), &id.as_str()]).await?;
    rows.first().map(|row| parse_json("saved cart", row.get(0))).transpose()
}

/// Counts the carts of a principal that live on after `now`, up to `limit`.
pub(super) async fn count(
    connections: &Connections,
    merchant: &MerchantId,
    principal: Option<&str>,
    now: Timestamp,
    limit: u64,
) -> Result<u64, StoreError> {
    // Two conditions, because an index is not used for IS NOT DISTINCT FROM.
    let sql = match principal {
        Some(_) => {
            "SELECT count(*) FROM (SELECT 1 FROM saved_cart \
             WHERE merchant = $1 AND principal = $2::text AND expires > $3 LIMIT $4) AS kept"
        }
        None => {
            "SELECT count(*) FROM (SELECT 1 FROM saved_cart \
             WHERE merchant = $1 AND principal IS NULL AND $2::text IS NULL AND expires > $3 LIMIT $4) AS kept"
        }
    };
    let rows = connections
        .read(sql, &[&merchant.as_str(), &principal, &millis(now), &to_i64(limit)])
        .await?;
    Ok(rows.first().map_or(0, |row| row.get::<_, i64>(0).unsigned_abs()))
}
