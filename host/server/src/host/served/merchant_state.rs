//! What serves one merchant: its plugins and its catalog, replaced as a whole.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use super::catalog_file::{CatalogRead, FileState, LoadedCatalog};
use super::release_record::{LoadedReleases, ReleaseRecord};
use super::slot::PluginSlot;
use tillhouse_checkout::ids::{MerchantId, PluginId};
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::outage::{Outage, OutageCause};
use tillhouse_checkout::time::Timestamp;
use tillhouse_runtime::{Binding, Limits, MerchantPlugins};

/// One merchant. Readers never wait for a change.
#[derive(Debug)]
pub(super) struct ServedMerchant {
    pub(super) id: MerchantId,
    /// Held from the beginning of a change to its end: one change of a merchant at a time. Other merchants have their own.
    pub(super) change: tokio::sync::Mutex<()>,
    state: RwLock<Arc<MerchantState>>,
}

impl ServedMerchant {
    pub(super) fn new(id: MerchantId, state: MerchantState) -> Self {
        Self {
            id,
            change: tokio::sync::Mutex::default(),
            state: RwLock::new(Arc::new(state)),
        }
    }

    pub(super) fn state(&self) -> Arc<MerchantState> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn set(&self, state: MerchantState) {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(state);
    }
}

/// A catalog file that was not put into force.
#[derive(Clone, Debug)]
pub(super) struct RefusedCatalog {
    pub(super) at: Timestamp,
    pub(super) problems: Vec<String>,
}

/// The merchant's catalog and its file.
#[derive(Clone, Debug)]
pub(super) struct CatalogState {
    /// `None` if the merchant has no catalog.
    pub(super) path: Option<PathBuf>,
    /// The last good one.
    pub(super) in_force: Option<LoadedCatalog>,
    /// State of the file when it was read last; `None` to have it read again.
    pub(super) examined: Option<FileState>,
    /// Why what was read last is not in force; `None` if it is.
    pub(super) refused: Option<RefusedCatalog>,
}

impl CatalogState {
    /// The catalog as it is when the host starts.
    pub(super) fn read(path: Option<PathBuf>, now: Timestamp) -> Self {
        let mut state = Self {
            path,
            in_force: None,
            examined: None,
            refused: None,
        };
        let Some(path) = &state.path else {
            state.in_force = Some(LoadedCatalog::none(now));
            return state;
        };
        let read = CatalogRead::of(path, now);
        state.examined = Some(read.state).filter(|_| read.stable);
        match read.content {
            Ok(catalog) => state.in_force = Some(catalog),
            Err(problems) => state.refused = Some(RefusedCatalog { at: now, problems }),
        }
        state
    }

    /// Warnings about the file that is in force; none if the merchant has no catalog.
    pub(super) fn warnings(&self, currency: Currency) -> Vec<String> {
        let in_force = self.in_force.as_ref().filter(|_| self.path.is_some());
        in_force.map_or_else(Vec::new, |catalog| catalog.view(currency).warnings)
    }
}

/// Everything that serves a merchant.
#[derive(Clone, Debug)]
pub(super) struct MerchantState {
    pub(super) currency: Currency,
    /// Limits of its plugins, those that are loaded later too.
    pub(super) limits: Arc<Limits>,
    /// Problems that only a restart with another configuration ends.
    pub(super) lasting: Outage,
    pub(super) slots: Vec<PluginSlot>,
    /// Serves what the merchant's own plugins do not.
    pub(super) fallback: Option<Arc<Binding>>,
    pub(super) catalog: CatalogState,
    /// The record of loaded releases, with those of plugins that the configuration does not have.
    pub(super) record: ReleaseRecord,
    /// When the host was started.
    pub(super) started: Timestamp,
}

impl MerchantState {
    /// Plugins and catalog together, or everything that keeps the merchant out of service.
    pub(super) fn plugins(&self, id: &MerchantId) -> Result<MerchantPlugins, Outage> {
        let mut outage = self.lasting.clone();
        let mut bindings = Vec::new();
        for slot in &self.slots {
            match &slot.in_force {
                Ok(binding) => bindings.push(Arc::clone(binding)),
                Err(problems) => {
                    for problem in problems {
                        let detail = format!("merchants.{id}.plugins[{}]: {problem}", slot.index);
                        outage.add(OutageCause::Plugin, detail);
                    }
                }
            }
        }
        let catalog = &self.catalog;
        let refused = catalog.refused.iter().filter(|_| catalog.in_force.is_none());
        for problem in refused.flat_map(|refused| &refused.problems) {
            outage.add(OutageCause::Catalog, format!("merchants.{id}.catalog: {problem}"));
        }
        if !outage.details.is_empty() {
            return Err(outage);
        }
        let catalog = catalog.in_force.as_ref().map(|it| Arc::clone(&it.catalog));
        Ok(MerchantPlugins {
            bindings,
            fallback: self.fallback.clone(),
            catalog: catalog.unwrap_or_default(),
            currency: self.currency,
            limits: Some(Arc::clone(&self.limits)),
        })
    }

    /// The same with another state of one plugin.
    pub(super) fn with_slot(&self, slot: PluginSlot) -> Self {
        let mut next = self.clone();
        if let Some(place) = next.slots.iter_mut().find(|it| it.index == slot.index) {
            *place = slot;
        }
        next
    }

    /// The same, with the loaded releases of its plugins in the record.
    pub(super) fn recorded(mut self) -> Self {
        for slot in &self.slots {
            if slot.loaded.is_empty() {
                self.record.plugins.remove(slot.id());
            } else {
                let loaded = LoadedReleases {
                    since: slot.since,
                    releases: slot.loaded.clone(),
                };
                self.record.plugins.insert(slot.id().clone(), loaded);
            }
        }
        self
    }

    /// Plugins with loaded releases that the configuration does not have.
    pub(super) fn unused(&self) -> impl Iterator<Item = &PluginId> {
        let known = |id: &&PluginId| self.slots.iter().any(|slot| slot.id() == *id);
        self.record.plugins.keys().filter(move |id| !known(id))
    }
}
