//! A shop that sells one download, taxed by the country of the billing address.

use std::sync::Mutex;

use async_trait::async_trait;

use super::ITEM;
use tillhouse_checkout::cart::{Cart, CartLine, Choice};
use tillhouse_checkout::decision::{
    AnsweredTaxes, AssessedTax, ConsentOption, FulfillmentOffer, ItemDescription, LineAmount, OfferedOption, Operation,
    OrderDraft, OrderEvent, OrderIdentity, Page, PricedCart, PricedLine, Reservation, ReservationResult, RiskDecision,
    RiskRequest, Stock, TaxAssessment, TaxRequest, WholeQuote,
};
use tillhouse_checkout::ids::{ItemId, MerchantId, OptionId};
use tillhouse_checkout::ports::{DecisionError, Decisions, Phase, PhaseEnd, PhaseScope};
use tillhouse_checkout::quote::Totals;

/// What a test sets, and what the shop was told.
#[derive(Clone, Debug)]
pub(crate) struct ShopState {
    /// Price of the download without tax.
    pub(crate) price: i64,
    pub(crate) risk: RiskDecision,
    pub(crate) assessed: Vec<RiskRequest>,
    /// Billing country and totals of each draft of an order.
    pub(crate) drafts: Vec<(Option<String>, Totals)>,
    pub(crate) notified: Vec<(PhaseScope, OrderEvent)>,
}

#[derive(Debug)]
pub(crate) struct ScriptedShop(std::sync::Arc<Mutex<ShopState>>);

impl Default for ScriptedShop {
    fn default() -> Self {
        Self(std::sync::Arc::new(Mutex::new(ShopState {
            price: 1000,
            risk: RiskDecision::Allow,
            assessed: Vec::new(),
            drafts: Vec::new(),
            notified: Vec::new(),
        })))
    }
}

impl ScriptedShop {
    pub(crate) fn set(&self, change: impl FnOnce(&mut ShopState)) {
        change(&mut self.0.lock().unwrap());
    }

    pub(crate) fn state(&self) -> ShopState {
        self.0.lock().unwrap().clone()
    }
}

#[async_trait]
impl Decisions for ScriptedShop {
    async fn open(&self, scope: PhaseScope) -> Result<Box<dyn Phase>, DecisionError> {
        Ok(Box::new(ScriptedPhase {
            shop: std::sync::Arc::clone(&self.0),
            scope,
        }))
    }

    fn keeps_stock_here(&self, _: &MerchantId) -> bool {
        true
    }

    async fn describe(&self, _: &MerchantId, items: &[ItemId]) -> Result<Vec<Option<ItemDescription>>, DecisionError> {
        Ok(vec![None; items.len()])
    }
}

struct ScriptedPhase {
    shop: std::sync::Arc<Mutex<ShopState>>,
    scope: PhaseScope,
}

#[async_trait]
impl Phase for ScriptedPhase {
    async fn quote_whole(&mut self, _: &Cart) -> Result<Option<WholeQuote>, DecisionError> {
        Ok(None)
    }

    async fn check_stock(&mut self, lines: &[CartLine]) -> Result<Vec<Stock>, DecisionError> {
        let in_stock = |line: &CartLine| Stock {
            line: line.id.clone(),
            availability: "in_stock".into(),
            available: None,
            available_from: None,
        };
        Ok(lines.iter().map(in_stock).collect())
    }

    async fn price(&mut self, cart: &Cart) -> Result<PricedCart, DecisionError> {
        let price = self.shop.lock().unwrap().price;
        let priced = |line: &CartLine| PricedLine {
            line: line.id.clone(),
            unit_price: price,
            tax_included: false,
            max_quantity: None,
        };
        Ok(PricedCart {
            lines: cart.lines.iter().map(priced).collect(),
            ..PricedCart::default()
        })
    }

    async fn offer(&mut self, _: &Cart, _: &[LineAmount]) -> Result<FulfillmentOffer, DecisionError> {
        let id = OptionId::new("download");
        Ok(FulfillmentOffer {
            options: vec![OfferedOption {
                id: id.clone(),
                kind: "digital".into(),
                title: "Download".into(),
                description: None,
                carrier: None,
                earliest: None,
                latest: None,
                price: 0,
                tax_included: false,
                lines: Vec::new(),
                group: None,
                place: None,
                pickup_type: None,
                ready_by: None,
                pickup_by: None,
            }],
            preselected: vec![Choice::of(id)],
            messages: Vec::new(),
        })
    }

    /// 19 % in Germany, and nothing elsewhere.
    async fn assess_tax(&mut self, request: &TaxRequest) -> Result<TaxAssessment, DecisionError> {
        let is_german = request.billing.as_ref().is_some_and(|billing| billing.country == "DE");
        let rate = if is_german { 19 } else { 0 };
        let tax = |line: &LineAmount| AssessedTax {
            id: line.line.to_string(),
            amount: line.taxable.minor() * rate / 100,
            parts: Vec::new(),
            exempt: None,
        };
        Ok(TaxAssessment {
            taxes: AnsweredTaxes::Amounts {
                lines: request.lines.iter().map(tax).collect(),
                options: Vec::new(),
                fees: Vec::new(),
            },
            messages: Vec::new(),
        })
    }

    async fn page(&mut self, _: &Cart) -> Result<Option<Page>, DecisionError> {
        Ok(Some(Page {
            consents: vec![ConsentOption {
                channel: "email".into(),
                text: "May we write to you?".into(),
                privacy_policy: "https://shop.example/privacy".into(),
                subscribed: false,
            }],
            ..Page::default()
        }))
    }

    async fn assess_risk(&mut self, request: &RiskRequest) -> Result<RiskDecision, DecisionError> {
        let mut shop = self.shop.lock().unwrap();
        shop.assessed.push(request.clone());
        Ok(shop.risk.clone())
    }

    async fn identify_order(&mut self, op: &Operation, draft: &OrderDraft<'_>) -> Result<OrderIdentity, DecisionError> {
        assert_eq!(draft.cart.lines[0].item.as_str(), ITEM);
        assert_eq!(draft.total.amount, draft.quote.totals.total);
        let billing = draft.cart.billing.as_ref().map(|billing| billing.country.clone());
        self.shop.lock().unwrap().drafts.push((billing, draft.quote.totals));
        Ok(OrderIdentity {
            id: format!("ord_{}", op.id),
            number: None,
            permalink: format!("https://shop.example/orders/{}", op.id),
            confirmation: None,
        })
    }

    async fn notify_order(&mut self, _: &Operation, event: &OrderEvent) -> Result<(), DecisionError> {
        let notified = (self.scope.clone(), event.clone());
        self.shop.lock().unwrap().notified.push(notified);
        Ok(())
    }

    async fn reserve(&mut self, _: &Operation, _: &Reservation) -> Result<ReservationResult, DecisionError> {
        Ok(ReservationResult::All)
    }

    async fn release(&mut self, _: &Operation, _: &Reservation) -> Result<(), DecisionError> {
        Ok(())
    }

    async fn redeem(&mut self, _: &Operation, _: &[String]) -> Result<(), DecisionError> {
        Ok(())
    }

    async fn restore(&mut self, _: &Operation, _: &[String]) -> Result<(), DecisionError> {
        Ok(())
    }

    fn finish(self: Box<Self>) -> PhaseEnd {
        PhaseEnd::default()
    }
}
