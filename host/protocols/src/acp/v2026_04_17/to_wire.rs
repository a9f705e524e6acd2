//! Conversion of the domain to ACP 2026-04-17 responses.

mod buyer;
mod discounts;
mod fulfillment;
mod messages;
pub(crate) mod order;

use super::wire::response as wire;
use crate::acp::rendering::{self, StatusNames};
use crate::rendering::{RequestKind, fraction, links, rfc3339};
use crate::settings::{AcpSettings, MerchantSettings};
use tillhouse_checkout::contact::{Address, Recipient};
use tillhouse_checkout::decision::Support;
use tillhouse_checkout::quote::{Fee, QuoteLine};
use tillhouse_checkout::session::Session;

const STATUS: StatusNames = StatusNames {
    committing: "complete_in_progress",
    authenticating: "authentication_required",
    expired: "expired",
};

/// Interventions that the host supports. None yet: a payment that requires one is refused with `requires_3ds`.
const INTERVENTIONS: &[&str] = &[];

/// Values of `Link.type` in this release; other links are omitted.
const LINKS: &[&str] = &[
    "terms_of_use",
    "privacy_policy",
    "return_policy",
    "shipping_policy",
    "contact_us",
    "about_us",
    "faq",
    "support",
];

pub(crate) fn session<'a>(
    session: &'a Session,
    merchant: &'a MerchantSettings,
    settings: &'a AcpSettings,
    request_kind: RequestKind,
) -> wire::CheckoutSession<'a> {
    let quote = &session.quote;
    wire::CheckoutSession {
        id: session.id.as_str(),
        protocol: wire::Protocol { version: "2026-04-17" },
        capabilities: capabilities(session, settings),
        buyer: session.cart.buyer.as_ref().and_then(buyer::buyer),
        status: rendering::status(session, STATUS),
        currency: session.currency.lower(),
        locale: session.cart.locale.as_deref(),
        timezone: session.cart.time_zone.as_deref(),
        line_items: quote.lines.iter().map(|line| line_item(session, line)).collect(),
        fulfillment_details: session.cart.recipient.as_ref().map(details),
        fulfillment_options: quote.options.iter().map(fulfillment::option).collect(),
        selected_fulfillment_options: fulfillment::selected(quote),
        totals: totals(session),
        messages: messages::all(session),
        links: shown_links(session, merchant),
        created_at: rfc3339(session.created),
        updated_at: rfc3339(session.updated),
        expires_at: rfc3339(session.expires),
        continue_url: quote.continue_url.as_deref(),
        discounts: discounts::all(session),
        marketing_consent_options: consents(session),
        order: order(session, request_kind),
    }
}

fn capabilities<'a>(session: &Session, settings: &'a AcpSettings) -> wire::Capabilities<'a> {
    let offered = &session.agent.interventions;
    let both = INTERVENTIONS.iter().copied();
    wire::Capabilities {
        payment: wire::Payment {
            handlers: &settings.handlers,
        },
        interventions: wire::Interventions {
            supported: both.filter(|kind| offered.iter().any(|other| other == kind)).collect(),
        },
        extensions: discounts::declaration(session).into_iter().collect(),
    }
}

fn details(recipient: &Recipient) -> wire::FulfillmentDetails<'_> {
    wire::FulfillmentDetails {
        name: recipient.name.as_deref(),
        phone_number: recipient.phone.as_deref(),
        email: recipient.email.as_deref(),
        address: recipient.address.as_ref().map(address),
    }
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
        company: &address.company,
    }
}

