//! A shop that sells one download, taxed by the country of the billing address.

mod state;

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;

use super::ITEM;
pub(crate) use state::{Offer, ShopState};
use tillhouse_checkout::cart::{Cart, CartLine, Choice};
use tillhouse_checkout::catalog::CatalogVersion;
use tillhouse_checkout::decision::{
    AnsweredTaxes, AssessedTax, ConsentOption, Coupon, DiscountTarget, DiscountTerms, FulfillmentOffer,
    ItemDescription, LineAmount, OfferedDiscount, OfferedFee, OfferedOption, Operation, OrderDraft, OrderEvent,
    OrderIdentity, OrderNotice, Page, PricedCart, PricedLine, ProcessorWebhook, Reduction, RejectedCode, Reservation,
    ReservationResult, RiskDecision, RiskRequest, SessionEnd, Stock, TaxAssessment, TaxRequest, WholeQuote,
};
use tillhouse_checkout::ids::{ItemId, MerchantId, OptionId, PluginId};
use tillhouse_checkout::plugin_data::{Namespace, StagedChanges, StagedRead, StagedWrite};
use tillhouse_checkout::ports::{DecisionError, Decisions, Phase, PhaseEnd, PhaseKind, PhaseScope};

#[derive(Debug)]
pub(crate) struct ScriptedShop(std::sync::Arc<Mutex<ShopState>>);

impl Default for ScriptedShop {
    fn default() -> Self {
        Self(std::sync::Arc::new(Mutex::new(ShopState::new())))
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
        !self.0.lock().unwrap().stock_elsewhere
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
            metadata: Vec::new(),
        },
        method: "across".into(),
        priority: 1,
        starts: None,
        ends: None,
        reduction: Reduction::Amounts(vec![(DiscountTarget::Order, amount)]),
    }
}

/// What a code is worth, and that it does not apply where it is used up.
fn of_code(code: &str, uses: u32) -> (Option<OfferedDiscount>, Option<RejectedCode>) {
    if uses == 0 {
        let rejected = RejectedCode {
            code: code.to_owned(),
            reason: "discount_code_usage_limit_reached".into(),
            message: "It was used already.".into(),
        };
        return (None, Some(rejected));
    }
    let offered = OfferedDiscount {
        code: Some(code.to_owned()),
        ..discount(100)
    };
    (Some(offered), None)
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
        let (price, offer, uses) = {
            let mut shop = self.shop.lock().unwrap();
            shop.priced += 1;
            match &shop.failure {
                Some(failure) => return Err(failure.clone()),
                None => {
                    self.version = shop.version(&self.scope);
                    (shop.price_in(self.version), shop.offer.clone(), shop.code_uses)
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
        let code = cart.codes.first().zip(uses);
        let (of_code, rejected) = code.map_or((None, None), |(code, uses)| of_code(code, uses));
        let on_sale = (offer.discount > 0).then(|| discount(offer.discount));
        Ok(PricedCart {
            lines: cart.lines.iter().map(priced).collect(),
            discounts: on_sale.into_iter().chain(of_code).collect(),
            rejected: rejected.into_iter().collect(),
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

    async fn release(&mut self, _: &Operation, reservation: &Reservation) -> Result<(), DecisionError> {
        let mut shop = self.shop.lock().unwrap();
        if shop.stock_elsewhere {
            shop.released.push(reservation.id.clone());
        }
        Ok(())
    }

    async fn redeem(&mut self, _: &Operation, _: &[String]) -> Result<(), DecisionError> {
        let mut shop = self.shop.lock().unwrap();
        if shop.stock_elsewhere {
            shop.code_uses = shop.code_uses.map(|uses| uses - 1);
        }
        Ok(())
    }

    async fn restore(&mut self, _: &Operation, _: &[String]) -> Result<(), DecisionError> {
        let mut shop = self.shop.lock().unwrap();
        if shop.stock_elsewhere {
            shop.code_uses = shop.code_uses.map(|uses| uses + 1);
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> PhaseEnd {
        let mut shop = self.shop.lock().unwrap();
        let namespace = Namespace {
            merchant: self.scope.merchant.clone(),
            plugin: PluginId::new("shop"),
        };
        let reads = (shop.stale > 0).then(|| StagedRead {
            namespace: namespace.clone(),
            key: "stock".into(),
            version: Some(1),
        });
        shop.stale = shop.stale.saturating_sub(1);
        let takes = |key: &str| StagedWrite::Add {
            namespace: namespace.clone(),
            key: key.to_owned(),
            delta: -1,
            floor: Some(0),
        };
        let shortage = shop.shortage.filter(|_| self.scope.kind == PhaseKind::Reserve);
        PhaseEnd {
            staged: StagedChanges {
                reads: reads.into_iter().collect(),
                writes: shortage.map(takes).into_iter().collect(),
            },
            used_egress: shop.stock_elsewhere,
        }
    }
}
