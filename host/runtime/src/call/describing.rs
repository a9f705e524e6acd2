//! How items are presented: by the catalog of the merchant, else by the plugin that presents, which is asked in a phase of its own.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use super::export_call::call_export;
use super::phase::PluginPhase;
use crate::api::call_name::CallName;
use crate::api::capability::Capability;
use crate::api::function::Function;
use crate::api::{from_wit, to_wit};
use crate::guest::limits::STORE_WAIT;
use tillhouse_checkout::decision::ItemDescription;
use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::ports::{DecisionError, PhaseKind};

impl PluginPhase {
    pub(super) async fn described(&self, items: &[ItemId]) -> Result<Vec<Option<ItemDescription>>, DecisionError> {
        let now = Instant::now();
        let left = self
            .scope
            .deadline
            .map_or(STORE_WAIT, |until| until.saturating_duration_since(now));
        let host = CallName {
            plugin: "(host)".to_owned(),
            function: Function::DescribeItems,
        };
        let known = self.catalog.items(items, left).await;
        let known = known.map_err(|aborted| host.of_abort(&aborted, ""))?;
        let mut shown: Vec<Option<ItemDescription>> = known
            .iter()
            .map(|item| item.as_ref().map(|item| item.described()))
            .collect();
        let unknown = items.iter().zip(&shown).filter(|(_, known)| known.is_none());
        let unknown: Vec<ItemId> = unknown.map(|(item, _)| item.clone()).collect();
        if !unknown.is_empty() {
            let described = self.describe_unknown(unknown).await?;
            for (item, place) in items.iter().zip(&mut shown) {
                if place.is_none() {
                    *place = described.get(item).map(|found| found.as_ref().clone());
                }
            }
        }
        Ok(shown)
    }

    /// Describe items that are not in the catalog: from the cache, otherwise by asking the plugin.
    async fn describe_unknown(
        &self,
        items: Vec<ItemId>,
    ) -> Result<HashMap<ItemId, Arc<ItemDescription>>, DecisionError> {
        let merchant = &self.scope.merchant;
        let Some(binding) = self.routes.binding(Capability::Presentation) else {
            return Ok(HashMap::new());
        };
        // A description may be made of other items of the catalog, so another catalog is asked anew.
        let catalog = (self.routes.catalog_number, self.catalog.version());
        let key = |item: &ItemId| (merchant.clone(), (binding.cache_key(), catalog), item.clone());
        let mut described = HashMap::new();
        let mut ids = Vec::new();
        for item in items {
            match self.shared.descriptions.get(&key(&item)).await {
                Some(known) => {
                    described.insert(item, known);
                }
                None => ids.push(item.as_str().to_owned()),
            }
        }
        if ids.is_empty() {
            return Ok(described);
        }
        let asked: HashSet<String> = ids.iter().cloned().collect();
        let mut phase = self.detached(PhaseKind::Quote);
        let context = to_wit::context(&phase.scope);
        let guest_call = call_export!(presentation.call_describe(context, ids));
        let answer = match phase
            .call(Function::DescribeItems, guest_call, from_wit::descriptions)
            .await
        {
            Err(DecisionError::Unsupported { .. }) => return Ok(described),
            answer => answer?,
        };
        for (item, description) in answer.into_iter().filter(|(item, _)| asked.contains(item.as_str())) {
            let description = Arc::new(description);
            self.shared
                .descriptions
                .insert(key(&item), Arc::clone(&description))
                .await;
            described.insert(item, description);
        }
        Ok(described)
    }
}
