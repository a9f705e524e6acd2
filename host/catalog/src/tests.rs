//! Feeds as files: what is read of them, and every rule.

mod encodings;
mod generated;
mod in_memory;
mod increments;
mod rules;
mod writers;

use std::io::{self, Read};

use crate::{FeedReader, FeedRecord, Problem, ReadOptions};

/// A file in pieces of a few bytes, as a slow source gives it.
struct Pieces<'f> {
    rest: &'f [u8],
    size: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.size.min(buffer.len());
        (&mut self.rest).take(size as u64).read(buffer)
    }
}

/// Everything that is wrong with a file.
fn problems(file: &[u8], options: &ReadOptions) -> Vec<Problem> {
    let reader = match FeedReader::open(file, options) {
        Ok(reader) => reader,
        Err(problems) => return problems,
    };
    let mut found = reader.header_problems().to_vec();
    for record in reader {
        match record {
            Ok(FeedRecord::Row { problems, .. } | FeedRecord::Refused { problems, .. }) => found.extend(problems),
            Ok(FeedRecord::Delete { .. }) => {}
            Err(problem) => found.push(problem),
        }
    }
    found
}

/// The rows of a file, each as the texts of its cells that are kept, with the id before them.
fn rows(file: impl Read, options: &ReadOptions) -> Vec<Vec<(String, String)>> {
    let reader = FeedReader::open(file, options).unwrap_or_else(|problems| panic!("{problems:?}"));
    reader
        .map(|record| match record.unwrap() {
            FeedRecord::Row { row, .. } => {
                let cells = crate::Cells::new(&row.content).unwrap();
                let cells = cells.map(|(name, value)| (name.to_owned(), value.to_owned()));
                std::iter::once(("id".to_owned(), row.id.to_string()))
                    .chain(cells)
                    .collect()
            }
            other => panic!("{other:?}"),
        })
        .collect()
}
