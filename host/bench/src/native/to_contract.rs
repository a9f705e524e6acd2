//! Conversion from the domain to the guest's types.

use tillhouse_plugin::tax::{Request, TaxableFee, TaxableOption};
use tillhouse_plugin::types;

use tillhouse_checkout::cart::{Cart, CartLine};
use tillhouse_checkout::contact::{Address, Buyer};
use tillhouse_checkout::decision::{LineAmount, TaxRequest};
use tillhouse_checkout::money::Money;
use tillhouse_checkout::ports::PhaseScope;

pub(super) fn context(scope: &PhaseScope) -> types::Context {
    types::Context {
        merchant: scope.merchant.as_str().to_owned(),
        session: scope.session.as_str().to_owned(),
        now: scope.now.millis(),
        currency: scope.currency.upper(),
        locale: scope.locale.clone(),
        extensions: Vec::new(),
    }
}

pub(super) fn cart(cart: &Cart) -> types::Cart {
    types::Cart {
        lines: lines(&cart.lines),
        codes: cart.codes.clone(),
        buyer: cart.buyer.as_ref().map(buyer),
        destination: cart.destination().map(address),
        chosen_option: cart.chosen_option.as_ref().map(|option| option.as_str().to_owned()),
        extensions: cart.extensions.clone(),
    }
}

pub(super) fn lines(lines: &[CartLine]) -> Vec<types::Line> {
    lines
        .iter()
        .map(|line| types::Line {
            id: line.id.as_str().to_owned(),
            item: line.item.as_str().to_owned(),
            quantity: line.quantity,
            extensions: Vec::new(),
        })
        .collect()
}

fn buyer(buyer: &Buyer) -> types::Buyer {
    types::Buyer {
        email: buyer.email.clone(),
        name: buyer.name(),
        phone: buyer.phone.clone(),
        customer_id: buyer.customer_id.clone(),
        account: buyer.account.clone(),
        signed_in: buyer.authentication.as_deref() == Some("authenticated"),
        extensions: Vec::new(),
    }
}

fn address(address: &Address) -> types::Address {
    let address = address.clone();
    types::Address {
        name: address.name,
        company: address.company,
        line_one: address.line_one,
        line_two: address.line_two,
        city: address.city,
        region: address.region,
        country: address.country,
        postal_code: address.postal_code,
    }
}

pub(super) fn line_amounts(amounts: &[LineAmount]) -> Vec<types::LineAmount> {
    amounts
        .iter()
        .map(|line| types::LineAmount {
            line: line.line.as_str().to_owned(),
            item: line.item.as_str().to_owned(),
            quantity: line.quantity,
            base: line.base.minor(),
            discount: line.discount.minor(),
            subtotal: line.subtotal.minor(),
        })
        .collect()
}

pub(super) fn tax_request(request: &TaxRequest) -> Request {
    let options = request.options.iter().map(|(id, price)| TaxableOption {
        id: id.as_str().to_owned(),
        price: price.minor(),
    });
    let fees = request.fees.iter().map(|(id, kind, amount)| TaxableFee {
        id: id.clone(),
        kind: kind.clone(),
        amount: amount.minor(),
    });
    Request {
        lines: line_amounts(&request.lines),
        order_discount: request.order_discount.minor(),
        options: options.collect(),
        fees: fees.collect(),
        destination: request.destination.as_ref().map(address),
        buyer: request.buyer.as_ref().map(buyer),
        extensions: Vec::new(),
    }
}

pub(super) fn money(money: Money) -> types::Money {
    types::Money {
        minor: money.amount.minor(),
        currency: money.currency.upper(),
    }
}
