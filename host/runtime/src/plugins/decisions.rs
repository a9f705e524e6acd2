//! The `Decisions` port: opening phases, and item descriptions.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use async_trait::async_trait;

use crate::Plugins;
use crate::api::capability::Capability;
use crate::api::function::Function;
use crate::api::{from_wit, to_wit};
use crate::call::export_call::call_export;
use crate::merchant::routes::MerchantRoutes;
use tillhouse_checkout::decision::{ItemDescription, OrderNotice, ProcessorWebhook};
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::ports::{DecisionError, Decisions, Phase, PhaseKind, PhaseScope};

#[async_trait]
impl Decisions for Plugins {
    async fn open(&self, scope: PhaseScope) -> Result<Box<dyn Phase>, DecisionError> {
        Ok(Box::new(self.observed_phase(scope)?))
    }

    fn keeps_stock_here(&self, merchant: &MerchantId) -> bool {
        let Ok(routes) = self.routes(merchant) else {
            return false;
        };
        let binding = routes.binding(Capability::Inventory);
        binding.is_some_and(|binding| binding.upstreams.is_empty())
    }

    fn hears_session_ends(&self, merchant: &MerchantId) -> bool {
        let routes = self.routes(merchant);
        routes.is_ok_and(|routes| routes.binding(Capability::Sessions).is_some())
    }

    async fn read_order_notice(
        &self,
        merchant: &MerchantId,
        notice: ProcessorWebhook,
    ) -> Result<OrderNotice, DecisionError> {
        let routes = self.routes(merchant)?;
        let mut phase = self.detached_phase(merchant, routes, PhaseKind::Notify);
        let notice = to_wit::notice(notice);
        let guest_call = call_export!(orders_notices.call_read(notice));
        phase
            .call(Function::ReadOrderNotice, guest_call, from_wit::order_changes)
            .await
    }

    async fn describe(
        &self,
        scope: &PhaseScope,
        items: &[ItemId],
    ) -> Result<Vec<Option<ItemDescription>>, DecisionError> {
        let routes = self.routes(&scope.merchant)?;
        let mut shown: Vec<Option<ItemDescription>> = items.iter().map(|item| routes.catalog.describe(item)).collect();
        let unknown: Vec<ItemId> = items
            .iter()
            .zip(&shown)
            .filter(|(_, known)| known.is_none())
            .map(|(item, _)| item.clone())
            .collect();
        if !unknown.is_empty() {
            let described = self.describe_unknown(scope, routes, unknown).await?;
            for (item, place) in items.iter().zip(&mut shown) {
                if place.is_none() {
                    *place = described.get(item).map(|found| found.as_ref().clone());
                }
            }
        }
        Ok(shown)
    }
}

impl Plugins {
    /// Describe items that are not in the catalog: from the cache, otherwise by asking the plugin.
    async fn describe_unknown(
        &self,
        scope: &PhaseScope,
        routes: Arc<MerchantRoutes>,
        items: Vec<ItemId>,
    ) -> Result<HashMap<ItemId, Arc<ItemDescription>>, DecisionError> {
        let merchant = &scope.merchant;
        let Some(binding) = routes.binding(Capability::Presentation) else {
            return Ok(HashMap::new());
        };
        // A description may be made of other items of the catalog, so another catalog is asked anew.
        let release = (binding.cache_key(), routes.catalog_number);
        let mut described = HashMap::new();
        let mut ids = Vec::new();
        for item in items {
            match self
                .shared
                .descriptions
                .get(&(merchant.clone(), release, item.clone()))
                .await
            {
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
        let mut phase = self.detached_phase(merchant, routes, PhaseKind::Quote);
        phase.scope.deadline = scope.deadline;
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
            let key = (merchant.clone(), release, item.clone());
            self.shared.descriptions.insert(key, Arc::clone(&description)).await;
            described.insert(item, description);
        }
        Ok(described)
    }
}
