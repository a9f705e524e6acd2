//! Store maintenance: backups and health.

use std::fmt;
use std::path::Path;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::store_error::StoreError;

/// Maintenance of a store.
#[async_trait]
pub trait StoreMaintenance: Send + Sync + fmt::Debug {
    /// Copy a consistent snapshot of all committed data into a new file, while work goes on.
    ///
    /// The file appears under its name only when it is complete, checked and durable.
    ///
    /// # Errors
    /// If the file exists, cannot be written, or fails its check, and for engines with backup tools of their own (PostgreSQL).
    async fn backup(&self, to: &Path) -> Result<Copied, StoreError>;

    /// Check the whole store. SQLite reads every page: seconds per gigabyte.
    async fn health(&self) -> Result<StoreHealth, StoreError>;
}

/// A finished backup: a new file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// Size of the file in bytes.
    pub bytes: u64,
    /// SHA-256 of the file in lower-case hex.
    pub sha256: String,
}

/// Condition of a store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreHealth {
    /// Database engine: `sqlite` or `postgresql`.
    pub engine: String,
    /// Location: the directory, or `DATABASE at ADDRESS` for PostgreSQL.
    pub place: String,
    /// Schema version of the tables.
    pub version: i32,
    /// Schema version that this release of the host migrates to.
    pub known_version: i32,
    /// Damage found by the engine's integrity check; empty if there is none, and for PostgreSQL.
    pub damage: Vec<String>,
    /// Journal mode of the engine: `wal`.
    pub journal: String,
    /// Size of the data in bytes.
    pub data_bytes: u64,
    /// Size of the write-ahead log in bytes; 0 for PostgreSQL.
    pub log_bytes: u64,
    /// Free bytes on the disk for this user; `u64::MAX` for PostgreSQL, whose disk is not visible.
    pub free_bytes: u64,
    /// When the last audit record was written, in milliseconds since 1970; `None` if there is none.
    pub last_audit: Option<u64>,
}
