//! Whole quotes in one call: the single decisions, composed by the SDK. No decision of a quote uses `egress`.

use tillhouse_plugin::prelude::*;

use crate::Shop;

impl Quoting for Shop {
    fn quoted_page(ctx: Context, cart: Cart) -> Result<Option<PageContent>, Failure> {
        Self::page(ctx, cart).map(Some)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use tillhouse_plugin::quoting::Decisions;

    use super::*;

    /// Quotes a parcel of 80.00 to California; shipping costs 5.99, and nothing from 75.00 on.
    fn quote(codes: &[&str]) -> Decisions {
        let host = testing::Host::new()
            .item(testing::item("amplifier", 8_000))
            .config("shipping.zones", "domestic")
            .config("shipping.zone.domestic.countries", "US")
            .config("shipping.zone.domestic.standard.price", "599")
            .config("shipping.zone.domestic.standard.free-over", "7500");
        let _host = host
            .config("discounts.HALFLINES.percent", "50")
            .config("discounts.HALFORDER.percent", "50")
            .config("discounts.HALFORDER.on", "order")
            .config("links.faq", "https://shop.example/faq")
            .install();
        let cart = Cart {
            codes: codes.iter().map(|code| (*code).into()).collect(),
            destination: Some(testing::address("US", "CA")),
            ..testing::cart(&[("amplifier", 1)])
        };
        Shop::quote(testing::context("USD"), cart).unwrap()
    }

    #[test]
    fn free_shipping_depends_on_what_every_discount_leaves() {
        let shipping = |codes: &[&str]| quote(codes).offer.options[0].price;
        assert_eq!(shipping(&[]), 0);
        assert_eq!(shipping(&["HALFLINES"]), 599);
        assert_eq!(shipping(&["HALFORDER"]), 599);
    }

    #[test]
    fn a_quote_has_the_answers_of_every_decision() {
        let decisions = quote(&[]);
        assert_eq!(decisions.stock[0].availability, "in_stock");
        assert_eq!(decisions.prices.lines[0].unit_price, 8_000);
        assert_eq!(decisions.taxes.messages, []);
        assert_eq!(decisions.page.unwrap().links.len(), 1);
    }
}
