//! Selection of the store engine: SQLite or PostgreSQL.

use std::sync::Arc;

#[cfg(feature = "postgres")]
use super::postgres::{PostgresOpenError, PostgresSettings, PostgresStore};
#[cfg(feature = "sqlite")]
use super::sqlite::{SqliteOpenError, SqliteSettings, SqliteStore};
use tillhouse_checkout::ports::{CatalogStore, FeedQueue, Rewound, Store, StoreError, StoreHealth, StoreMaintenance};
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

impl StoreSettings {
    /// The same for a command of an operator, beside the hosts that share a database: it remembers nothing of its commits afterwards.
    /// Of a folder that only one host uses, the memory is that of the folder.
    #[must_use]
    pub fn without_memory(self) -> Self {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(settings) => Self::Sqlite(settings),
            #[cfg(feature = "postgres")]
            Self::Postgres(settings) => Self::Postgres(PostgresSettings {
                memory: None,
                ..settings
            }),
        }
    }
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

    /// The merchants' catalogs in the same store.
    #[must_use]
    pub fn catalogs(&self) -> Arc<dyn CatalogStore> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(store) => Arc::clone(store) as Arc<dyn CatalogStore>,
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => Arc::clone(store) as Arc<dyn CatalogStore>,
        }
    }

    /// The uploads of feeds in the same store.
    #[must_use]
    pub fn feeds(&self) -> Arc<dyn FeedQueue> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(store) => Arc::clone(store) as Arc<dyn FeedQueue>,
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => Arc::clone(store) as Arc<dyn FeedQueue>,
        }
    }

    /// The health of the store, compared with what the hosts with the memory of these settings remember of it. For a command that is no
    /// host itself.
    ///
    /// # Errors
    /// When the store gives no answer.
    pub async fn health_by_memory(&self, settings: &StoreSettings) -> Result<StoreHealth, StoreError> {
        let health = self.maintenance().health().await?;
        match (self, settings) {
            #[cfg(feature = "postgres")]
            (
                Self::Postgres(store),
                StoreSettings::Postgres(PostgresSettings {
                    memory: Some(folder), ..
                }),
            ) => {
                let rewound = store.compare_with(folder).await?;
                Ok(StoreHealth { rewound, ..health })
            }
            _ => Ok(health),
        }
    }

    /// Set if the store went back in time since this host last had it, and is not in quarantine yet.
    #[must_use]
    pub fn rewound(&self) -> Option<Rewound> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(store) => store.rewound(),
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => store.rewound(),
        }
    }

    /// The store for a quarantine, which alone may use one that went back in time.
    ///
    /// # Errors
    /// When the store gives no answer.
    pub async fn begin_quarantine(&self) -> Result<Self, StoreError> {
        Ok(match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(store) => {
                store.begin_quarantine().await?;
                self.clone()
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => Self::Postgres(Arc::new(store.begin_quarantine().await?)),
        })
    }

    /// The quarantine is complete: the store may be served.
    ///
    /// # Errors
    /// When what the host remembers of the store cannot be written.
    pub async fn end_quarantine(&self) -> Result<(), StoreError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(store) => store.end_quarantine(),
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => store.end_quarantine().await,
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
