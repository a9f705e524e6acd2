//! The `Phase` port: each method is one call into a plugin.

use async_trait::async_trait;

use super::export_call::call_export;
use super::phase::PluginPhase;
use crate::api::capability::Capability;
use crate::api::function::Function;
use crate::api::{from_wit, to_wit};
use tillhouse_checkout::cart::{Cart, CartLine};
use tillhouse_checkout::catalog::CatalogVersion;
use tillhouse_checkout::decision::{
    FulfillmentOffer, ItemDescription, LineAmount, Operation, OrderDraft, OrderEvent, OrderIdentity, Page, PricedCart,
    Reservation, ReservationResult, RiskDecision, RiskRequest, SessionEnd, Stock, TaxAssessment, TaxRequest,
    WholeQuote,
};
use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::ports::{DecisionError, Phase, PhaseEnd};

#[async_trait]
impl Phase for PluginPhase {
    async fn quote_whole(&mut self, cart: &Cart) -> Result<Option<WholeQuote>, DecisionError> {
        if self.one_by_one || !self.routes.quotes_whole() {
            return Ok(None);
        }
        let (context, cart) = (to_wit::context(&self.scope), to_wit::cart(cart));
        let guest_call = call_export!(quoting.call_quote(context, cart));
        let whole = optional(self.call(Function::QuoteWhole, guest_call, from_wit::whole_quote).await)?;
        let decides_page = self.routes.is_same(Capability::Quoting, Capability::Presentation);
        Ok(whole.map(|whole| WholeQuote {
            page: whole.page.filter(|_| decides_page),
            ..whole
        }))
    }

    async fn check_stock(&mut self, lines: &[CartLine]) -> Result<Vec<Stock>, DecisionError> {
        let (context, lines) = (to_wit::context(&self.scope), to_wit::lines(lines));
        let guest_call = call_export!(inventory.call_check(context, lines));
        self.call(Function::CheckStock, guest_call, from_wit::stocks).await
    }

    async fn price(&mut self, cart: &Cart) -> Result<PricedCart, DecisionError> {
        let (context, cart) = (to_wit::context(&self.scope), to_wit::cart(cart));
        let guest_call = call_export!(pricing.call_price(context, cart));
        self.call(Function::Price, guest_call, from_wit::priced_cart).await
    }

    async fn offer(&mut self, cart: &Cart, amounts: &[LineAmount]) -> Result<FulfillmentOffer, DecisionError> {
        let (context, cart) = (to_wit::context(&self.scope), to_wit::cart(cart));
        let amounts = to_wit::line_amounts(amounts);
        let guest_call = call_export!(fulfillment.call_options(context, cart, amounts));
        self.call(Function::Options, guest_call, from_wit::offer).await
    }

    async fn assess_tax(&mut self, request: &TaxRequest) -> Result<TaxAssessment, DecisionError> {
        let (context, request) = (to_wit::context(&self.scope), to_wit::tax_request(request));
        let guest_call = call_export!(tax.call_assess(context, request));
        self.call(Function::AssessTax, guest_call, from_wit::assessment).await
    }

    async fn describe(&mut self, items: &[ItemId]) -> Result<Vec<Option<ItemDescription>>, DecisionError> {
        self.described(items).await
    }

    fn catalog(&self) -> Option<CatalogVersion> {
        self.catalog.version()
    }

    async fn page(&mut self, cart: &Cart) -> Result<Option<Page>, DecisionError> {
        let (context, cart) = (to_wit::context(&self.scope), to_wit::cart(cart));
        let guest_call = call_export!(presentation.call_page(context, cart));
        optional(self.call(Function::Page, guest_call, from_wit::page).await)
    }

    async fn assess_risk(&mut self, request: &RiskRequest) -> Result<RiskDecision, DecisionError> {
        let (context, request) = (to_wit::context(&self.scope), to_wit::risk_request(request));
        let guest_call = call_export!(risk.call_assess(context, request));
        let decision = optional(
            self.call(Function::AssessRisk, guest_call, from_wit::risk_decision)
                .await,
        )?;
        Ok(decision.unwrap_or(RiskDecision::Allow))
    }

    async fn identify_order(&mut self, op: &Operation, draft: &OrderDraft<'_>) -> Result<OrderIdentity, DecisionError> {
        let (context, op) = (to_wit::context(&self.scope), to_wit::operation(op));
        let draft = to_wit::draft(draft);
        let guest_call = call_export!(orders.call_identify(context, op, draft));
        self.call(Function::IdentifyOrder, guest_call, from_wit::order_identity)
            .await
    }

    async fn notify_order(&mut self, op: &Operation, event: &OrderEvent) -> Result<(), DecisionError> {
        let (context, op) = (to_wit::context(&self.scope), to_wit::operation(op));
        let event = to_wit::order_event(event);
        let guest_call = call_export!(orders.call_notify(context, op, event));
        optional(self.call(Function::NotifyOrder, guest_call, Ok).await).map(|_| ())
    }

    async fn session_ended(&mut self, op: &Operation, end: &SessionEnd) -> Result<(), DecisionError> {
        let (context, op) = (to_wit::context(&self.scope), to_wit::operation(op));
        let end = to_wit::session_end(end);
        let guest_call = call_export!(sessions.call_ended(context, op, end));
        optional(self.call(Function::SessionEnded, guest_call, Ok).await).map(|_| ())
    }

    async fn reserve(&mut self, op: &Operation, reservation: &Reservation) -> Result<ReservationResult, DecisionError> {
        let (context, op) = (to_wit::context(&self.scope), to_wit::operation(op));
        let reservation = to_wit::reservation(reservation);
        let savepoint = self.savepoint();
        let guest_call = call_export!(inventory.call_reserve(context, op, reservation));
        let reserved = self.call(Function::Reserve, guest_call, from_wit::reserved).await?;
        if matches!(reserved, ReservationResult::Insufficient(_)) {
            // The contract says that nothing is reserved then: the host discards what the plugin staged before it noticed.
            self.roll_back(savepoint);
        }
        Ok(reserved)
    }

    async fn release(&mut self, op: &Operation, reservation: &Reservation) -> Result<(), DecisionError> {
        let (context, op) = (to_wit::context(&self.scope), to_wit::operation(op));
        let reservation = to_wit::reservation(reservation);
        let guest_call = call_export!(inventory.call_release(context, op, reservation));
        self.call(Function::Release, guest_call, Ok).await
    }

    async fn redeem(&mut self, op: &Operation, codes: &[String]) -> Result<(), DecisionError> {
        let (context, op) = (to_wit::context(&self.scope), to_wit::operation(op));
        let codes = codes.to_vec();
        let guest_call = call_export!(pricing_redemption.call_redeem(context, op, codes));
        optional(self.call(Function::Redeem, guest_call, Ok).await).map(|_| ())
    }

    async fn restore(&mut self, op: &Operation, codes: &[String]) -> Result<(), DecisionError> {
        let (context, op) = (to_wit::context(&self.scope), to_wit::operation(op));
        let codes = codes.to_vec();
        let guest_call = call_export!(pricing_redemption.call_restore(context, op, codes));
        optional(self.call(Function::Restore, guest_call, Ok).await).map(|_| ())
    }

    fn finish(self: Box<Self>) -> PhaseEnd {
        self.end()
    }
}

/// Turn `Unsupported` into `None`: no plugin provides the capability, or its plugin leaves it to the host's default.
fn optional<T>(answer: Result<T, DecisionError>) -> Result<Option<T>, DecisionError> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(DecisionError::Unsupported { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
