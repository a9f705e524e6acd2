//! What an operator may turn.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tillhouse_checkout::secret::Secret;

/// Settings of a [`super::PostgresStore`].
#[derive(Clone, Debug)]
pub struct PostgresSettings {
    /// `postgres://user:password@host:port/database`, as libpq takes it, with several hosts where there are several.
    /// `sslmode` is `disable`, `prefer` (TLS where the server offers it) or `require`; with TLS the server's certificate is
    /// checked in either case.
    pub url: Arc<Secret>,
    /// The password, where it is not part of the URL.
    pub password: Option<Arc<Secret>>,
    /// PEM file of the authorities that sign the server's certificate; those that the machine trusts where there is none.
    pub ca: Option<PathBuf>,
    /// Connections at most. 16.
    pub connections: usize,
    /// Longest time for one statement, waiting for locks included. 5 s.
    pub statement_timeout: Duration,
}

impl PostgresSettings {
    /// The defaults, for this database.
    #[must_use]
    pub fn new(url: Arc<Secret>) -> Self {
        Self {
            url,
            password: None,
            ca: None,
            connections: 16,
            statement_timeout: Duration::from_secs(5),
        }
    }
}
