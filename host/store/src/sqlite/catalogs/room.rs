//! Room on the disk for an import, looked at before it begins: a disk that is full stops every checkout.

use std::path::Path;

use super::Catalogs;
use tillhouse_checkout::ports::StoreError;

/// Bytes that an import takes for each byte of its file, at most: its rows and their index in the log, the same in the database, and the
/// rows before of items that change.
const FOR_EACH: u64 = 3;

impl Catalogs {
    /// Refuses an import of a file of this size where the disk has too little room for it.
    pub(in crate::sqlite) fn ensure_room(&self, bytes: u64) -> Result<(), StoreError> {
        let folder = self.folder();
        let disk = rustix::fs::statvfs(folder).map_err(|error| {
            let error = std::io::Error::from(error);
            StoreError::with_source(format!("{}: {error}", folder.display()), error)
        })?;
        is_room(folder, disk.f_bavail.saturating_mul(disk.f_frsize), bytes)
    }
}

fn is_room(folder: &Path, free: u64, bytes: u64) -> Result<(), StoreError> {
    let needed = bytes.saturating_mul(FOR_EACH);
    if needed <= free {
        return Ok(());
    }
    Err(StoreError::new(format!(
        "{} has {} MB of free disk space, and an import of this file takes up to {} MB, {FOR_EACH} times its size: make room, and import \
         it again",
        folder.display(),
        megabytes(free),
        megabytes(needed)
    )))
}

fn megabytes(bytes: u64) -> u64 {
    bytes.div_ceil(1_000_000)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn an_import_without_room_names_the_folder_what_is_free_and_what_it_takes() {
        let folder = Path::new("store");
        is_room(folder, 3_000_000, 1_000_000).unwrap();
        let error = is_room(folder, 2_999_999, 1_000_000).unwrap_err().to_string();
        for word in ["store has 3 MB", "up to 3 MB", "make room"] {
            assert!(error.contains(word), "{error}");
        }
        is_room(folder, 10, u64::MAX).unwrap_err();
    }
}
