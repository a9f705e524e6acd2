//! What serves one merchant: its plugins, and what is known of its catalog.

use std::sync::{Arc, PoisonError, RwLock};

use super::catalogs::{CatalogState, Importing};
use super::release_record::{LoadedReleases, ReleaseRecord};
use super::slot::PluginSlot;
use tillhouse_catalog::CatalogSource;
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
    pub(super) importing: Importing,
    state: RwLock<Arc<MerchantState>>,
}

impl ServedMerchant {
    pub(super) fn new(id: MerchantId, state: MerchantState) -> Self {
        Self {
            id,
            change: tokio::sync::Mutex::default(),
            importing: Importing::default(),
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
    /// What its plugins read the catalog from: whichever version is in force.
    pub(super) source: Arc<dyn CatalogSource>,
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
        for problem in self.catalog.problems() {
            outage.add(OutageCause::Catalog, format!("merchants.{id}.catalog: {problem}"));
        }
        if !outage.details.is_empty() {
            return Err(outage);
        }
        Ok(MerchantPlugins {
            bindings,
            fallback: self.fallback.clone(),
            catalog: Arc::clone(&self.source),
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
