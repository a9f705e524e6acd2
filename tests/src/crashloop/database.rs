//! The store of the hosts, as somebody sees it who does not go through them.

mod postgres;
mod sqlite;

use std::path::Path;
use std::time::{Duration, Instant};

use crate::history::{Attempt, Place};
use crate::postgres::Shutdown;

use postgres::Postgres;
use sqlite::Sqlite;

/// Where attempts are, in the words of both engines.
const ATTEMPTS: &str = "SELECT reference, session, charge_sent IS NOT NULL FROM attempt";

/// Either engine.
#[derive(Debug)]
pub(super) enum Database {
    /// For one host.
    Sqlite(Sqlite),
    /// For several.
    Postgres(Postgres),
}

impl Database {
    /// One that so many hosts can share.
    ///
    /// # Panics
    /// When there are several and PostgreSQL is not installed.
    pub(super) async fn open(hosts: u32, folder: &Path) -> Self {
        if hosts > 1 {
            Self::Postgres(Postgres::start().await)
        } else {
            Self::Sqlite(Sqlite::within(folder))
        }
    }

    /// What hosts are told.
    pub(super) fn url(&self) -> String {
        match self {
            Self::Sqlite(sqlite) => sqlite.url(),
            Self::Postgres(postgres) => postgres.url().to_owned(),
        }
    }

    /// The hosts' own word, read after they have ended.
    pub(super) async fn attempts(&self) -> Vec<Attempt> {
        match self {
            Self::Sqlite(sqlite) => sqlite.attempts(),
            Self::Postgres(postgres) => postgres.attempts().await,
        }
    }

    /// Everything that is at rest in it.
    pub(super) async fn places(&self) -> Vec<Place> {
        match self {
            Self::Sqlite(sqlite) => sqlite.places(),
            Self::Postgres(postgres) => postgres.places().await,
        }
    }

    /// Stop it under the hosts, leave it away for so long, and start it again.
    pub(super) async fn restart(&self, how: Shutdown, away: Duration) {
        match self {
            Self::Sqlite(_) => panic!("SQLite is no server that could be restarted"),
            Self::Postgres(postgres) => postgres.restart(how, away).await,
        }
    }

    /// Until when it was last away; now, where it is.
    pub(super) fn away_until(&self) -> Option<Instant> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(postgres) => postgres.away_until(),
        }
    }
}

/// A file of ours.
fn place(path: &Path) -> Place {
    Place {
        name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        bytes: std::fs::read(path).expect("a file of ours"),
    }
}

/// The files of a folder.
fn files(folder: &Path) -> Vec<Place> {
    let entries = std::fs::read_dir(folder).expect("a folder of ours").flatten();
    let files = entries.map(|entry| entry.path()).filter(|path| path.is_file());
    files.map(|path| place(&path)).collect()
}
