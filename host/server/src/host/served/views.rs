//! What serves the merchants, as operators see it.

use async_trait::async_trait;

use super::Served;
use super::merchant_state::{MerchantState, ServedMerchant};
use super::slot::PluginSlot;
use tillhouse_checkout::ids::{MerchantId, PluginId};
use tillhouse_payments::operator::served::{
    LoadPlugin, PluginReplaced, PluginView, ReleaseSource, ReleaseView, RevertPlugin, ServedMerchants,
};
use tillhouse_payments::operator::{OperatorError, timestamp};
use tillhouse_runtime::Installed;

#[async_trait]
impl ServedMerchants for Served {
    fn plugins(&self) -> Vec<PluginView> {
        let in_service = self.merchants().filter(|it| self.parts.outages.get(&it.id).is_none());
        in_service.flat_map(|merchant| self.plugins_of(merchant)).collect()
    }

    fn unused(&self) -> Vec<(MerchantId, PluginId)> {
        let of = |merchant: &ServedMerchant| -> Vec<_> {
            let state = merchant.state();
            state
                .unused()
                .map(|plugin| (merchant.id.clone(), plugin.clone()))
                .collect()
        };
        self.merchants().flat_map(of).collect()
    }

    async fn load(&self, request: LoadPlugin) -> Result<PluginReplaced, OperatorError> {
        Box::pin(self.load_release(request)).await
    }

    async fn back(&self, request: RevertPlugin) -> Result<PluginReplaced, OperatorError> {
        Box::pin(self.revert_release(request)).await
    }
}

impl Served {
    fn plugins_of(&self, merchant: &ServedMerchant) -> Vec<PluginView> {
        let state = merchant.state();
        let installed = self.parts.plugins.inventory(&merchant.id).into_iter().enumerate();
        // The bundled shop is there for every merchant, and has nothing to decide for some.
        let installed = installed.filter(|(index, it)| *index < state.slots.len() || !it.serves.is_empty());
        installed
            .map(|(index, installed)| view(merchant, &state, index, installed))
            .collect()
    }
}

/// The merchant's own plugins are first, in the order of the configuration, then the bundled one.
fn view(merchant: &ServedMerchant, state: &MerchantState, index: usize, installed: Installed) -> PluginView {
    let slot = state.slots.get(index);
    let (version, sha256) = (installed.version, installed.digest.to_string());
    // A release that was swapped in for a plugin author is in no record.
    let recorded = slot.and_then(PluginSlot::view).filter(|view| view.sha256 == sha256);
    let release = recorded.unwrap_or(ReleaseView {
        version,
        sha256,
        source: if slot.is_some() {
            ReleaseSource::Loaded
        } else {
            ReleaseSource::Bundled
        },
        file: None,
    });
    let is_loaded = release.source == ReleaseSource::Loaded;
    PluginView {
        merchant: merchant.id.clone(),
        plugin: installed.plugin.to_string(),
        release,
        serves: installed.serves.iter().map(ToString::to_string).collect(),
        since: timestamp::text(slot.map_or(state.started, |slot| slot.since)),
        previous: slot.and_then(PluginSlot::previous_view),
        configured: slot.filter(|_| is_loaded).and_then(PluginSlot::configured_view),
    }
}
