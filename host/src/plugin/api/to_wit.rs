//! From the domain to the contract. Nothing can fail: the domain is within the contract's bounds.

use super::bindings::exports::tillhouse::merchant::{inventory, orders, payments, risk, tax};
use super::bindings::tillhouse::host::types::Money as WitMoney;
use super::bindings::tillhouse::merchant::types as wit;
use crate::checkout::cart::{Cart, CartLine};
use crate::checkout::decision::{ChargeOrder, LineAmount, Operation, OrderEvent, Reservation, RiskRequest, TaxRequest};
use crate::checkout::money::Money;
use crate::checkout::people::{Address, Buyer};
use crate::checkout::ports::PhaseScope;
use crate::plugin::imports::credentials::card_display;

/// The extension that carries a cart's notes for the merchant.
const NOTES: &str = "tillhouse.notes";

pub(crate) fn context(scope: &PhaseScope) -> wit::Context {
    wit::Context {
        merchant: scope.merchant.as_str().to_owned(),
        session: scope.session.as_str().to_owned(),
        now: scope.now.millis(),
        currency: scope.currency.upper(),
        locale: scope.locale.clone(),
        extensions: Vec::new(),
    }
}

pub(crate) fn cart(cart: &Cart) -> wit::Cart {
    let notes = cart.notes.iter().map(|notes| (NOTES.to_owned(), notes.clone()));
    wit::Cart {
        lines: lines(&cart.lines),
        codes: cart.codes.clone(),
        buyer: cart.buyer.as_ref().map(buyer),
        destination: cart.destination().map(address),
        chosen_option: cart.chosen_option.as_ref().map(|option| option.as_str().to_owned()),
        extensions: cart.extensions.iter().cloned().chain(notes).collect(),
    }
}

pub(crate) fn lines(lines: &[CartLine]) -> Vec<wit::Line> {
    lines
        .iter()
        .map(|line| wit::Line {
            id: line.id.as_str().to_owned(),
            item: line.item.as_str().to_owned(),
            quantity: line.quantity,
            extensions: Vec::new(),
        })
        .collect()
}

fn buyer(buyer: &Buyer) -> wit::Buyer {
    wit::Buyer {
        email: buyer.email.clone(),
        name: buyer.name(),
        phone: buyer.phone.clone(),
        customer_id: buyer.customer_id.clone(),
        account: buyer.account.clone(),
        signed_in: buyer.authentication.as_deref() == Some("authenticated"),
        extensions: Vec::new(),
    }
}

fn address(address: &Address) -> wit::Address {
    let Address {
        name,
        company,
        line_one,
        line_two,
        city,
        region,
        country,
        postal_code,
    } = address.clone();
    wit::Address {
        name,
        company,
        line_one,
        line_two,
        city,
        region,
        country,
        postal_code,
    }
}

pub(crate) fn line_amounts(amounts: &[LineAmount]) -> Vec<wit::LineAmount> {
    amounts
        .iter()
        .map(|line| wit::LineAmount {
            line: line.line.as_str().to_owned(),
            item: line.item.as_str().to_owned(),
            quantity: line.quantity,
            base: line.base.minor(),
            discount: line.discount.minor(),
            subtotal: line.subtotal.minor(),
        })
        .collect()
}

pub(crate) fn tax_request(request: &TaxRequest) -> tax::Request {
    tax::Request {
        lines: line_amounts(&request.lines),
        order_discount: request.order_discount.minor(),
        options: request
            .options
            .iter()
            .map(|(id, price)| tax::TaxableOption {
                id: id.as_str().to_owned(),
                price: price.minor(),
            })
            .collect(),
        fees: request
            .fees
            .iter()
            .map(|(id, kind, amount)| tax::TaxableFee {
                id: id.clone(),
                kind: kind.clone(),
                amount: amount.minor(),
            })
            .collect(),
        destination: request.destination.as_ref().map(address),
        buyer: request.buyer.as_ref().map(buyer),
        extensions: Vec::new(),
    }
}

pub(crate) fn risk_request(request: &RiskRequest) -> risk::Request {
    risk::Request {
        cart: cart(&request.cart),
        total: request.total.minor(),
        billing: request.billing.as_ref().map(address),
        card: request.card.clone().map(card_display),
        ip: request.ip.clone(),
        user_agent: request.user_agent.clone(),
        extensions: Vec::new(),
    }
}

pub(crate) fn operation(op: &Operation) -> wit::Operation {
    wit::Operation {
        id: op.id.clone(),
        attempt: op.attempt,
        idempotency_key: op.idempotency_key.clone(),
        reference: op.reference.clone(),
        now: op.now.millis(),
    }
}

pub(crate) fn reservation(reservation: &Reservation) -> inventory::Reservation {
    inventory::Reservation {
        id: reservation.id.as_str().to_owned(),
        lines: lines(&reservation.lines),
        expires: reservation.expires.millis(),
    }
}

pub(crate) fn draft(of: &Cart, total: Money) -> orders::Draft {
    orders::Draft {
        cart: cart(of),
        total: money(total),
        extensions: Vec::new(),
    }
}

pub(crate) fn order_event(event: &OrderEvent) -> orders::Event {
    orders::Event {
        order: event.order.clone(),
        kind: event.kind.clone(),
        total: money(event.total),
        extensions: Vec::new(),
    }
}

pub(crate) fn charge_order(order: &ChargeOrder) -> payments::ChargeOrder {
    payments::ChargeOrder {
        session: order.session.clone(),
        order: order.order.clone(),
        amount: money(order.amount),
        statement: order.statement.clone(),
        billing: order.billing.as_ref().map(address),
        shipping: order.shipping.as_ref().map(address),
        email: order.email.clone(),
        extensions: Vec::new(),
    }
}

pub(crate) fn money(money: Money) -> WitMoney {
    WitMoney {
        minor: money.amount.minor(),
        currency: money.currency.upper(),
    }
}
