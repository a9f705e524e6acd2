//! The lines of rows, as they are stored.

use rusqlite::{Connection, OptionalExtension};

use crate::catalog_lines::{Lines, line_in, position};

/// The line of a row as an import before has stored it; 0 if it did not.
pub(super) fn stored(db: &Connection, row: i64) -> rusqlite::Result<u64> {
    let (chunk, _) = position(row);
    Ok(stored_chunk(db, chunk)?.map_or(0, |lines| line_in(&lines, row)))
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
