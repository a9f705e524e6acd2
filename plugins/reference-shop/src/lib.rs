//! A real shop over the merchant's catalog.

use tillhouse_plugin::prelude::*;

/// The shop.
#[derive(Debug)]
pub struct Shop;

impl Pricing for Shop {
    fn price(_ctx: Context, cart: Cart) -> Result<PricedCart, Failure> {
        let ids: Vec<String> = cart.lines.iter().map(|line| line.item.clone()).collect();
        let mut priced = PricedCart::default();
        for (line, item) in cart.lines.into_iter().zip(catalog::get(&ids)) {
            match item {
                Some(item) => priced
                    .lines
                    .push(PricedLine::new(line.id, Amount::new(item.price.minor)?)),
                None => priced.unknown.push(line.id),
            }
        }
        Ok(priced)
    }
}

tillhouse_plugin::export!(Shop: pricing);
