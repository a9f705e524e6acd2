//! The merchants' catalogs: imported from their files when the host starts and when a file changes, and from any file by an operator.
//!
//! A file is imported as a whole or not at all. Which version is in force is in the store, for every host of a fleet; what is kept
//! here is what this host knows of its files. Counted stock stays as it is unless an operator says otherwise: plugins keep what was
//! sold apart from what the catalog says.

mod configured;
mod history;
mod importing;
mod items;
mod port;
mod retention;
mod service;
mod stock;
mod views;
mod warnings;
mod watching;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tillhouse_catalog::{
    CatalogImporter, CatalogSource, FeedFile, FileState, ImportError, ImportProgress, ImportRequest, StoredCatalogs,
};
use tillhouse_checkout::catalog::{CatalogKind, StoredCatalog};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::ports::{BeginImportError, CatalogStore, FeedQueue, catalogs_of};
use tillhouse_checkout::time::Timestamp;
use tillhouse_payments::operator::OperatorError;

pub(in crate::host) use configured::AtStart;
use warnings::Survey;

use crate::config::CatalogsConfig;

/// What imports and reads of catalogs need of the host.
#[derive(Debug)]
pub(in crate::host) struct CatalogParts {
    pub(in crate::host) store: Arc<dyn CatalogStore>,
    pub(in crate::host) feeds: Arc<dyn FeedQueue>,
    pub(in crate::host) importer: CatalogImporter,
    /// What plugins read from: items only.
    pub(in crate::host) sources: StoredCatalogs,
    pub(in crate::host) settings: CatalogsConfig,
}

impl CatalogParts {
    /// The catalogs of one kind.
    pub(super) fn of(&self, kind: CatalogKind) -> Arc<dyn CatalogStore> {
        catalogs_of(&self.store, kind)
    }

    pub(super) fn source(&self, merchant: &MerchantId) -> Arc<dyn CatalogSource> {
        self.sources.of(merchant)
    }
}

/// A file that was not put into force.
#[derive(Clone, Debug)]
pub(super) struct RefusedCatalog {
    pub(super) at: Timestamp,
    pub(super) problems: Vec<String>,
}

/// What this host knows of a merchant's catalog.
#[derive(Clone, Debug)]
pub(super) struct CatalogState {
    /// The file that is imported by itself; `None` if there is none.
    pub(super) path: Option<PathBuf>,
    /// Whether a version was in force when this host last looked.
    pub(super) is_stored: bool,
    /// State of the file when it was read last; `None` to have it read again.
    pub(super) examined: Option<FileState>,
    /// Why what was read last is not in force; `None` if it is.
    pub(super) refused: Option<RefusedCatalog>,
}

impl CatalogState {
    /// Problems that keep the merchant out of service: of a file that was never good.
    pub(super) fn problems(&self) -> impl Iterator<Item = &String> {
        let refused = self.refused.iter().filter(|_| !self.is_stored);
        refused.flat_map(|refused| &refused.problems)
    }
}

/// Imports of one merchant on this host, one at a time.
#[derive(Debug, Default)]
pub(super) struct Importing {
    one: tokio::sync::Mutex<()>,
    progress: Mutex<Option<Arc<ImportProgress>>>,
    surveys: tokio::sync::Mutex<BTreeMap<CatalogKind, Survey>>,
}

/// An import under way.
struct UnderWay<'i> {
    importing: &'i Importing,
    progress: Arc<ImportProgress>,
    _one: tokio::sync::MutexGuard<'i, ()>,
}

impl Importing {
    /// Waits for the import before.
    async fn wait(&self) -> UnderWay<'_> {
        self.begin(self.one.lock().await)
    }

    /// Refused while another import is under way.
    fn now(&self) -> Result<UnderWay<'_>, OperatorError> {
        let one = self.one.try_lock();
        one.map(|one| self.begin(one)).map_err(|_| {
            OperatorError::busy("another import of this catalog is under way on this host; try again when it has ended")
        })
    }

    fn begin<'i>(&'i self, one: tokio::sync::MutexGuard<'i, ()>) -> UnderWay<'i> {
        let progress = Arc::<ImportProgress>::default();
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&progress));
        UnderWay {
            importing: self,
            progress,
            _one: one,
        }
    }

    fn progress(&self) -> Option<Arc<ImportProgress>> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        *self.importing.progress.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Digest of a file, without holding up other work.
async fn digest(path: &Path, max_bytes: u64) -> Result<tillhouse_catalog::FileDigest, ImportError> {
    let path = path.to_owned();
    let read = tokio::task::spawn_blocking(move || tillhouse_catalog::digest(&path, max_bytes)).await;
    read.unwrap_or_else(|error| Err(ImportError::Unreadable(error.to_string())))
}

/// What an import from a merchant's own file is.
fn whole_file(merchant: &MerchantId, path: &Path, by: String, max_bytes: u64) -> ImportRequest {
    let file = FeedFile {
        max_bytes,
        ..FeedFile::product(path.to_owned())
    };
    ImportRequest::replacing(merchant.clone(), file, by)
}

/// Whether the version was made of exactly this content, with every row.
fn is_of(stored: &StoredCatalog, sha256: &str) -> bool {
    stored.import.sha256 == sha256 && stored.import.refused == 0
}

/// What is wrong, one text per problem; `of_file` begins each problem of a row.
fn texts(error: &ImportError, path: &Path) -> Vec<String> {
    match error {
        ImportError::Refused(refused) => {
            let place = |problem: &tillhouse_catalog::Problem| format!("{}: {problem}", path.display());
            let wrong = refused.problems.iter().filter(|problem| problem.refuses());
            let mut texts: Vec<String> = wrong.map(place).collect();
            if refused.more_problems > 0 {
                texts.push(format!("and {} more", refused.more_problems));
            }
            texts
        }
        other => vec![other.to_string()],
    }
}

fn is_busy(error: &ImportError) -> bool {
    matches!(error, ImportError::Begin(BeginImportError::Busy { .. }))
}
