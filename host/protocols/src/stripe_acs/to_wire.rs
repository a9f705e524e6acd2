//! Conversion of the domain to the responses that Stripe expects. Amounts are in Stripe's units.

use super::wire;
use crate::code_indexes::{CodeIndexes, unreported_codes};
use crate::rendering::{content_type, in_progress_message, rfc3339, text_pairs};
use tillhouse_checkout::contact::{Address, Buyer, Recipient};
use tillhouse_checkout::message::{Message, MessageSeverity, Subject};
use tillhouse_checkout::money::{Amount, Currency, Money};
use tillhouse_checkout::party_units::Party;
use tillhouse_checkout::quote::{Fee, QuoteLine, QuoteOption};
use tillhouse_checkout::readiness::Readiness;
use tillhouse_checkout::session::{Session, SessionState};

/// The status of a checkout. `committing` is the configured value for a payment in progress.
fn status(session: &Session, committing: &'static str) -> &'static str {
    match &session.state {
        SessionState::Open if session.is_ready() => "ready_for_payment",
        SessionState::Open if escalation(session).is_some() => "requires_escalation",
        SessionState::Open => "incomplete",
        // Only another protocol's agent is asked to authenticate the buyer: to this one the payment is in progress.
        SessionState::Committing { .. } | SessionState::AuthenticationRequired { .. } | SessionState::Held { .. } => {
            committing
        }
        SessionState::Completed { .. } => "completed",
        SessionState::Canceled | SessionState::Expired => "canceled",
    }
}

pub(crate) fn checkout<'a>(session: &'a Session, committing: &'static str) -> wire::Checkout<'a> {
    let quote = &session.quote;
    let units = StripeUnits(session.currency);
    wire::Checkout {
        id: session.id.as_str(),
        currency: session.currency.lower(),
        status: status(session, committing),
        buyer: session.cart.buyer.as_ref().map(buyer),
        fulfillment_details: session.cart.recipient.as_ref().map(details),
        line_items: quote.lines.iter().map(|line| line_item(line, units)).collect(),
        fulfillment_options: quote.options.iter().map(|offered| option(offered, units)).collect(),
        fulfillment_option_id: quote.selected_option().map(|option| option.id.as_str()),
        totals: totals(session),
        messages: messages(session),
        order: order(session),
        next_action: escalation(session).map(|url| wire::NextAction {
            r#type: "redirect_to_url",
            redirect_to_url: wire::RedirectToUrl { url },
        }),
    }
}

/// Where the buyer continues, if nothing is left for the agent to do and the merchant has a page for it.
fn escalation(session: &Session) -> Option<&str> {
    if session.state != SessionState::Open {
        return None;
    }
    match session.readiness() {
        Readiness::RequiresEscalation(url) => Some(url),
        Readiness::PendingApproval => session.quote.continue_url.as_deref(),
        Readiness::Ready | Readiness::NotReady => None,
    }
}

/// The response of confirm. The guide: "status must be `in_progress` or `completed`", so `committing` does not apply here.
pub(crate) fn confirmation(session: &Session) -> wire::Confirmation<'_> {
    wire::Confirmation {
        status: status(session, "in_progress"),
        order: session
            .order_identity()
            .map(|(id, permalink_url)| wire::Order { id, permalink_url }),
        metadata: text_pairs(&session.quote.metadata),
    }
}

fn order(session: &Session) -> Option<wire::Order<'_>> {
    session.order().map(|order| wire::Order {
        id: order.id.as_str(),
        permalink_url: &order.permalink,
    })
}

fn buyer(buyer: &Buyer) -> wire::Buyer<'_> {
    wire::Buyer {
        first_name: buyer.first_name.as_deref(),
        last_name: buyer.last_name.as_deref(),
        email: buyer.email.as_deref(),
        phone_number: buyer.phone.as_deref(),
    }
}

fn details(recipient: &Recipient) -> wire::Details<'_> {
    let contact = wire::Contact {
        name: recipient.name.as_deref(),
        email: recipient.email.as_deref(),
        phone_number: recipient.phone.as_deref(),
    };
    let known = contact.name.or(contact.email).or(contact.phone_number).is_some();
    wire::Details {
        contact: known.then_some(contact),
        address: recipient.address.as_ref().map(address),
    }
}

fn address(address: &Address) -> wire::Address<'_> {
    wire::Address {
        line_one: &address.line_one,
        line_two: &address.line_two,
        city: &address.city,
        state: &address.region,
        country: &address.country,
        postal_code: &address.postal_code,
    }
}

/// Writes amounts of one currency in Stripe's units.
#[derive(Clone, Copy)]
struct StripeUnits(Currency);

impl StripeUnits {
    /// To the nearest unit where an amount is none in Stripe's units; the quote is then not ready for payment.
    fn of(self, amount: Amount) -> i64 {
        let currency = self.0;
        Party::Stripe.shown(Money { amount, currency })
    }
}

/// A line item. Its discount is positive, while the discount in `totals` is negative, as in the guide.
fn line_item(line: &QuoteLine, units: StripeUnits) -> wire::LineItem<'_> {
    wire::LineItem {
        id: line.id.as_str(),
        item: wire::Item {
            id: line.item.as_str(),
            name: &line.shown.title,
            description: line.shown.description.as_deref(),
            images: &line.shown.images,
            unit_amount: units.of(line.net_unit_price()),
        },
        quantity: line.quantity,
        base_amount: units.of(line.base),
        discount: units.of(line.discount),
        subtotal: units.of(line.subtotal),
        tax: units.of(line.tax),
        total: units.of(line.total),
    }
}

