//! The transaction of one import. Whatever is not committed leaves nothing.

use std::rc::Rc;

use rusqlite::{CachedStatement, Connection, OptionalExtension};

use super::file;
use super::lines::{self, StoredLines};
use super::versions;
use crate::catalog_lines::{GoneLines, Lines};
use crate::column::{to_i64, to_json};
use crate::sqlite::read_error::ReadError;
use tillhouse_checkout::catalog::{
    CatalogRow, CatalogVersion, CatalogWrite, DuplicateRow, ImportMode, ImportRecord, ImportSoFar, StoredCatalog,
    Unchanged,
};
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::ports::StoreError;
use tillhouse_checkout::time::Timestamp;

/// Rows that are looked through at a time for those that the file does not have.
const PAGE: i64 = 4096;

const INSERT: &str =
    "INSERT INTO item (merchant, id, since, content) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (merchant, id) DO NOTHING";
const FIND: &str = "SELECT row, since, content = ?3 FROM item WHERE merchant = ?1 AND id = ?2";
const RETIRE: &str = "INSERT INTO former (merchant, id, since, until, line, content) \
     SELECT merchant, id, since, ?2, ?3, content FROM item WHERE row = ?1";

/// An import under way.
#[derive(Debug)]
pub(super) struct ImportTransaction {
    db: Rc<Connection>,
    merchant: MerchantId,
    number: i64,
    version: CatalogVersion,
    mode: ImportMode,
    before: Option<StoredCatalog>,
    lines: Lines,
    stored_lines: StoredLines,
    /// Items that the version before does not have.
    added: u64,
    /// Items that it has otherwise.
    changed: u64,
    /// Items that only it has.
    deleted: u64,
    /// Items that the file deletes, wherever it does.
    gone: u64,
    gone_lines: GoneLines,
    /// Whether the last row was of an item that was not there: the next one is then inserted before it is looked for.
    expects_new: bool,
}

/// What is executed for each row. Looking a statement up takes as long as executing it.
struct RowStatements<'db> {
    insert: CachedStatement<'db>,
    find: CachedStatement<'db>,
}

impl<'db> RowStatements<'db> {
    fn prepare(db: &'db Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            insert: db.prepare_cached(INSERT)?,
            find: db.prepare_cached(FIND)?,
        })
    }
}

/// A row of the table that is there already.
struct FoundItem {
    row: i64,
    since: i64,
    /// Whether its content is the one that is to be written.
    is_same: bool,
}

impl ImportTransaction {
    /// Begins the next version: one after that in force, and after this one.
    pub(super) fn begin(
        db: Connection,
        merchant: &MerchantId,
        mode: ImportMode,
        after: CatalogVersion,
    ) -> Result<Self, ReadError> {
        db.execute_batch("BEGIN IMMEDIATE")?;
        let number = versions::merchant_number(&db, merchant)?;
        let before = versions::in_force(&db, merchant)?;
        Ok(Self {
            merchant: merchant.clone(),
            number,
            version: CatalogVersion(before.as_ref().map_or(after, |it| it.version.max(after)).0 + 1),
            mode,
            expects_new: before.is_none(),
            before,
            lines: Lines::default(),
            stored_lines: StoredLines::default(),
            added: 0,
            changed: 0,
            deleted: 0,
            gone: 0,
            gone_lines: GoneLines::default(),
            db: Rc::new(db),
        })
    }

    pub(super) const fn version(&self) -> CatalogVersion {
        self.version
    }

