//! Processes imports in the background: each on its own, so that a later one may end before an earlier one.

use std::sync::Arc;

use super::event;
use super::file::FeedFile;
use super::import::{FeedImport, FeedKind, ImportFailure, ImportStatus};
use super::table::{FeedTable, error_file};
use super::{FeedLedger, Script};
use crate::id::ImportId;
use crate::stripe::state::StripeState;
use crate::sync::lock;

/// What processing needs, taken out of the ledger.
struct Job {
    file: Option<FeedFile>,
    feed: FeedKind,
    script: Option<Script>,
}

impl Job {
    fn read(&self) -> Result<FeedTable, ImportFailure> {
        let refused = match &self.script {
            Some(Script::Fail(failure)) => return Err(failure.clone()),
            Some(Script::Rows(rows)) => rows.as_slice(),
            None => &[],
        };
        let file = self.file.as_ref().ok_or_else(ImportFailure::file_not_found)?;
        FeedTable::read(file, self.feed, refused)
    }
}

/// Processes an import as soon as the gate is open.
pub(super) fn submit(state: &Arc<StripeState>, id: &ImportId) {
    let (shared, id) = (Arc::clone(state), id.clone());
    state.pipeline.lifetime.tasks.spawn(async move {
        tokio::select! {
            () = shared.feeds.gate.pass() => finish(&shared, &id).await,
            () = shared.pipeline.lifetime.stop.cancelled() => {}
        }
    });
}

/// Processes an import now, and returns when its event was sent; one that is processed already is waited for.
pub(super) async fn finish(state: &Arc<StripeState>, id: &ImportId) {
    let Some(job) = lock(&state.feeds.ledger).claim(id) else {
        let mut settled = state.feeds.settled.subscribe();
        let has_ended = || lock(&state.feeds.ledger).imports.get(id).is_none_or(has_ended);
        let _ = settled.wait_for(|_| has_ended()).await;
        return;
    };
    let read = tokio::task::spawn_blocking(move || (job.read(), job)).await;
    let now = state.pipeline.clock.now();
    let ended = match read {
        Ok((read, job)) => lock(&state.feeds.ledger).settle(id, &job, read, now),
        Err(_) => None,
    };
    if let Some(import) = ended {
        event::announce(state, &import).await;
    }
    state.feeds.settled.send_modify(|count| *count += 1);
}

fn has_ended(import: &FeedImport) -> bool {
    matches!(import.status, ImportStatus::Ended { .. } | ImportStatus::Failed(_))
}

impl FeedLedger {
    /// `None` if the import is not there, does not wait to be processed, or is processed by another task.
    fn claim(&mut self, id: &ImportId) -> Option<Job> {
        let import = self.imports.get_mut(id)?;
        if import.status != ImportStatus::Processing || import.is_claimed {
            return None;
        }
        import.is_claimed = true;
        Some(Job {
            file: import.file.as_ref().and_then(|file| self.files.get(file)).cloned(),
            feed: import.feed,
            script: self.scripts.pop_front(),
        })
    }

    fn settle(
        &mut self,
        id: &ImportId,
        job: &Job,
        read: Result<FeedTable, ImportFailure>,
        now: i64,
    ) -> Option<FeedImport> {
        let applied = 1 + self
            .imports
            .rows()
            .iter()
            .filter(|import| import.applied.is_some())
            .count();
        let import = self.imports.get_mut(id)?;
        match read {
            Err(failure) => import.status = ImportStatus::Failed(failure),
            Ok(mut table) => {
                let successes = self.catalog.apply(import.feed, import.mode, &mut table, id);
                let wrong = job.file.as_ref().filter(|_| !table.errors.is_empty());
                let error_file = wrong.and_then(|file| error_file(file, &table.errors, now));
                import.applied = Some(applied);
                import.status = ImportStatus::Ended {
                    successes,
                    errors: table.errors,
                    error_file: error_file.as_ref().map(|file| file.id.clone()),
                };
                if let Some(file) = error_file {
                    self.files.push(file.id.clone(), file);
                }
            }
        }
        Some(import.clone())
    }
}
