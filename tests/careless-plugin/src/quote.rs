//! Whole quotes, with mistakes on request.

use tillhouse_plugin::{prelude::*, quoting::Decisions, tax::Request};

use crate::{Careless, has_mistake};

impl Quoting for Careless {
    fn quote(ctx: Context, cart: Cart) -> Result<Decisions, Failure> {
        AtOnce::quote(ctx, cart)
    }
}

/// The decisions of the plugin in a whole quote. With the mistake, the first line has another price than in a single call.
struct AtOnce;

impl Quoting for AtOnce {}

impl Inventory for AtOnce {
    fn check(ctx: Context, lines: Vec<Line>) -> Result<Vec<Stock>, Failure> {
        Careless::check(ctx, lines)
    }
}

impl Pricing for AtOnce {
    fn price(ctx: Context, cart: Cart) -> Result<PricedCart, Failure> {
        let mut priced = Careless::price(ctx, cart)?;
        if has_mistake("another-price-at-once") {
            priced.lines.iter_mut().take(1).for_each(|line| line.unit_price += 1);
        }
        Ok(priced)
    }
}

impl Fulfillment for AtOnce {
    fn options(ctx: Context, cart: Cart, amounts: Vec<LineAmount>) -> Result<Offer, Failure> {
        Careless::options(ctx, cart, amounts)
    }
}

impl Tax for AtOnce {
    fn assess(ctx: Context, request: Request) -> Result<Assessment, Failure> {
        Careless::assess(ctx, request)
    }
}
