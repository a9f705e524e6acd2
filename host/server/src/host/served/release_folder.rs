//! The folder of a host in which loaded releases outlive a restart: components by their digest, and one record per merchant.
//!
//! A component is durable before the record that names it, and a record is replaced by renaming: a host that is killed at any
//! moment finds either the record before or the one after, and every component that it names.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::release_record::ReleaseRecord;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_runtime::Digest;

/// Folder of the components, and that of the records.
const COMPONENTS: &str = "components";
const RECORDS: &str = "merchants";
/// Ending of a file that is being written.
const DRAFT: &str = "draft";

/// Why loaded releases cannot be kept or read. Each text names the path.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReleaseFolderError {
    /// Another process keeps its releases there.
    #[error("{} is in use by another process: ask the host that runs, over admin.socket, or set plugins.release_folder to a folder of this host alone", .0.display())]
    InUse(PathBuf),
    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Error of the operating system.
        source: io::Error,
    },
    /// A record cannot be understood.
    #[error("{}: {problem}; it says which loaded releases are in force: restore it, or remove it to use the configured ones", path.display())]
    Record {
        /// File of the record, named after the merchant.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The copy of a component is not what was loaded.
    #[error("{} is not the component that was loaded: its SHA-256 is {found}", path.display())]
    Changed {
        /// File of the copy, named after the digest that it should have.
        path: PathBuf,
        /// Digest of what is there.
        found: String,
    },
}

/// The folder. Clones are the same one.
#[derive(Clone, Debug)]
pub(super) struct ReleaseFolder {
    path: Arc<Path>,
    /// Locked while files are written and unused ones removed; holds the lock against other processes once it is taken.
    claim: Arc<Mutex<Option<File>>>,
}

impl ReleaseFolder {
    /// The folder at this path, which need not exist yet.
    pub(super) fn at(path: &Path) -> Self {
        Self {
            path: path.into(),
            claim: Arc::default(),
        }
    }

    /// Create the folder, and keep other processes from writing to it as long as this one lives.
    pub(super) fn claim(&self) -> Result<(), ReleaseFolderError> {
        self.claimed().map(drop)
    }

    /// What was loaded into a merchant; nothing if there is no record.
    pub(super) fn record(&self, merchant: &MerchantId) -> Result<ReleaseRecord, ReleaseFolderError> {
        read_record(&self.record_path(merchant)).map(Option::unwrap_or_default)
    }

    /// The component with this digest, as it was loaded.
    pub(super) fn component(&self, sha256: &str) -> Result<Vec<u8>, ReleaseFolderError> {
        let path = self.component_path(sha256);
        let bytes = fs::read(&path).map_err(|source| file_error(&path, source))?;
        let found = Digest::of(&bytes).to_string();
        if found == sha256 {
            Ok(bytes)
        } else {
            Err(ReleaseFolderError::Changed { path, found })
        }
    }

    /// Keep a component, then replace the record of a merchant, then remove the components that no record names.
    pub(super) fn write(
        &self,
        merchant: &MerchantId,
        record: &ReleaseRecord,
        component: Option<&[u8]>,
    ) -> Result<(), ReleaseFolderError> {
        let claimed = self.claimed()?;
        if let Some(bytes) = component {
            self.keep(bytes)?;
        }
        let text = serde_json::to_vec_pretty(record).map_err(|error| ReleaseFolderError::Record {
            path: self.record_path(merchant),
            problem: error.to_string(),
        })?;
        let path = self.record_path(merchant);
        let before = fs::read(&path).ok();
        if let Err(error) = write_durably(&path, &text) {
            // It may be in place all the same, and only not known to be durable: what failed must not come into force by a restart.
            let _ = match before {
                Some(before) => write_durably(&path, &before),
                None => fs::remove_file(&path).map_err(|source| file_error(&path, source)),
            };
            return Err(error);
        }
        // What is left over costs space only, and the next change removes it.
        let _ = self.remove_unused();
        drop(claimed);
        Ok(())
    }

    fn keep(&self, component: &[u8]) -> Result<(), ReleaseFolderError> {
        let sha256 = Digest::of(component).to_string();
        if self.component(&sha256).is_ok() {
            return Ok(());
        }
        write_durably(&self.component_path(&sha256), component)
    }

    fn remove_unused(&self) -> Result<(), ReleaseFolderError> {
        let mut used = BTreeSet::new();
        for path in files(&self.path.join(RECORDS))? {
            if is_draft(&path) {
                let _ = fs::remove_file(&path);
                continue;
            }
            let record = read_record(&path)?.unwrap_or_default();
            used.extend(record.components().map(|sha256| self.component_path(sha256)));
        }
        for path in files(&self.path.join(COMPONENTS))? {
            if !used.contains(&path) {
                let _ = fs::remove_file(&path);
            }
        }
        Ok(())
    }

    /// The lock of this folder, against other processes and against other changes of this one.
    fn claimed(&self) -> Result<MutexGuard<'_, Option<File>>, ReleaseFolderError> {
        let mut claim = self.claim.lock().unwrap_or_else(PoisonError::into_inner);
        if claim.is_none() {
            for folder in [COMPONENTS, RECORDS] {
                let folder = self.path.join(folder);
                let created = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
                created.map_err(|source| file_error(&folder, source))?;
            }
            let path = self.path.join("lock");
            let opened = File::options().create(true).append(true).mode(0o600).open(&path);
            let file = opened.map_err(|source| file_error(&path, source))?;
            match file.try_lock() {
                Ok(()) => *claim = Some(file),
                Err(fs::TryLockError::WouldBlock) => return Err(ReleaseFolderError::InUse(self.path.to_path_buf())),
                Err(fs::TryLockError::Error(source)) => return Err(file_error(&path, source)),
            }
        }
        Ok(claim)
    }

    fn record_path(&self, merchant: &MerchantId) -> PathBuf {
        self.path.join(RECORDS).join(format!("{merchant}.json"))
    }

    fn component_path(&self, sha256: &str) -> PathBuf {
        self.path.join(COMPONENTS).join(format!("{sha256}.wasm"))
    }
}

fn read_record(path: &Path) -> Result<Option<ReleaseRecord>, ReleaseFolderError> {
    match fs::read(path) {
        Ok(text) => ReleaseRecord::parse(&text)
            .map(Some)
            .map_err(|problem| ReleaseFolderError::Record {
                path: path.to_path_buf(),
                problem,
            }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(file_error(path, source)),
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, ReleaseFolderError> {
    let entries = fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    entries.map_err(|source| file_error(folder, source))
}

fn is_draft(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == DRAFT)
}

/// Replace a file, readable for its owner only, so that it is durable as a whole or unchanged.
fn write_durably(path: &Path, bytes: &[u8]) -> Result<(), ReleaseFolderError> {
    let draft = path.with_extension(DRAFT);
    let written = || -> io::Result<()> {
        let mut options = File::options();
        let mut file = options
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&draft, path)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()
    };
    written().map_err(|source| file_error(path, source))
}

fn file_error(path: &Path, source: io::Error) -> ReleaseFolderError {
    ReleaseFolderError::File {
        path: path.to_path_buf(),
        source,
    }
}

#[cfg(test)]
mod tests;
