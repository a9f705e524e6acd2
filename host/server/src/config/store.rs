//! `[store]`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::section::Section;
use tillhouse_checkout::secret::Secret;

/// Where state is kept.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// `url`: `sqlite:FOLDER` or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`. `sqlite:data`.
    pub url: StoreUrl,
    /// `readers`, with SQLite: connections that read. 4.
    pub readers: usize,
    /// `group_max`, with SQLite: units of work that share one fsync at most. 64.
    pub group_max: usize,
    /// `connections`, with PostgreSQL: connections at most. 16.
    pub connections: usize,
    /// `statement_timeout_ms`, with PostgreSQL: longest time for one statement, waiting for locks included. 5000.
    pub statement_timeout: Duration,
}

/// An engine and its place.
#[derive(Clone, Debug)]
pub enum StoreUrl {
    /// SQLite, in a folder of its own.
    Sqlite {
        /// The folder.
        folder: PathBuf,
    },
    /// PostgreSQL, shared with other hosts.
    Postgres {
        /// The whole URL. A secret, because it may hold a password.
        url: Arc<Secret>,
        /// `password`, where it is not part of the URL.
        password: Option<Arc<Secret>>,
        /// `ca`: PEM file of the authorities that sign the server's certificate. With it, a server without TLS is refused.
        ca: Option<PathBuf>,
    },
}

impl StoreConfig {
    /// A file or folder with this name in the folder of the store, where it has one.
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
        // Only the keys of the engine: one that has no effect is refused like one that nobody knows.
        match &mut config.url {
            StoreUrl::Sqlite { .. } => {
                config.readers = section.number("readers", 1..=256).unwrap_or(config.readers);
                config.group_max = section.number("group_max", 1..=1024).unwrap_or(config.group_max);
            }
            StoreUrl::Postgres { password, ca, .. } => {
                *password = section.secret("password");
                *ca = section.path("ca");
                config.connections = section.number("connections", 1..=1024).unwrap_or(config.connections);
                let timeout = section.millis("statement_timeout_ms", 100..=60_000);
                config.statement_timeout = timeout.unwrap_or(config.statement_timeout);
            }
        }
        section.finish();
        Some(config)
    }
}

/// The text is not repeated in a problem: a URL of a database server may hold a password.
fn url(section: &mut Section<'_>) -> Option<StoreUrl> {
    if !section.has("url") {
        let folder = section.complaints().sources.resolve("data");
        section.take("url");
        return Some(StoreUrl::Sqlite { folder });
    }
    let url = section.secret("url")?;
    match url.reveal().split_once(':') {
        Some(("sqlite", folder)) if !folder.is_empty() => Some(StoreUrl::Sqlite {
            folder: section.complaints().sources.resolve(folder),
        }),
        Some(("postgres" | "postgresql", place)) if place.starts_with("//") => Some(StoreUrl::Postgres {
            url,
            password: None,
            ca: None,
        }),
        _ => {
            section.wrong(
                "url",
                "is not known",
                "use \"sqlite:FOLDER\" or \"postgres://USER@HOST:PORT/DATABASE\"",
            );
            None
        }
    }
}
