//! Conversion of the domain to ACP 2025-09-29 responses.

pub(crate) mod order;

use super::wire;
use crate::acp::rendering::{self, StatusNames, inside, line_path, option_path};
use crate::code_indexes::unreported_codes;
use crate::rendering::{RequestKind, content_type, in_progress_message, links, rfc3339};
use crate::settings::MerchantSettings;
use tillhouse_checkout::contact::{Address, Buyer};
use tillhouse_checkout::message::{Message, MessageSeverity, Subject};
use tillhouse_checkout::quote::{QuoteLine, QuoteOption};
use tillhouse_checkout::session::Session;

/// This release has no status for an expired session: it is shown as canceled.
const STATUS: StatusNames = StatusNames {
    committing: "in_progress",
    // The release has no authentication: only an agent of another release is asked for one.
    authenticating: "in_progress",
    expired: "canceled",
};

pub(crate) fn session<'a>(
    session: &'a Session,
    merchant: &'a MerchantSettings,
    request_kind: RequestKind,
) -> wire::CheckoutSession<'a> {
    let quote = &session.quote;
    wire::CheckoutSession {
        id: session.id.as_str(),
        buyer: session.cart.buyer.as_ref().and_then(buyer),
        payment_provider: wire::PaymentProvider {
            provider: "stripe",
            supported_payment_methods: ["card"],
        },
        status: rendering::status(session, STATUS),
        currency: session.currency.lower(),
        line_items: quote.lines.iter().map(line_item).collect(),
        fulfillment_address: session.cart.destination().map(address),
        fulfillment_options: quote.options.iter().map(option).collect(),
        fulfillment_option_id: quote.selected_option().map(|option| option.id.as_str()),
        totals: totals(session),
        messages: messages(session),
        links: shown_links(session, merchant),
        order: order(session, request_kind),
    }
}

/// The order, in the response of complete only: `CheckoutSessionWithOrder` has it, `CheckoutSession` does not allow it.
fn order(session: &Session, request_kind: RequestKind) -> Option<wire::Order<'_>> {
    let identity = session
        .order_identity()
        .filter(|_| request_kind == RequestKind::Payment);
    identity.map(|(id, permalink_url)| wire::Order {
        id,
        checkout_session_id: session.id.as_str(),
        permalink_url,
    })
}

/// The buyer. The schema requires both names and the email address; a buyer without one of them is omitted.
fn buyer(buyer: &Buyer) -> Option<wire::Buyer<'_>> {
    Some(wire::Buyer {
        first_name: buyer.first_name.as_deref()?,
        last_name: buyer.last_name.as_deref()?,
        email: buyer.email.as_deref()?,
        phone_number: buyer.phone.as_deref(),
    })
}

fn address(address: &Address) -> wire::Address<'_> {
    wire::Address {
        name: &address.name,
        line_one: &address.line_one,
        line_two: &address.line_two,
        city: &address.city,
        state: &address.region,
        country: &address.country,
        postal_code: &address.postal_code,
    }
}

fn line_item(line: &QuoteLine) -> wire::LineItem<'_> {
    wire::LineItem {
        id: line.id.as_str(),
        item: wire::Item {
            id: line.item.as_str(),
            quantity: line.quantity,
        },
        base_amount: line.base.minor(),
        discount: line.discount.minor(),
        subtotal: line.subtotal.minor(),
        tax: line.tax.minor(),
        total: line.total.minor(),
    }
}

/// A fulfillment option. This release has only shipping and digital; other kinds are shown as shipping.
fn option(option: &QuoteOption) -> wire::FulfillmentOption<'_> {
    let id = option.id.as_str();
    let title = option.title.as_str();
    let subtitle = option.description.as_deref();
    let (subtotal, tax, total) = (option.subtotal.minor(), option.tax.minor(), option.total.minor());
    if option.kind == "digital" {
        return wire::FulfillmentOption::Digital {
            id,
            title,
            subtitle,
            subtotal,
            tax,
            total,
        };
    }
    wire::FulfillmentOption::Shipping {
        id,
        title,
        subtitle,
        carrier: option.carrier.as_deref(),
        earliest_delivery_time: option.earliest.map(rfc3339),
        latest_delivery_time: option.latest.map(rfc3339),
        subtotal,
        tax,
        total,
    }
}

/// The totals. Every fee has the type `fee`: this release has no other type for fees.
fn totals(session: &Session) -> Vec<wire::Total<'_>> {
    let totals = rendering::totals(&session.quote, |_| "fee");
    totals
        .into_iter()
        .map(|(r#type, display_text, amount)| wire::Total {
            r#type,
            display_text,
            amount,
        })
        .collect()
}

/// All messages. A rejected discount code is shown as an info message, because this release has neither warnings nor discounts.
fn messages(session: &Session) -> Vec<wire::Message<'_>> {
    let underway = in_progress_message(session).map(|content| wire::Message::Info {
        param: None,
        content_type: "plain",
        content,
    });
    let messages = session.messages().map(|message| message_of(session, message));
    let refused = unreported_codes(session)
        .into_iter()
        .map(|rejected| wire::Message::Info {
            param: None,
            content_type: "plain",
            content: &rejected.message,
        });
    underway.into_iter().chain(messages).chain(refused).collect()
}

fn message_of<'a>(session: &'a Session, message: &'a Message) -> wire::Message<'a> {
    let param = path(session, &message.about);
    let content_type = content_type(message);
    let content = message.text.as_str();
    match message.severity {
        MessageSeverity::Error => wire::Message::Error {
            code: error_code(message.code.as_deref().unwrap_or_default()),
            param,
            content_type,
            content,
        },
        MessageSeverity::Warning | MessageSeverity::Info => wire::Message::Info {
            param,
            content_type,
            content,
        },
    }
}

/// The message code, out of the six of this release; codes of newer releases are mapped to the closest one.
fn error_code(code: &str) -> &'static str {
    match code {
        "missing" => "missing",
        "out_of_stock" | "quantity_exceeded" | "low_stock" => "out_of_stock",
        "payment_declined" => "payment_declined",
        "requires_sign_in" => "requires_sign_in",
        "requires_3ds" | "intervention_required" => "requires_3ds",
        _ => "invalid",
    }
}

fn path(session: &Session, about: &Subject) -> Option<String> {
    Some(match about {
        Subject::Session | Subject::Code(_) | Subject::Discount(_) | Subject::Consent(_) => return None,
        Subject::Currency => "$.currency".to_owned(),
        Subject::Lines => "$.line_items".to_owned(),
        Subject::Line(line) => line_path(session, line.as_str()),
        Subject::Quantity(line) => format!("{}.item.quantity", line_path(session, line.as_str())),
        Subject::Buyer(field) => inside("$.buyer", field.as_deref()),
        Subject::Address(field) => inside("$.fulfillment_address", field.as_deref()),
        Subject::Choice => "$.fulfillment_option_id".to_owned(),
        Subject::Option(id) => option_path(&session.quote, id),
        Subject::Payment => "$.payment_data".to_owned(),
    })
}

fn shown_links<'a>(session: &'a Session, merchant: &'a MerchantSettings) -> Vec<wire::Link<'a>> {
    let link = |kind: &str| match kind {
        "terms_of_use" => Some("terms_of_use"),
        "privacy_policy" => Some("privacy_policy"),
        "seller_shop_policies" | "return_policy" | "shipping_policy" => Some("seller_shop_policies"),
        _ => None,
    };
    links(session, merchant)
        .iter()
        .filter_map(|shown| {
            link(&shown.kind).map(|r#type| wire::Link {
                r#type,
                url: &shown.url,
            })
        })
        .collect()
}
