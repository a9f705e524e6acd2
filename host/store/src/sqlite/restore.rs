//! A folder made from a backup, out of sight until it is fit to be served.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::backup::{self, BackupError};
use super::open::{self, DATABASE};

/// Why a folder was not made.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The folder is in use.
    #[error("{} is not empty; restore into a folder that is not there yet", .0.display())]
    NotEmpty(PathBuf),
    /// An earlier restore did not come to its end.
    #[error("{} is left from a restore that did not end; remove it", .0.display())]
    LeftBehind(PathBuf),
    /// A folder cannot be used.
    #[error("{}: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The backup cannot be copied.
    #[error(transparent)]
    Copy(#[from] BackupError),
}

/// A copy beside its place, `FOLDER.restoring`.
///
/// It becomes FOLDER by [`Staging::finish`] in one renaming, so that no host ever
/// serves a copy that was not put into quarantine; dropped before, it goes away.
#[derive(Debug)]
pub struct Staging {
    staged: PathBuf,
    folder: PathBuf,
    done: bool,
}

impl Staging {
    /// Check a backup and copy it. The folder must not be there, or be empty.
    ///
    /// # Errors
    /// When the folder is in use, or the file is damaged or not a store of a host.
    pub fn of(file: &Path, folder: &Path) -> Result<Self, RestoreError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| RestoreError::Folder { path, source }
        };
        let folder = std::path::absolute(folder).map_err(at(folder))?;
        match fs::read_dir(&folder) {
            Ok(mut entries) => {
                if entries.next().is_some() {
                    return Err(RestoreError::NotEmpty(folder));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(at(&folder)(error)),
        }
        let mut name = folder.file_name().unwrap_or_default().to_owned();
        name.push(".restoring");
        let staged = folder.with_file_name(name);
        if staged.exists() {
            return Err(RestoreError::LeftBehind(staged));
        }
        open::create(&staged).map_err(at(&staged))?;
        let staging = Self {
            staged,
            folder,
            done: false,
        };
        backup::copy(file, &staging.staged.join(DATABASE))?;
        Ok(staging)
    }

    /// Where the copy is meanwhile: to be opened, put into quarantine and closed.
    #[must_use]
    pub fn staged(&self) -> &Path {
        &self.staged
    }

    /// Put the folder into its place, durably.
    ///
    /// # Errors
    /// When it cannot be renamed.
    pub fn finish(mut self) -> Result<(), RestoreError> {
        let moved = fs::rename(&self.staged, &self.folder).and_then(|()| backup::sync_folder(&self.folder));
        moved.map_err(|source| RestoreError::Folder {
            path: self.folder.clone(),
            source,
        })?;
        self.done = true;
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.done {
            // Nothing to do about one that stays; the next restore says so.
            fs::remove_dir_all(&self.staged).ok();
        }
    }
}
