//! Temporary directories, deleted on drop.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// A new temporary directory, deleted on drop.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self::within(&std::env::temp_dir(), &NEXT)
    }

    /// Uses the first free name: a killed run leaves its directory behind, and its process id is reused.
    fn within(parent: &Path, next: &AtomicU64) -> Self {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let path = parent.join(format!("tillhouse-harness-{}-{number}", std::process::id()));
            match fs::create_dir(&path) {
                Ok(()) => return Self(path),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => panic!("{}: {error}", path.display()),
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    #[cfg(test)]
    pub(crate) fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, contents).expect("a file in a temporary directory");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_run_left_behind_is_not_used_again() {
        let parent = Folder::new();
        let left = Folder::within(parent.path(), &AtomicU64::new(0));
        left.write("store", "of another run");
        let fresh = Folder::within(parent.path(), &AtomicU64::new(0));
        assert_ne!(fresh.path(), left.path());
        assert_eq!(fs::read_dir(fresh.path()).unwrap().count(), 0);
    }
}
