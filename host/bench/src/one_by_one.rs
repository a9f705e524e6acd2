//! The plugins, asked for each decision of a quote by itself, as a host asks several plugins that share a quote.

use async_trait::async_trait;

use tillhouse_checkout::cart::{Cart, CartLine};
use tillhouse_checkout::catalog::CatalogVersion;
use tillhouse_checkout::decision::{
    FulfillmentOffer, ItemDescription, LineAmount, Operation, OrderDraft, OrderEvent, OrderIdentity, OrderNotice, Page,
    PricedCart, ProcessorWebhook, Reservation, ReservationResult, RiskDecision, RiskRequest, SessionEnd, Stock,
    TaxAssessment, TaxRequest, WholeQuote,
};
use tillhouse_checkout::ids::{ItemId, MerchantId, PluginId};
use tillhouse_checkout::ports::{DecisionError, Decisions, Phase, PhaseEnd, PhaseScope};
use tillhouse_runtime::Plugins;

/// Plugins whose `quoting.quote` is not called.
#[derive(Clone, Debug)]
pub(super) struct OneByOne(pub(super) Plugins);

#[async_trait]
impl Decisions for OneByOne {
    async fn open(&self, scope: PhaseScope) -> Result<Box<dyn Phase>, DecisionError> {
        Ok(Box::new(OneByOnePhase(self.0.open(scope).await?)))
    }

    fn keeps_stock_here(&self, merchant: &MerchantId) -> bool {
        self.0.keeps_stock_here(merchant)
    }

    fn stock_plugin(&self, merchant: &MerchantId) -> Option<PluginId> {
        self.0.stock_plugin(merchant)
    }

    fn hears_session_ends(&self, merchant: &MerchantId) -> bool {
        self.0.hears_session_ends(merchant)
    }

    async fn read_order_notice(
        &self,
        merchant: &MerchantId,
        notice: ProcessorWebhook,
    ) -> Result<OrderNotice, DecisionError> {
        self.0.read_order_notice(merchant, notice).await
    }
}

struct OneByOnePhase(Box<dyn Phase>);

#[async_trait]
impl Phase for OneByOnePhase {
    async fn quote_whole(&mut self, _: &Cart) -> Result<Option<WholeQuote>, DecisionError> {
        Ok(None)
    }

    async fn describe(&mut self, items: &[ItemId]) -> Result<Vec<Option<ItemDescription>>, DecisionError> {
        self.0.describe(items).await
    }

    fn catalog(&self) -> Option<CatalogVersion> {
        self.0.catalog()
    }

    async fn check_stock(&mut self, lines: &[CartLine]) -> Result<Vec<Stock>, DecisionError> {
        self.0.check_stock(lines).await
    }

    async fn price(&mut self, cart: &Cart) -> Result<PricedCart, DecisionError> {
        self.0.price(cart).await
    }

    async fn offer(&mut self, cart: &Cart, amounts: &[LineAmount]) -> Result<FulfillmentOffer, DecisionError> {
        self.0.offer(cart, amounts).await
    }

    async fn assess_tax(&mut self, request: &TaxRequest) -> Result<TaxAssessment, DecisionError> {
        self.0.assess_tax(request).await
    }

    async fn page(&mut self, cart: &Cart) -> Result<Option<Page>, DecisionError> {
        self.0.page(cart).await
    }

    async fn assess_risk(&mut self, request: &RiskRequest) -> Result<RiskDecision, DecisionError> {
        self.0.assess_risk(request).await
    }

    async fn identify_order(&mut self, op: &Operation, draft: &OrderDraft<'_>) -> Result<OrderIdentity, DecisionError> {
        self.0.identify_order(op, draft).await
    }

    async fn notify_order(&mut self, op: &Operation, event: &OrderEvent) -> Result<(), DecisionError> {
        self.0.notify_order(op, event).await
    }

    async fn session_ended(&mut self, op: &Operation, end: &SessionEnd) -> Result<(), DecisionError> {
        self.0.session_ended(op, end).await
    }

    async fn reserve(&mut self, op: &Operation, reservation: &Reservation) -> Result<ReservationResult, DecisionError> {
        self.0.reserve(op, reservation).await
    }

    async fn release(&mut self, op: &Operation, reservation: &Reservation) -> Result<(), DecisionError> {
        self.0.release(op, reservation).await
    }

    async fn redeem(&mut self, op: &Operation, codes: &[String]) -> Result<(), DecisionError> {
        self.0.redeem(op, codes).await
    }

    async fn restore(&mut self, op: &Operation, codes: &[String]) -> Result<(), DecisionError> {
        self.0.restore(op, codes).await
    }

    fn finish(self: Box<Self>) -> PhaseEnd {
        self.0.finish()
    }
}
