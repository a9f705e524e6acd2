//! Settings of the SQLite engine.

use std::path::PathBuf;

/// Settings of a [`super::SqliteStore`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqliteSettings {
    /// Folder of the database. Created if it is missing, readable by its owner only.
    pub folder: PathBuf,
    /// Number of read connections. Default: 4.
    pub readers: usize,
    /// Maximum units of work per fsync. Default: 64; more delays the first of a group without a measurable gain.
    pub group_max: usize,
    /// Units of work that may wait for the writer before callers have to wait. Default: 1024.
    pub queue: usize,
    /// Pages (4 KiB) written to the log before a background checkpoint. Default: 1000.
    pub checkpoint_pages: u32,
    /// Pages (4 KiB) in the log before the writer restarts it, waiting for a background checkpoint. Default: 16384 (64 MiB).
    pub log_max_pages: u32,
}

impl SqliteSettings {
    /// The defaults, in this folder.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            readers: 4,
            group_max: 64,
            queue: 1024,
            checkpoint_pages: 1000,
            log_max_pages: 16_384,
        }
    }
}
