//! Forgetting versions: rows that only they have are deleted, in batches.

use rusqlite::Connection;

use crate::column::{millis, to_i64};
use crate::sqlite::read_error::ReadError;
use tillhouse_checkout::catalog::CatalogVersion;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::time::Timestamp;

use super::{file, versions};

/// Rows deleted per transaction.
const BATCH: i64 = 10_000;
/// Rows deleted before the log is moved into the file: it must not grow with what is forgotten.
const LOGGED: u64 = 100_000;

const MARK: &str = "UPDATE version SET rows = 'going' WHERE merchant = ?1 AND rows = 'kept' AND until < ?2 \
     AND version NOT IN (SELECT value FROM json_each(?3))";

/// A row is needed while a version that is kept lies between its first one and the one that does not have it any more.
const UNNEEDED: &str = "SELECT row FROM former AS this NOT INDEXED WHERE row > ?2 AND merchant = ?1 \
     AND NOT EXISTS (SELECT 1 FROM version WHERE version.merchant = this.merchant AND version.rows = 'kept' \
     AND version.version >= this.since AND version.version < this.until) ORDER BY row LIMIT ?3";

/// Deletes the rows that only versions have which ended before this time, except those in `keep`; returns their number. A version is
/// not read any more from the first of its rows on.
pub(super) fn forget(
    db: &Connection,
    merchant: &MerchantId,
    ended_before: Timestamp,
    keep: &[CatalogVersion],
) -> Result<u64, ReadError> {
    let Some(number) = versions::known_number(db, merchant)? else {
        return Ok(0);
    };
    let keep: Vec<i64> = keep.iter().map(|version| to_i64(version.0)).collect();
    db.execute(
        MARK,
        (number, millis(ended_before), serde_json::json!(keep).to_string()),
    )?;
    let is_going: bool = db.query_row(
        "SELECT EXISTS (SELECT 1 FROM version WHERE merchant = ?1 AND rows = 'going')",
        [number],
        |row| row.get(0),
    )?;
    if !is_going {
        return Ok(0);
    }
    let mut forgotten = 0;
    let mut after = 0;
    while let Some(last) = delete_batch(db, number, after, &mut forgotten)? {
        after = last;
        if forgotten % LOGGED == 0 {
            file::checkpoint(db);
        }
    }
    db.execute(
        "UPDATE version SET rows = 'gone' WHERE merchant = ?1 AND rows = 'going'",
        [number],
    )?;
    Ok(forgotten)
}

/// Returns the last of the rows that were deleted; `None` if there are no more.
fn delete_batch(db: &Connection, merchant: i64, after: i64, forgotten: &mut u64) -> rusqlite::Result<Option<i64>> {
    let transaction = db.unchecked_transaction()?;
    let rows: Vec<i64> = transaction
        .prepare_cached(UNNEEDED)?
        .query_map((merchant, after, BATCH), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for row in &rows {
        transaction
            .prepare_cached("DELETE FROM former WHERE row = ?1")?
            .execute([row])?;
    }
    transaction.commit()?;
    *forgotten += rows.len() as u64;
    Ok(rows.last().copied())
}
