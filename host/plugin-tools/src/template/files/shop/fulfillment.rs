//! Fulfillment: shipping at a flat price, free from an amount after discounts on.

use tillhouse_plugin::prelude::*;

use crate::Shop;

impl Fulfillment for Shop {
    /// Offers shipping. Without a destination, only options that need no address can be offered.
    fn options(_ctx: Context, cart: Cart, amounts: Vec<LineAmount>) -> Result<Offer, Failure> {
        let Some(destination) = cart.destination else {
            return Ok(Offer::default());
        };
        let countries = config::list("ship-to");
        let serves = |country: &String| destination.in_country(country);
        if !countries.is_empty() && !countries.iter().any(serves) {
            let text = format!("We do not ship to {}.", destination.country);
            let about = Subject::address("country");
            return Ok(Offer {
                messages: vec![Message::error("region_restricted", about, text)],
                ..Offer::default()
            });
        }
        let worth = Amount::sum(amounts.iter().map(|line| line.taxable))?;
        let price = if worth >= config::amount_or("free-over", Amount::MAX)? {
            Amount::ZERO
        } else {
            config::amount_or("shipping-price", Amount::ZERO)?
        };
        let standard = FulfillmentOption::shipping("standard", "Standard shipping", price);
        Ok(Offer::preselecting(standard))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(country: Option<&str>, worth: i64) -> Offer {
        let host = testing::Host::new().config("shipping-price", "599");
        let host = host.config("free-over", "5000").config("ship-to", "US, CA");
        let _host = host.install();
        let mut cart = testing::cart(&[("tee", 1)]);
        cart.destination = country.map(|country| testing::address(country, ""));
        let line = testing::line_amount("line_1", "tee", 1, worth);
        Shop::options(testing::context("USD"), cart, vec![line]).unwrap()
    }

    #[test]
    fn shipping_has_a_price_below_the_threshold_and_none_above() {
        assert_eq!(offer(Some("US"), 49_99).options[0].price, 599);
        assert_eq!(offer(Some("US"), 50_00).options[0].price, 0);
    }

    #[test]
    fn nothing_is_shipped_to_nowhere_or_abroad() {
        assert_eq!(offer(None, 49_99), Offer::default());
        let abroad = offer(Some("DE"), 49_99);
        assert!(abroad.options.is_empty() && abroad.messages.len() == 1);
    }
}
