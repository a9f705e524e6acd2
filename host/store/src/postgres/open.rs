//! Opening a database: what it must promise, its tables, its connections.

use std::fmt;
use std::time::Duration;

use deadpool_postgres::{Manager, Pool, Runtime};
use refinery_core::{Migration, Runner, Target};
use tokio_postgres::config::{SslMode, TargetSessionAttrs};
use tokio_postgres::{Client, Config};

use super::connections::Connections;
use super::settings::PostgresSettings;
use super::tls::Tls;
use super::{conflict, locks};

/// Every migration, oldest first. They only go forward, and a released one is never edited: its checksum is compared.
const MIGRATIONS: [(&str, &str); 2] = [
    ("V1__store", include_str!("migrations/V1__store.sql")),
    ("V2__payer", include_str!("migrations/V2__payer.sql")),
];

/// The oldest server that is still maintained.
const OLDEST: i32 = 140_000;
/// Longest wait for a new connection.
const CONNECT: Duration = Duration::from_secs(5);
/// Longest wait for a connection that another gives back.
const WAIT: Duration = Duration::from_secs(10);
/// When the network has swallowed what was sent for so long, the connection is given up.
const SILENCE: Duration = Duration::from_secs(30);
/// tokio-postgres's own, which is too long to notice that a server is gone.
const IDLE_DEFAULT: Duration = Duration::from_secs(2 * 60 * 60);
/// A host that stands still in the middle of a transaction holds locks that others wait for. The server ends it after this,
/// which is before the others give up.
const STANDSTILL_MS: u32 = 3_000;

/// Why a database could not be opened. None of these quotes the URL, which may hold a password.
#[derive(Debug, thiserror::Error)]
pub enum PostgresOpenError {
    /// The URL is not one.
    #[error("store.url: {0}; write \"postgres://user:password@host:5432/database\"")]
    Url(String),
    /// TLS cannot be set up.
    #[error("store.ca: {0}")]
    Tls(String),
    /// The server cannot be reached, or does not let us in.
    #[error("store: PostgreSQL: {problem}{}", TlsHint(.problem))]
    Connect {
        /// What happened.
        problem: String,
    },
    /// The server is too old.
    #[error("store: PostgreSQL {found} is too old; use 14 or newer")]
    Old {
        /// Its version.
        found: i32,
    },
    /// The server is set up to lose what it has confirmed.
    #[error("store: PostgreSQL has {setting} = {found} and may forget a payment that it has confirmed; set it to on")]
    Setting {
        /// The setting.
        setting: &'static str,
        /// What there is.
        found: String,
    },
    /// Written by a later version.
    #[error(
        "store: the database is at version {found} and this host knows {known}; \
         start the host version that wrote it, or restore a backup from before it"
    )]
    Newer {
        /// Version of the database.
        found: i32,
        /// Newest version that this host knows.
        known: i32,
    },
    /// A migration failed, or the database was migrated by something else. The database is as it was before.
    #[error("store: migration: {0}")]
    Migration(Box<refinery_core::Error>),
}

struct TlsHint<'a>(&'a str);

impl fmt::Display for TlsHint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.contains("TLS") {
            f.write_str(
                "; name the authority of the server's certificate in store.ca, \
                 or add ?sslmode=disable to the URL where the network is private",
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
        let problem = conflict::trouble(&error).0;
        Self::Connect { problem }
    }
}

/// Open a database.
pub(super) async fn database(settings: &PostgresSettings) -> Result<Connections, PostgresOpenError> {
    let config = config(settings)?;
    let tls = Tls::new(settings.ca.as_deref())?;
    let (mut client, connection) = config.connect(tls.clone()).await?;
    // Whatever happens to it is told to whoever waits for an answer of the client.
    let driver = tokio::spawn(connection);
    let checked = prepare(&mut client).await;
    drop(client);
    driver.await.ok();
    checked?;
    let pool = Pool::builder(Manager::new(config, tls))
        .max_size(settings.connections.max(1))
        .wait_timeout(Some(WAIT))
        .create_timeout(Some(CONNECT * 2))
        .recycle_timeout(Some(CONNECT))
        .runtime(Runtime::Tokio1)
        .build();
    pool.map(Connections::new).map_err(|error| PostgresOpenError::Connect {
        problem: error.to_string(),
    })
}

fn config(settings: &PostgresSettings) -> Result<Config, PostgresOpenError> {
    let parsed: Result<Config, _> = settings.url.reveal().parse();
    let mut config = parsed.map_err(|error| PostgresOpenError::Url(error.to_string()))?;
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        return Err(PostgresOpenError::Url("names no host".into()));
    }
    if let Some(password) = &settings.password {
        config.password(password.reveal());
    }
    if config.get_application_name().is_none() {
        config.application_name("tillhouse");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(SILENCE);
    }
    if config.get_keepalives_idle() == IDLE_DEFAULT {
        config.keepalives_idle(SILENCE);
        config.keepalives_interval(SILENCE / 3);
        config.keepalives_retries(3);
    }
    // An authority is named to be sure of the server; whoever sits in between could say that there is no TLS.
    if settings.ca.is_some() && config.get_ssl_mode() == SslMode::Prefer {
        config.ssl_mode(SslMode::Require);
    }
    // Of several hosts, the one that takes writes.
    config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    let options = format!(
        "{} -c statement_timeout={} -c idle_in_transaction_session_timeout={STANDSTILL_MS}",
        config.get_options().unwrap_or_default(),
        settings.statement_timeout.as_millis(),
    );
    config.options(options.trim_start());
    Ok(config)
}

async fn prepare(client: &mut Client) -> Result<(), PostgresOpenError> {
    check(client).await?;
    migrate(client).await
}

/// What durability rests on. A database that only speaks the language of PostgreSQL may not have these settings.
async fn check(client: &Client) -> Result<(), PostgresOpenError> {
    let found = client
        .query_one(
            "SELECT current_setting('server_version_num')::int4, current_setting('fsync', true), \
             current_setting('synchronous_commit', true)",
            &[],
        )
        .await?;
    let version: i32 = found.get(0);
    if version < OLDEST {
        return Err(PostgresOpenError::Old {
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

/// Hosts that start at the same time do this one after another: the lock ends with the connection.
async fn migrate(client: &mut Client) -> Result<(), PostgresOpenError> {
    let migrations = MIGRATIONS
        .iter()
        .map(|(name, sql)| Migration::unapplied(name, sql))
        .collect::<Result<Vec<_>, _>>()?;
    let known = migrations.iter().map(Migration::version).max().unwrap_or(0);
    client.batch_execute("SET statement_timeout = 0").await?;
    client
        .query("SELECT pg_advisory_lock($1)", &[&locks::MIGRATION])
        .await?;
    let runner = Runner::new(&migrations).set_target(Target::Latest);
    let history = client
        .query_one("SELECT to_regclass('refinery_schema_history') IS NOT NULL", &[])
        .await?;
    if history.get(0)
        && let Some(newest) = runner.get_last_applied_migration_async(client).await?
        && newest.version() > known
    {
        return Err(PostgresOpenError::Newer {
            found: newest.version(),
            known,
        });
    }
    runner.run_async(client).await?;
    Ok(())
}

/// Version of the newest tables that this host knows.
pub(super) fn newest_version() -> i32 {
    let migrations = MIGRATIONS
        .iter()
        .filter_map(|(name, sql)| Migration::unapplied(name, sql).ok());
    migrations.map(|migration| migration.version()).max().unwrap_or(0)
}
