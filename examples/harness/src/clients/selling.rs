//! Clients of what decides before payment.

use tillhouse::plugin::function::Function;
use tillhouse_plugin::fulfillment::Offer;
use tillhouse_plugin::inventory::{Reservation, ReserveOutcome, Stock};
use tillhouse_plugin::presentation::{Description, PageContent};
use tillhouse_plugin::pricing::PricedCart;
use tillhouse_plugin::types::{Cart, Line, LineAmount};
use tillhouse_plugin::{risk, tax};

use crate::env::Env;
use crate::{Call, CallFault};

/// Calls of `pricing`.
#[derive(Clone, Copy, Debug)]
pub struct Pricing<'e>(pub(crate) &'e Env);

impl<'e> Pricing<'e> {
    /// `pricing.price`
    pub fn price(self, cart: impl Into<Cart>) -> Call<'e, PricedCart> {
        Call::new(self.0, Function::Price).with("cart", &cart.into())
    }

    /// `pricing.price`, which has to come to nothing.
    pub async fn fault(self, cart: impl Into<Cart>) -> CallFault {
        self.price(cart).fault().await
    }
}

/// Calls of `pricing-redemption`.
#[derive(Clone, Copy, Debug)]
pub struct PricingRedemption<'e>(pub(crate) &'e Env);

impl<'e> PricingRedemption<'e> {
    /// `pricing-redemption.redeem`
    pub fn redeem(self, codes: &[&str]) -> Call<'e, ()> {
        Call::new(self.0, Function::Redeem).acting().with("codes", &codes)
    }

    /// `pricing-redemption.restore`
    pub fn restore(self, codes: &[&str]) -> Call<'e, ()> {
        Call::new(self.0, Function::Restore).acting().with("codes", &codes)
    }
}

/// Calls of `inventory`.
#[derive(Clone, Copy, Debug)]
pub struct Inventory<'e>(pub(crate) &'e Env);

impl<'e> Inventory<'e> {
    /// `inventory.check`
    pub fn check(self, lines: impl Into<Vec<Line>>) -> Call<'e, Vec<Stock>> {
        Call::new(self.0, Function::CheckStock).with("lines", &lines.into())
    }

    /// `inventory.reserve`, under a reservation id.
    pub fn reserve(self, id: &str, lines: impl Into<Vec<Line>>) -> Call<'e, ReserveOutcome> {
        Call::new(self.0, Function::Reserve)
            .acting()
            .with("reservation", &reservation(id, lines))
    }

    /// `inventory.release`, of a reservation id.
    pub fn release(self, id: &str, lines: impl Into<Vec<Line>>) -> Call<'e, ()> {
        Call::new(self.0, Function::Release)
            .acting()
            .with("reservation", &reservation(id, lines))
    }
}

fn reservation(id: &str, lines: impl Into<Vec<Line>>) -> Reservation {
    Reservation {
        id: id.to_owned(),
        lines: lines.into(),
        // Long after every test.
        expires: 4_102_444_800_000,
    }
}

/// Calls of `fulfillment`.
#[derive(Clone, Copy, Debug)]
pub struct Fulfillment<'e>(pub(crate) &'e Env);

impl<'e> Fulfillment<'e> {
    /// `fulfillment.options`, for lines that cost this much: minor units per unit, the same for every line.
    pub fn options(self, cart: impl Into<Cart>, unit_price: i64) -> Call<'e, Offer> {
        let cart = cart.into();
        let amounts: Vec<LineAmount> = cart.lines.iter().map(|line| amount(line, unit_price)).collect();
        self.options_of(cart, &amounts)
    }

    /// `fulfillment.options`, for lines with these amounts.
    pub fn options_of(self, cart: impl Into<Cart>, amounts: &[LineAmount]) -> Call<'e, Offer> {
        Call::new(self.0, Function::Options)
            .with("cart", &cart.into())
            .with("amounts", &amounts)
    }
}

/// The money of a line at a price, without discounts.
fn amount(line: &Line, unit_price: i64) -> LineAmount {
    let base = unit_price.saturating_mul(line.quantity.into());
    LineAmount {
        line: line.id.clone(),
        item: line.item.clone(),
        quantity: line.quantity,
        base,
        discount: 0,
        subtotal: base,
    }
}

/// Calls of `tax`.
#[derive(Clone, Copy, Debug)]
pub struct Tax<'e>(pub(crate) &'e Env);

impl<'e> Tax<'e> {
    /// `tax.assess`, of a cart whose units cost this much each, going where the cart goes.
    pub fn assess(self, cart: impl Into<Cart>, unit_price: i64) -> Call<'e, tax::Assessment> {
        let cart = cart.into();
        let request = tax::Request {
            lines: cart.lines.iter().map(|line| amount(line, unit_price)).collect(),
            order_discount: 0,
            options: Vec::new(),
            fees: Vec::new(),
            destination: cart.destination,
            buyer: cart.buyer,
            extensions: cart.extensions,
        };
        self.assess_request(&request)
    }

    /// `tax.assess`, of this request.
    pub fn assess_request(self, request: &tax::Request) -> Call<'e, tax::Assessment> {
        Call::new(self.0, Function::AssessTax).with("request", request)
    }
}

/// Calls of `risk`.
#[derive(Clone, Copy, Debug)]
pub struct Risk<'e>(pub(crate) &'e Env);

impl<'e> Risk<'e> {
    /// `risk.assess`, of a cart and its total.
    pub fn assess(self, cart: impl Into<Cart>, total: i64) -> Call<'e, risk::Decision> {
        let request = risk::Request {
            cart: cart.into(),
            total,
            billing: None,
            card: None,
            ip: None,
            user_agent: None,
            extensions: Vec::new(),
        };
        self.assess_request(&request)
    }

    /// `risk.assess`, of this request.
    pub fn assess_request(self, request: &risk::Request) -> Call<'e, risk::Decision> {
        Call::new(self.0, Function::AssessRisk).with("request", request)
    }
}

/// Calls of `presentation`.
#[derive(Clone, Copy, Debug)]
pub struct Presentation<'e>(pub(crate) &'e Env);

impl<'e> Presentation<'e> {
    /// `presentation.describe`
    pub fn describe(self, items: &[&str]) -> Call<'e, Vec<Description>> {
        Call::new(self.0, Function::DescribeItems).with("items", &items)
    }

    /// `presentation.page`
    pub fn page(self, cart: impl Into<Cart>) -> Call<'e, PageContent> {
        Call::new(self.0, Function::Page).with("cart", &cart.into())
    }
}
