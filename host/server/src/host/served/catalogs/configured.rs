//! The file that the configuration names for a merchant: when it is imported, and when it was already.

use std::path::Path;

use tracing::{info, warn};

use super::super::Served;
use super::{CatalogState, RefusedCatalog, digest, is_busy, is_of, texts, whole_file};
use crate::config::MerchantConfig;
use tillhouse_catalog::{FileDigest, ImportError, Imported};
use tillhouse_checkout::catalog::ImportMode;
use tillhouse_checkout::ids::MerchantId;

/// Versions among which an earlier import of a file is looked for: more than a store keeps records of. Increments by the minute make
/// hundreds of versions a day, and none of them may bring the file back.
const LOOKED_UP: usize = 100_000;

/// Most items of which warnings are looked for while the host starts.
const SURVEYED_AT_START: u64 = 20_000;

/// Largest file that a start waits for where a version is in force. A larger one is imported while that version is sold from.
const AWAITED_BYTES: u64 = 4 * 1024 * 1024;

/// What is done with the merchants' files when they are put into service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::host) enum AtStart {
    /// Changed files are imported; those that are large only begin to be, where a version is in force.
    Import,
    /// The files are left alone, and what is in the store is used: for a command that asks something else of it.
    Leave,
}

impl Served {
    /// What is known of a merchant's catalog at the start, after its file was imported.
    pub(in crate::host::served) async fn catalog_at_start(
        &self,
        id: &MerchantId,
        config: &MerchantConfig,
        at_start: AtStart,
    ) -> CatalogState {
        let mut state = CatalogState {
            path: config.catalog.clone(),
            is_stored: false,
            examined: None,
            refused: None,
        };
        if at_start == AtStart::Import
            && let Err(error) = self.resets(id).settle(false).await
        {
            warn!(merchant.id = %id, %error, "counters of sold units are not reset, as an import asked before the host ended");
        }
        if let (Some(path), AtStart::Import) = (&config.catalog, at_start) {
            if self.is_imported_later(id, path).await {
                info!(merchant.id = %id, "the catalog's file is large: it is read while the version in force is sold from");
            } else {
                self.import_at_start(id, path, &mut state).await;
            }
        }
        match self.parts.catalogs.store.catalog(id).await {
            Ok(stored) => {
                state.is_stored = stored.is_some();
                if stored.is_some_and(|stored| stored.items <= SURVEYED_AT_START) && at_start == AtStart::Import {
                    self.warn_of(id, config.currency).await;
                }
            }
            Err(error) => {
                state
                    .refused
                    .get_or_insert_with(|| self.refused(vec![error.to_string()]));
            }
        }
        state
    }

    /// Whether there is something to sell from until the file is read.
    async fn is_imported_later(&self, id: &MerchantId, path: &Path) -> bool {
        let is_large = tillhouse_catalog::FileState::of(path).size() > AWAITED_BYTES;
        is_large && matches!(self.parts.catalogs.store.catalog(id).await, Ok(Some(_)))
    }

    async fn import_at_start(&self, id: &MerchantId, path: &Path, state: &mut CatalogState) {
        let result = self.import_if_changed(id, path).await;
        match result {
            Ok(read) => state.examined = Some(read.state),
            Err(error) => {
                // What another host imports, or what changes meanwhile, is looked at again.
                if !is_busy(&error) && !matches!(error, ImportError::Changed) {
                    state.examined = Some(tillhouse_catalog::FileState::of(path));
                }
                let problems = texts(&error, path);
                for problem in &problems {
                    warn!(merchant.id = %id, problem, "the catalog is refused");
                }
                state.refused = Some(self.refused(problems));
            }
        }
    }

    async fn import_if_changed(&self, id: &MerchantId, path: &Path) -> Result<FileDigest, ImportError> {
        let read = digest(path, self.parts.catalogs.settings.max_bytes).await?;
        if read.stable && self.was_imported(id, path, &read.sha256).await? {
            return Ok(read);
        }
        let request = whole_file(id, path, self.host_actor(), self.parts.catalogs.settings.max_bytes);
        let now = self.parts.clock.now();
        let importer = &self.parts.catalogs.importer;
        let prepared = Box::pin(importer.prepare(&request, &std::sync::Arc::default(), now)).await?;
        let imported: Imported = prepared.finish(now).await?;
        Ok(imported.file.digest)
    }

    /// Whether the file has what was imported from it last. What an operator imported since then stands until the file changes.
    pub(super) async fn was_imported(&self, id: &MerchantId, path: &Path, sha256: &str) -> Result<bool, ImportError> {
        let source = path.display().to_string();
        let versions = self.parts.catalogs.store.catalog_versions(id, LOOKED_UP).await?;
        let last = versions.iter().find(|version| {
            version.import.mode == ImportMode::Replace && (version.import.source == source || is_of(version, sha256))
        });
        Ok(last.is_some_and(|last| is_of(last, sha256)))
    }

    pub(super) fn refused(&self, problems: Vec<String>) -> RefusedCatalog {
        RefusedCatalog {
            at: self.parts.clock.now(),
            problems,
        }
    }

    /// This host, where it is named as the one who imports.
    pub(super) fn host_actor(&self) -> String {
        format!("host:{}", self.parts.host)
    }
}
