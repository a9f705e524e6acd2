//! The store as a thing on a disk: copies of it, and its health.

use std::fmt;
use std::path::Path;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::store_error::StoreError;

/// Looking after a store.
#[async_trait]
pub trait Upkeep: Send + Sync + fmt::Debug {
    /// Copy everything that is committed at one moment into a new file, while work goes on. The file is complete, checked and
    /// durable when this returns, and it is not there before.
    ///
    /// # Errors
    /// When there is such a file already, it cannot be written, or the copy does not pass its check.
    async fn backup(&self, to: &Path) -> Result<Copied, StoreError>;

    /// Look at the whole store. Reads every page: seconds for gigabytes.
    async fn health(&self) -> Result<StoreHealth, StoreError>;
}

/// A copy that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
}

/// What can be said of a store without opening it for work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreHealth {
    /// `sqlite` …
    pub engine: String,
    /// Where it is.
    pub place: String,
    /// Version of its tables.
    pub version: i32,
    /// Version that this host brings them to.
    pub known_version: i32,
    /// What the engine's own check found; empty when all is well.
    pub damage: Vec<String>,
    /// How it keeps its log: `wal`.
    pub journal: String,
    /// Bytes of data.
    pub data_bytes: u64,
    /// Bytes of the write-ahead log.
    pub log_bytes: u64,
    /// Bytes free on its disk for this user.
    pub free_bytes: u64,
    /// Bytes of its disk.
    pub disk_bytes: u64,
    /// When the last entry of the audit log was written, in milliseconds since 1970.
    pub last_audit: Option<u64>,
}
