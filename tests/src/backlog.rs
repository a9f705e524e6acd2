//! What a host still has to do, read from the database file directly, not through the host.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::host::{DATABASE, TestHost};

/// Unfinished work of a host, read from its store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// States of the payment attempts that are not final, such as `charging`. The host has no work with one that waits for the buyer.
    pub attempts: Vec<String>,
    /// States of the refunds that are not over, such as `sent`.
    pub refunds: Vec<String>,
    /// States of the uploads of feeds that are not over, such as `uploading`.
    pub feeds: Vec<String>,
    /// Messages queued in the outbox.
    pub messages: Vec<Waiting>,
}

/// A message queued in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Kind of the message, as the store names it.
    pub kind: String,
    /// How often delivery was attempted.
    pub tries: u32,
}

impl Backlog {
    /// Reads the SQLite store in this folder.
    #[must_use]
    pub fn of(store: &Path) -> Self {
        let db = open(store);
        Self {
            attempts: rows(
                &db,
                "SELECT state FROM attempt WHERE state NOT IN \
                 ('approved', 'declined', 'failed', 'voided', 'authentication_required')",
                |row| row.get(0),
            ),
            refunds: rows(
                &db,
                "SELECT state FROM refund WHERE state NOT IN ('done', 'declined')",
                |row| row.get(0),
            ),
            feeds: rows(
                &db,
                "SELECT status FROM feed_upload WHERE status IN ('asked', 'uploading', 'processing')",
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

    /// Whether nothing is left to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.attempts.is_empty() && self.refunds.is_empty() && self.feeds.is_empty() && self.messages.is_empty()
    }

    /// Delivery attempts of the only queued message of a kind; zero if none is queued.
    #[must_use]
    pub fn tries(&self, kind: &str) -> u32 {
        let mut of_kind = self.messages.iter().filter(|message| message.kind == kind);
        of_kind.next().map_or(0, |message| message.tries)
    }
}

impl TestHost {
    /// Number of rows in a table of the host's store, with an optional condition: `inbox`, `outbox WHERE state = 'dead'`.
    #[must_use]
    pub fn rows_in(&self, part: &str) -> i64 {
        let db = open(&self.store_folder());
        rows(&db, &format!("SELECT count(*) FROM {part}"), |row| row.get(0))[0]
    }

    /// Attempts and messages that this host has not finished.
    #[must_use]
    pub fn backlog(&self) -> Backlog {
        Backlog::of(&self.store_folder())
    }
}

fn open(store: &Path) -> Connection {
    Connection::open_with_flags(store.join(DATABASE), OpenFlags::SQLITE_OPEN_READ_ONLY)
        .expect("the database can be opened")
}

fn rows<T>(db: &Connection, sql: &str, read: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
    let mut statement = db.prepare(sql).expect("the tables exist");
    let rows = statement.query_map([], read).expect("the query succeeds");
    rows.collect::<Result<_, _>>().expect("the rows can be read")
}
