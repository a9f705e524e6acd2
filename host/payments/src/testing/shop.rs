//! A shop that sells one download, taxed by the country of the billing address.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;

use super::{Gate, ITEM};
use tillhouse_checkout::cart::{Cart, CartLine, Choice};
use tillhouse_checkout::catalog::CatalogVersion;
use tillhouse_checkout::decision::{
    AnsweredTaxes, AssessedTax, ConsentOption, Coupon, DiscountTarget, DiscountTerms, FulfillmentOffer,
    ItemDescription, LineAmount, OfferedDiscount, OfferedFee, OfferedOption, Operation, OrderDraft, OrderEvent,
    OrderIdentity, OrderNotice, Page, PricedCart, PricedLine, ProcessorWebhook, Reduction, Reservation,
    ReservationResult, RiskDecision, RiskRequest, SessionEnd, Stock, TaxAssessment, TaxRequest, WholeQuote,
};
use tillhouse_checkout::ids::{ItemId, MerchantId, OptionId, PluginId};
use tillhouse_checkout::plugin_data::{Namespace, StagedChanges, StagedWrite};
use tillhouse_checkout::ports::{DecisionError, Decisions, Phase, PhaseEnd, PhaseKind, PhaseScope};
use tillhouse_checkout::quote::Totals;

/// What a test sets, and what the shop was told.
#[derive(Clone, Debug)]
pub(crate) struct ShopState {
    /// Price of the download without tax.
    pub(crate) price: i64,
    /// What the prices of a quote are made of besides.
    pub(crate) offer: Offer,
    /// The price in each version of the catalog, where the shop has one; `None` in a version that lacks the item.
    pub(crate) catalog: Vec<Option<i64>>,
    /// Whether a version ends at once for the sessions that were quoted with it.
    pub(crate) without_grace: bool,
    /// What `pricing.price` fails with.
    pub(crate) failure: Option<DecisionError>,
    /// Holds `orders.identify` of the next completion: its quote is made, and nothing is committed yet.
    pub(crate) gate: Option<Gate>,
    /// A counter that the reservation takes from and that has nothing left.
    pub(crate) shortage: Option<&'static str>,
    /// How often a cart was priced.
    pub(crate) priced: u32,
    pub(crate) risk: RiskDecision,
    pub(crate) assessed: Vec<RiskRequest>,
    /// The identity of the next orders; `None` for one that is new each time.
    pub(crate) identity: Option<OrderIdentity>,
    /// Billing country and totals of each draft of an order.
    pub(crate) drafts: Vec<(Option<String>, Totals)>,
    pub(crate) notified: Vec<(PhaseScope, OrderEvent)>,
    /// Whether the plugin exports `sessions`.
    pub(crate) hears_session_ends: bool,
    /// What a notice about orders is read as; `None` if the plugin reads none.
    pub(crate) order_notice: Option<OrderNotice>,
    /// How many calls of `sessions.ended` fail from now on.
    pub(crate) deaf: u32,
    pub(crate) ends: Vec<(Operation, SessionEnd)>,
}

