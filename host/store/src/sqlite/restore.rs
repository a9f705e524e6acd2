//! Restores a folder from a backup, under another name until it is ready to be served.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::backup::{self, BackupError, Content};
use super::catalogs::CATALOGS;
use super::open::DATABASE;
use tillhouse_private_files::create_folder;

/// Why a folder was not restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The target folder is in use.
    #[error("{} is not empty; restore into a folder that does not exist yet", .0.display())]
    NotEmpty(PathBuf),
    /// An earlier restore was interrupted.
    #[error("{} is left from an interrupted restore; remove it", .0.display())]
    LeftBehind(PathBuf),
    /// A folder cannot be created or renamed.
    #[error("{}: {source}", path.display())]
    Folder {
        /// The folder that failed.
        path: PathBuf,
        /// Error of the operating system.
        source: io::Error,
    },
    /// The backup cannot be copied.
    #[error(transparent)]
    Copy(#[from] BackupError),
}

/// A copy next to its target, `FOLDER.restoring`.
///
/// It becomes FOLDER by [`Staging::finish`] in one rename, so that no host ever serves a copy that was not put into
/// quarantine; dropped before that, it is removed.
#[derive(Debug)]
pub struct Staging {
    staged: PathBuf,
    folder: PathBuf,
    done: bool,
}

impl Staging {
    /// Checks a backup and copies it. The folder must not exist, or be empty.
    ///
    /// # Errors
    /// When the folder is in use, or the file is damaged or does not belong to a Tillhouse host.
    pub fn prepare(file: &Path, folder: &Path) -> Result<Self, RestoreError> {
        let folder_error = |path: &Path| {
            let path = path.to_owned();
            move |source| RestoreError::Folder { path, source }
        };
        let folder = std::path::absolute(folder).map_err(folder_error(folder))?;
        match fs::read_dir(&folder) {
            Ok(mut entries) => {
                if entries.next().is_some() {
                    return Err(RestoreError::NotEmpty(folder));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(folder_error(&folder)(error)),
        }
        let mut name = folder.file_name().unwrap_or_default().to_owned();
        name.push(".restoring");
        let staged = folder.with_file_name(name);
        if staged.exists() {
            return Err(RestoreError::LeftBehind(staged));
        }
        create_folder(&staged).map_err(folder_error(&staged))?;
        let staging = Self {
            staged,
            folder,
            done: false,
        };
        backup::copy(Content::Store, file, &staging.staged.join(DATABASE))?;
        let catalogs = backup::catalogs_of(file);
        if catalogs.exists() {
            backup::copy(Content::Catalogs, &catalogs, &staging.staged.join(CATALOGS))?;
        }
        Ok(staging)
    }

    /// Whether the backup has catalogs beside it. Without them they are to be imported again.
    #[must_use]
    pub fn has_catalogs(&self) -> bool {
        self.staged.join(CATALOGS).exists()
    }

    /// Path of the copy before [`Self::finish`]: open it there, put it into quarantine and close it.
    #[must_use]
    pub fn staged(&self) -> &Path {
        &self.staged
    }

    /// Moves the folder to its final name, durably.
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
            // A copy that cannot be removed is harmless; the next restore reports it.
            fs::remove_dir_all(&self.staged).ok();
        }
    }
}
