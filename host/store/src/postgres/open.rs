//! Opens a database: durability checks, migrations, connection pool.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{ClientWrapper, Hook, HookError, Manager, Pool, Runtime};
use refinery_core::{Migration, Runner, Target};
use tokio_postgres::config::{SslMode, TargetSessionAttrs};
use tokio_postgres::{Client, Config};

use super::connections::Connections;
use super::settings::PostgresSettings;
use super::tls::Tls;
use super::{commit_mark, db_error, locks, weaknesses};
use crate::commit_marks::{CommitMarks, MarkFileError};
use crate::older_contract::{HAS_CHECKOUTS, refusal};

/// Every migration, oldest first. They only go forward, and a released one is never edited: its checksum is compared.
const MIGRATIONS: &[(&str, &str)] = &[
    ("V1__store", include_str!("migrations/V1__store.sql")),
    ("V2__payer", include_str!("migrations/V2__payer.sql")),
    ("V3__contract", include_str!("migrations/V3__contract.sql")),
    ("V4__merchants", include_str!("migrations/V4__merchants.sql")),
    ("V5__commit_mark", include_str!("migrations/V5__commit_mark.sql")),
    ("V6__retention", include_str!("migrations/V6__retention.sql")),
    ("V7__destinations", include_str!("migrations/V7__destinations.sql")),
    ("V8__authentication", include_str!("migrations/V8__authentication.sql")),
    ("V9__order_revision", include_str!("migrations/V9__order_revision.sql")),
    ("V10__refunds", include_str!("migrations/V10__refunds.sql")),
    ("V11__vault", include_str!("migrations/V11__vault.sql")),
    ("V12__saved_carts", include_str!("migrations/V12__saved_carts.sql")),
    ("V13__holds", include_str!("migrations/V13__holds.sql")),
    ("V14__feeds", include_str!("migrations/V14__feeds.sql")),
    (
        "V15__catalog_changes",
        include_str!("migrations/V15__catalog_changes.sql"),
    ),
];

/// Schema version from which on sessions and attempts are those of contract 0.2.
const CONTRACT_VERSION: i32 = 3;

/// Schema version from which on the database has the numbers of commits.
const COMMIT_MARK_VERSION: i32 = 5;

/// Oldest supported server version, as `server_version_num`.
const MIN_VERSION: i32 = 140_000;
/// Timeout for a new connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Timeout for getting a connection from the pool.
const POOL_TIMEOUT: Duration = Duration::from_secs(10);
/// Unacknowledged data for this long closes the connection.
const TCP_TIMEOUT: Duration = Duration::from_secs(30);
/// Default of tokio-postgres, too long to detect that a server is gone.
const KEEPALIVE_IDLE_DEFAULT: Duration = Duration::from_secs(2 * 60 * 60);
/// Limit for an idle transaction: a host that stalls inside one holds locks that others wait for. The server ends it before
/// the others reach their own timeout.
const IDLE_TRANSACTION_TIMEOUT_MS: u32 = 3_000;

/// Why a database could not be opened. No message quotes the URL, which may hold a password.
#[derive(Debug, thiserror::Error)]
pub enum PostgresOpenError {
    /// `store.url` is not a valid connection URL.
    #[error("store.url: {0}; write \"postgres://user:password@host:5432/database\"")]
    Url(String),
    /// TLS cannot be set up, for instance because `store.ca` cannot be read.
    #[error("store.ca: {0}")]
    Tls(String),
    /// The server cannot be reached, or refused the login.
    #[error("store: PostgreSQL: {problem}{}", TlsHint(.problem))]
    Connect {
        /// Error of the driver or the server.
        problem: String,
    },
    /// The server is older than the oldest supported version.
    #[error("store: PostgreSQL {found} is too old; use 14 or newer")]
    TooOld {
        /// Major version of the server.
        found: i32,
    },
    /// A server setting allows loss of confirmed commits.
    #[error("store: PostgreSQL has {setting} = {found} and may lose confirmed payments in a crash; set it to on")]
    Setting {
        /// Name of the setting, as in `postgresql.conf`.
        setting: &'static str,
        /// Value that the server reports.
        found: String,
    },
    /// A later version of the host migrated this database.
    #[error(
        "store: the database has schema version {found}, and this host supports at most {known}; \
         start the host version that wrote it, or restore a backup made before the upgrade"
    )]
    Newer {
        /// Schema version of the database.
        found: i32,
        /// Newest schema version that this host supports.
        known: i32,
    },
    /// An earlier version of the host wrote sessions or attempts. The database is unchanged.
    #[error("store: {}", refusal(*found, "database or schema"))]
    Older {
        /// Schema version of the database.
        found: i32,
    },
    /// What the host remembers of the store cannot be used.
    #[error("store: {0}")]
    Memory(#[from] MarkFileError),
    /// A migration failed, or another program migrated the database. The database is unchanged.
    #[error("store: migration failed: {0}")]
    Migration(Box<refinery_core::Error>),
}

struct TlsHint<'a>(&'a str);

impl fmt::Display for TlsHint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.contains("TLS") {
            f.write_str(
                "; set store.ca to the CA certificate that signed the server's certificate, \
                 or add ?sslmode=disable to the URL if the network is private",
            )?;
        }
        Ok(())
    }
}

impl From<refinery_core::Error> for PostgresOpenError {
    fn from(error: refinery_core::Error) -> Self {
        Self::Migration(Box::new(error))
    }
}

impl From<tokio_postgres::Error> for PostgresOpenError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Connect {
            problem: db_error::store_error(error).message().to_owned(),
        }
    }
}

