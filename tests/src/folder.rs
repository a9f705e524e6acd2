//! Temporary directories, removed when they are dropped.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tempfile::TempDir;

/// Lock file that a process holds for as long as its directories are in use.
const LOCK: &str = "lock";

/// A temporary directory of one test; removed when dropped.
#[derive(Debug)]
pub struct TestFolder(TempDir);

impl TestFolder {
    /// Creates a new, empty directory.
    #[must_use]
    pub fn new() -> Self {
        Self(TempDir::with_prefix_in("", of_process()).expect("the temporary directory can be created"))
    }

    /// The path of the directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file into the directory and returns its path.
    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, contents).expect("the file can be written");
        path
    }
}

impl Default for TestFolder {
    fn default() -> Self {
        Self::new()
    }
}

/// The directory of this process. Hosts that live until the process ends cannot remove theirs, so each run removes the
/// directories of ended processes: those whose lock is free.
fn of_process() -> &'static Path {
    static OF_PROCESS: OnceLock<(PathBuf, File)> = OnceLock::new();
    let (path, _) = OF_PROCESS.get_or_init(|| {
        let all = std::env::temp_dir().join("tillhouse-tests");
        for entry in fs::read_dir(&all).into_iter().flatten().flatten() {
            let lock = File::open(entry.path().join(LOCK));
            if lock.is_ok_and(|lock| lock.try_lock().is_ok()) {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        let path = all.join(std::process::id().to_string());
        fs::create_dir_all(&path).expect("the temporary directory can be created");
        let lock = File::create(path.join(LOCK)).expect("the lock file can be created");
        lock.lock().expect("the lock file can be locked");
        (path, lock)
    });
    path
}
