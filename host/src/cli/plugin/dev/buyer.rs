//! The built-in agent: one purchase over each protocol.

use tillhouse_sandbox::Secret;
use tillhouse_sandbox::agent::{Acp, AcpVersion, Basket, Credentials, Purchase, PurchaseError, StripeAcs, Wallet};

use super::event_printer::EventPrinter;
use tillhouse_catalog::Catalog;
use tillhouse_checkout::money::Currency;
use tillhouse_console::local_host::{self, LocalHost};

/// Item that the agent buys if the catalog has none in stock.
const DEFAULT_ITEM: &str = "tee-classic";

/// What the agent buys, and in which currency.
#[derive(Debug)]
pub(super) struct Buyer {
    item: String,
    currency: Currency,
}

impl Buyer {
    /// Buy one of this item, or of the first one in stock (ordered by id).
    pub(super) fn of(item: Option<String>, catalog: &Catalog, currency: Currency) -> Self {
        let in_stock = catalog.items().filter(|item| item.availability == "in_stock");
        let first = in_stock.map(|item| item.id.to_string()).min();
        Self {
            item: item.or(first).unwrap_or_else(|| DEFAULT_ITEM.to_owned()),
            currency,
        }
    }

    pub(super) fn item(&self) -> &str {
        &self.item
    }

    /// Buy once over each protocol, and show the results.
    pub(super) async fn buy(&self, local: &LocalHost, printer: &EventPrinter) {
        for (protocol, bought) in [
            ("acp", self.over_acp(local).await),
            ("stripe_acs", self.over_stripe_acs(local).await),
        ] {
            printer.bought(protocol, bought);
        }
    }

    fn basket(&self) -> Basket {
        let mut basket = Basket::of(self.item.as_str(), 1);
        let code = self.currency.to_string();
        basket.currency = tillhouse_sandbox::Currency::parse(&code).unwrap_or(basket.currency);
        basket
    }

    async fn over_acp(&self, local: &LocalHost) -> Result<Purchase, PurchaseError> {
        let wallet = Wallet::at(&local.sandbox.stripe, local.sandbox.clock())?;
        let key = Secret::from(local_host::AGENT_KEY);
        let agent = Acp::new(&local.url(), key, AcpVersion::V2026_04_17, wallet)?;
        agent.purchase(&self.basket()).await
    }

    async fn over_stripe_acs(&self, local: &LocalHost) -> Result<Purchase, PurchaseError> {
        let clock = local.sandbox.clock().clone();
        let wallet = Wallet::at(&local.sandbox.stripe, &clock)?;
        let credentials = Credentials::StripeSignature {
            secret: Secret::from(local_host::SIGNING_SECRET),
            clock: clock.clone(),
        };
        let agent = StripeAcs::new(&local.url(), credentials, wallet, clock)?;
        agent.purchase(&self.basket()).await
    }
}
