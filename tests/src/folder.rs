//! Folders that do not stay.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Held by a process for as long as its folders are in use.
const LOCK: &str = "lock";

/// A folder of a test; removed with it.
#[derive(Debug)]
pub struct TestFolder(PathBuf);

impl TestFolder {
    /// A fresh, empty folder.
    #[must_use]
    pub fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = of_process().join(number.to_string());
        fs::create_dir_all(&path).expect("a temporary folder");
        Self(path)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Write a file into it.
    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, contents).expect("a file in a temporary folder");
        path
    }
}

impl Default for TestFolder {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for TestFolder {
    fn drop(&mut self) {
        // A host that is dropped and not stopped may still be writing; what stays is removed by the next run.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The folder of this process. Hosts that live until its end cannot remove theirs, so each run removes those of processes
/// that are gone: a lock that can be had has no owner.
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
        fs::create_dir_all(&path).expect("a temporary folder");
        let lock = File::create(path.join(LOCK)).expect("a lock file");
        lock.lock().expect("a lock of one's own");
        (path, lock)
    });
    path
}
