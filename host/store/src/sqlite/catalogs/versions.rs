//! Versions of catalogs: which is in force, and whose rows are kept.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::column::{parse_json, timestamp, to_i64, to_limit};
use crate::sqlite::read_error::ReadError;
use tillhouse_checkout::catalog::{CatalogVersion, StoredCatalog};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::ports::StoreError;

/// Records of a merchant's versions that are kept, whether their rows are or not. That of the last whole catalog from a file is kept
/// for longer: it says that the file was imported.
const MOST_RECORDS: i64 = 500;

const LIST: &str = "SELECT version, items, changed, deleted, import, since, until FROM version \
     WHERE merchant = (SELECT no FROM merchant WHERE name = ?1) ORDER BY version DESC LIMIT ?2";

/// The number that stands for a merchant in every other table; a new one if it has none yet.
pub(super) fn merchant_number(db: &Connection, merchant: &MerchantId) -> rusqlite::Result<i64> {
    match known_number(db, merchant)? {
        Some(number) => Ok(number),
        None => db.query_row(
            "INSERT INTO merchant (name) VALUES (?1) RETURNING no",
            [merchant.as_str()],
            |row| row.get(0),
        ),
    }
}

/// The same; `None` if nothing was imported for the merchant.
pub(super) fn known_number(db: &Connection, merchant: &MerchantId) -> rusqlite::Result<Option<i64>> {
    db.prepare_cached("SELECT no FROM merchant WHERE name = ?1")?
        .query_row([merchant.as_str()], |row| row.get(0))
        .optional()
}

pub(super) fn in_force(db: &Connection, merchant: &MerchantId) -> Result<Option<StoredCatalog>, ReadError> {
    Ok(list(db, merchant, 1)?.pop())
}

/// The versions of a merchant, the newest first.
pub(super) fn list(db: &Connection, merchant: &MerchantId, limit: usize) -> Result<Vec<StoredCatalog>, ReadError> {
    let mut statement = db.prepare_cached(LIST)?;
    let mut rows = statement.query((merchant.as_str(), to_limit(limit)))?;
    let mut versions = Vec::new();
    while let Some(row) = rows.next()? {
        versions.push(read(merchant, row)?);
    }
    Ok(versions)
}

fn read(merchant: &MerchantId, row: &Row<'_>) -> Result<StoredCatalog, ReadError> {
    let number = |column: usize| row.get::<_, i64>(column).map(i64::unsigned_abs);
    Ok(StoredCatalog {
        merchant: merchant.clone(),
        version: CatalogVersion(number(0)?),
        items: number(1)?,
        changed: number(2)?,
        deleted: number(3)?,
        import: parse_json("record of an import", &row.get::<_, String>(4)?)?,
        since: timestamp(row.get(5)?),
        until: row.get::<_, Option<i64>>(6)?.map(timestamp),
    })
}

/// Ends the version in force, and begins this one.
pub(super) fn put_into_force(
    db: &Connection,
    merchant: i64,
    next: &StoredCatalog,
    import: &str,
) -> rusqlite::Result<()> {
    let (version, since) = (to_i64(next.version.0), to_i64(next.since.millis()));
    db.execute(
        "UPDATE version SET until = ?2 WHERE merchant = ?1 AND until IS NULL",
        (merchant, since),
    )?;
    db.execute(
        "INSERT INTO version (merchant, version, items, changed, deleted, import, since) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            merchant,
            version,
            to_i64(next.items),
            to_i64(next.changed),
            to_i64(next.deleted),
            import,
            since
        ],
    )?;
    db.execute(
        "DELETE FROM version WHERE merchant = ?1 AND version <= ?2 AND rows = 'gone' AND version NOT IN (SELECT max(version) \
         FROM version WHERE merchant = ?1 AND import ->> '$.mode' = 'replace' GROUP BY import ->> '$.source')",
        (merchant, version - MOST_RECORDS),
    )?;
    Ok(())
}

/// Changes what is known of the import of a version.
pub(super) fn amend(db: &Connection, merchant: i64, version: CatalogVersion, import: &str) -> rusqlite::Result<()> {
    let sql = "UPDATE version SET import = ?3 WHERE merchant = ?1 AND version = ?2";
    db.execute(sql, (merchant, to_i64(version.0), import))?;
    Ok(())
}

/// A version whose rows are kept, with the number of its merchant.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeptVersion {
    pub(super) merchant: i64,
    pub(super) version: i64,
    /// Whether it is in force: then the former rows have nothing of it.
    pub(super) is_in_force: bool,
}

/// Finds a version whose rows are kept.
pub(super) fn kept(db: &Connection, merchant: &MerchantId, version: CatalogVersion) -> Result<KeptVersion, ReadError> {
    let found = db
        .prepare_cached(
            "SELECT merchant, until IS NULL FROM version \
             WHERE merchant = (SELECT no FROM merchant WHERE name = ?1) AND version = ?2 AND rows = 'kept'",
        )?
        .query_row((merchant.as_str(), to_i64(version.0)), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let (number, is_in_force) = found.ok_or_else(|| not_kept(merchant, version))?;
    Ok(KeptVersion {
        merchant: number,
        version: to_i64(version.0),
        is_in_force,
    })
}

/// Items that the versions after the earlier one have changed, up to the later one; an item counts in each.
pub(super) fn changes(db: &Connection, merchant: i64, (earlier, later): (i64, i64)) -> rusqlite::Result<i64> {
    let sql = "SELECT coalesce(sum(changed + deleted), 0) FROM version WHERE merchant = ?1 AND version > ?2 AND version <= ?3";
    db.prepare_cached(sql)?
        .query_row((merchant, earlier, later), |row| row.get(0))
}

pub(super) fn not_kept(merchant: &MerchantId, version: CatalogVersion) -> StoreError {
    StoreError::new(format!("version {version} of the catalog of {merchant} is not kept"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use tillhouse_checkout::catalog::{ImportMode, ImportRecord};

    #[test]
    fn the_last_import_of_each_file_stays_known() {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(include_str!("schema.sql")).unwrap();
        let merchant = MerchantId::new("acme");
        let number = merchant_number(&db, &merchant).unwrap();
        for version in 1..=600_u64 {
            let (source, mode) = match version {
                1 | 3 => ("products.csv", ImportMode::Replace),
                2 => ("other.csv", ImportMode::Replace),
                _ => ("stock.csv", ImportMode::Upsert),
            };
            let import = ImportRecord {
                source: source.to_owned(),
                sha256: version.to_string(),
                mode,
                by: "operator:ada".to_owned(),
                refused: 0,
            };
            let next = StoredCatalog {
                merchant: merchant.clone(),
                version: CatalogVersion(version),
                items: 1,
                changed: 1,
                deleted: 0,
                since: timestamp(1),
                until: None,
                import,
            };
            put_into_force(&db, number, &next, &serde_json::to_string(&next.import).unwrap()).unwrap();
            db.execute("UPDATE version SET rows = 'gone' WHERE until IS NOT NULL", [])
                .unwrap();
        }
        let known: Vec<u64> = list(&db, &merchant, 1000)
            .unwrap()
            .iter()
            .map(|it| it.version.0)
            .collect();
        assert_eq!(known.len(), 502);
        assert!(known.ends_with(&[102, 101, 3, 2]), "{known:?}");
    }
}
