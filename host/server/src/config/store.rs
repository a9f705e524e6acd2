//! `[store]`: engine and location of the database.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::section::Section;
use tillhouse_checkout::secret::Secret;

/// Default folder of what a host keeps on its own disk.
const DATA: &str = "data";

/// Engine and location of the database.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// `url`: `sqlite:FOLDER` or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`. Default: `sqlite:data`.
    pub url: StoreUrl,
    /// `readers`, with SQLite: number of read connections. Default: 4.
    pub readers: usize,
    /// `group_max`, with SQLite: maximum units of work per fsync. Default: 64.
    pub group_max: usize,
    /// `connections`, with PostgreSQL: maximum number of connections. Default: 16.
    pub connections: usize,
    /// `statement_timeout_ms`, with PostgreSQL: timeout of one statement, including waiting for locks. Default: 5000.
    pub statement_timeout: Duration,
}

/// Engine and location, from `url`.
#[derive(Clone, Debug)]
pub enum StoreUrl {
    /// SQLite, in a folder that only this host uses.
    Sqlite {
        /// Folder of the database, created if missing.
        folder: PathBuf,
    },
    /// PostgreSQL, which other hosts may share.
    Postgres {
        /// The whole URL. A secret, because it may hold a password.
        url: Arc<Secret>,
        /// `password`, if it is not part of the URL.
        password: Option<Arc<Secret>>,
        /// `ca`: PEM file of the CA certificates that sign the server's certificate. With it, a server without TLS is refused.
        ca: Option<PathBuf>,
        /// `memory`: folder in which the host remembers its commits, so that it notices a database that went back in time. On a disk
        /// that outlives the process; several hosts may share it. Default: `data`.
        memory: PathBuf,
    },
}

impl StoreConfig {
    /// Path of a file or folder in the folder of the store; `None` with PostgreSQL.
    pub(super) fn beside(&self, name: &str) -> Option<PathBuf> {
        match &self.url {
            StoreUrl::Sqlite { folder } => Some(folder.join(name)),
            StoreUrl::Postgres { .. } => None,
        }
    }

    pub(super) fn read(mut section: Section<'_>) -> Option<Self> {
        let url = url(&mut section)?;
        let mut config = Self {
            url,
            readers: 4,
            group_max: 64,
            connections: 16,
            statement_timeout: Duration::from_secs(5),
        };
        // Only the keys of the engine: a key without effect is an error, like an unknown one.
        match &mut config.url {
            StoreUrl::Sqlite { .. } => {
                config.readers = section.number("readers", 1..=256).unwrap_or(config.readers);
                config.group_max = section.number("group_max", 1..=1024).unwrap_or(config.group_max);
            }
            StoreUrl::Postgres {
                password, ca, memory, ..
            } => {
                *password = section.secret("password");
                *ca = section.path("ca");
                *memory = section.path("memory").unwrap_or_else(|| section.sources.resolve(DATA));
                config.connections = section.number("connections", 1..=1024).unwrap_or(config.connections);
                let timeout = section.millis("statement_timeout_ms", 100..=60_000);
                config.statement_timeout = timeout.unwrap_or(config.statement_timeout);
            }
        }
        section.finish();
        Some(config)
    }
}

/// An error does not quote the text: the URL of a database server may hold a password.
fn url(section: &mut Section<'_>) -> Option<StoreUrl> {
    if !section.has("url") {
        let folder = section.sources.resolve(DATA);
        section.value("url");
        return Some(StoreUrl::Sqlite { folder });
    }
    let url = section.secret("url")?;
    match url.reveal().split_once(':') {
        Some(("sqlite", folder)) if !folder.is_empty() => Some(StoreUrl::Sqlite {
            folder: section.sources.resolve(folder),
        }),
        Some(("postgres" | "postgresql", place)) if place.starts_with("//") => Some(StoreUrl::Postgres {
            url,
            password: None,
            ca: None,
            memory: section.sources.resolve(DATA),
        }),
        _ => {
            section.error(
                "url",
                "is not a supported store URL",
                "use \"sqlite:FOLDER\" or \"postgres://USER@HOST:PORT/DATABASE\"",
            );
            None
        }
    }
}
