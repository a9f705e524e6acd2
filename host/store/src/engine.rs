//! One engine or the other.

use std::sync::Arc;

#[cfg(feature = "postgres")]
use super::postgres::{PostgresOpenError, PostgresSettings, PostgresStore};
#[cfg(feature = "sqlite")]
use super::sqlite::{SqliteSettings, SqliteStore, StoreOpenError};
use tillhouse_checkout::ports::{Store, Upkeep};
use tillhouse_checkout::time::Clock;

/// Settings of an engine.
#[derive(Clone, Debug)]
pub enum StoreSettings {
    /// SQLite.
    #[cfg(feature = "sqlite")]
    Sqlite(SqliteSettings),
    /// PostgreSQL.
    #[cfg(feature = "postgres")]
    Postgres(PostgresSettings),
}

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// SQLite.
    #[cfg(feature = "sqlite")]
    #[error(transparent)]
    Sqlite(#[from] StoreOpenError),
    /// PostgreSQL.
    #[cfg(feature = "postgres")]
    #[error(transparent)]
    Postgres(#[from] PostgresOpenError),
}

/// An open store.
#[derive(Clone, Debug)]
pub enum Engine {
    /// On SQLite.
    #[cfg(feature = "sqlite")]
    Sqlite(Arc<SqliteStore>),
    /// On PostgreSQL.
    #[cfg(feature = "postgres")]
    Postgres(Arc<PostgresStore>),
}

impl Engine {
    /// Open the store, bringing its tables up to date where needed.
    ///
    /// # Errors
    /// When it cannot be had, does not promise to keep what it confirms, or was written by a newer version.
    pub async fn open(settings: &StoreSettings, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        Ok(match settings {
            #[cfg(feature = "sqlite")]
            StoreSettings::Sqlite(settings) => Self::Sqlite(Arc::new(SqliteStore::open(settings, clock)?)),
            #[cfg(feature = "postgres")]
            StoreSettings::Postgres(settings) => Self::Postgres(Arc::new(PostgresStore::open(settings, clock).await?)),
        })
    }

    /// The store, for whom the engine makes no difference.
    #[must_use]
    pub fn store(&self) -> Arc<dyn Store> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(store) => Arc::clone(store) as Arc<dyn Store>,
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => Arc::clone(store) as Arc<dyn Store>,
        }
    }

    /// The store as a thing to look after.
    #[must_use]
    pub fn upkeep(&self) -> Arc<dyn Upkeep> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(store) => Arc::clone(store) as Arc<dyn Upkeep>,
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => Arc::clone(store) as Arc<dyn Upkeep>,
        }
    }

    /// Take no more and end what is under way. Later calls of anything are answered with an error.
    pub async fn close(&self) {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(store) => store.close().await,
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => store.close(),
        }
    }
}
