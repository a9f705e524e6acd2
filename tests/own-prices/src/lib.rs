//! A guest of a merchant who has prices and nothing else, for other plugins to be bound beside.
//!
//! It serves `pricing`, by the table `price` of its configuration. What is not in there is not sold.

use tillhouse_plugin::prelude::*;

/// The guest.
#[derive(Debug)]
pub struct OwnPrices;

tillhouse_plugin::export!(OwnPrices: pricing);

impl Pricing for OwnPrices {
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
