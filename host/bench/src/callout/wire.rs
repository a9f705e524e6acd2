//! Paths and JSON bodies of the HTTP service.

use serde::{Deserialize, Serialize};

use tillhouse_checkout::decision::{FulfillmentOffer, Page, PricedCart, Stock, TaxAssessment, WholeQuote};
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::ports::{PhaseKind, PhaseScope};
use tillhouse_checkout::session::Agent;
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
    time_zone: Option<String>,
    agent: Agent,
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
            time_zone: scope.time_zone.clone(),
            agent: scope.agent.clone(),
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
            time_zone: self.time_zone,
            agent: self.agent,
            catalog: None,
            deadline: None,
        };
        (scope, self.question)
    }
}

/// The members of a whole quote, for its JSON.
#[derive(Serialize, Deserialize)]
#[serde(remote = "WholeQuote")]
struct WholeQuoteMembers {
    stock: Vec<Stock>,
    prices: PricedCart,
    offer: FulfillmentOffer,
    taxes: TaxAssessment,
    page: Option<Page>,
}

/// Answers of all functions of a quote.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct QuoteAnswers(#[serde(with = "WholeQuoteMembers")] pub(super) WholeQuote);
