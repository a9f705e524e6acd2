//! Store maintenance: backups and health.

use std::fmt;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::store_error::StoreError;

/// Maintenance of a store.
#[async_trait]
pub trait StoreMaintenance: Send + Sync + fmt::Debug {
    /// Copy a consistent snapshot of all committed data into a new file, while work goes on.
    ///
    /// The file appears under its name only when it is complete, checked and durable. Catalogs in a file of their own are copied
    /// afterwards, into one beside it: every version that the snapshot names is there, unless it was forgotten meanwhile.
    ///
    /// # Errors
    /// If the file exists, cannot be written, or fails its check, and for engines with backup tools of their own (PostgreSQL).
    async fn backup(&self, to: &Path) -> Result<Copied, StoreError>;

    /// Check the whole store. SQLite reads every page: seconds per gigabyte.
    async fn health(&self) -> Result<StoreHealth, StoreError>;

    /// Check that the store is still the one that was opened; cheap, for once a second. It also makes durable what the host remembers
    /// of its commits.
    ///
    /// # Errors
    /// If files of the store are gone or were replaced: what is committed now would be lost.
    async fn verify(&self) -> Result<(), StoreError>;
}

/// A store that went back in time: it lacks what it had confirmed. It comes from a fail-over to a replica that lagged, from a
/// snapshot, or from files that were copied back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rewound {
    /// Commits that were confirmed are missing.
    CommitsMissing {
        /// How many, at least.
        count: u64,
    },
    /// The store is not the one that this host knows.
    OtherStore,
    /// A host or a command noticed it earlier, and the quarantine was not completed.
    QuarantineIncomplete,
}

impl fmt::Display for Rewound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CommitsMissing { count } => write!(
                f,
                "the store went back in time: at least {count} commits that it had confirmed are missing"
            ),
            Self::OtherStore => {
                f.write_str("the store is not the one that this host knows: it was replaced by another one")
            }
            Self::QuarantineIncomplete => {
                f.write_str("the store went back in time, and its quarantine is not complete")
            }
        }
    }
}

/// Something about a store that works and may lose data, with what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreWeakness {
    /// What was found, for an operator.
    pub finding: String,
    /// What to do about it.
    pub remedy: String,
}

/// A finished backup: a new file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// Size of the file in bytes.
    pub bytes: u64,
    /// SHA-256 of the file in lower-case hex.
    pub sha256: String,
    /// The merchants' catalogs, where the engine keeps them in a file of their own and there are any.
    pub catalogs: Option<CopiedCatalogs>,
}

/// The merchants' catalogs of a backup: a file beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopiedCatalogs {
    /// Path of the file beside the backup.
    pub file: PathBuf,
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
    /// Set if the store went back in time and is not in quarantine yet.
    #[serde(default)]
    pub rewound: Option<Rewound>,
    /// What may lose data one day.
    #[serde(default)]
    pub weaknesses: Vec<StoreWeakness>,
}
