//! Paths and JSON bodies of the HTTP service.

use serde::{Deserialize, Serialize};

use tillhouse_checkout::decision::{FulfillmentOffer, Page, PricedCart, Stock, TaxAssessment};
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::ports::{PhaseKind, PhaseScope};
use tillhouse_checkout::time::Timestamp;

pub(super) const STOCK: &str = "/inventory/check";
pub(super) const PRICE: &str = "/pricing/price";
pub(super) const OPTIONS: &str = "/fulfillment/options";
pub(super) const TAX: &str = "/tax/assess";
pub(super) const PAGE: &str = "/presentation/page";
pub(super) const QUOTE: &str = "/quote";

/// Arguments of a call, with the scope of its phase.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct CallRequest<Q> {
    merchant: MerchantId,
    session: SessionId,
    now: Timestamp,
    currency: Currency,
    locale: Option<String>,
    pub(super) question: Q,
}

impl<Q> CallRequest<Q> {
    pub(super) fn new(scope: &PhaseScope, question: Q) -> Self {
        Self {
            merchant: scope.merchant.clone(),
            session: scope.session.clone(),
            now: scope.now,
            currency: scope.currency,
            locale: scope.locale.clone(),
            question,
        }
    }

    /// Split into the scope and the arguments, as the shop takes them.
    pub(super) fn open(self) -> (PhaseScope, Q) {
        let scope = PhaseScope {
            merchant: self.merchant,
            session: self.session,
            kind: PhaseKind::Quote,
            now: self.now,
            currency: self.currency,
            locale: self.locale,
        };
        (scope, self.question)
    }
}

/// Answers of all five functions of a quote.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct QuoteAnswers {
    pub(super) stock: Vec<Stock>,
    pub(super) priced: PricedCart,
    pub(super) offer: FulfillmentOffer,
    pub(super) taxes: TaxAssessment,
    pub(super) page: Page,
}