fn line_item<'a>(session: &'a Session, line: &'a QuoteLine) -> wire::LineItem<'a> {
    let unit_amount = line.net_unit_price().minor();
    wire::LineItem {
        id: line.id.as_str(),
        item: wire::Item {
            id: line.item.as_str(),
            name: &line.shown.title,
            unit_amount,
        },
        quantity: line.quantity,
        name: &line.shown.title,
        description: line.shown.description.as_deref(),
        images: &line.shown.images,
        unit_amount,
        sku: line.item.as_str(),
        availability_status: line.availability.as_deref().filter(|name| is_availability(name)),
        available_quantity: line.available,
        max_quantity_per_order: line.max_quantity.filter(|most| *most > 0),
        fulfillable_on: line.available_from.map(|from| from.rfc3339()),
        tax_exempt: line.tax_exempt.is_some().then_some(true),
        tax_exemption_reason: line.tax_exempt.as_deref(),
        discount_details: discounts::of_line(session, &line.id),
        totals: line_totals(line),
    }
}

fn is_availability(name: &str) -> bool {
    matches!(
        name,
        "in_stock" | "low_stock" | "out_of_stock" | "backorder" | "pre_order"
    )
}

fn total<'a>(r#type: &'static str, display_text: &'a str, amount: i64) -> wire::Total<'a> {
    wire::Total {
        r#type,
        display_text,
        amount,
        breakdown: Vec::new(),
    }
}

fn line_totals(line: &QuoteLine) -> Vec<wire::Total<'_>> {
    let parts = line.tax_parts.iter().map(|part| wire::TaxPart {
        jurisdiction: &part.jurisdiction,
        rate: fraction(part.rate),
        amount: part.amount,
    });
    vec![
        total("items_base_amount", "Items", line.base.minor()),
        total("items_discount", "Item discounts", line.discount.minor()),
        total("subtotal", "Subtotal", line.subtotal.minor()),
        wire::Total {
            breakdown: parts.collect(),
            ..total("tax", "Tax", line.tax.minor())
        },
        total("total", "Total", line.total.minor()),
    ]
}

fn totals(session: &Session) -> Vec<wire::Total<'_>> {
    let totals = rendering::totals(&session.quote, fee_type);
    totals
        .into_iter()
        .map(|(kind, text, amount)| total(kind, text, amount))
        .collect()
}

/// The total type of a fee. ACP has no `packing_fee`; it is shown as `gift_wrap`.
fn fee_type(fee: &Fee) -> &'static str {
    match fee.kind.as_str() {
        "gift_wrap" | "packing" | "packing_fee" => "gift_wrap",
        "tip" => "tip",
        _ => "fee",
    }
}

fn shown_links<'a>(session: &'a Session, merchant: &'a MerchantSettings) -> Vec<wire::Link<'a>> {
    let known = links(session, merchant)
        .iter()
        .filter(|link| LINKS.contains(&link.kind.as_str()));
    known
        .map(|link| wire::Link {
            r#type: &link.kind,
            title: link.title.as_deref(),
            url: &link.url,
        })
        .collect()
}

fn consents(session: &Session) -> Vec<wire::MarketingConsentOption<'_>> {
    let consents = session.quote.consents.iter();
    consents
        .map(|consent| wire::MarketingConsentOption {
            channel: &consent.channel,
            display_text: &consent.text,
            privacy_policy_url: &consent.privacy_policy,
            is_subscribed: consent.subscribed,
        })
        .collect()
}

/// The order of a session: once it is paid, and in the response of complete before that (schema `CheckoutSessionWithOrder`).
/// An order whose payment is in progress has the status `created`.
fn order(session: &Session, request_kind: RequestKind) -> Option<wire::Order<'_>> {
    let paid = session.order();
    let (id, permalink_url) = session
        .order_identity()
        .filter(|_| paid.is_some() || request_kind == RequestKind::Payment)?;
    Some(wire::Order {
        r#type: "order",
        id,
        checkout_session_id: session.id.as_str(),
        order_number: paid.and_then(|order| order.number.as_deref()),
        permalink_url,
        status: if paid.is_some() { "confirmed" } else { "created" },
        support: session.quote.support.as_ref().map(support),
    })
}

fn support(support: &Support) -> wire::Support<'_> {
    wire::Support {
        email: support.email.as_deref(),
        phone: support.phone.as_deref(),
        hours: support.hours.as_deref(),
        help_center_url: support.help_center.as_deref(),
    }
}
