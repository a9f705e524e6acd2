//! The rows of an import, written in batches: a few statements for each, whatever its size.

mod deletes;

use std::collections::HashMap;

use deadpool_postgres::ClientWrapper;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::reads::line;
use crate::catalog_lines::{GoneLines, Lines};
use crate::column::to_i64;
use crate::postgres::db_error;
use tillhouse_checkout::catalog::{
    CatalogRow, CatalogVersion, CatalogWrite, DuplicateRow, ImportMode, ImportRecord, ImportSoFar, StoredCatalog,
    Unchanged,
};
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::ports::StoreError;
use tillhouse_checkout::time::Timestamp;

/// Rows that are looked through at a time for those that the file does not have.
const PAGE: i64 = 10_000;
/// Chunks of lines written at a time.
const CHUNKS: usize = 256;
/// Records of a merchant's versions that are kept, whether their rows are or not. That of the last whole catalog from a file is kept
/// for longer: it says that the file was imported.
const MOST_RECORDS: i64 = 500;

const INSERT: &str = "INSERT INTO catalog_item (merchant, id, since, content) SELECT $1, id, $2, content \
     FROM unnest($3::text[], $4::bytea[]) AS rows (id, content) ON CONFLICT (merchant, id) DO NOTHING RETURNING id, number";

const FIND: &str = "SELECT place, number, item.content = rows.content FROM unnest($2::text[], $3::bytea[]) \
     WITH ORDINALITY AS rows (id, content, place) JOIN catalog_item AS item ON item.merchant = $1 AND item.id = rows.id";

const CURRENT: &str = concat!(
    "SELECT rows.place, item.number, ",
    line!(),
    ", item.content FROM unnest($2::text[]) WITH ORDINALITY AS rows (id, place) \
     JOIN catalog_item AS item ON item.merchant = $1 AND item.id = rows.id LEFT JOIN catalog_line AS place \
     ON place.merchant = item.merchant AND place.chunk = item.number / 512"
);

/// What the version before has stays with it.
const RETIRE: &str = concat!(
    "INSERT INTO catalog_former (merchant, id, since, until, line, content) SELECT item.merchant, item.id, item.since, $2, ",
    line!(),
    ", item.content FROM catalog_item AS item LEFT JOIN catalog_line AS place \
     ON place.merchant = item.merchant AND place.chunk = item.number / 512 \
     WHERE item.merchant = $1 AND item.id = ANY ($3) AND item.since < $2"
);

const UPDATE: &str = "UPDATE catalog_item AS item SET since = $2, content = rows.content \
     FROM unnest($3::text[], $4::bytea[]) AS rows (id, content) WHERE item.merchant = $1 AND item.id = rows.id";

const PUT_LINES: &str = "INSERT INTO catalog_line (merchant, chunk, lines) SELECT $1, chunk, lines \
     FROM unnest($2::bigint[], $3::bytea[]) AS chunks (chunk, lines) \
     ON CONFLICT (merchant, chunk) DO UPDATE SET lines = excluded.lines";

/// The transaction of an import, and what it has done so far.
#[derive(Debug)]
pub(super) struct ImportRows {
    client: ClientWrapper,
    merchant: MerchantId,
    version: CatalogVersion,
    before: Option<StoredCatalog>,
    lines: Lines,
    /// Items that the version before does not have.
    added: u64,
    /// Items that it has otherwise.
    changed: u64,
    /// Items that only it has.
    deleted: u64,
    /// Whether the file deletes items.
    has_gone: bool,
    gone_lines: GoneLines,
    /// Whether most rows of the last batch were of items that were not there: the next one is then inserted before it is looked for.
    expects_new: bool,
}

impl ImportRows {
    /// The transaction has begun, and holds the lock of the merchant.
    pub(super) fn new(client: ClientWrapper, merchant: &MerchantId, before: Option<StoredCatalog>) -> Self {
        Self {
            client,
            merchant: merchant.clone(),
            version: CatalogVersion(before.as_ref().map_or(0, |it| it.version.0) + 1),
            expects_new: before.is_none(),
            before,
            lines: Lines::default(),
            added: 0,
            changed: 0,
            deleted: 0,
            has_gone: false,
            gone_lines: GoneLines::default(),
        }
    }

    pub(super) const fn version(&self) -> CatalogVersion {
        self.version
    }

    pub(super) async fn roll_back(self) {
        if let Err(error) = self.client.batch_execute("ROLLBACK").await {
            // Closing the connection rolls back as well.
            tracing::debug!(%error, "store: an import was not rolled back at once");
        }
    }

    async fn query(&self, sql: &'static str, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, StoreError> {
        let rows = async { self.client.query(&self.client.prepare_cached(sql).await?, params).await };
        rows.await.map_err(db_error::store_error)
    }

