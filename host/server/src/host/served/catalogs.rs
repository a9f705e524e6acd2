//! Loading a merchant's catalog again: when its file changed, and when an operator asks for it.
//!
//! The whole catalog is replaced between two phases. A file that is not good, or that changes while it is read, replaces nothing.
//! Counted stock stays as it is: plugins keep what was sold apart from what the catalog says, as over a restart.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use super::catalog_file::{CatalogRead, FileState, LoadedCatalog};
use super::merchant_state::{MerchantState, RefusedCatalog, ServedMerchant};
use super::{Served, refused_texts};
use tillhouse_checkout::audit::AuditAction;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_payments::operator::OperatorError;
use tillhouse_payments::operator::problem::Problem;
use tillhouse_payments::operator::served::{CatalogReloaded, ReloadCatalog};

/// Why a catalog is read again.
#[derive(Debug)]
enum Trigger {
    /// An operator asked for it.
    Operator(String),
    /// The host noticed that its file changed.
    Change,
}

impl Served {
    /// Look at the catalog files at this interval, each in a task of its own, and load what changed.
    pub(in crate::host) fn watch_catalogs(
        self: &Arc<Self>,
        interval: Duration,
        workers: &TaskTracker,
        stop: &CancellationToken,
    ) {
        for merchant in self.merchants() {
            if let Some(path) = merchant.state().catalog.path.clone() {
                let (served, id, stop) = (Arc::clone(self), merchant.id.clone(), stop.clone());
                workers.spawn(async move { served.watch(id, path, interval, stop).await });
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
            let path = path.clone();
            let Ok(now) = tokio::task::spawn_blocking(move || FileState::of(&path)).await else {
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
                let _ = self.reload(merchant, Trigger::Change).await;
            }
        }
    }

    /// Load a catalog again for an operator.
    pub(super) async fn reload_by_operator(&self, request: ReloadCatalog) -> Result<CatalogReloaded, OperatorError> {
        let merchant = self.merchant(&request.merchant)?;
        self.reload(merchant, Trigger::Operator(request.actor)).await
    }

    async fn reload(&self, merchant: &ServedMerchant, trigger: Trigger) -> Result<CatalogReloaded, OperatorError> {
        let _one = merchant.change.lock().await;
        let state = merchant.state();
        let Some(path) = state.catalog.path.clone() else {
            return Err(OperatorError::conflict(format!(
                "merchant {} has no catalog: name its file in merchants.{}.catalog, and restart the host",
                merchant.id, merchant.id
            )));
        };
        let now = self.parts.clock.now();
        let read = tokio::task::spawn_blocking(move || CatalogRead::of(&path, now)).await;
        let read = read.map_err(|error| OperatorError::unavailable(error.to_string()))?;
        if !read.stable {
            return Err(OperatorError::conflict(
                "the file changed while it was read; the catalog in force stays: try again when the file is complete",
            ));
        }
        let mut next = MerchantState::clone(&state);
        next.catalog.examined = Some(read.state);
        let found = read
            .content
            .and_then(|found| ensure_not_cut_off(&state, found, &trigger));
        match found {
            Err(problems) => Err(self.refuse(merchant, next, problems)),
            Ok(found) if is_same(&state, &found) => {
                next.catalog.refused = None;
                self.keep(merchant, next)
            }
            Ok(found) => self.replace(merchant, &state, next, found, &trigger).await,
        }
    }

    /// Keep the catalog that is in force, and say what is wrong with the one in the file.
    fn refuse(&self, merchant: &ServedMerchant, mut next: MerchantState, problems: Vec<String>) -> OperatorError {
        let known = next.catalog.refused.as_ref();
        if known.is_none_or(|known| known.problems != problems) {
            for problem in &problems {
                warn!(merchant.id = %merchant.id, problem, "the changed catalog is refused, and the one in force stays");
            }
            next.catalog.refused = Some(RefusedCatalog {
                at: self.parts.clock.now(),
                problems: problems.clone(),
            });
        }
        if let Err(outage) = next.plugins(&merchant.id) {
            self.parts.outages.begin(merchant.id.clone(), outage);
        }
        merchant.set(next);
        refused_texts(&problems)
    }

    /// The file has what is in force already.
    fn keep(&self, merchant: &ServedMerchant, next: MerchantState) -> Result<CatalogReloaded, OperatorError> {
        let answer = self.reloaded(merchant, &next, &next);
        merchant.set(next);
        answer
    }

    async fn replace(
        &self,
        merchant: &ServedMerchant,
        state: &MerchantState,
        mut next: MerchantState,
        found: LoadedCatalog,
        trigger: &Trigger,
    ) -> Result<CatalogReloaded, OperatorError> {
        next.catalog.in_force = Some(found);
        next.catalog.refused = None;
        let was_out = self.parts.outages.get(&merchant.id).is_some();
        let prepared = match self.prepare(&merchant.id, &next).await {
            Ok(prepared) => prepared,
            Err(error) => {
                let outage = error.into_outage(&merchant.id);
                if !was_out {
                    next.catalog.in_force.clone_from(&state.catalog.in_force);
                    return Err(self.refuse(merchant, next, outage.details));
                }
                // The catalog is good, and the merchant has other problems.
                self.take_out(&merchant.id, outage);
                let answer = self.reloaded(merchant, state, &next);
                merchant.set(next);
                return answer;
            }
        };
        let answer = self.reloaded(merchant, state, &next)?;
        let (actor, by) = match trigger {
            Trigger::Operator(actor) => (format!("operator:{actor}"), "command"),
            Trigger::Change => (format!("host:{}", self.parts.host), "change"),
        };
        let detail = json!({
            "by": by,
            "file": next.catalog.path,
            "sha256": answer.now.sha256,
            "items": answer.now.items,
            "items_before": answer.items_before,
        });
        let audited = self
            .audit(&actor, AuditAction::ReloadCatalog, &merchant.id, &detail)
            .await;
        audited.inspect_err(|problem| {
            warn!(merchant.id = %merchant.id, %problem, "the changed catalog is not loaded: the audit log cannot be written");
        })?;
        let in_service = self.activate(merchant, next, prepared);
        for warning in &answer.now.warnings {
            warn!(merchant.id = %merchant.id, warning, "the catalog has items that cannot be bought");
        }
        info!(merchant.id = %merchant.id, items = answer.now.items, sha256 = answer.now.sha256, in_service, "the catalog was loaded again");
        Ok(CatalogReloaded {
            still_out_of_service: Vec::new(),
            ..answer
        })
    }

    fn reloaded(
        &self,
        merchant: &ServedMerchant,
        before: &MerchantState,
        next: &MerchantState,
    ) -> Result<CatalogReloaded, OperatorError> {
        let (before, now) = (&before.catalog.in_force, &next.catalog.in_force);
        let now = now
            .as_ref()
            .ok_or_else(|| OperatorError::unavailable("no catalog is in force"))?;
        let outage = self.parts.outages.get(&merchant.id);
        let details = outage.iter().flat_map(|outage| &outage.details);
        Ok(CatalogReloaded {
            merchant: merchant.id.clone(),
            changed: before.as_ref().is_none_or(|before| before.sha256 != now.sha256),
            now: now.view(next.currency),
            items_before: before.as_ref().map(|before| before.catalog.len()),
            still_out_of_service: details.map(Problem::of).collect(),
        })
    }
}

fn is_same(state: &MerchantState, found: &LoadedCatalog) -> bool {
    let in_force = state.catalog.in_force.as_ref();
    in_force.is_some_and(|in_force| in_force.sha256 == found.sha256)
}

/// A file that lost most of its items is taken for one that is being written, unless an operator asks for it.
fn ensure_not_cut_off(
    state: &MerchantState,
    found: LoadedCatalog,
    trigger: &Trigger,
) -> Result<LoadedCatalog, Vec<String>> {
    let in_force = state.catalog.in_force.as_ref();
    let before = in_force.map_or(0, |in_force| in_force.catalog.len());
    let now = found.catalog.len();
    if matches!(trigger, Trigger::Change) && now < before.div_ceil(2) {
        return Err(vec![format!(
            "the file has {now} items, and the catalog in force has {before}, as if it was not complete; if that is meant, run: \
             tillhouse catalog reload"
        )]);
    }
    Ok(found)
}
