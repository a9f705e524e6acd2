//! Prices from the catalog, with mistakes on request.

use std::collections::HashMap;

use tillhouse_plugin::prelude::*;

use crate::{Careless, has_mistake};

impl Pricing for Careless {
    fn price(ctx: Context, cart: Cart) -> Result<PricedCart, Failure> {
        let ids: Vec<String> = cart.lines.iter().map(|line| line.item.clone()).collect();
        if ctx.currency != "USD" && has_mistake("refuse-all-but-dollars") {
            let why = "This shop sells in dollars.";
            return Err(Failure::rejected("unsupported", Subject::session(), why));
        }
        let mut priced = PricedCart::default();
        if cart.extension("echo-context").is_some() {
            priced.extensions.push(("context".into(), context(&ctx)));
        }
        apply_mistakes(&ctx, &cart, &mut priced);
        for (line, item) in cart.lines.iter().zip(catalog::get(&ids)) {
            match item {
                Some(item) if has_mistake("dollars-only") && item.price.currency != "USD" => {
                    priced.unknown.push(line.id.clone());
                }
                Some(item) => {
                    let price = Amount::new(item.price.minor)?;
                    let entry = PricedLine::new(line.id.as_str(), price);
                    priced.lines.push(entry.including_tax(item.tax_included));
                }
                #[allow(clippy::panic, reason = "the mistake")]
                None if has_mistake("unknown-item") => panic!("no such item: {}", line.item),
                None => priced.unknown.push(line.id.clone()),
            }
        }
        let refused = |code: &String| RejectedCode::new(code.as_str(), "discount_code_invalid", "No such code.");
        priced.rejected = cart.codes.iter().map(refused).collect();
        if has_mistake("discount-twice") {
            discount_twice(&mut priced)?;
        }
        Ok(priced)
    }
}

/// Who asks, and where: for tests of what the harness tells a plugin.
fn context(ctx: &Context) -> String {
    let name = ctx.agent.name.as_deref().unwrap_or_default();
    let proven = if ctx.agent.proven { "proven" } else { "not proven" };
    format!("{name}, {proven}, {}", ctx.time_zone.as_deref().unwrap_or_default())
}

/// Mistakes that occur only with some carts.
fn apply_mistakes(ctx: &Context, cart: &Cart, priced: &mut PricedCart) {
    if has_mistake("dollars-and-euros") {
        let mark = match ctx.currency.as_str() {
            "USD" => "$",
            "EUR" => "€",
            other => unreachable!("no mark for {other}"),
        };
        priced.extensions.push(("mark".into(), mark.into()));
    }
    if has_mistake("three-decimals") {
        let unit = match ctx.currency.as_str() {
            "JPY" => 1,
            "KWD" => 1_000,
            "CLF" => unreachable!("no currency has four decimals"),
            _ => 100,
        };
        priced.extensions.push(("unit".into(), unit.to_string()));
    }
    if has_mistake("off-for-each") {
        let each = |line: &Line| (100 / line.quantity).to_string();
        priced
            .extensions
            .push(("off-for-each".into(), cart.lines.iter().map(each).collect()));
    }
    if has_mistake("sale-for-each-line") {
        priced
            .discounts
            .extend(cart.lines.iter().map(|line| sale(&line.id, 0, Amount::ZERO)));
    }
    if has_mistake("order-of-a-map") {
        let lines: HashMap<&str, u32> = cart
            .lines
            .iter()
            .map(|line| (line.item.as_str(), line.quantity))
            .collect();
        let items = lines.keys().copied().collect::<Vec<_>>().join(", ");
        priced.extensions.push(("items".into(), items));
    }
    if has_mistake("series-of-a-code") {
        let series = |code: &String| code[..3].to_owned();
        priced
            .extensions
            .push(("series".into(), cart.codes.iter().map(series).collect()));
    }
}

fn sale(line: &str, number: u32, amount: Amount) -> Discount {
    let coupon = Coupon::amount(format!("sale-{line}-{number}"), "Sale", amount);
    Discount::automatic(coupon, Allocation::line(line, amount))
}

/// Applies a discount of 60 % twice, which is 120 % of the line.
fn discount_twice(priced: &mut PricedCart) -> Result<(), Failure> {
    for line in &priced.lines {
        for number in 0..2 {
            let amount = Amount::new(line.unit_price)?
                .times(3_u32)?
                .at(Rate::from_ppm(600_000))?;
            priced.discounts.push(sale(&line.line, number, amount));
        }
    }
    Ok(())
}