    /// Rows as the import has left them so far.
    pub(super) async fn current(&self, ids: &[ItemId]) -> Result<Vec<Option<CatalogRow>>, StoreError> {
        let wanted: Vec<&str> = ids.iter().map(ItemId::as_str).collect();
        let mut rows = vec![None; ids.len()];
        for row in self.query(CURRENT, &[&self.merchant.as_str(), &wanted]).await? {
            let place = place(&row);
            let line = self.lines.get(row.get(1));
            if let (Some(id), Some(found)) = (ids.get(place), rows.get_mut(place)) {
                *found = Some(CatalogRow {
                    id: id.clone(),
                    line: line.unwrap_or_else(|| row.get::<_, i64>(2).unsigned_abs()),
                    content: row.get(3),
                });
            }
        }
        Ok(rows)
    }

    /// Writes rows; returns the duplicates by their lines. The deletes of a batch come first: they win wherever they are.
    pub(super) async fn write(&mut self, writes: Vec<CatalogWrite>) -> Result<Vec<DuplicateRow>, StoreError> {
        let (mut items, mut gone) = (Vec::with_capacity(writes.len()), Vec::new());
        for write in writes {
            match write {
                CatalogWrite::Item(row) => items.push(row),
                CatalogWrite::Delete { id, .. } => gone.push(id),
            }
        }
        if !gone.is_empty() {
            self.delete(&gone).await?;
        }
        let mut duplicates = Vec::new();
        if self.has_gone {
            items = self.without_gone(items, &mut duplicates).await?;
        }
        self.write_items(items, &mut duplicates).await?;
        // A batch is inserted, and compared, in several steps.
        duplicates.sort_by_key(|duplicate| duplicate.line);
        Ok(duplicates)
    }

    async fn write_items(
        &mut self,
        items: Vec<CatalogRow>,
        duplicates: &mut Vec<DuplicateRow>,
    ) -> Result<(), StoreError> {
        let count = items.len();
        let rest = match self.expects_new {
            true => self.insert(items).await?,
            false => items,
        };
        let known = rest.len();
        let missing = self.compare(rest, duplicates).await?;
        self.expects_new = (count - known + missing.len()) * 2 > count;
        // What is in the batch twice is there now.
        let twice = self.insert(missing).await?;
        self.compare(twice, duplicates).await?;
        Ok(())
    }

    /// Inserts items; returns those that are there already.
    async fn insert(&mut self, items: Vec<CatalogRow>) -> Result<Vec<CatalogRow>, StoreError> {
        if items.is_empty() {
            return Ok(items);
        }
        let (ids, contents) = columns(&items);
        let params: [&(dyn ToSql + Sync); 4] = [&self.merchant.as_str(), &to_i64(self.version.0), &ids, &contents];
        let rows = self.query(INSERT, &params).await?;
        let mut inserted: HashMap<&str, i64> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        let mut rest = Vec::new();
        for item in items {
            match inserted.remove(item.id.as_str()) {
                Some(number) => {
                    self.lines.set(number, item.line);
                    self.added += 1;
                }
                None => rest.push(item),
            }
        }
        Ok(rest)
    }

    /// Compares items with those that are there, and writes what differs; returns those that are not there.
    async fn compare(
        &mut self,
        items: Vec<CatalogRow>,
        duplicates: &mut Vec<DuplicateRow>,
    ) -> Result<Vec<CatalogRow>, StoreError> {
        if items.is_empty() {
            return Ok(items);
        }
        let (ids, contents) = columns(&items);
        let rows = self.query(FIND, &[&self.merchant.as_str(), &ids, &contents]).await?;
        let found: HashMap<usize, (i64, bool)> =
            rows.iter().map(|row| (place(row), (row.get(1), row.get(2)))).collect();
        let (mut missing, mut changed) = (Vec::new(), Vec::new());
        for (place, item) in items.into_iter().enumerate() {
            let Some((number, is_same)) = found.get(&place) else {
                missing.push(item);
                continue;
            };
            if let Some(first_line) = self.lines.get(*number) {
                duplicates.push(DuplicateRow {
                    id: item.id,
                    first_line,
                    line: item.line,
                });
                continue;
            }
            self.lines.set(*number, item.line);
            if !is_same {
                changed.push(item);
            }
        }
        self.change(&changed).await?;
        Ok(missing)
    }

    async fn change(&mut self, items: &[CatalogRow]) -> Result<(), StoreError> {
        if items.is_empty() {
            return Ok(());
        }
        let (ids, contents) = columns(items);
        let (merchant, version) = (self.merchant.as_str(), to_i64(self.version.0));
        self.query(RETIRE, &[&merchant, &version, &ids]).await?;
        self.query(UPDATE, &[&merchant, &version, &ids, &contents]).await?;
        self.changed += items.len() as u64;
        Ok(())
    }

    pub(super) fn so_far(&self, mode: &ImportMode) -> ImportSoFar {
        let items = self.lines.seen();
        let takes_away = *mode == ImportMode::Replace && items < self.items();
        ImportSoFar {
            items,
            differs: takes_away || self.added + self.changed + self.deleted > 0,
        }
    }

