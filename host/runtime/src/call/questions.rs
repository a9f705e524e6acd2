//! The `Phase` port: each method is one call into a plugin.

use async_trait::async_trait;

use super::ask::ask;
use super::phase::PluginPhase;
use crate::api::function::Function;
use crate::api::{from_wit, to_wit};
use tillhouse_checkout::cart::{Cart, CartLine};
use tillhouse_checkout::decision::{
    Assessment, LineAmount, Offer, Operation, OrderEvent, OrderIdentity, Page, PricedCart, Reservation, Reserved,
    RiskDecision, RiskRequest, Stock, TaxRequest,
};
use tillhouse_checkout::money::Money;
use tillhouse_checkout::ports::{DecisionError, Phase, PhaseEnd};

#[async_trait]
impl Phase for PluginPhase {
    async fn check_stock(&mut self, lines: &[CartLine]) -> Result<Vec<Stock>, DecisionError> {
        let (context, lines) = (to_wit::context(&self.scope), to_wit::lines(lines));
        let ask = ask!(inventory.call_check(context, lines));
        self.call(Function::CheckStock, ask, from_wit::stocks).await
    }

    async fn price(&mut self, cart: &Cart) -> Result<PricedCart, DecisionError> {
        let (context, cart) = (to_wit::context(&self.scope), to_wit::cart(cart));
        let ask = ask!(pricing.call_price(context, cart));
        self.call(Function::Price, ask, from_wit::priced_cart).await
    }

    async fn offer(&mut self, cart: &Cart, amounts: &[LineAmount]) -> Result<Offer, DecisionError> {
        let (context, cart) = (to_wit::context(&self.scope), to_wit::cart(cart));
        let amounts = to_wit::line_amounts(amounts);
        let ask = ask!(fulfillment.call_options(context, cart, amounts));
        self.call(Function::Options, ask, from_wit::offer).await
    }

    async fn assess_tax(&mut self, request: &TaxRequest) -> Result<Assessment, DecisionError> {
        let (context, request) = (to_wit::context(&self.scope), to_wit::tax_request(request));
        let ask = ask!(tax.call_assess(context, request));
        self.call(Function::AssessTax, ask, from_wit::assessment).await
    }

    async fn page(&mut self, cart: &Cart) -> Result<Option<Page>, DecisionError> {
        let (context, cart) = (to_wit::context(&self.scope), to_wit::cart(cart));
        let ask = ask!(presentation.call_page(context, cart));
        optional(self.call(Function::Page, ask, from_wit::page).await)
    }

    async fn assess_risk(&mut self, request: &RiskRequest) -> Result<RiskDecision, DecisionError> {
        let (context, request) = (to_wit::context(&self.scope), to_wit::risk_request(request));
        let ask = ask!(risk.call_assess(context, request));
        let decision = optional(self.call(Function::AssessRisk, ask, from_wit::risk_decision).await)?;
        Ok(decision.unwrap_or(RiskDecision::Allow))
    }

    async fn identify_order(
        &mut self,
        op: &Operation,
        cart: &Cart,
        total: Money,
    ) -> Result<OrderIdentity, DecisionError> {
        let (context, op) = (to_wit::context(&self.scope), to_wit::operation(op));
        let draft = to_wit::draft(cart, total);
        let ask = ask!(orders.call_identify(context, op, draft));
        self.call(Function::IdentifyOrder, ask, from_wit::order_identity).await
    }

    async fn notify_order(&mut self, op: &Operation, event: &OrderEvent) -> Result<(), DecisionError> {
        let (context, op) = (to_wit::context(&self.scope), to_wit::operation(op));
        let event = to_wit::order_event(event);
        let ask = ask!(orders.call_notify(context, op, event));
        optional(self.call(Function::NotifyOrder, ask, Ok).await).map(|_| ())
    }

    async fn reserve(&mut self, op: &Operation, reservation: &Reservation) -> Result<Reserved, DecisionError> {
        let (context, op) = (to_wit::context(&self.scope), to_wit::operation(op));
        let reservation = to_wit::reservation(reservation);
        let mark = self.mark();
        let ask = ask!(inventory.call_reserve(context, op, reservation));
        let reserved = self.call(Function::Reserve, ask, from_wit::reserved).await?;
        if matches!(reserved, Reserved::Insufficient(_)) {
            // The contract says that nothing is reserved then: the host discards what the plugin staged before it noticed.
            self.roll_back(mark);
        }
        Ok(reserved)
    }

    async fn release(&mut self, op: &Operation, reservation: &Reservation) -> Result<(), DecisionError> {
        let (context, op) = (to_wit::context(&self.scope), to_wit::operation(op));
        let reservation = to_wit::reservation(reservation);
        let ask = ask!(inventory.call_release(context, op, reservation));
        self.call(Function::Release, ask, Ok).await
    }

    async fn redeem(&mut self, op: &Operation, codes: &[String]) -> Result<(), DecisionError> {
        let (context, op) = (to_wit::context(&self.scope), to_wit::operation(op));
        let codes = codes.to_vec();
        let ask = ask!(pricing_redemption.call_redeem(context, op, codes));
        optional(self.call(Function::Redeem, ask, Ok).await).map(|_| ())
    }

    async fn restore(&mut self, op: &Operation, codes: &[String]) -> Result<(), DecisionError> {
        let (context, op) = (to_wit::context(&self.scope), to_wit::operation(op));
        let codes = codes.to_vec();
        let ask = ask!(pricing_redemption.call_restore(context, op, codes));
        optional(self.call(Function::Restore, ask, Ok).await).map(|_| ())
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
