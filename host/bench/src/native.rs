//! The reference shop as native Rust, in this process: the source that the component is built from, without the sandbox.
//!
//! Its cost is that of any native implementation of the ports: converting the domain's types to the contract's and back. Its
//! imports are the test doubles of the guest SDK, which answer from memory with the same configuration and catalog.

mod from_contract;
mod to_contract;

use std::collections::BTreeMap;

use async_trait::async_trait;
use reference_shop::Shop;
use tillhouse_plugin::catalog::Item;
use tillhouse_plugin::prelude::{Failure, Fulfillment, Inventory, Presentation, Pricing, Quoting, Tax};
use tillhouse_plugin::testing;

use super::baselines::{QuoteFunctions, baseline_error};
use tillhouse_catalog::Catalog;
use tillhouse_checkout::cart::{Cart, CartLine};
use tillhouse_checkout::decision::{
    FulfillmentOffer, LineAmount, Page, PricedCart, Stock, TaxAssessment, TaxRequest, WholeQuote,
};
use tillhouse_checkout::ports::{DecisionError, PhaseScope};
use tillhouse_checkout::time::Timestamp;

/// The native shop. Works only on threads where its [`imports`] are installed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Native;

#[async_trait]
impl QuoteFunctions for Native {
    async fn quote_whole(&mut self, scope: &PhaseScope, cart: &Cart) -> Result<Option<WholeQuote>, DecisionError> {
        let answer = Shop::quote(to_contract::context(scope), to_contract::cart(cart));
        let whole = answer
            .map(from_contract::whole_quote)
            .map_err(refused("quoting.quote"))?;
        Ok(Some(whole))
    }

    async fn check_stock(&mut self, scope: &PhaseScope, lines: &[CartLine]) -> Result<Vec<Stock>, DecisionError> {
        let answer = Shop::check(to_contract::context(scope), to_contract::lines(lines));
        answer.map(from_contract::stocks).map_err(refused("inventory.check"))
    }

    async fn price(&mut self, scope: &PhaseScope, cart: &Cart) -> Result<PricedCart, DecisionError> {
        let answer = Shop::price(to_contract::context(scope), to_contract::cart(cart));
        answer.map(from_contract::priced_cart).map_err(refused("pricing.price"))
    }

    async fn offer(
        &mut self,
        scope: &PhaseScope,
        cart: &Cart,
        amounts: &[LineAmount],
    ) -> Result<FulfillmentOffer, DecisionError> {
        let (context, cart) = (to_contract::context(scope), to_contract::cart(cart));
        let answer = Shop::options(context, cart, to_contract::line_amounts(amounts));
        answer.map(from_contract::offer).map_err(refused("fulfillment.options"))
    }

    async fn assess_tax(&mut self, scope: &PhaseScope, request: &TaxRequest) -> Result<TaxAssessment, DecisionError> {
        let answer = Shop::assess(to_contract::context(scope), to_contract::tax_request(request));
        answer.map(from_contract::assessment).map_err(refused("tax.assess"))
    }

    async fn page(&mut self, scope: &PhaseScope, cart: &Cart) -> Result<Page, DecisionError> {
        let answer = Shop::page(to_contract::context(scope), to_contract::cart(cart));
        answer.map(from_contract::page).map_err(refused("presentation.page"))
    }
}

fn refused(function: &'static str) -> impl Fn(Failure) -> DecisionError {
    move |failure| baseline_error(function, format!("{failure:?}"))
}

/// The host imports of the shop, with this configuration and catalog.
pub(super) fn imports(config: &BTreeMap<String, String>, catalog: &Catalog, now: Timestamp) -> testing::Host {
    let host = config
        .iter()
        .fold(testing::Host::new(), |host, (key, value)| host.config(key, value));
    catalog.items().fold(host, |host, item| {
        host.item(Item {
            id: item.id.as_str().to_owned(),
            price: to_contract::money(item.price),
            sale_price: item.sale_price_at(now).map(to_contract::money),
            availability: item.availability.clone(),
            inventory: item.inventory,
            weight_grams: item.weight_grams,
            category: item.category.clone(),
            tax_code: item.tax_code.clone(),
            tax_included: item.tax_included,
            physical: item.physical,
        })
    })
}
