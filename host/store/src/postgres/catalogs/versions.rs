//! Versions of catalogs: which is in force, and whose rows are kept.

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::column::{millis, parse_json, timestamp, to_i64, to_limit};
use crate::postgres::connections::Connections;
use tillhouse_checkout::catalog::{CatalogVersion, StoredCatalog};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::ports::StoreError;
use tillhouse_checkout::time::Timestamp;

/// Rows deleted per transaction.
const BATCH: i64 = 10_000;

pub(super) const LIST: &str = "SELECT version, items, changed, deleted, import, since, until FROM catalog_version \
     WHERE merchant = $1 ORDER BY version DESC LIMIT $2";

const MARK: &str = "UPDATE catalog_version SET rows = 'going' WHERE merchant = $1 AND rows = 'kept' AND until < $2 \
     AND version <> ALL ($3::bigint[])";

/// A row is needed while a version that is kept lies between its first one and the one that does not have it any more.
const DELETE: &str = "DELETE FROM catalog_former WHERE ctid = ANY (ARRAY (SELECT ctid FROM catalog_former AS this \
     WHERE merchant = $1 AND NOT EXISTS (SELECT 1 FROM catalog_version AS kept WHERE kept.merchant = this.merchant \
     AND kept.rows = 'kept' AND kept.version >= this.since AND kept.version < this.until) LIMIT $2)) RETURNING 1";

/// The versions of a merchant, the newest first.
pub(super) async fn list(
    connections: &Connections,
    merchant: &MerchantId,
    limit: usize,
) -> Result<Vec<StoredCatalog>, StoreError> {
    let rows = connections.read(LIST, &[&merchant.as_str(), &to_limit(limit)]).await?;
    rows.iter().map(|row| read(merchant, row)).collect()
}

pub(super) fn read(merchant: &MerchantId, row: &Row) -> Result<StoredCatalog, StoreError> {
    let number = |column: usize| row.get::<_, i64>(column).unsigned_abs();
    Ok(StoredCatalog {
        merchant: merchant.clone(),
        version: CatalogVersion(number(0)),
        items: number(1),
        changed: number(2),
        deleted: number(3),
        import: parse_json("record of an import", row.get(4))?,
        since: timestamp(row.get(5)),
        until: row.get::<_, Option<i64>>(6).map(timestamp),
    })
}

/// Refuses what was read of a version whose rows are not kept. Checked after the rows were read: they are deleted only after their
/// version is marked.
pub(super) async fn ensure_kept(
    connections: &Connections,
    merchant: &MerchantId,
    versions: &[CatalogVersion],
) -> Result<(), StoreError> {
    let sql = "SELECT wanted FROM unnest($2::bigint[]) AS wanted WHERE NOT EXISTS (SELECT 1 FROM catalog_version \
               WHERE merchant = $1 AND version = wanted AND rows = 'kept')";
    let wanted: Vec<i64> = versions.iter().map(|version| to_i64(version.0)).collect();
    let missing = connections.read(sql, &[&merchant.as_str(), &wanted]).await?;
    match missing.first() {
        None => Ok(()),
        Some(row) => Err(StoreError::new(format!(
            "version {} of the catalog of {merchant} is not kept",
            row.get::<_, i64>(0)
        ))),
    }
}

/// Deletes the rows that only versions have which ended before this time, except those in `keep`; returns their number. A version is
/// not read any more from the first of its rows on.
pub(super) async fn forget(
    connections: &Connections,
    merchant: &MerchantId,
    ended_before: Timestamp,
    keep: &[CatalogVersion],
) -> Result<u64, StoreError> {
    let merchant = merchant.as_str();
    let keep: Vec<i64> = keep.iter().map(|version| to_i64(version.0)).collect();
    let params: [&(dyn ToSql + Sync); 3] = [&merchant, &millis(ended_before), &keep];
    connections.write(MARK, &params).await?;
    let going = "SELECT 1 FROM catalog_version WHERE merchant = $1 AND rows = 'going' LIMIT 1";
    if connections.read(going, &[&merchant]).await?.is_empty() {
        return Ok(0);
    }
    let mut forgotten = 0;
    loop {
        let batch = to_limit(connections.write(DELETE, &[&merchant, &BATCH]).await?.len());
        forgotten += batch.unsigned_abs();
        if batch < BATCH {
            break;
        }
    }
    let gone = "UPDATE catalog_version SET rows = 'gone' WHERE merchant = $1 AND rows = 'going'";
    connections.write(gone, &[&merchant]).await?;
    Ok(forgotten)
}
