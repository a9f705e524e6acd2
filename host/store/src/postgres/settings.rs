//! Settings of the PostgreSQL engine.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tillhouse_checkout::secret::Secret;

/// Settings of a [`super::PostgresStore`].
#[derive(Clone, Debug)]
pub struct PostgresSettings {
    /// `postgres://user:password@host:port/database`, as libpq takes it; several hosts are allowed. `sslmode` is `disable`,
    /// `prefer` (TLS where the server offers it) or `require`; with TLS the server's certificate is always verified.
    pub url: Arc<Secret>,
    /// The password, if it is not part of the URL.
    pub password: Option<Arc<Secret>>,
    /// PEM file of the CA certificates that sign the server's certificate; `None` uses the trust store of the machine.
    pub ca: Option<PathBuf>,
    /// Maximum number of connections in the pool. Default: 16.
    pub connections: usize,
    /// Timeout of one statement, including waiting for locks. Default: 5 s.
    pub statement_timeout: Duration,
    /// Folder in which the host remembers its commits, so that it notices a database that went back in time while the host was stopped.
    /// Several hosts may share it. Default: `None`, it remembers them until its process ends.
    pub memory: Option<PathBuf>,
}

impl PostgresSettings {
    /// The defaults for this database.
    #[must_use]
    pub fn new(url: Arc<Secret>) -> Self {
        Self {
            url,
            password: None,
            ca: None,
            connections: 16,
            statement_timeout: Duration::from_secs(5),
            memory: None,
        }
    }
}