    /// Rows as the import has left them so far.
    pub(super) fn current(&self, ids: &[ItemId]) -> Result<Vec<Option<CatalogRow>>, ReadError> {
        let mut find = self
            .db
            .prepare_cached("SELECT row, content FROM item WHERE merchant = ?1 AND id = ?2")?;
        let mut rows = Vec::with_capacity(ids.len());
        for id in ids {
            let found = find
                .query_row((self.number, id.as_str()), |row| {
                    Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?))
                })
                .optional()?;
            rows.push(match found {
                Some((row, content)) => Some(CatalogRow {
                    id: id.clone(),
                    line: self.line(row)?,
                    content,
                }),
                None => None,
            });
        }
        Ok(rows)
    }

    /// Writes rows; returns the duplicates.
    pub(super) fn write(&mut self, mut writes: Vec<CatalogWrite>) -> Result<Vec<DuplicateRow>, ReadError> {
        let db = Rc::clone(&self.db);
        let mut statements = RowStatements::prepare(&db)?;
        let mut duplicates = Vec::new();
        // Neighbours in the index are in the same pages. The rows of an item stay in the order of the file.
        writes.sort_by(|one, other| one.id().cmp(other.id()));
        for write in writes {
            match write {
                CatalogWrite::Item(row) => {
                    if let Some(first_line) = self.write_item(&mut statements, &row)? {
                        duplicates.push(DuplicateRow {
                            id: row.id,
                            first_line,
                            line: row.line,
                        });
                    }
                }
                CatalogWrite::Delete { id, .. } => self.delete(&mut statements, &id)?,
            }
        }
        duplicates.sort_by_key(|duplicate| duplicate.line);
        Ok(duplicates)
    }

    /// Returns the line of the row that the import has for this item already, if it has one.
    fn write_item(&mut self, statements: &mut RowStatements<'_>, row: &CatalogRow) -> Result<Option<u64>, ReadError> {
        if self.gone > 0 && self.is_gone(&row.id)? {
            return Ok(self.gone_lines.note(row.id.as_str(), row.line));
        }
        if self.expects_new && self.insert(statements, row)? {
            return Ok(None);
        }
        let Some(found) = self.find(statements, row)? else {
            self.expects_new = true;
            self.insert(statements, row)?;
            return Ok(None);
        };
        self.expects_new = false;
        if let Some(first_line) = self.lines.get(found.row) {
            return Ok(Some(first_line));
        }
        if !found.is_same {
            self.retire(found.row)?;
            self.db
                .prepare_cached("UPDATE item SET since = ?2, content = ?3 WHERE row = ?1")?
                .execute((found.row, to_i64(self.version.0), row.content.as_slice()))?;
            self.changed += 1;
        }
        self.lines.set(found.row, row.line);
        Ok(None)
    }

    /// Inserts an item that is not there; false if it is.
    fn insert(&mut self, statements: &mut RowStatements<'_>, row: &CatalogRow) -> rusqlite::Result<bool> {
        let values = (
            self.number,
            row.id.as_str(),
            to_i64(self.version.0),
            row.content.as_slice(),
        );
        let inserted = statements.insert.execute(values)?;
        if inserted == 0 {
            return Ok(false);
        }
        self.added += 1;
        self.lines.set(self.db.last_insert_rowid(), row.line);
        Ok(true)
    }

    fn find(&self, statements: &mut RowStatements<'_>, row: &CatalogRow) -> rusqlite::Result<Option<FoundItem>> {
        statements
            .find
            .query_row((self.number, row.id.as_str(), row.content.as_slice()), |found| {
                Ok(FoundItem {
                    row: found.get(0)?,
                    since: found.get(1)?,
                    is_same: found.get(2)?,
                })
            })
            .optional()
    }

    fn is_gone(&self, id: &ItemId) -> rusqlite::Result<bool> {
        self.db
            .prepare_cached("SELECT 1 FROM gone WHERE id = ?1")?
            .exists([id.as_str()])
    }

    fn delete(&mut self, statements: &mut RowStatements<'_>, id: &ItemId) -> Result<(), ReadError> {
        let marked = self
            .db
            .prepare_cached("INSERT INTO gone (id) VALUES (?1) ON CONFLICT DO NOTHING")?
            .execute([id.as_str()])?;
        self.gone += marked as u64;
        let wanted = CatalogRow {
            id: id.clone(),
            line: 0,
            content: Vec::new(),
        };
        let Some(found) = self.find(statements, &wanted)? else {
            return Ok(());
        };
        if let Some(line) = self.lines.get(found.row) {
            self.gone_lines.note(id.as_str(), line);
        }
        self.remove(found.row, found.since, id.as_str())
    }

    /// Takes a row out of this version. What the version before has of the item stays with it.
    fn remove(&mut self, row: i64, since: i64, id: &str) -> Result<(), ReadError> {
        let version = to_i64(self.version.0);
        if since < version {
            self.retire(row)?;
            self.deleted += 1;
        } else if self
            .db
            .prepare_cached("SELECT 1 FROM former WHERE merchant = ?1 AND id = ?2 AND until = ?3")?
            .exists((self.number, id, version))?
        {
            self.changed -= 1;
            self.deleted += 1;
        } else {
            self.added -= 1;
        }
        self.db
            .prepare_cached("DELETE FROM item WHERE row = ?1")?
            .execute([row])?;
        self.lines.clear(row);
        Ok(())
    }

    /// Keeps a row of the version before for those who read that.
    fn retire(&self, row: i64) -> Result<(), ReadError> {
        let line = to_i64(self.stored_lines.line(&self.db, row)?);
        self.db
            .prepare_cached(RETIRE)?
            .execute((row, to_i64(self.version.0), line))?;
        Ok(())
    }

    fn line(&self, row: i64) -> rusqlite::Result<u64> {
        self.lines
            .get(row)
            .map_or_else(|| self.stored_lines.line(&self.db, row), Ok)
    }

    pub(super) fn so_far(&self) -> ImportSoFar {
        let items = self.lines.seen();
        let takes_away = self.mode == ImportMode::Replace && items < self.items();
        ImportSoFar {
            items,
            differs: takes_away || self.added + self.changed + self.deleted > 0,
        }
    }

    fn items(&self) -> u64 {
        self.before.as_ref().map_or(0, |it| it.items) + self.added - self.deleted
    }

    /// Removes the rows that the file does not have.
    fn remove_unseen(&mut self) -> Result<(), ReadError> {
        let mut after = String::new();
        while self.lines.seen() < self.items() {
            let page: Vec<(i64, String)> = self
                .db
                .prepare_cached("SELECT row, id FROM item WHERE merchant = ?1 AND id > ?2 ORDER BY id LIMIT ?3")?
                .query_map((self.number, &after, PAGE), |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()?;
            let Some((_, last)) = page.last() else {
                break;
            };
            after.clone_from(last);
            for (row, id) in page {
                if self.lines.get(row).is_none() {
                    // Seen rows alone are of this version.
                    self.remove(row, 0, &id)?;
                }
            }
        }
        Ok(())
    }

    /// Puts the version into force: the commit is the switch.
    pub(super) fn finish(&mut self, import: ImportRecord, now: Timestamp) -> Result<StoredCatalog, ReadError> {
        if self.mode == ImportMode::Replace {
            self.remove_unseen()?;
        }
        self.db.execute("DELETE FROM gone", [])?;
        lines::write(&self.db, &self.lines)?;
        let changed = self.added + self.changed;
        let before = self.before.as_ref().filter(|_| changed + self.deleted == 0);
        let stored = match before.map(|before| (before.unchanged_by(&import), before)) {
            Some((Unchanged::Same, before)) => before.clone(),
            Some((Unchanged::Amended, before)) => {
                versions::amend(&self.db, self.number, before.version, &to_json(&import)?)?;
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
                versions::put_into_force(&self.db, self.number, &next, &to_json(&next.import)?)?;
                next
            }
        };
        self.db.execute_batch("COMMIT")?;
        Ok(stored)
    }

    /// Ends the connection; what was not committed is rolled back.
    pub(super) fn end(self) {
        if !self.db.is_autocommit()
            && let Err(error) = self.db.execute_batch("ROLLBACK")
        {
            // Closing the connection rolls back as well.
            tracing::warn!(%error, "store: an import was not rolled back at once");
        }
        file::checkpoint(&self.db);
    }
}

/// An import that cannot go on says so to those who ask it later.
pub(super) fn broken() -> StoreError {
    StoreError::new("the import failed before, and nothing of it is kept; begin it again")
}
