//! Quoting: stock, prices, fulfillment options and taxes in one call.

use tillhouse_plugin::prelude::*;

use crate::Shop;

/// The default implementation asks each decision in turn.
impl Quoting for Shop {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_has_the_prices_of_the_single_decision() {
        let host = testing::Host::new().item(testing::item("tee", 25_00));
        let _host = host.install();
        let (context, cart) = (testing::context("USD"), testing::cart(&[("tee", 2)]));
        let quoted = Shop::quote(context.clone(), cart.clone()).unwrap();
        assert_eq!(quoted.prices, Shop::price(context, cart).unwrap());
    }
}
