//! Prices of the catalog.

use tillhouse_plugin::{
    prelude::*,
    pricing::{Allocation, Terms},
};

use crate::{Careless, makes};

impl Pricing for Careless {
    fn price(_ctx: Context, cart: Cart) -> Result<PricedCart, Failure> {
        let ids: Vec<String> = cart.lines.iter().map(|line| line.item.clone()).collect();
        let mut priced = PricedCart::default();
        for (line, item) in cart.lines.iter().zip(catalog::get(&ids)) {
            match item {
                Some(item) => priced
                    .lines
                    .push(PricedLine::new(line.id.as_str(), Amount::new(item.price.minor)?)),
                #[allow(clippy::panic, reason = "the mistake")]
                None if makes("unknown-item") => panic!("no such item: {}", line.item),
                None => priced.unknown.push(line.id.clone()),
            }
        }
        let refused = |code: &String| RejectedCode::new(code.as_str(), "discount_code_invalid", "No such code.");
        priced.rejected = cart.codes.iter().map(refused).collect();
        if makes("discount-twice") {
            twice_off(&mut priced)?;
        }
        Ok(priced)
    }
}

/// Takes 60 % off, and 60 % off again: 120 % of the line.
fn twice_off(priced: &mut PricedCart) -> Result<(), Failure> {
    for (index, line) in priced.lines.iter().enumerate() {
        for turn in 0..2 {
            let amount = Amount::new(line.unit_price)?
                .times(3_u32)?
                .at(Rate::from_ppm(600_000))?;
            priced.discounts.push(Discount {
                id: format!("sale-{index}-{turn}"),
                code: None,
                title: "Sale".into(),
                terms: Terms::Amount(amount.minor()),
                method: "each".into(),
                priority: 1,
                allocations: vec![Allocation::line(line.line.as_str(), amount)],
            });
        }
    }
    Ok(())
}
