//! Loading a merchant's own file again: when it changed, and when an operator asks for it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use super::super::merchant_state::ServedMerchant;
use super::super::{Served, refused_texts};
use super::{digest, is_busy, is_of, texts, whole_file};
use tillhouse_catalog::{FileDigest, FileState, ImportError, Imported};
use tillhouse_checkout::audit::AuditAction;
use tillhouse_checkout::catalog::{CatalogKind, StoredCatalog};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_payments::operator::OperatorError;
use tillhouse_payments::operator::catalogs::{CatalogReloaded, ReloadCatalog};

/// Pause before a file is tried again that another host imports, or that changed while it was read.
const RETRY: Duration = Duration::from_secs(2);

/// Why a file is read again.
#[derive(Debug)]
enum Trigger {
    /// An operator asked for it.
    Operator(String),
    /// The host noticed that it changed.
    Change,
}

/// What reading a file again has done.
enum Outcome {
    /// It has what is in force, or what was imported from it last.
    Same,
    Imported(Box<Imported>),
}

impl Served {
    /// Import the files that the start did not wait for. Then look at all of them at this interval, each in a task of its own, and import
    /// what changed.
    pub(in crate::host) fn watch_catalogs(
        self: &Arc<Self>,
        interval: Option<Duration>,
        workers: &TaskTracker,
        stop: &CancellationToken,
    ) {
        for merchant in self.merchants() {
            if let Some(path) = merchant.state().catalog.path.clone() {
                let (served, id, stop) = (Arc::clone(self), merchant.id.clone(), stop.clone());
                workers.spawn(async move {
                    served.import_unexamined(&id, &path, &stop).await;
                    if let Some(interval) = interval {
                        served.watch(id, path, interval, stop).await;
                    }
                });
            }
        }
    }

    async fn import_unexamined(&self, id: &MerchantId, path: &Path, stop: &CancellationToken) {
        let Ok(merchant) = self.merchant(id) else { return };
        while merchant.state().catalog.examined.is_none() {
            let imported = async {
                let read = Box::pin(self.reload(merchant, path, Trigger::Change)).await;
                if read.is_err() && merchant.state().catalog.examined.is_none() {
                    tokio::time::sleep(RETRY).await;
                }
            };
            tokio::select! {
                // Dropped half-way, an import leaves nothing; the next start imports the file.
                () = stop.cancelled() => return,
                () = imported => {}
            }
        }
    }

