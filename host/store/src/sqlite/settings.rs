//! What an operator may turn.

use std::path::PathBuf;

/// Settings of a [`super::SqliteStore`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqliteSettings {
    /// The folder of the database. Created where it is missing, for its owner only.
    pub folder: PathBuf,
    /// Connections that read. 4.
    pub readers: usize,
    /// Units of work that share one fsync at most. 64: more makes the first of a group wait without a measurable gain.
    pub group_max: usize,
    /// Units of work that may wait for the writer before callers have to. 1024.
    pub queue: usize,
    /// Pages (4 KiB) written to the log before the background folds them into the database. 1000.
    pub checkpoint_pages: u32,
    /// Pages (4 KiB) the log may hold before the writer starts it over, waiting for the background if it must. 16384, 64 MiB.
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
