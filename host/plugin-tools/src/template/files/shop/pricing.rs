//! Pricing: catalog prices, with a bulk discount for large quantities of one item.

use tillhouse_plugin::prelude::*;

use crate::Shop;

/// Minimum quantity for the bulk discount. The configuration can override it.
const BULK_FROM: u32 = 10;

impl Pricing for Shop {
    /// Returns unit prices; the host computes the totals. Called on every change of the cart and
    /// again before payment.
    fn price(ctx: Context, cart: Cart) -> Result<PricedCart, Failure> {
        let bulk_from = config::parse_or("bulk-from", BULK_FROM)?;
        let bulk_rate = config::rate("bulk-percent")?.unwrap_or(Rate::ZERO);
        let mut answer = PricedCart::default();
        let ids: Vec<String> = cart.lines.iter().map(|line| line.item.clone()).collect();
        for (line, item) in cart.lines.into_iter().zip(catalog::get(&ids)) {
            let Some(item) = item else {
                answer.unknown.push(line.id);
                continue;
            };
            let price = item.sale_price.as_ref().unwrap_or(&item.price);
            let mut unit_price = price.amount_in(&ctx.currency).map_err(|error| {
                let about = Subject::line(line.id.as_str());
                Failure::rejected("unsupported", about, error.to_string())
            })?;
            if line.quantity >= bulk_from {
                unit_price = unit_price.minus(unit_price.at(bulk_rate)?)?;
            }
            let priced = PricedLine::new(line.id, unit_price).including_tax(item.tax_included);
            answer.lines.push(priced);
        }
        let unknown = "This code does not exist.";
        let rejected = |code| RejectedCode::new(code, "discount_code_invalid", unknown);
        answer.rejected = cart.codes.into_iter().map(rejected).collect();
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(items: &[(&str, u32)]) -> Result<PricedCart, Failure> {
        Shop::price(testing::context("USD"), testing::cart(items))
    }

    #[test]
    fn a_tee_costs_what_the_catalog_says_and_ten_of_them_less() {
        let host = testing::Host::new().item(testing::item("tee", 25_00));
        let _host = host.config("bulk-percent", "10").install();
        assert_eq!(price(&[("tee", 9)]).unwrap().lines[0].unit_price, 25_00);
        assert_eq!(price(&[("tee", 10)]).unwrap().lines[0].unit_price, 22_50);
    }

    #[test]
    fn an_item_that_is_not_in_the_catalog_is_named_and_no_failure() {
        let _host = testing::Host::new().install();
        assert_eq!(price(&[("nothing", 1)]).unwrap().unknown, ["line_1"]);
    }

    #[test]
    fn a_rate_that_is_none_is_the_operators_mistake() {
        let _host = testing::Host::new().config("bulk-percent", "ten").install();
        assert!(matches!(
            price(&[("tee", 1)]),
            Err(Failure::Misconfigured(_))
        ));
    }
}