/// What a quote is made of besides the price of the download.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    /// Id and price of the fulfillment option.
    pub(crate) option: (&'static str, i64),
    /// Id and amount of a fee.
    pub(crate) fee: Option<(&'static str, i64)>,
    /// Amount of a discount on the order.
    pub(crate) discount: i64,
    /// Tax of the line beside that of the billing address.
    pub(crate) tax: i64,
    /// Units that are left.
    pub(crate) available: Option<u64>,
}

impl Default for Offer {
    fn default() -> Self {
        Self {
            option: ("download", 0),
            fee: None,
            discount: 0,
            tax: 0,
            available: None,
        }
    }
}

#[derive(Debug)]
pub(crate) struct ScriptedShop(std::sync::Arc<Mutex<ShopState>>);

impl Default for ScriptedShop {
    fn default() -> Self {
        Self(std::sync::Arc::new(Mutex::new(ShopState {
            price: 1000,
            catalog: Vec::new(),
            without_grace: false,
            offer: Offer::default(),
            failure: None,
            shortage: None,
            gate: None,
            priced: 0,
            risk: RiskDecision::Allow,
            assessed: Vec::new(),
            identity: None,
            drafts: Vec::new(),
            notified: Vec::new(),
            hears_session_ends: false,
            order_notice: None,
            deaf: 0,
            ends: Vec::new(),
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
            version: None,
        }))
    }

    fn keeps_stock_here(&self, _: &MerchantId) -> bool {
        true
    }

    fn hears_session_ends(&self, _: &MerchantId) -> bool {
        self.0.lock().unwrap().hears_session_ends
    }

    async fn read_order_notice(&self, _: &MerchantId, _: ProcessorWebhook) -> Result<OrderNotice, DecisionError> {
        let notice = self.0.lock().unwrap().order_notice.clone();
        notice.ok_or(DecisionError::Unsupported {
            plugin: "(none)".into(),
            function: "orders-notices.read",
        })
    }
}

fn discount(amount: i64) -> OfferedDiscount {
    OfferedDiscount {
        id: "sale".into(),
        code: None,
        coupon: Coupon {
            id: "sale".into(),
            name: "Sale".into(),
            terms: DiscountTerms::Amount(amount),
            duration: None,
            duration_in_months: None,
            max_redemptions: None,
            times_redeemed: None,
        },
        method: "across".into(),
        priority: 1,
        starts: None,
        ends: None,
        reduction: Reduction::Amounts(vec![(DiscountTarget::Order, amount)]),
    }
}

fn fee((id, amount): (&str, i64)) -> OfferedFee {
    OfferedFee {
        id: id.into(),
        kind: "service".into(),
        title: "Service".into(),
        amount,
        tax_included: false,
    }
}

struct ScriptedPhase {
    shop: std::sync::Arc<Mutex<ShopState>>,
    scope: PhaseScope,
    /// Version of the catalog that the phase has read.
    version: Option<CatalogVersion>,
}

impl ShopState {
    /// The version that a phase reads, from 1; `None` if the shop has no catalog.
    fn version(&self, scope: &PhaseScope) -> Option<CatalogVersion> {
        let in_force = (!self.catalog.is_empty()).then(|| CatalogVersion(self.catalog.len() as u64));
        scope.catalog.filter(|_| !self.without_grace).or(in_force)
    }

    /// The price in a version; `None` if it lacks the item.
    fn price_in(&self, version: Option<CatalogVersion>) -> Option<i64> {
        let Some(CatalogVersion(version)) = version else {
            return Some(self.price);
        };
        self.catalog[usize::try_from(version).unwrap() - 1]
    }
}

#[async_trait]
impl Phase for ScriptedPhase {
    async fn quote_whole(&mut self, _: &Cart) -> Result<Option<WholeQuote>, DecisionError> {
        Ok(None)
    }

    async fn check_stock(&mut self, lines: &[CartLine]) -> Result<Vec<Stock>, DecisionError> {
        let available = self.shop.lock().unwrap().offer.available;
        let in_stock = |line: &CartLine| Stock {
            line: line.id.clone(),
            availability: "in_stock".into(),
            available,
            available_from: None,
        };
        Ok(lines.iter().map(in_stock).collect())
    }

    async fn price(&mut self, cart: &Cart) -> Result<PricedCart, DecisionError> {
        let (price, offer) = {
            let mut shop = self.shop.lock().unwrap();
            shop.priced += 1;
            match &shop.failure {
                Some(failure) => return Err(failure.clone()),
                None => {
                    self.version = shop.version(&self.scope);
                    (shop.price_in(self.version), shop.offer.clone())
                }
            }
        };
        let Some(price) = price else {
            let lines = cart.lines.iter().map(|line| line.id.clone());
            return Ok(PricedCart {
                unknown: lines.collect(),
                ..PricedCart::default()
            });
        };
        let priced = |line: &CartLine| PricedLine {
            line: line.id.clone(),
            unit_price: price,
            tax_included: false,
            max_quantity: None,
        };
        Ok(PricedCart {
            lines: cart.lines.iter().map(priced).collect(),
            discounts: (offer.discount > 0)
                .then(|| discount(offer.discount))
                .into_iter()
                .collect(),
            fees: offer.fee.map(fee).into_iter().collect(),
            ..PricedCart::default()
        })
    }

    async fn offer(&mut self, _: &Cart, _: &[LineAmount]) -> Result<FulfillmentOffer, DecisionError> {
        let (id, price) = self.shop.lock().unwrap().offer.option;
        let id = OptionId::new(id);
        Ok(FulfillmentOffer {
            options: vec![OfferedOption {
                id: id.clone(),
                kind: "digital".into(),
                title: "Download".into(),
                description: None,
                carrier: None,
                earliest: None,
                latest: Some(self.scope.now.after(Duration::from_secs(3600))),
                price,
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
        let more = self.shop.lock().unwrap().offer.tax;
        let tax = |line: &LineAmount| AssessedTax {
            id: line.line.to_string(),
            amount: line.taxable.minor() * rate / 100 + more,
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
        let gate = self.shop.lock().unwrap().gate.take();
        if let Some(gate) = gate {
            gate.reached.notify_one();
            gate.opened.notified().await;
        }
        assert_eq!(draft.cart.lines[0].item.as_str(), ITEM);
        assert_eq!(draft.total.amount, draft.quote.totals.total);
        let billing = draft.cart.billing.as_ref().map(|billing| billing.country.clone());
        let mut shop = self.shop.lock().unwrap();
        shop.drafts.push((billing, draft.quote.totals));
        if let Some(identity) = &shop.identity {
            return Ok(identity.clone());
        }
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

    async fn session_ended(&mut self, op: &Operation, end: &SessionEnd) -> Result<(), DecisionError> {
        let mut shop = self.shop.lock().unwrap();
        if shop.deaf > 0 {
            shop.deaf -= 1;
            return Err(DecisionError::Unavailable {
                plugin: "shop".into(),
                function: "sessions.ended",
                retry_after: None,
            });
        }
        shop.ends.push((op.clone(), end.clone()));
        Ok(())
    }

    async fn describe(&mut self, items: &[ItemId]) -> Result<Vec<Option<ItemDescription>>, DecisionError> {
        Ok(vec![None; items.len()])
    }

    fn catalog(&self) -> Option<CatalogVersion> {
        self.version
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
        let shortage = self.shop.lock().unwrap().shortage;
        let takes = |key: &str| StagedWrite::Add {
            namespace: Namespace {
                merchant: self.scope.merchant.clone(),
                plugin: PluginId::new("shop"),
            },
            key: key.to_owned(),
            delta: -1,
            floor: Some(0),
        };
        let writes = shortage.filter(|_| self.scope.kind == PhaseKind::Reserve).map(takes);
        PhaseEnd {
            staged: StagedChanges {
                writes: writes.into_iter().collect(),
                ..StagedChanges::default()
            },
            used_egress: false,
        }
    }
}