    async fn watch(&self, id: MerchantId, path: PathBuf, interval: Duration, stop: CancellationToken) {
        let Ok(merchant) = self.merchant(&id) else { return };
        let (mut last, mut again) = (None, true);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(interval) => {}
            }
            let looked = path.clone();
            let Ok(now) = tokio::task::spawn_blocking(move || FileState::of(&looked)).await else {
                return;
            };
            // A file that is being written changes from one look to the next.
            let is_stable = last.as_ref() == Some(&now);
            let is_examined = merchant.state().catalog.examined.as_ref() == Some(&now);
            last = Some(now);
            if is_stable && (!is_examined || again) {
                // Once more at the next look: two writes within one tick of the file system's clock can look the same.
                again = !is_examined;
                // What is wrong is in the log; a file that changed meanwhile is looked at again.
                let changed = Box::pin(self.reload(merchant, &path, Trigger::Change));
                tokio::select! {
                    // Dropped half-way, an import leaves nothing; the next start imports the file.
                    () = stop.cancelled() => return,
                    _ = changed => {}
                }
            } else if !merchant.state().catalog.is_stored {
                self.find_stored(merchant).await;
            }
        }
    }

    /// Another host may have imported what this host could not.
    async fn find_stored(&self, merchant: &ServedMerchant) {
        if matches!(self.parts.catalogs.store.catalog(&merchant.id).await, Ok(Some(_))) {
            self.put_into_service(merchant, |catalog| catalog.is_stored = true)
                .await;
        }
    }

    /// Load a catalog again for an operator.
    pub(super) async fn reload_by_operator(&self, request: ReloadCatalog) -> Result<CatalogReloaded, OperatorError> {
        let merchant = self.merchant(&request.merchant)?;
        let Some(path) = merchant.state().catalog.path.clone() else {
            return Err(OperatorError::conflict(format!(
                "merchant {0} has no file that is imported by itself: run tillhouse catalog import FILE --merchant {0}, or name the \
                 file in merchants.{0}.catalog and restart the host",
                merchant.id
            )));
        };
        Box::pin(self.reload(merchant, &path, Trigger::Operator(request.actor))).await
    }

    async fn reload(
        &self,
        merchant: &ServedMerchant,
        path: &Path,
        trigger: Trigger,
    ) -> Result<CatalogReloaded, OperatorError> {
        let under_way = merchant.importing.wait().await;
        let max_bytes = self.parts.catalogs.settings.max_bytes;
        let before = self.parts.catalogs.store.catalog(&merchant.id).await?;
        let read = digest(path, max_bytes).await;
        let examined = match &read {
            Ok(read) => read.stable.then(|| read.state.clone()),
            Err(_) => Some(FileState::of(path)),
        };
        let found = match read {
            Ok(read) if !read.stable => Err(ImportError::Changed),
            Ok(read) => {
                self.import_again(merchant, path, &trigger, &read, before.as_ref(), &under_way.progress)
                    .await
            }
            Err(error) => Err(error),
        };
        match found {
            Ok(outcome) => self.loaded(merchant, examined, before, outcome).await,
            Err(ImportError::Changed) => Err(OperatorError::conflict(ImportError::Changed.to_string())),
            Err(error) if is_busy(&error) => Err(OperatorError::busy(error.to_string())),
            Err(error) => Err(self.refuse(merchant, examined, &error, path).await),
        }
    }

    async fn import_again(
        &self,
        merchant: &ServedMerchant,
        path: &Path,
        trigger: &Trigger,
        read: &FileDigest,
        before: Option<&StoredCatalog>,
        progress: &Arc<tillhouse_catalog::ImportProgress>,
    ) -> Result<Outcome, ImportError> {
        let is_same = match trigger {
            Trigger::Operator(_) => before.is_some_and(|before| is_of(before, &read.sha256)),
            Trigger::Change => self.was_imported(&merchant.id, path, &read.sha256).await?,
        };
        if is_same {
            return Ok(Outcome::Same);
        }
        let (actor, by) = match trigger {
            Trigger::Operator(actor) => (format!("operator:{actor}"), "command"),
            Trigger::Change => (self.host_actor(), "change"),
        };
        let mut request = whole_file(&merchant.id, path, actor, self.parts.catalogs.settings.max_bytes);
        request.incomplete = matches!(trigger, Trigger::Operator(_));
        let importer = &self.parts.catalogs.importer;
        let prepared = Box::pin(importer.prepare(&request, progress, self.parts.clock.now())).await?;
        let detail = json!({
            "by": by,
            "file": path,
            "version": prepared.version(),
            "sha256": prepared.record().sha256,
            "items": prepared.counts().imported,
            "items_before": prepared.before().map(|before| before.items),
        });
        let audited = self.audit(&request.by, AuditAction::ReloadCatalog, &merchant.id, &detail);
        audited.await.map_err(|problem| {
            ImportError::Unreadable(format!(
                "the catalog is not loaded: the audit log cannot be written: {problem}"
            ))
        })?;
        // What an import before has noted is done or dropped: it could be of this file, and of the same version.
        let settled = self.resets(&merchant.id).settle(true).await;
        settled.map_err(|problem| {
            ImportError::Unreadable(format!(
                "the catalog is not loaded: counters that an import before resets cannot be written: {problem}"
            ))
        })?;
        let imported = prepared.finish(self.parts.clock.now()).await?;
        Ok(Outcome::Imported(Box::new(imported)))
    }

    async fn loaded(
        &self,
        merchant: &ServedMerchant,
        examined: Option<FileState>,
        before: Option<StoredCatalog>,
        outcome: Outcome,
    ) -> Result<CatalogReloaded, OperatorError> {
        let still_out_of_service = self
            .put_into_service(merchant, |catalog| {
                catalog.examined = examined;
                catalog.refused = None;
                catalog.is_stored = true;
            })
            .await;
        let changed = match &outcome {
            Outcome::Same => false,
            Outcome::Imported(imported) => imported.is_changed(),
        };
        let stored = match outcome {
            Outcome::Imported(imported) => Some(imported.now),
            Outcome::Same => before.clone(),
        };
        let now = match stored {
            Some(stored) => self.in_force(merchant, CatalogKind::Product, stored).await?,
            None => return Err(OperatorError::unavailable("no catalog is in force")),
        };
        if changed {
            for warning in &now.warnings {
                warn!(merchant.id = %merchant.id, warning, "the catalog has items that cannot be bought");
            }
            let in_service = still_out_of_service.is_empty();
            info!(merchant.id = %merchant.id, version = now.version, items = now.items, sha256 = now.sha256, in_service, "the catalog was loaded again");
        }
        Ok(CatalogReloaded {
            merchant: merchant.id.clone(),
            changed,
            now,
            items_before: before.map(|before| before.items),
            still_out_of_service,
        })
    }

    /// Keep the version that is in force, and say what is wrong with the file.
    async fn refuse(
        &self,
        merchant: &ServedMerchant,
        examined: Option<FileState>,
        error: &ImportError,
        path: &Path,
    ) -> OperatorError {
        let mut problems = texts(error, path);
        if let ImportError::CutOff { .. } = error {
            problems = problems
                .iter()
                .map(|problem| format!("{problem}; if that is meant, run: tillhouse catalog reload"))
                .collect();
        }
        let known = merchant.state().catalog.refused.clone();
        let is_new = known.is_none_or(|known| known.problems != problems);
        if is_new {
            for problem in &problems {
                warn!(merchant.id = %merchant.id, problem, "the changed catalog is refused, and the one in force stays");
            }
        }
        let refused = self.refused(problems.clone());
        self.keep(merchant, |catalog| {
            catalog.examined = examined;
            if is_new {
                catalog.refused = Some(refused);
            }
        })
        .await;
        refused_texts(&problems)
    }
}
