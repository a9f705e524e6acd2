//! Rows of a version, by id, in pages, and compared with those of another version. Each runs in one read transaction.

use rusqlite::{Connection, OptionalExtension, params};

use super::lines::StoredLines;
use super::versions::{self, KeptVersion, kept};
use crate::column::to_limit;
use crate::sqlite::read_error::ReadError;
use tillhouse_checkout::catalog::{CatalogChange, CatalogRow, CatalogVersion};
use tillhouse_checkout::ids::{ItemId, MerchantId};

const ROW: &str = "SELECT row, content FROM item WHERE merchant = ?1 AND id = ?2 AND since <= ?3";
const FORMER_ROW: &str = "SELECT since, line, content FROM former WHERE merchant = ?1 AND id = ?2 AND until > ?3 \
     ORDER BY until LIMIT 1";

const PAGE: &str =
    "SELECT id, row, 0, content FROM item WHERE merchant = ?1 AND id > ?2 AND since <= ?3 ORDER BY id LIMIT ?4";
/// A row of `former` has a line of its own; one of `item` has its number.
const FORMER_PAGE: &str = "SELECT id, row, 0, content FROM item WHERE merchant = ?1 AND id > ?2 AND since <= ?3 \
     UNION ALL SELECT id, 0, line, content FROM former WHERE merchant = ?1 AND id > ?2 AND until > ?3 AND since <= ?3 \
     ORDER BY id LIMIT ?4";

/// Items that may differ: those with a row that begins or ends after the earlier version, and not after the later one. All rows are
/// looked through, in the order of their ids.
const TOUCHED: &str = "SELECT id FROM item WHERE merchant = ?1 AND id > ?2 AND since > ?3 AND since <= ?4 \
     UNION SELECT id FROM former WHERE merchant = ?1 AND id > ?2 \
     AND ((since > ?3 AND since <= ?4) OR (until > ?3 AND until <= ?4)) ORDER BY id LIMIT ?5";
/// The same, found by the versions, and sorted for each page. `since > 1` is that of the index, and `+` keeps the others away.
const TOUCHED_FEW: &str = "SELECT id FROM item WHERE merchant = ?1 AND +id > ?2 AND since > 1 AND since > ?3 AND since <= ?4 \
     UNION SELECT id FROM former WHERE merchant = ?1 AND +id > ?2 AND until > ?3 \
     AND (until <= ?4 OR (since > ?3 AND since <= ?4)) ORDER BY id LIMIT ?5";

/// Most changes of all versions between two that are sorted for each page.
const FEW: i64 = 10_000;

/// Rows by id, in the order of the ids.
pub(super) fn rows(
    db: &Connection,
    merchant: &MerchantId,
    version: CatalogVersion,
    ids: &[ItemId],
) -> Result<Vec<Option<CatalogRow>>, ReadError> {
    let snapshot = db.unchecked_transaction()?;
    let version = kept(&snapshot, merchant, version)?;
    let lines = StoredLines::default();
    ids.iter().map(|id| row(&snapshot, &lines, version, id)).collect()
}

fn row(
    db: &Connection,
    lines: &StoredLines,
    version: KeptVersion,
    id: &ItemId,
) -> Result<Option<CatalogRow>, ReadError> {
    let key = (version.merchant, id.as_str(), version.version);
    let now = db
        .prepare_cached(ROW)?
        .query_row(key, |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))
        .optional()?;
    if let Some((number, content)) = now {
        return Ok(Some(CatalogRow {
            id: id.clone(),
            line: lines.line(db, number)?,
            content,
        }));
    }
    if version.is_in_force {
        return Ok(None);
    }
    let former = db
        .prepare_cached(FORMER_ROW)?
        .query_row(key, |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get(2)?))
        })
        .optional()?;
    Ok(former
        .filter(|(since, ..)| *since <= version.version)
        .map(|(_, line, content)| CatalogRow {
            id: id.clone(),
            line: line.unsigned_abs(),
            content,
        }))
}

