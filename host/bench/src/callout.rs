//! The reference shop behind HTTP, as a merchant without plugins would run it: JSON over a keep-alive connection, on this
//! machine, without TLS. This is the best case of an HTTP call-out.

mod service;
mod wire;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use hyper::HeaderMap;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use super::baselines::{QuoteFunctions, baseline_error};
use super::connection::Connection;
use tillhouse_checkout::cart::{Cart, CartLine};
use tillhouse_checkout::decision::{
    FulfillmentOffer, LineAmount, Page, PricedCart, Stock, TaxAssessment, TaxRequest, WholeQuote,
};
use tillhouse_checkout::ports::{DecisionError, PhaseScope};
use tillhouse_console::CommandError;

pub(super) use service::Service;
use wire::{CallRequest, QuoteAnswers};

/// Calls the service: once per function, or once for the whole quote.
#[derive(Clone)]
pub(super) struct Callout {
    connection: Arc<Mutex<Connection>>,
    one_trip: bool,
}

impl Callout {
    pub(super) async fn to(service: SocketAddr) -> Result<Self, CommandError> {
        Ok(Self {
            connection: Arc::new(Mutex::new(Connection::open(service).await?)),
            one_trip: false,
        })
    }

    /// The same service, asked for the whole quote in one round trip.
    pub(super) fn in_one_trip(&self) -> Self {
        Self {
            one_trip: true,
            ..self.clone()
        }
    }

    async fn call<Q, A>(
        &self,
        function: &'static str,
        path: &str,
        scope: &PhaseScope,
        question: Q,
    ) -> Result<A, DecisionError>
    where
        Q: Serialize + Send,
        A: DeserializeOwned,
    {
        let body =
            serde_json::to_vec(&CallRequest::new(scope, question)).map_err(|error| baseline_error(function, error))?;
        let mut connection = self.connection.lock().await;
        let answered = connection.post(path, &HeaderMap::new(), body.into()).await;
        let (status, body) = answered.map_err(|CommandError(problem)| baseline_error(function, problem))?;
        if !status.is_success() {
            return Err(baseline_error(function, String::from_utf8_lossy(&body)));
        }
        serde_json::from_slice(&body).map_err(|error| baseline_error(function, error))
    }
}

impl fmt::Debug for Callout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callout").finish_non_exhaustive()
    }
}

#[async_trait]
impl QuoteFunctions for Callout {
    async fn quote_whole(&mut self, scope: &PhaseScope, cart: &Cart) -> Result<Option<WholeQuote>, DecisionError> {
        if !self.one_trip {
            return Ok(None);
        }
        let answers: Option<QuoteAnswers> = self.call("quoting.quote", wire::QUOTE, scope, cart).await?;
        Ok(answers.map(|QuoteAnswers(whole)| whole))
    }

    async fn check_stock(&mut self, scope: &PhaseScope, lines: &[CartLine]) -> Result<Vec<Stock>, DecisionError> {
        self.call("inventory.check", wire::STOCK, scope, lines).await
    }

    async fn price(&mut self, scope: &PhaseScope, cart: &Cart) -> Result<PricedCart, DecisionError> {
        self.call("pricing.price", wire::PRICE, scope, cart).await
    }

    async fn offer(
        &mut self,
        scope: &PhaseScope,
        cart: &Cart,
        amounts: &[LineAmount],
    ) -> Result<FulfillmentOffer, DecisionError> {
        self.call("fulfillment.options", wire::OPTIONS, scope, (cart, amounts))
            .await
    }

    async fn assess_tax(&mut self, scope: &PhaseScope, request: &TaxRequest) -> Result<TaxAssessment, DecisionError> {
        self.call("tax.assess", wire::TAX, scope, request).await
    }

    async fn page(&mut self, scope: &PhaseScope, cart: &Cart) -> Result<Page, DecisionError> {
        self.call("presentation.page", wire::PAGE, scope, cart).await
    }
}
