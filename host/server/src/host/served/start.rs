//! What serves each merchant when the host starts: what the configuration names, and what was loaded over it.

use std::collections::BTreeMap;
use std::sync::Arc;

use tracing::warn;

use super::Served;
use super::catalogs::AtStart;
use super::merchant_state::{MerchantState, ServedMerchant};
use super::release_folder::ReleaseFolder;
use super::release_record::ReleaseRecord;
use super::slot::PluginSlot;
use crate::config::{Config, MerchantConfig};
use crate::host::bindings::{self, FallbackPlugin};
use crate::host::error::StartError;
use crate::host::limits;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::outage::{Outage, OutageCause};
use tillhouse_runtime::Binding;

impl Served {
    /// Put plugins and catalog of every merchant into force. A merchant for which that fails is out of service, and the log says
    /// why.
    ///
    /// # Errors
    /// All errors, if they affect every merchant or the bundled component.
    pub(in crate::host) async fn start(
        &self,
        config: &Config,
        bundled: Option<&FallbackPlugin>,
        at_start: AtStart,
    ) -> Result<(), StartError> {
        let fallback = bindings::fallback(&self.parts.plugins, bundled).await;
        let (fallback, mut problems) = match fallback {
            Ok(fallback) => (fallback, Vec::new()),
            Err(problems) => (None, problems),
        };
        let (mut merchants, mut outages) = (BTreeMap::new(), Vec::new());
        for (id, merchant) in &config.merchants {
            let state = self.state(id, merchant, fallback.clone(), at_start).await;
            match self.prepare(id, &state).await {
                Ok(prepared) => self.parts.plugins.activate(prepared),
                Err(error) => outages.push((id, error.into_outage(id))),
            }
            merchants.insert(id.clone(), ServedMerchant::new(id.clone(), state));
        }
        if !problems.is_empty() || outages.len() == config.merchants.len() {
            problems.extend(outages.into_iter().flat_map(|(_, outage)| outage.details));
            return Err(StartError::Invalid(problems));
        }
        for (id, outage) in outages {
            self.take_out(id, outage);
        }
        self.merchants.get_or_init(|| merchants);
        Ok(())
    }

    async fn state(
        &self,
        id: &MerchantId,
        config: &MerchantConfig,
        fallback: Option<Arc<Binding>>,
        at_start: AtStart,
    ) -> MerchantState {
        let now = self.parts.clock.now();
        let mut lasting = Outage::default();
        for error in &config.plugin_errors {
            lasting.add(OutageCause::Configuration, error.to_string());
        }
        let record = match self.folder.as_ref().map(|folder| folder.record(id)) {
            Some(Ok(record)) => record,
            Some(Err(error)) => {
                lasting.add(OutageCause::Plugin, format!("merchants.{id}.plugins: {error}"));
                ReleaseRecord::default()
            }
            None => ReleaseRecord::default(),
        };
        let mut slots = Vec::new();
        // A faulty configuration lacks some plugins, so the indexes of the rest are not those of the file.
        let whole = config.plugins.iter().filter(|_| config.plugin_errors.is_empty());
        for (index, plugin) in whole.enumerate() {
            match bindings::configured(&self.parts.plugins, plugin).await {
                Ok(configured) => slots.push(PluginSlot::configured(index, configured, now)),
                Err(errors) => {
                    for (cause, problem) in errors {
                        lasting.add(cause, format!("merchants.{id}.plugins[{index}]: {problem}"));
                    }
                }
            }
        }
        if let Some(folder) = &self.folder {
            for slot in &mut slots {
                self.put_loaded(id, slot, folder, &record).await;
            }
        }
        let catalog = Box::pin(self.catalog_at_start(id, config, at_start)).await;
        let state = MerchantState {
            currency: config.currency,
            limits: limits::of_merchant(&self.parts.limits, &config.limits),
            lasting,
            slots,
            fallback,
            catalog,
            source: self.parts.catalogs.source(id),
            record,
            started: now,
        };
        for plugin in state.unused().filter(|_| config.plugin_errors.is_empty()) {
            warn!(merchant.id = %id, plugin.id = %plugin, "a release was loaded for a plugin that the configuration does not have; it is not used");
        }
        state
    }

    /// Put the release that was loaded over a configured one into force.
    async fn put_loaded(&self, id: &MerchantId, slot: &mut PluginSlot, folder: &ReleaseFolder, record: &ReleaseRecord) {
        let Some(loaded) = record.plugins.get(slot.id()) else {
            return;
        };
        let releases = loaded.releases.clone();
        *slot = slot
            .with_loaded(&self.parts.plugins, folder, releases, loaded.since)
            .await;
        if let Err(problems) = &slot.configured.component {
            let problem = problems.join("; ");
            warn!(merchant.id = %id, plugin.id = %slot.id(), problem, "the configured component cannot be used; a loaded release is in force instead");
        }
    }
}
