//! SQLite: a folder beside the configuration.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use crate::history::{Attempt, SearchedPlace};

use super::{ATTEMPTS, files};

/// The store's folder, relative to the configuration.
const FOLDER: &str = "store";

/// Name of the database file in [`FOLDER`].
const FILE: &str = "tillhouse.db";

#[derive(Debug)]
pub(in super::super) struct Sqlite {
    folder: PathBuf,
}

impl Sqlite {
    pub(super) fn within(folder: &Path) -> Self {
        Self {
            folder: folder.join(FOLDER),
        }
    }

    pub(super) fn url(&self) -> String {
        format!("sqlite:{}", self.folder.display())
    }

    fn open(&self) -> Connection {
        let file = self.folder.join(FILE);
        Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the database can be opened")
    }

    pub(super) fn texts(&self, sql: &str) -> Vec<Vec<Option<String>>> {
        let db = self.open();
        let mut rows = db.prepare(sql).expect("the tables exist");
        let columns = rows.column_count();
        let rows = rows.query_map([], |row| (0..columns).map(|column| row.get(column)).collect());
        rows.expect("the tables can be queried")
            .collect::<Result<_, _>>()
            .expect("the rows can be read")
    }

    pub(super) fn attempts(&self) -> Vec<Attempt> {
        let db = self.open();
        let mut rows = db.prepare(ATTEMPTS).expect("the table of attempts exists");
        let rows = rows.query_map([], |row| {
            Ok(Attempt {
                reference: row.get(0)?,
                checkout: row.get(1)?,
                charging: row.get(2)?,
            })
        });
        rows.expect("the attempts can be queried")
            .collect::<Result<_, _>>()
            .expect("the attempts can be read")
    }

    /// The database with the other files of its folder.
    pub(super) fn places(&self) -> Vec<SearchedPlace> {
        files(&self.folder)
    }
}