/// A page of rows in the byte order of their ids.
pub(super) fn page(
    db: &Connection,
    merchant: &MerchantId,
    version: CatalogVersion,
    after: Option<&ItemId>,
    limit: usize,
) -> Result<Vec<CatalogRow>, ReadError> {
    let snapshot = db.unchecked_transaction()?;
    let version = kept(&snapshot, merchant, version)?;
    let mut statement = snapshot.prepare_cached(if version.is_in_force { PAGE } else { FORMER_PAGE })?;
    let mut rows = statement.query(params![
        version.merchant,
        after.map_or("", ItemId::as_str),
        version.version,
        to_limit(limit)
    ])?;
    let lines = StoredLines::default();
    let mut page = Vec::new();
    while let Some(row) = rows.next()? {
        let line = match row.get(1)? {
            0 => row.get::<_, i64>(2)?.unsigned_abs(),
            number => lines.line(&snapshot, number)?,
        };
        page.push(CatalogRow {
            id: ItemId::new(row.get::<_, String>(0)?),
            line,
            content: row.get(3)?,
        });
    }
    Ok(page)
}

/// A page of the items that differ between two versions.
pub(super) fn changes(
    db: &Connection,
    merchant: &MerchantId,
    (before, now): (CatalogVersion, CatalogVersion),
    after: Option<&ItemId>,
    limit: usize,
) -> Result<Vec<CatalogChange>, ReadError> {
    let snapshot = db.unchecked_transaction()?;
    let (before, now) = (kept(&snapshot, merchant, before)?, kept(&snapshot, merchant, now)?);
    let lines = StoredLines::default();
    let mut changes = Vec::new();
    let mut after = after.map_or_else(String::new, |id| id.as_str().to_owned());
    while changes.len() < limit {
        let touched = touched(&snapshot, before, now, &after, limit)?;
        let Some(last) = touched.last() else {
            break;
        };
        after = last.as_str().to_owned();
        for id in touched {
            if changes.len() == limit {
                break;
            }
            let change = CatalogChange {
                before: row(&snapshot, &lines, before, &id)?,
                now: row(&snapshot, &lines, now, &id)?,
                id,
            };
            changes.extend(Some(change).filter(CatalogChange::is_one));
        }
    }
    Ok(changes)
}

fn touched(
    db: &Connection,
    one: KeptVersion,
    other: KeptVersion,
    after: &str,
    limit: usize,
) -> Result<Vec<ItemId>, ReadError> {
    let (earlier, later) = (one.version.min(other.version), one.version.max(other.version));
    let touched = match versions::changes(db, one.merchant, (earlier, later))? <= FEW {
        true => TOUCHED_FEW,
        false => TOUCHED,
    };
    let mut statement = db.prepare_cached(touched)?;
    let touched = statement.query_map(params![one.merchant, after, earlier, later, to_limit(limit)], |row| {
        row.get(0).map(|id: String| ItemId::new(id))
    })?;
    Ok(touched.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    /// Every seventh item is never changed, every third was changed in the second version, and some ended in others.
    fn filled() -> Connection {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(include_str!("schema.sql")).unwrap();
        for number in 0..200_i64 {
            let (id, since) = (format!("row-{number:03}"), 1 + number % 7 * (number % 3));
            for merchant in [1, 2] {
                let item = "INSERT INTO item (merchant, id, since, content) VALUES (?1, ?2, ?3, x'01')";
                if number % 5 > 0 {
                    db.execute(item, (merchant, &id, since)).unwrap();
                }
                let former =
                    "INSERT INTO former (merchant, id, since, until, line, content) VALUES (?1, ?2, ?3, ?4, 1, x'02')";
                for first in 1..since.min(4) {
                    db.execute(former, (merchant, &id, first, first + 1)).unwrap();
                }
            }
        }
        db
    }

    #[test]
    fn few_changes_are_those_that_are_found_in_all_rows() {
        let db = filled();
        let page = |sql: &str, after: &str, (earlier, later): (i64, i64)| -> Vec<String> {
            let mut statement = db.prepare(sql).unwrap();
            let rows = statement.query_map((1, after, earlier, later, 10), |row| row.get(0));
            rows.unwrap().collect::<Result<_, _>>().unwrap()
        };
        for earlier in 1..12 {
            for later in earlier..12 {
                for after in ["", "row-050", "row-199"] {
                    let found = page(TOUCHED_FEW, after, (earlier, later));
                    assert_eq!(
                        found,
                        page(TOUCHED, after, (earlier, later)),
                        "{earlier}..{later} after {after:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn few_changes_are_found_by_their_versions() {
        let db = filled();
        let mut plan = db.prepare(&format!("EXPLAIN QUERY PLAN {TOUCHED_FEW}")).unwrap();
        let steps = plan
            .query_map((1, "", 1, 2, 10), |row| row.get::<_, String>(3))
            .unwrap();
        let plan = steps.collect::<Result<Vec<_>, _>>().unwrap().join("; ");
        assert!(plan.contains("item_since") && plan.contains("former_until"), "{plan}");
    }
}
