//! Conversions from the domain to the contract's types. They cannot fail: domain values are within the contract's limits.

use super::bindings::exports::tillhouse::merchant::{inventory, orders, payments, payments_notices, risk, tax};
use super::bindings::tillhouse::host::credentials::CardDisplay as WitDisplay;
use super::bindings::tillhouse::host::types::Money as WitMoney;
use super::bindings::tillhouse::merchant::types as wit;
use tillhouse_checkout::cart::{Cart, CartLine};
use tillhouse_checkout::contact::{Address, Buyer};
use tillhouse_checkout::credential::CardDisplay;
use tillhouse_checkout::decision::{
    ChargeOrder, LineAmount, Operation, OrderEvent, ProcessorWebhook, Reservation, RiskRequest, TaxRequest,
};
use tillhouse_checkout::money::Money;
use tillhouse_checkout::ports::PhaseScope;

/// Prefix of the host's own extension keys.
const HOST_PREFIX: &str = "tillhouse.";
/// Key of the extension that carries the buyer's notes for the merchant.
const NOTES: &str = "tillhouse.notes";
/// Maximum number of extensions of a cart.
const MAX_EXTENSIONS: usize = 16;
/// Maximum size of a cart's extensions, keys and values together, in bytes.
const MAX_EXTENSIONS_BYTES: usize = 2048;

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
    wit::Cart {
        lines: lines(&cart.lines),
        codes: cart.codes.clone(),
        buyer: cart.buyer.as_ref().map(buyer),
        destination: cart.destination().map(address),
        chosen_option: cart.chosen_option.as_ref().map(|option| option.as_str().to_owned()),
        extensions: extensions(cart),
    }
}

/// Extensions of the cart from the agent, as far as they are within the limits of the WIT; the others are left out.
///
/// The notes are added under a key that an agent cannot use.
fn extensions(cart: &Cart) -> Vec<(String, String)> {
    let mut room = MAX_EXTENSIONS_BYTES;
    let given = cart.extensions.iter().filter(|(key, value)| {
        let fits = is_free(key)
            .then(|| room.checked_sub(key.len() + value.len()))
            .flatten();
        room = fits.unwrap_or(room);
        fits.is_some()
    });
    let notes = cart.notes.iter().map(|notes| (NOTES.to_owned(), notes.clone()));
    given.take(MAX_EXTENSIONS).cloned().chain(notes).collect()
}

/// Whether an agent may use this extension key.
fn is_free(key: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-');
    !key.is_empty() && key.bytes().all(plain) && !key.starts_with(HOST_PREFIX)
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

pub(crate) fn notice(notice: ProcessorWebhook) -> payments_notices::Notice {
    payments_notices::Notice {
        headers: notice.headers,
        body: notice.body,
    }
}

pub(crate) fn money(money: Money) -> WitMoney {
    WitMoney {
        minor: money.amount.minor(),
        currency: money.currency.upper(),
    }
}

/// The parts of a card that may be displayed.
pub(crate) fn card_display(display: CardDisplay) -> WitDisplay {
    WitDisplay {
        brand: display.brand,
        last4: display.last4,
        funding: display.funding,
        country: display.country,
        exp_month: display.exp_month,
        exp_year: display.exp_year,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(given: &[(&str, &str)], notes: Option<&str>) -> Vec<(String, String)> {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        extensions(&Cart {
            extensions: given.iter().map(owned).collect(),
            notes: notes.map(str::to_owned),
            ..Cart::default()
        })
    }

    fn keys(passed: &[(String, String)]) -> Vec<&str> {
        passed.iter().map(|(key, _)| key.as_str()).collect()
    }

    #[test]
    fn agents_may_use_plain_names_outside_the_hosts_own_namespace() {
        let given = [
            ("gift-wrap", "true"),
            ("acme.note_2", "x"),
            ("tillhouse.notes", "forged"),
            ("tillhouse.", "x"),
            ("", "x"),
            ("Gift", "x"),
            ("gr\u{fc}n", "x"),
            ("a b", "x"),
        ];
        let passed = passed(&given, Some("Ring twice"));
        assert_eq!(keys(&passed), ["gift-wrap", "acme.note_2", "tillhouse.notes"]);
        assert_eq!(passed[2].1, "Ring twice");
    }

    #[test]
    fn extensions_are_bounded_in_number_and_bytes_and_notes_are_not_counted() {
        let names: Vec<String> = (10..30).map(|n| format!("k{n}")).collect();
        let many: Vec<_> = names.iter().map(|name| (name.as_str(), "v")).collect();
        let notes = "n".repeat(5_000);
        let passed_on = passed(&many, Some(&notes));
        assert_eq!(passed_on.len(), MAX_EXTENSIONS + 1);
        assert_eq!(passed_on[MAX_EXTENSIONS].1, notes);

        let (fits, too_long) = ("v".repeat(MAX_EXTENSIONS_BYTES - 1), "v".repeat(MAX_EXTENSIONS_BYTES));
        assert_eq!(keys(&passed(&[("a", &too_long), ("b", "v")], None)), ["b"]);
        assert_eq!(keys(&passed(&[("a", &fits), ("b", "v")], None)), ["a"]);
    }
}
