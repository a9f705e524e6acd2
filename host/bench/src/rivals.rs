//! Implements the ports of the domain over any implementation of the five functions of a quote, so that the host's own pipeline
//! calls every variant.

use std::fmt;

use async_trait::async_trait;

use tillhouse_checkout::cart::{Cart, CartLine};
use tillhouse_checkout::decision::{
    Assessment, ItemDescription, LineAmount, FulfillmentOffer, Operation, OrderEvent, OrderIdentity, Page, PricedCart, Reservation,
    Reserved, RiskDecision, RiskRequest, Stock, TaxRequest,
};
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::money::Money;
use tillhouse_checkout::ports::{DecisionError, Decisions, Phase, PhaseEnd, PhaseScope, PluginFault};
use tillhouse_runtime::Plugins;

/// The functions that a quote calls. One clone serves one phase.
#[async_trait]
pub(super) trait Questions: Clone + fmt::Debug + Send + Sync + 'static {
    async fn check_stock(&mut self, scope: &PhaseScope, lines: &[CartLine]) -> Result<Vec<Stock>, DecisionError>;
    async fn price(&mut self, scope: &PhaseScope, cart: &Cart) -> Result<PricedCart, DecisionError>;
    async fn offer(&mut self, scope: &PhaseScope, cart: &Cart, amounts: &[LineAmount]) -> Result<FulfillmentOffer, DecisionError>;
    async fn assess_tax(&mut self, scope: &PhaseScope, request: &TaxRequest) -> Result<Assessment, DecisionError>;
    async fn page(&mut self, scope: &PhaseScope, cart: &Cart) -> Result<Page, DecisionError>;
}

/// A variant that replaces the plugins. Items are still described by the host's plugins.
#[derive(Clone, Debug)]
pub(super) struct Rival<Q> {
    pub(super) questions: Q,
    pub(super) plugins: Plugins,
}

#[async_trait]
impl<Q: Questions> Decisions for Rival<Q> {
    async fn open(&self, scope: PhaseScope) -> Result<Box<dyn Phase>, DecisionError> {
        Ok(Box::new(Asking {
            questions: self.questions.clone(),
            scope,
        }))
    }

    /// Always false: these variants stage no writes.
    fn keeps_stock_here(&self, _: &MerchantId) -> bool {
        false
    }

    async fn describe(
        &self,
        merchant: &MerchantId,
        items: &[ItemId],
    ) -> Result<Vec<Option<ItemDescription>>, DecisionError> {
        self.plugins.describe(merchant, items).await
    }
}

struct Asking<Q> {
    questions: Q,
    scope: PhaseScope,
}

#[async_trait]
impl<Q: Questions> Phase for Asking<Q> {
    async fn check_stock(&mut self, lines: &[CartLine]) -> Result<Vec<Stock>, DecisionError> {
        self.questions.check_stock(&self.scope, lines).await
    }

    async fn price(&mut self, cart: &Cart) -> Result<PricedCart, DecisionError> {
        self.questions.price(&self.scope, cart).await
    }

    async fn offer(&mut self, cart: &Cart, amounts: &[LineAmount]) -> Result<FulfillmentOffer, DecisionError> {
        self.questions.offer(&self.scope, cart, amounts).await
    }

    async fn assess_tax(&mut self, request: &TaxRequest) -> Result<Assessment, DecisionError> {
        self.questions.assess_tax(&self.scope, request).await
    }

    async fn page(&mut self, cart: &Cart) -> Result<Option<Page>, DecisionError> {
        self.questions.page(&self.scope, cart).await.map(Some)
    }

    async fn assess_risk(&mut self, _: &RiskRequest) -> Result<RiskDecision, DecisionError> {
        Err(not_of_a_quote("risk.assess"))
    }

    async fn identify_order(&mut self, _: &Operation, _: &Cart, _: Money) -> Result<OrderIdentity, DecisionError> {
        Err(not_of_a_quote("orders.identify"))
    }

    async fn notify_order(&mut self, _: &Operation, _: &OrderEvent) -> Result<(), DecisionError> {
        Err(not_of_a_quote("orders.notify"))
    }

    async fn reserve(&mut self, _: &Operation, _: &Reservation) -> Result<Reserved, DecisionError> {
        Err(not_of_a_quote("inventory.reserve"))
    }

    async fn release(&mut self, _: &Operation, _: &Reservation) -> Result<(), DecisionError> {
        Err(not_of_a_quote("inventory.release"))
    }

    async fn redeem(&mut self, _: &Operation, _: &[String]) -> Result<(), DecisionError> {
        Err(not_of_a_quote("pricing-redemption.redeem"))
    }

    async fn restore(&mut self, _: &Operation, _: &[String]) -> Result<(), DecisionError> {
        Err(not_of_a_quote("pricing-redemption.restore"))
    }

    fn finish(self: Box<Self>) -> PhaseEnd {
        PhaseEnd::default()
    }
}

fn not_of_a_quote(function: &'static str) -> DecisionError {
    DecisionError::Unsupported {
        plugin: "rival".to_owned(),
        function,
    }
}

/// The error of a variant that gave no answer.
pub(super) fn failed(function: &'static str, detail: impl fmt::Display) -> DecisionError {
    DecisionError::Fault {
        plugin: "rival".to_owned(),
        function,
        fault: PluginFault::Host,
        detail: detail.to_string(),
    }
}
