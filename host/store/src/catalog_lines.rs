//! The lines of a file at which an import found each row: which rows it has seen, and where a duplicate was first.
//!
//! Both engines number the rows of a table, and keep their lines beside them in chunks: a row that is the same in the next file at
//! another line is not written again.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

/// Rows whose lines are stored together.
pub(crate) const CHUNK: usize = 512;

/// Lines by the number of their row. Four bytes for each row of the table, whatever the length of the ids.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// 0 is not a line: the row was not seen.
    chunks: HashMap<i64, Box<[u32; CHUNK]>>,
    seen: u64,
}

impl Lines {
    /// The line of a row that was seen.
    pub(crate) fn get(&self, row: i64) -> Option<u64> {
        let (chunk, place) = position(row);
        let line = self.chunks.get(&chunk)?.get(place)?;
        (*line != 0).then_some(u64::from(*line))
    }

    /// Notes the line of a row.
    pub(crate) fn set(&mut self, row: i64, line: u64) {
        let line = u32::try_from(line).unwrap_or(u32::MAX).max(1);
        self.replace(row, line);
    }

    /// Forgets a row that is gone.
    pub(crate) fn clear(&mut self, row: i64) {
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
    pub(crate) const fn seen(&self) -> u64 {
        self.seen
    }

    /// Numbers of the chunks in which a row was seen.
    pub(crate) fn chunks(&self) -> impl Iterator<Item = i64> {
        self.chunks.keys().copied()
    }

    /// A chunk as it is stored, over what imports before have stored of it.
    pub(crate) fn merged(&self, chunk: i64, before: Option<&[u8]>) -> Vec<u8> {
        let seen = self.chunks.get(&chunk).into_iter().flat_map(|lines| lines.iter());
        let merged = seen.enumerate().flat_map(|(place, line)| {
            let line = match line {
                0 => before.map_or(0, |lines| at(lines, place)),
                line => *line,
            };
            line.to_le_bytes()
        });
        merged.collect()
    }
}

/// Lines of rows whose items the file deletes, by a hash of their ids. They are not in the table, and are duplicates all the same:
/// which rows a file has twice does not depend on where it deletes them.
#[derive(Debug, Default)]
pub(crate) struct GoneLines {
    hasher: RandomState,
    lines: HashMap<u64, u32>,
}

impl GoneLines {
    /// Notes the line of a row, unless there was one before, whose line is returned.
    pub(crate) fn note(&mut self, id: &str, line: u64) -> Option<u64> {
        let mut first = None;
        let noted = self.lines.entry(self.hasher.hash_one(id));
        noted
            .and_modify(|line| first = Some(u64::from(*line)))
            .or_insert_with(|| u32::try_from(line).unwrap_or(u32::MAX));
        first
    }
}

/// The line of a row in the stored chunk that it is in.
pub(crate) fn line_in(chunk: &[u8], row: i64) -> u64 {
    u64::from(at(chunk, position(row).1))
}

fn at(lines: &[u8], place: usize) -> u32 {
    let bytes = lines
        .get(place * 4..place * 4 + 4)
        .and_then(|bytes| bytes.try_into().ok());
    bytes.map_or(0, u32::from_le_bytes)
}

/// The chunk of a row, and its place there.
pub(crate) fn position(row: i64) -> (i64, usize) {
    let size = CHUNK as i64;
    (row.div_euclid(size), usize::try_from(row.rem_euclid(size)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_an_import_are_over_those_of_imports_before() {
        let mut first = Lines::default();
        first.set(1, 10);
        first.set(2, 11);
        first.set(513, 12);
        let stored = first.merged(0, None);
        let mut second = Lines::default();
        second.set(2, 5);
        second.set(3, 6);
        second.clear(3);
        assert_eq!((second.seen(), second.get(2), second.get(3)), (1, Some(5), None));
        let stored = second.merged(0, Some(&stored));
        let lines = [1, 2, 3].map(|row| line_in(&stored, row));
        assert_eq!(lines, [10, 5, 0]);
        assert_eq!(stored.len(), CHUNK * 4);
    }
}