/// A fulfillment option. The guide has only the type `shipping`; a digital option has the type `digital`.
fn option(option: &QuoteOption, units: StripeUnits) -> wire::FulfillmentOption<'_> {
    wire::FulfillmentOption {
        r#type: if option.kind == "digital" {
            "digital"
        } else {
            "shipping"
        },
        id: option.id.as_str(),
        title: &option.title,
        subtitle: option.description.as_deref(),
        carrier: option.carrier.as_deref(),
        earliest_delivery_time: option.earliest.map(rfc3339),
        latest_delivery_time: option.latest.map(rfc3339),
        subtotal: units.of(option.subtotal),
        tax: units.of(option.tax),
        total: units.of(option.total),
    }
}

/// The totals. `total` is the sum of all entries except `subtotal`; the guide's samples do not add up.
///
/// `discount` is a single negative entry with the discounts of lines and of the order, so that
/// `items_base_amount + discount = subtotal`, as in the guide.
fn totals(session: &Session) -> Vec<wire::Total<'_>> {
    let sums = &session.quote.totals;
    let units = StripeUnits(session.currency);
    let discount = units.of(sums.items_discount) + units.of(sums.discount);
    let entry = |r#type, display_text, amount| wire::Total {
        r#type,
        display_text,
        amount,
    };
    let mut totals = vec![
        entry("items_base_amount", "Items", units.of(sums.items_base)),
        entry("discount", "Discount", -discount),
        entry("subtotal", "Subtotal", units.of(sums.items_base) - discount),
        entry("fulfillment", "Shipping", units.of(sums.fulfillment)),
        entry("tax", "Tax", units.of(sums.tax)),
    ];
    for fee in &session.quote.fees {
        totals.push(entry(fee_type(fee), &fee.title, units.of(fee.amount)));
    }
    totals.push(entry("total", "Total", units.of(sums.total)));
    totals
}

/// The total type of a fee: the guide shows gift wrap as `packing_fee`.
fn fee_type(fee: &Fee) -> &'static str {
    match fee.kind.as_str() {
        "gift_wrap" | "packing" | "packing_fee" => "packing_fee",
        _ => "fee",
    }
}

fn messages(session: &Session) -> Vec<wire::Message<'_>> {
    let underway = in_progress_message(session).map(|content| wire::Message {
        r#type: "info",
        code: None,
        param: None,
        content_type: "plain",
        content,
    });
    let mut codes = CodeIndexes::of(session);
    let mut messages: Vec<_> = underway.into_iter().collect();
    for message in session.messages() {
        messages.push(message_of(session, message, &mut codes));
    }
    for rejected in unreported_codes(session) {
        messages.push(wire::Message {
            r#type: "warning",
            code: Some(&rejected.reason),
            param: Some(code_path(&mut codes, &rejected.code)),
            content_type: "plain",
            content: &rejected.message,
        });
    }
    messages
}

/// The path of the next mention of a discount code.
fn code_path(codes: &mut CodeIndexes<'_>, code: &str) -> String {
    match codes.next(code) {
        Some(index) => format!("$.discounts.codes[{index}]"),
        None => "$.discounts.codes".to_owned(),
    }
}

fn message_of<'a>(session: &Session, message: &'a Message, codes: &mut CodeIndexes<'_>) -> wire::Message<'a> {
    let code = message.code.as_deref();
    wire::Message {
        r#type: match message.severity {
            MessageSeverity::Error => "error",
            MessageSeverity::Warning => "warning",
            MessageSeverity::Info => "info",
        },
        code: match message.severity {
            MessageSeverity::Error => Some(code.unwrap_or("invalid")),
            MessageSeverity::Warning => code,
            MessageSeverity::Info => None,
        },
        param: path(session, &message.about, codes),
        content_type: content_type(message),
        content: &message.text,
    }
}

fn path(session: &Session, about: &Subject, codes: &mut CodeIndexes<'_>) -> Option<String> {
    let line = |id: &str| match session.quote.lines.iter().position(|line| line.id.as_str() == id) {
        Some(index) => format!("$.line_items[{index}]"),
        None => "$.line_items".to_owned(),
    };
    let inside = |object: &str, field: &Option<String>| match field {
        Some(field) => format!("{object}.{field}"),
        None => object.to_owned(),
    };
    Some(match about {
        Subject::Session | Subject::Consent(_) => return None,
        Subject::Currency => "$.currency".to_owned(),
        Subject::Lines => "$.line_items".to_owned(),
        Subject::Line(id) => line(id.as_str()),
        Subject::Quantity(id) => format!("{}.quantity", line(id.as_str())),
        Subject::Code(code) => code_path(codes, code),
        Subject::Discount(_) => "$.discounts.codes".to_owned(),
        Subject::Buyer(field) => inside("$.buyer", field),
        Subject::Address(field) | Subject::GroupAddress(_, field) => inside("$.fulfillment_details.address", field),
        Subject::Choice | Subject::Option(_) => "$.fulfillment_option_id".to_owned(),
        Subject::Payment => "$.payment_data".to_owned(),
    })
}
