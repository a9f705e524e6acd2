//! What a test tells the shop to do, and what the shop was told.

use crate::testing::Gate;
use tillhouse_checkout::catalog::CatalogVersion;
use tillhouse_checkout::decision::{
    Operation, OrderEvent, OrderIdentity, OrderNotice, RiskDecision, RiskRequest, SessionEnd,
};
use tillhouse_checkout::ids::ReservationId;
use tillhouse_checkout::ports::{DecisionError, PhaseScope};
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
    /// Whether the stock and the uses of codes are in another system, which counts at once.
    pub(crate) stock_elsewhere: bool,
    /// What was released, where the stock is elsewhere.
    pub(crate) released: Vec<ReservationId>,
    /// How often a discount code can still be used; `None` for one that does nothing.
    pub(crate) code_uses: Option<u32>,
    /// How many of the next commits meet a change of the plugin data that they rely on.
    pub(crate) stale: u32,
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

impl ShopState {
    /// A shop that sells the download, and says yes to everything.
    pub(super) fn new() -> Self {
        Self {
            price: 1000,
            catalog: Vec::new(),
            without_grace: false,
            offer: Offer::default(),
            failure: None,
            shortage: None,
            gate: None,
            stock_elsewhere: false,
            released: Vec::new(),
            code_uses: None,
            stale: 0,
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
        }
    }

    /// The version that a phase reads, from 1; `None` if the shop has no catalog.
    pub(super) fn version(&self, scope: &PhaseScope) -> Option<CatalogVersion> {
        let in_force = (!self.catalog.is_empty()).then_some(CatalogVersion(self.catalog.len() as u64));
        scope.catalog.filter(|_| !self.without_grace).or(in_force)
    }

    /// The price in a version; `None` if it lacks the item.
    pub(super) fn price_in(&self, version: Option<CatalogVersion>) -> Option<i64> {
        let Some(CatalogVersion(version)) = version else {
            return Some(self.price);
        };
        self.catalog[usize::try_from(version).unwrap() - 1]
    }
}
