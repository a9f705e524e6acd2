//! Plugin against the bare contract, as an author without the SDK writes it.
//!
//! It sells the catalog: ten percent off with the code `TEN`, shipping for 500 that is free from 5000 after every discount, and 19 %
//! tax. Its whole quote is of its own making: it computes what the host would. With `disagree = "shipping"` in its configuration,
//! the whole quote charges another price of shipping than `fulfillment.options` does.

mod bindings;
mod shop;

use bindings::exports::tillhouse::merchant::{fulfillment, inventory, pricing, quoting, tax};
use bindings::tillhouse::host::config;
use bindings::tillhouse::merchant::fulfillment_types::Offer;
use bindings::tillhouse::merchant::inventory_types::{Reservation, ReserveOutcome, Stock};
use bindings::tillhouse::merchant::pricing_types::PricedCart;
use bindings::tillhouse::merchant::tax_types::{Assessment, Request};
use bindings::tillhouse::merchant::types::{Cart, Context, Failure, Line, LineAmount, Operation};

/// Plugin type that implements the generated traits.
#[derive(Debug)]
pub struct Bare;

impl pricing::Guest for Bare {
    fn price(_ctx: Context, cart: Cart) -> Result<PricedCart, Failure> {
        Ok(shop::price(&cart))
    }
}

impl inventory::Guest for Bare {
    fn check(_ctx: Context, lines: Vec<Line>) -> Result<Vec<Stock>, Failure> {
        Ok(shop::stock(&lines))
    }

    fn reserve(_ctx: Context, _op: Operation, _reservation: Reservation) -> Result<ReserveOutcome, Failure> {
        Ok(ReserveOutcome::Reserved)
    }

    fn release(_ctx: Context, _op: Operation, _reservation: Reservation) -> Result<(), Failure> {
        Ok(())
    }
}

impl fulfillment::Guest for Bare {
    fn options(_ctx: Context, cart: Cart, amounts: Vec<LineAmount>) -> Result<Offer, Failure> {
        let taxable = amounts.iter().map(|line| line.taxable).sum();
        Ok(shop::offer(&cart, taxable))
    }
}

impl tax::Guest for Bare {
    fn assess(_ctx: Context, request: Request) -> Result<Assessment, Failure> {
        let lines = request.lines.iter().map(|line| line.line.as_str());
        let options = request.options.iter().map(|option| option.id.as_str());
        Ok(shop::assess(lines, options))
    }
}

impl quoting::Guest for Bare {
    fn quote(_ctx: Context, cart: Cart) -> Result<quoting::Decisions, Failure> {
        let prices = shop::price(&cart);
        let mut offer = Offer {
            options: Vec::new(),
            preselected: Vec::new(),
            messages: Vec::new(),
        };
        if prices.unknown.is_empty() {
            offer = shop::offer(&cart, shop::after_discounts(&cart, &prices));
        }
        if config::get("disagree").as_deref() == Some("shipping") {
            offer.options.iter_mut().for_each(|option| option.price += 1);
        }
        let lines = cart.lines.iter().map(|line| line.id.as_str());
        let options = offer.options.iter().map(|option| option.id.as_str());
        Ok(quoting::Decisions {
            stock: shop::stock(&cart.lines),
            taxes: shop::assess(lines, options),
            prices,
            offer,
            page: None,
        })
    }
}
