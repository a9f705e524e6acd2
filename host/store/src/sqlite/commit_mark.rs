//! The number of the last commit, in the database, and its memory beside the database.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;

use super::open::SqliteOpenError;
use crate::column::to_i64;
use crate::commit_marks::{CommitMarks, CommitNumber, Identity, MarkFile};
use tillhouse_checkout::ports::Rewound;

/// Name of the memory's file in the folder of the store.
pub(super) const MEMORY: &str = "commits";

/// Schema version from which on a database has a number.
const SINCE_VERSION: i32 = 6;

/// The memory of this folder, compared with its database.
///
/// In one folder there is one store: a database with another id was put there in place of the one that is remembered.
pub(super) fn open(folder: &Path, db: &Connection) -> Result<CommitMarks, SqliteOpenError> {
    let (file, remembered) = MarkFile::open(&folder.join(MEMORY))?;
    let (store, found) = read(db)?;
    let identity = Identity {
        store,
        host: String::new(),
    };
    let Some(remembered) = remembered else {
        let marks = CommitMarks::begin(identity, Some(file))?;
        marks.compare(&[], &found);
        return Ok(marks);
    };
    let is_other = remembered.identity.store != identity.store;
    let marks = CommitMarks::resume(identity, file, &remembered);
    if is_other {
        marks.note_rewound(Rewound::OtherStore);
    } else if marks.rewound().is_none() {
        marks.compare(&marks.confirmed(), &found);
    }
    Ok(marks)
}

/// What a host that starts would say of this folder; changes nothing. `None` as well if a host has it, which says so itself.
pub(super) fn inspect(folder: &Path, db: &Connection, version: i32) -> rusqlite::Result<Option<Rewound>> {
    // Before the database: with a host that runs, the database is ahead.
    let Some(remembered) = MarkFile::peek(&folder.join(MEMORY)) else {
        return Ok(None);
    };
    if version < SINCE_VERSION {
        return Ok(Some(Rewound::OtherStore));
    }
    let (store, found) = read(db)?;
    Ok(remembered.compare(&store, &found))
}

/// The id of the store, and its number in the only slot.
pub(super) fn read(db: &Connection) -> rusqlite::Result<(String, BTreeMap<usize, u64>)> {
    db.query_row("SELECT store, number FROM commit_mark", [], |row| {
        let number: i64 = row.get(1)?;
        Ok((row.get(0)?, BTreeMap::from([(0, number.unsigned_abs())])))
    })
}

/// Writes the number of the commit in progress.
pub(super) fn write(db: &Connection, number: &CommitNumber<'_>) -> rusqlite::Result<()> {
    let mut statement = db.prepare_cached("UPDATE commit_mark SET number = ?1")?;
    statement.execute([to_i64(number.number)]).map(|_| ())
}
