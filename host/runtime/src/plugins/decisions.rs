//! The `Decisions` port: opening phases, and what a host asks outside of them.

use async_trait::async_trait;

use crate::Plugins;
use crate::api::capability::Capability;
use crate::api::function::Function;
use crate::api::{from_wit, to_wit};
use crate::call::export_call::call_export;
use tillhouse_checkout::decision::{OrderNotice, ProcessorWebhook};
use tillhouse_checkout::ids::{MerchantId, PluginId};
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
        let is_here = |capability| {
            let binding = routes.binding(capability);
            binding.is_none_or(|binding| binding.upstreams.is_empty())
        };
        let has_stock = routes.binding(Capability::Inventory).is_some();
        has_stock && is_here(Capability::Inventory) && is_here(Capability::PricingRedemption)
    }

    fn stock_plugin(&self, merchant: &MerchantId) -> Option<PluginId> {
        let routes = self.routes(merchant).ok()?;
        let binding = routes.binding(Capability::Inventory)?;
        Some(binding.plugin.clone())
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
}
