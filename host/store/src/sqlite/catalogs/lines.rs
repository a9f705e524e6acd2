//! The lines of rows, as they are stored.

use std::cell::RefCell;

use rusqlite::{Connection, OptionalExtension};

use crate::catalog_lines::{Lines, line_in, position};

/// Reads the lines of rows that imports before have stored. Rows that follow each other are in one chunk.
#[derive(Debug, Default)]
pub(super) struct StoredLines {
    last: RefCell<Option<(i64, Vec<u8>)>>,
}

impl StoredLines {
    /// The line of a row; 0 if it has none.
    pub(super) fn line(&self, db: &Connection, row: i64) -> rusqlite::Result<u64> {
        let (chunk, _) = position(row);
        let mut last = self.last.borrow_mut();
        if last.as_ref().is_none_or(|(known, _)| *known != chunk) {
            *last = Some((chunk, stored_chunk(db, chunk)?.unwrap_or_default()));
        }
        Ok(last.as_ref().map_or(0, |(_, lines)| line_in(lines, row)))
    }
}

/// Writes the lines of all rows that were seen over those from imports before.
pub(super) fn write(db: &Connection, lines: &Lines) -> rusqlite::Result<()> {
    let mut put = db.prepare("REPLACE INTO line (chunk, lines) VALUES (?1, ?2)")?;
    for chunk in lines.chunks() {
        let before = stored_chunk(db, chunk)?;
        put.execute((chunk, lines.merged(chunk, before.as_deref())))?;
    }
    Ok(())
}

fn stored_chunk(db: &Connection, chunk: i64) -> rusqlite::Result<Option<Vec<u8>>> {
    db.prepare_cached("SELECT lines FROM line WHERE chunk = ?1")?
        .query_row([chunk], |row| row.get(0))
        .optional()
}