    fn items(&self) -> u64 {
        self.before.as_ref().map_or(0, |it| it.items) + self.added - self.deleted
    }

    /// Removes the rows that the file does not have.
    pub(super) async fn remove_unseen(&mut self) -> Result<(), StoreError> {
        let sql = "SELECT id, number FROM catalog_item WHERE merchant = $1 AND id > $2 ORDER BY id LIMIT $3";
        let mut after = String::new();
        while self.lines.seen() < self.items() {
            let page = self.query(sql, &[&self.merchant.as_str(), &after, &PAGE]).await?;
            let Some(last) = page.last() else {
                break;
            };
            after = last.get(0);
            let unseen: Vec<&str> = page
                .iter()
                .filter(|row| self.lines.get(row.get(1)).is_none())
                .map(|row| row.get(0))
                .collect();
            self.remove(&unseen).await?;
        }
        Ok(())
    }

    /// Puts the version into force: the commit is the switch.
    pub(super) async fn finish(
        &mut self,
        import: ImportRecord,
        record: &str,
        now: Timestamp,
    ) -> Result<StoredCatalog, StoreError> {
        if self.has_gone {
            let sql = "DELETE FROM catalog_gone WHERE merchant = $1";
            self.query(sql, &[&self.merchant.as_str()]).await?;
        }
        self.write_lines().await?;
        let changed = self.added + self.changed;
        let before = self.before.as_ref().filter(|_| changed + self.deleted == 0);
        let stored = match before.map(|before| (before.unchanged_by(&import), before)) {
            Some((Unchanged::Same, before)) => before.clone(),
            Some((Unchanged::Amended, before)) => {
                let sql = "UPDATE catalog_version SET import = $3 WHERE merchant = $1 AND version = $2";
                let version = to_i64(before.version.0);
                self.query(sql, &[&self.merchant.as_str(), &version, &record]).await?;
                StoredCatalog {
                    import,
                    ..before.clone()
                }
            }
            Some((Unchanged::Version, _)) | None => {
                let next = StoredCatalog {
                    merchant: self.merchant.clone(),
                    version: self.version,
                    items: self.items(),
                    changed,
                    deleted: self.deleted,
                    import,
                    since: now,
                    until: None,
                };
                self.put_into_force(&next, record).await?;
                next
            }
        };
        let committed = self.client.batch_execute("COMMIT").await;
        committed.map_err(db_error::store_error)?;
        Ok(stored)
    }

    async fn write_lines(&self) -> Result<(), StoreError> {
        let merchant = self.merchant.as_str();
        let sql = "SELECT chunk, lines FROM catalog_line WHERE merchant = $1 AND chunk = ANY ($2)";
        let chunks: Vec<i64> = self.lines.chunks().collect();
        for chunks in chunks.chunks(CHUNKS) {
            let stored = self.query(sql, &[&merchant, &chunks]).await?;
            let stored: HashMap<i64, &[u8]> = stored.iter().map(|row| (row.get(0), row.get(1))).collect();
            let merged: Vec<Vec<u8>> = chunks
                .iter()
                .map(|chunk| self.lines.merged(*chunk, stored.get(chunk).copied()))
                .collect();
            self.query(PUT_LINES, &[&merchant, &chunks, &merged]).await?;
        }
        Ok(())
    }

    /// Ends the version in force, and begins this one.
    async fn put_into_force(&self, next: &StoredCatalog, record: &str) -> Result<(), StoreError> {
        let (merchant, version) = (self.merchant.as_str(), to_i64(next.version.0));
        let since = to_i64(next.since.millis());
        let end = "UPDATE catalog_version SET until = $2 WHERE merchant = $1 AND until IS NULL";
        self.query(end, &[&merchant, &since]).await?;
        let begin = "INSERT INTO catalog_version (merchant, version, items, changed, deleted, import, since) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let params: [&(dyn ToSql + Sync); 7] = [
            &merchant,
            &version,
            &to_i64(next.items),
            &to_i64(next.changed),
            &to_i64(next.deleted),
            &record,
            &since,
        ];
        self.query(begin, &params).await?;
        let forget = "DELETE FROM catalog_version WHERE merchant = $1 AND version <= $2 AND rows = 'gone' AND version NOT IN \
                      (SELECT max(version) FROM catalog_version WHERE merchant = $1 AND import::jsonb ->> 'mode' = 'replace' \
                      GROUP BY import::jsonb ->> 'source')";
        self.query(forget, &[&merchant, &(version - MOST_RECORDS)]).await?;
        Ok(())
    }
}

/// The place of a row in its batch; SQL counts from 1.
fn place(row: &Row) -> usize {
    usize::try_from(row.get::<_, i64>(0) - 1).unwrap_or(usize::MAX)
}

fn columns(items: &[CatalogRow]) -> (Vec<&str>, Vec<&[u8]>) {
    items
        .iter()
        .map(|item| (item.id.as_str(), item.content.as_slice()))
        .unzip()
}
