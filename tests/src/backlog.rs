//! What a host still has to do, read from its store behind its back.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::host::{DATABASE, TestHost};

/// What a host still has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// Payment attempts that are not at an end.
    pub attempts: Vec<String>,
    /// Messages that wait in the outbox.
    pub messages: Vec<Waiting>,
}

/// A message that waits in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its kind.
    pub kind: String,
    /// How often it was tried.
    pub tries: u32,
}

impl Backlog {
    /// Of the store in that folder.
    #[must_use]
    pub fn of(store: &Path) -> Self {
        let db = open(store);
        Self {
            attempts: rows(
                &db,
                "SELECT state FROM attempt WHERE state NOT IN ('approved', 'declined', 'failed', 'voided')",
                |row| row.get(0),
            ),
            messages: rows(&db, "SELECT kind, tries FROM outbox WHERE state = 'queued'", |row| {
                Ok(Waiting {
                    kind: row.get(0)?,
                    tries: row.get(1)?,
                })
            }),
        }
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.attempts.is_empty() && self.messages.is_empty()
    }

    /// How often the one waiting message of a kind was tried; zero where none waits.
    #[must_use]
    pub fn tries(&self, kind: &str) -> u32 {
        let mut of_kind = self.messages.iter().filter(|message| message.kind == kind);
        of_kind.next().map_or(0, |message| message.tries)
    }
}

impl TestHost {
    /// How many rows there are in a table of its store: `inbox`, `outbox WHERE state = 'dead'`.
    #[must_use]
    pub fn rows_in(&self, part: &str) -> i64 {
        let db = open(&self.store_folder());
        rows(&db, &format!("SELECT count(*) FROM {part}"), |row| row.get(0))[0]
    }

    /// What it still has to do.
    #[must_use]
    pub fn backlog(&self) -> Backlog {
        Backlog::of(&self.store_folder())
    }
}

fn open(store: &Path) -> Connection {
    Connection::open_with_flags(store.join(DATABASE), OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the store")
}

fn rows<T>(db: &Connection, sql: &str, read: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
    let mut statement = db.prepare(sql).expect("the tables of the store");
    let rows = statement.query_map([], read).expect("a query");
    rows.collect::<Result<_, _>>().expect("rows as they were written")
}
