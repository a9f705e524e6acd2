//! Plugin that provides only prices, for tests of several plugins of one merchant.
//!
//! It provides `pricing`, from the table `price` of its configuration. Items that are not in the table are unknown.

use tillhouse_plugin::prelude::*;

/// Plugin type that implements the capabilities.
#[derive(Debug)]
pub struct PricingOnly;

tillhouse_plugin::export!(PricingOnly: pricing);

impl Pricing for PricingOnly {
    fn price(_ctx: Context, cart: Cart) -> Result<PricedCart, Failure> {
        let mut priced = PricedCart::default();
        for line in &cart.lines {
            match config::parse::<i64>(&format!("price.{}", line.item))? {
                Some(price) => priced
                    .lines
                    .push(PricedLine::new(line.id.as_str(), Amount::new(price)?)),
                None => priced.unknown.push(line.id.clone()),
            }
        }
        let refused = |code: &String| RejectedCode::new(code.as_str(), "discount_code_invalid", "No such code.");
        priced.rejected = cart.codes.iter().map(refused).collect();
        Ok(priced)
    }
}