pub(super) async fn open_pool(settings: &PostgresSettings) -> Result<Connections, PostgresOpenError> {
    let config = config(settings)?;
    let tls = Tls::new(settings.ca.as_deref())?;
    let (mut client, connection) = config.connect(tls.clone()).await?;
    // The client's call returns any error of the connection; the task itself has nothing to report.
    let driver = tokio::spawn(connection);
    let prepared = prepare(&mut client, settings).await;
    drop(client);
    driver.await.ok();
    let marks = Arc::new(prepared?);
    let checked_by = Arc::clone(&marks);
    let check = Hook::async_fn(move |client: &mut ClientWrapper, _| {
        let marks = Arc::clone(&checked_by);
        Box::pin(async move { commit_mark::check(client, &marks).await.map_err(HookError::Backend) })
    });
    let pool = Pool::builder(Manager::new(config, tls))
        .post_create(check)
        .max_size(settings.connections.max(1))
        .wait_timeout(Some(POOL_TIMEOUT))
        .create_timeout(Some(CONNECT_TIMEOUT * 2))
        .recycle_timeout(Some(CONNECT_TIMEOUT))
        .runtime(Runtime::Tokio1)
        .build();
    pool.map(|pool| Connections::new(pool, marks))
        .map_err(|error| PostgresOpenError::Connect {
            problem: error.to_string(),
        })
}

fn config(settings: &PostgresSettings) -> Result<Config, PostgresOpenError> {
    let parsed: Result<Config, _> = settings.url.reveal().parse();
    let mut config = parsed.map_err(|error| PostgresOpenError::Url(error.to_string()))?;
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        return Err(PostgresOpenError::Url("the URL has no host".into()));
    }
    if let Some(password) = &settings.password {
        config.password(password.reveal());
    }
    if config.get_application_name().is_none() {
        config.application_name("tillhouse");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(TCP_TIMEOUT);
    }
    if config.get_keepalives_idle() == KEEPALIVE_IDLE_DEFAULT {
        config.keepalives_idle(TCP_TIMEOUT);
        config.keepalives_interval(TCP_TIMEOUT / 3);
        config.keepalives_retries(3);
    }
    // store.ca is set to authenticate the server; with `prefer`, an attacker on the path could claim that it has no TLS.
    if settings.ca.is_some() && config.get_ssl_mode() == SslMode::Prefer {
        config.ssl_mode(SslMode::Require);
    }
    // Of several hosts, connect to the one that accepts writes.
    config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    let options = format!(
        "{} -c statement_timeout={} -c idle_in_transaction_session_timeout={IDLE_TRANSACTION_TIMEOUT_MS}",
        config.get_options().unwrap_or_default(),
        settings.statement_timeout.as_millis(),
    );
    config.options(options.trim_start());
    Ok(config)
}

async fn prepare(client: &mut Client, settings: &PostgresSettings) -> Result<CommitMarks, PostgresOpenError> {
    check(client).await?;
    for weakness in weaknesses::find(client).await {
        tracing::warn!(remedy = weakness.remedy, "store: {}", weakness.finding);
    }
    let before = migrate(client).await?;
    commit_mark::open(client, settings.memory.as_deref(), before < COMMIT_MARK_VERSION).await
}

/// Checks the settings that durability depends on. A PostgreSQL-compatible database may not have them.
async fn check(client: &Client) -> Result<(), PostgresOpenError> {
    let found = client
        .query_one(
            "SELECT current_setting('server_version_num')::int4, current_setting('fsync', true), \
             current_setting('synchronous_commit', true)",
            &[],
        )
        .await?;
    let version: i32 = found.get(0);
    if version < MIN_VERSION {
        return Err(PostgresOpenError::TooOld {
            found: version / 10_000,
        });
    }
    // `remote_apply` waits for more than `on` does.
    for (column, setting, promises) in [
        (1, "fsync", ["on", "on"]),
        (2, "synchronous_commit", ["on", "remote_apply"]),
    ] {
        match found.get::<_, Option<String>>(column) {
            Some(found) if !promises.contains(&found.as_str()) => {
                return Err(PostgresOpenError::Setting { setting, found });
            }
            _ => {}
        }
    }
    Ok(())
}

/// Hosts that start at the same time migrate one after another: the lock ends with the connection. Returns the version before.
async fn migrate(client: &mut Client) -> Result<i32, PostgresOpenError> {
    let migrations = MIGRATIONS
        .iter()
        .map(|(name, sql)| Migration::unapplied(name, sql))
        .collect::<Result<Vec<_>, _>>()?;
    let known = migrations.iter().map(Migration::version).max().unwrap_or(0);
    client.batch_execute("SET statement_timeout = 0").await?;
    client
        .query("SELECT pg_advisory_lock($1)", &[&locks::MIGRATION_LOCK])
        .await?;
    let runner = Runner::new(&migrations).set_target(Target::Latest);
    let history = client
        .query_one("SELECT to_regclass('refinery_schema_history') IS NOT NULL", &[])
        .await?;
    let mut before = 0;
    if history.get(0)
        && let Some(newest) = runner.get_last_applied_migration_async(client).await?
    {
        let found = newest.version();
        if found > known {
            return Err(PostgresOpenError::Newer { found, known });
        }
        if found < CONTRACT_VERSION && client.query_one(HAS_CHECKOUTS, &[]).await?.get(0) {
            return Err(PostgresOpenError::Older { found });
        }
        before = found;
    }
    runner.run_async(client).await?;
    Ok(before)
}

/// Newest schema version that this host supports.
pub(super) fn known_version() -> i32 {
    let migrations = MIGRATIONS
        .iter()
        .filter_map(|(name, sql)| Migration::unapplied(name, sql).ok());
    migrations.map(|migration| migration.version()).max().unwrap_or(0)
}
