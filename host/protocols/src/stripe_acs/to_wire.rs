//! Conversion of the domain to the responses that Stripe expects.

use super::wire;
use crate::rendering::{content_type, in_progress_message, is_reported, rfc3339};
use tillhouse_checkout::contact::{Address, Buyer, Recipient};
use tillhouse_checkout::message::{Message, MessageSeverity, Subject};
use tillhouse_checkout::quote::{Fee, QuoteLine, QuoteOption};
use tillhouse_checkout::session::{Session, SessionState};

/// The status of a checkout. `committing` is the configured value for a payment in progress.
fn status(session: &Session, committing: &'static str) -> &'static str {
    match &session.state {
        SessionState::Open if session.is_ready() => "ready_for_payment",
        SessionState::Open => "incomplete",
        SessionState::Committing { .. } => committing,
        SessionState::Completed { .. } => "completed",
        SessionState::Canceled | SessionState::Expired => "canceled",
    }
}

pub(crate) fn checkout<'a>(session: &'a Session, committing: &'static str) -> wire::Checkout<'a> {
    let quote = &session.quote;
    wire::Checkout {
        id: session.id.as_str(),
        currency: session.currency.lower(),
        status: status(session, committing),
        buyer: session.cart.buyer.as_ref().map(buyer),
        fulfillment_details: session.cart.recipient.as_ref().map(details),
        line_items: quote.lines.iter().map(line_item).collect(),
        fulfillment_options: quote.options.iter().map(option).collect(),
        fulfillment_option_id: quote.selected_option().map(|option| option.id.as_str()),
        totals: totals(session),
        messages: messages(session),
        order: order(session),
    }
}

/// The response of confirm. The guide: "status must be `in_progress` or `completed`", so `committing` does not apply here.
pub(crate) fn confirmation(session: &Session) -> wire::Confirmation<'_> {
    wire::Confirmation {
        status: status(session, "in_progress"),
        order: session
            .order_identity()
            .map(|(id, permalink_url)| wire::Order { id, permalink_url }),
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

/// A line item. Its discount is positive, while the discount in `totals` is negative, as in the guide.
fn line_item(line: &QuoteLine) -> wire::LineItem<'_> {
    wire::LineItem {
        id: line.id.as_str(),
        item: wire::Item {
            id: line.item.as_str(),
            name: &line.shown.title,
            description: line.shown.description.as_deref(),
            images: &line.shown.images,
            unit_amount: line.net_unit_price().minor(),
        },
        quantity: line.quantity,
        base_amount: line.base.minor(),
        discount: line.discount.minor(),
        subtotal: line.subtotal.minor(),
        tax: line.tax.minor(),
        total: line.total.minor(),
    }
}

/// A fulfillment option. The guide has only the type `shipping`; a digital option has the type `digital`.
fn option(option: &QuoteOption) -> wire::FulfillmentOption<'_> {
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
        subtotal: option.subtotal.minor(),
        tax: option.tax.minor(),
        total: option.total.minor(),
    }
}

/// The totals. `total` is the sum of all entries except `subtotal`; the guide's samples do not add up.
///
/// `discount` is a single negative entry with the discounts of lines and of the order, so that
/// `items_base_amount + discount = subtotal`, as in the guide.
fn totals(session: &Session) -> Vec<wire::Total<'_>> {
    let sums = &session.quote.totals;
    let discount = sums.items_discount.minor() + sums.discount.minor();
    let entry = |r#type, display_text, amount| wire::Total {
        r#type,
        display_text,
        amount,
    };
    let mut totals = vec![
        entry("items_base_amount", "Items", sums.items_base.minor()),
        entry("discount", "Discount", -discount),
        entry("subtotal", "Subtotal", sums.items_base.minor() - discount),
        entry("fulfillment", "Shipping", sums.fulfillment.minor()),
        entry("tax", "Tax", sums.tax.minor()),
    ];
    for fee in &session.quote.fees {
        totals.push(entry(fee_type(fee), &fee.title, fee.amount.minor()));
    }
    totals.push(entry("total", "Total", sums.total.minor()));
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
    let messages = session.messages().map(|message| message_of(session, message));
    let refused = session
        .quote
        .rejected_codes
        .iter()
        .filter(|rejected| !is_reported(session, &rejected.code))
        .map(|rejected| wire::Message {
            r#type: "warning",
            code: Some(&rejected.reason),
            param: Some("$.discounts.codes".to_owned()),
            content_type: "plain",
            content: &rejected.message,
        });
    underway.into_iter().chain(messages).chain(refused).collect()
}

fn message_of<'a>(session: &Session, message: &'a Message) -> wire::Message<'a> {
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
        param: path(session, &message.about),
        content_type: content_type(message),
        content: &message.text,
    }
}

fn path(session: &Session, about: &Subject) -> Option<String> {
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
        Subject::Code(_) | Subject::Discount(_) => "$.discounts.codes".to_owned(),
        Subject::Buyer(field) => inside("$.buyer", field),
        Subject::Address(field) => inside("$.fulfillment_details.address", field),
        Subject::Choice | Subject::Option(_) => "$.fulfillment_option_id".to_owned(),
        Subject::Payment => "$.payment_data".to_owned(),
    })
}
