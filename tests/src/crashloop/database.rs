//! The store of the hosts, read directly and not through a host.

mod postgres;
mod sqlite;

use std::path::Path;
use std::time::{Duration, Instant};

use crate::history::{Attempt, SearchedPlace};
use crate::postgres::Shutdown;

use postgres::Postgres;
use sqlite::Sqlite;

/// Reads payment attempts; valid SQL for both engines.
const ATTEMPTS: &str = "SELECT reference, session, charge_sent IS NOT NULL FROM attempt";

/// Discrepancies that the hosts keep for the operator, without the name of the table.
const DISCREPANCIES: &str = "SELECT merchant, kind, subject, attempt FROM";

/// The store of a run, on one of the two engines.
#[derive(Debug)]
pub(super) enum Database {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Database {
    /// Opens a store that this many hosts can share.
    ///
    /// # Panics
    /// When there are several hosts and PostgreSQL is not installed.
    pub(super) async fn open(hosts: u32, folder: &Path) -> Self {
        if hosts > 1 {
            Self::Postgres(Postgres::start().await)
        } else {
            Self::Sqlite(Sqlite::within(folder))
        }
    }

    /// The store's URL for the hosts' configuration.
    pub(super) fn url(&self) -> String {
        match self {
            Self::Sqlite(sqlite) => sqlite.url(),
            Self::Postgres(postgres) => postgres.url().to_owned(),
        }
    }

    /// Payment attempts that the hosts recorded; read after the hosts have ended.
    pub(super) async fn attempts(&self) -> Vec<Attempt> {
        match self {
            Self::Sqlite(sqlite) => sqlite.attempts(),
            Self::Postgres(postgres) => postgres.attempts().await,
        }
    }

    /// Merchant, kind, subject and attempt of every discrepancy.
    pub(super) async fn discrepancies(&self) -> Vec<Vec<Option<String>>> {
        let table = match self {
            Self::Sqlite(_) => "break",
            Self::Postgres(_) => "breaks",
        };
        self.texts(&format!("{DISCREPANCIES} {table}")).await
    }

    /// The rows of a query, all of whose columns are text.
    pub(super) async fn texts(&self, sql: &str) -> Vec<Vec<Option<String>>> {
        match self {
            Self::Sqlite(sqlite) => sqlite.texts(sql),
            Self::Postgres(postgres) => postgres.texts(sql).await,
        }
    }

    /// Everything stored at rest, to be searched for secrets.
    pub(super) async fn places(&self) -> Vec<SearchedPlace> {
        match self {
            Self::Sqlite(sqlite) => sqlite.places(),
            Self::Postgres(postgres) => postgres.places().await,
        }
    }

    /// Stops the database while the hosts run, waits for `away`, and starts it again.
    pub(super) async fn restart(&self, how: Shutdown, away: Duration) {
        match self {
            Self::Sqlite(_) => panic!("SQLite has no server to restart"),
            Self::Postgres(postgres) => postgres.restart(how, away).await,
        }
    }

    /// When the last outage ended; now, during an outage.
    pub(super) fn away_until(&self) -> Option<Instant> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(postgres) => postgres.away_until(),
        }
    }
}

fn place(path: &Path) -> SearchedPlace {
    SearchedPlace {
        name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        bytes: std::fs::read(path).expect("the file can be read"),
    }
}

/// The files of a folder, with their contents.
fn files(folder: &Path) -> Vec<SearchedPlace> {
    let entries = std::fs::read_dir(folder).expect("the folder can be read").flatten();
    let files = entries.map(|entry| entry.path()).filter(|path| path.is_file());
    files.map(|path| place(&path)).collect()
}
