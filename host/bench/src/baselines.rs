//! Implements the ports of the domain over any implementation of the functions of a quote, so that the host's own pipeline calls
//! every variant.

use std::fmt;

use async_trait::async_trait;

use tillhouse_checkout::cart::{Cart, CartLine};
use tillhouse_checkout::catalog::CatalogVersion;
use tillhouse_checkout::decision::{
    FulfillmentOffer, ItemDescription, LineAmount, Operation, OrderDraft, OrderEvent, OrderIdentity, OrderNotice, Page,
    PricedCart, ProcessorWebhook, Reservation, ReservationResult, RiskDecision, RiskRequest, SessionEnd, Stock,
    TaxAssessment, TaxRequest, WholeQuote,
};
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::ports::{DecisionError, Decisions, Phase, PhaseEnd, PhaseScope, PluginFault};
use tillhouse_runtime::Plugins;

/// The functions that a quote calls. One clone serves one phase.
#[async_trait]
pub(super) trait QuoteFunctions: Clone + fmt::Debug + Send + Sync + 'static {
    /// All of the functions below at once; `None` for a variant that is called once for each.
    async fn quote_whole(&mut self, scope: &PhaseScope, cart: &Cart) -> Result<Option<WholeQuote>, DecisionError>;
    async fn check_stock(&mut self, scope: &PhaseScope, lines: &[CartLine]) -> Result<Vec<Stock>, DecisionError>;
    async fn price(&mut self, scope: &PhaseScope, cart: &Cart) -> Result<PricedCart, DecisionError>;
    async fn offer(
        &mut self,
        scope: &PhaseScope,
        cart: &Cart,
        amounts: &[LineAmount],
    ) -> Result<FulfillmentOffer, DecisionError>;
    async fn assess_tax(&mut self, scope: &PhaseScope, request: &TaxRequest) -> Result<TaxAssessment, DecisionError>;
    async fn page(&mut self, scope: &PhaseScope, cart: &Cart) -> Result<Page, DecisionError>;
}

/// A variant that replaces the plugins. Items are still described by the host's plugins.
#[derive(Clone, Debug)]
pub(super) struct Baseline<Q> {
    pub(super) functions: Q,
    pub(super) plugins: Plugins,
}

#[async_trait]
impl<Q: QuoteFunctions> Decisions for Baseline<Q> {
    async fn open(&self, scope: PhaseScope) -> Result<Box<dyn Phase>, DecisionError> {
        Ok(Box::new(BaselinePhase {
            functions: self.functions.clone(),
            described_by: self.plugins.open(scope.clone()).await?,
            scope,
        }))
    }

    /// Always false: these variants stage no writes.
    fn keeps_stock_here(&self, _: &MerchantId) -> bool {
        false
    }

    fn hears_session_ends(&self, _: &MerchantId) -> bool {
        false
    }

    async fn read_order_notice(
        &self,
        merchant: &MerchantId,
        notice: ProcessorWebhook,
    ) -> Result<OrderNotice, DecisionError> {
        self.plugins.read_order_notice(merchant, notice).await
    }
}

struct BaselinePhase<Q> {
    functions: Q,
    /// A phase of the host's plugins, which is asked for nothing else.
    described_by: Box<dyn Phase>,
    scope: PhaseScope,
}

#[async_trait]
impl<Q: QuoteFunctions> Phase for BaselinePhase<Q> {
    async fn quote_whole(&mut self, cart: &Cart) -> Result<Option<WholeQuote>, DecisionError> {
        self.functions.quote_whole(&self.scope, cart).await
    }

    async fn check_stock(&mut self, lines: &[CartLine]) -> Result<Vec<Stock>, DecisionError> {
        self.functions.check_stock(&self.scope, lines).await
    }

    async fn price(&mut self, cart: &Cart) -> Result<PricedCart, DecisionError> {
        self.functions.price(&self.scope, cart).await
    }

    async fn offer(&mut self, cart: &Cart, amounts: &[LineAmount]) -> Result<FulfillmentOffer, DecisionError> {
        self.functions.offer(&self.scope, cart, amounts).await
    }

    async fn assess_tax(&mut self, request: &TaxRequest) -> Result<TaxAssessment, DecisionError> {
        self.functions.assess_tax(&self.scope, request).await
    }

    async fn describe(&mut self, items: &[ItemId]) -> Result<Vec<Option<ItemDescription>>, DecisionError> {
        self.described_by.describe(items).await
    }

    fn catalog(&self) -> Option<CatalogVersion> {
        self.described_by.catalog()
    }

    async fn page(&mut self, cart: &Cart) -> Result<Option<Page>, DecisionError> {
        self.functions.page(&self.scope, cart).await.map(Some)
    }

    async fn assess_risk(&mut self, _: &RiskRequest) -> Result<RiskDecision, DecisionError> {
        Err(unsupported("risk.assess"))
    }

    async fn identify_order(&mut self, _: &Operation, _: &OrderDraft<'_>) -> Result<OrderIdentity, DecisionError> {
        Err(unsupported("orders.identify"))
    }

    async fn notify_order(&mut self, _: &Operation, _: &OrderEvent) -> Result<(), DecisionError> {
        Err(unsupported("orders.notify"))
    }

    async fn session_ended(&mut self, _: &Operation, _: &SessionEnd) -> Result<(), DecisionError> {
        Err(unsupported("sessions.ended"))
    }

    async fn reserve(&mut self, _: &Operation, _: &Reservation) -> Result<ReservationResult, DecisionError> {
        Err(unsupported("inventory.reserve"))
    }

    async fn release(&mut self, _: &Operation, _: &Reservation) -> Result<(), DecisionError> {
        Err(unsupported("inventory.release"))
    }

    async fn redeem(&mut self, _: &Operation, _: &[String]) -> Result<(), DecisionError> {
        Err(unsupported("pricing-redemption.redeem"))
    }

    async fn restore(&mut self, _: &Operation, _: &[String]) -> Result<(), DecisionError> {
        Err(unsupported("pricing-redemption.restore"))
    }

    fn finish(self: Box<Self>) -> PhaseEnd {
        PhaseEnd::default()
    }
}

fn unsupported(function: &'static str) -> DecisionError {
    DecisionError::Unsupported {
        plugin: "baseline".to_owned(),
        function,
    }
}

/// The error of a variant that gave no answer.
pub(super) fn baseline_error(function: &'static str, detail: impl fmt::Display) -> DecisionError {
    DecisionError::Fault {
        plugin: "baseline".to_owned(),
        function,
        fault: PluginFault::Host,
        detail: detail.to_string(),
    }
}
