//! Selection of the store engine: SQLite or PostgreSQL.

use std::sync::Arc;

#[cfg(feature = "postgres")]
use super::postgres::{PostgresOpenError, PostgresSettings, PostgresStore};
#[cfg(feature = "sqlite")]
use super::sqlite::{SqliteOpenError, SqliteSettings, SqliteStore};
use tillhouse_checkout::ports::{Store, StoreMaintenance};
use tillhouse_checkout::time::Clock;

/// Settings of the selected engine.
#[derive(Clone, Debug)]
pub enum StoreSettings {
    /// One host, one folder on a local disk.
    #[cfg(feature = "sqlite")]
    Sqlite(SqliteSettings),
    /// Several hosts share one database.
    #[cfg(feature = "postgres")]
    Postgres(PostgresSettings),
}

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum StoreOpenError {
    /// Error of the SQLite engine.
    #[cfg(feature = "sqlite")]
    #[error(transparent)]
    Sqlite(#[from] SqliteOpenError),
    /// Error of the PostgreSQL engine.
    #[cfg(feature = "postgres")]
    #[error(transparent)]
    Postgres(#[from] PostgresOpenError),
}

/// An open store, on one of the engines.
#[derive(Clone, Debug)]
pub enum StoreEngine {
    /// SQLite, opened from [`StoreSettings::Sqlite`].
    #[cfg(feature = "sqlite")]
    Sqlite(Arc<SqliteStore>),
    /// PostgreSQL, opened from [`StoreSettings::Postgres`].
    #[cfg(feature = "postgres")]
    Postgres(Arc<PostgresStore>),
}

impl StoreEngine {
    /// Opens the store and migrates its schema to the newest version that this host supports.
    ///
    /// # Errors
    /// When the store cannot be reached, is not configured to be durable, or was written by a newer version.
    pub async fn open(settings: &StoreSettings, clock: Arc<dyn Clock>) -> Result<Self, StoreOpenError> {
        Ok(match settings {
            #[cfg(feature = "sqlite")]
            StoreSettings::Sqlite(settings) => Self::Sqlite(Arc::new(SqliteStore::open(settings, clock)?)),
            #[cfg(feature = "postgres")]
            StoreSettings::Postgres(settings) => Self::Postgres(Arc::new(PostgresStore::open(settings, clock).await?)),
        })
    }

    /// The store for the domain, which does not depend on the engine.
    #[must_use]
    pub fn store(&self) -> Arc<dyn Store> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(store) => Arc::clone(store) as Arc<dyn Store>,
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => Arc::clone(store) as Arc<dyn Store>,
        }
    }

    /// The same store for maintenance: backup and health.
    #[must_use]
    pub fn maintenance(&self) -> Arc<dyn StoreMaintenance> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(store) => Arc::clone(store) as Arc<dyn StoreMaintenance>,
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => Arc::clone(store) as Arc<dyn StoreMaintenance>,
        }
    }

    /// Refuses new work and finishes what is in progress. Every later call returns an error.
    pub async fn close(&self) {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(store) => store.close().await,
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => store.close(),
        }
    }
}
