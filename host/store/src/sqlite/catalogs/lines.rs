//! The lines of a file at which an import found each row: which rows it has seen, and where a duplicate was first.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension};

/// Rows per chunk.
const CHUNK: usize = 512;

/// Lines by the number of their row. Four bytes for each row of the table, whatever the length of the ids.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// 0 is not a line: the row was not seen.
    chunks: HashMap<i64, Box<[u32; CHUNK]>>,
    seen: u64,
}

impl Lines {
    /// The line of a row that was seen.
    pub(super) fn get(&self, row: i64) -> Option<u64> {
        let (chunk, place) = position(row);
        let line = self.chunks.get(&chunk)?.get(place)?;
        (*line != 0).then_some(u64::from(*line))
    }

    /// Notes the line of a row.
    pub(super) fn set(&mut self, row: i64, line: u64) {
        let line = u32::try_from(line).unwrap_or(u32::MAX).max(1);
        self.replace(row, line);
    }

    /// Forgets a row that is gone.
    pub(super) fn clear(&mut self, row: i64) {
        self.replace(row, 0);
    }

    fn replace(&mut self, row: i64, line: u32) {
        let (chunk, place) = position(row);
        let chunk = self.chunks.entry(chunk).or_insert_with(|| Box::new([0; CHUNK]));
        if let Some(kept) = chunk.get_mut(place) {
            self.seen = self.seen + u64::from(line != 0) - u64::from(*kept != 0);
            *kept = line;
        }
    }

    /// Number of rows that were seen.
    pub(super) const fn seen(&self) -> u64 {
        self.seen
    }

    /// Writes the lines of all rows that were seen over those from imports before.
    pub(super) fn write(&self, db: &Connection) -> rusqlite::Result<()> {
        let mut put = db.prepare("REPLACE INTO line (chunk, lines) VALUES (?1, ?2)")?;
        for (number, chunk) in &self.chunks {
            let before = stored_chunk(db, *number)?;
            let lines: Vec<u8> = chunk
                .iter()
                .enumerate()
                .flat_map(|(place, line)| {
                    match line {
                        0 => before.as_deref().map_or(0, |lines| at(lines, place)),
                        line => *line,
                    }
                    .to_le_bytes()
                })
                .collect();
            put.execute((number, lines))?;
        }
        Ok(())
    }
}

/// The line of a row as an import before has stored it; 0 if it did not.
pub(super) fn stored(db: &Connection, row: i64) -> rusqlite::Result<u64> {
    let (chunk, place) = position(row);
    Ok(stored_chunk(db, chunk)?.map_or(0, |lines| u64::from(at(&lines, place))))
}

fn stored_chunk(db: &Connection, chunk: i64) -> rusqlite::Result<Option<Vec<u8>>> {
    db.prepare_cached("SELECT lines FROM line WHERE chunk = ?1")?
        .query_row([chunk], |row| row.get(0))
        .optional()
}

fn at(lines: &[u8], place: usize) -> u32 {
    let bytes = lines
        .get(place * 4..place * 4 + 4)
        .and_then(|bytes| bytes.try_into().ok());
    bytes.map_or(0, u32::from_le_bytes)
}

fn position(row: i64) -> (i64, usize) {
    let size = CHUNK as i64;
    (row.div_euclid(size), usize::try_from(row.rem_euclid(size)).unwrap_or(0))
}
