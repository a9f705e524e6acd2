//! Conversion of the domain to ACP 2026-04-17 responses.

mod discounts;
mod messages;
pub(crate) mod order;

use super::wire::response as wire;
use crate::acp::rendering::{self, StatusNames};
use crate::rendering::{RequestKind, fraction, links, rfc3339};
use crate::settings::{AcpSettings, MerchantSettings};
use tillhouse_checkout::contact::{Address, Buyer, Recipient};
use tillhouse_checkout::decision::PickupPlace;
use tillhouse_checkout::quote::{Fee, QuoteLine, QuoteOption};
use tillhouse_checkout::session::Session;

const STATUS: StatusNames = StatusNames {
    committing: "complete_in_progress",
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
        buyer: session.cart.buyer.as_ref().and_then(buyer),
        status: rendering::status(session, STATUS),
        currency: session.currency.lower(),
        locale: session.cart.locale.as_deref(),
        line_items: quote.lines.iter().map(|line| line_item(session, line)).collect(),
        fulfillment_details: session.cart.recipient.as_ref().map(details),
        fulfillment_options: quote.options.iter().map(option).collect(),
        selected_fulfillment_options: selected(session),
        totals: totals(session),
        messages: messages::all(session),
        links: shown_links(session, merchant),
        created_at: rfc3339(session.created),
        updated_at: rfc3339(session.updated),
        expires_at: rfc3339(session.expires),
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
            handlers: [&settings.handler],
        },
        interventions: wire::Interventions {
            supported: both.filter(|kind| offered.iter().any(|other| other == kind)).collect(),
        },
    }
}

/// The buyer. The schema requires an email address; a buyer without one is omitted.
fn buyer(buyer: &Buyer) -> Option<wire::Buyer<'_>> {
    Some(wire::Buyer {
        email: buyer.email.as_deref()?,
        first_name: buyer.first_name.as_deref(),
        last_name: buyer.last_name.as_deref(),
        full_name: buyer.full_name.as_deref(),
        phone_number: buyer.phone.as_deref(),
        customer_id: buyer.customer_id.as_deref(),
        account_type: buyer.account.as_deref(),
        authentication_status: buyer.authentication.as_deref(),
    })
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
    wire::LineItem {
        id: line.id.as_str(),
        item: wire::Item {
            id: line.item.as_str(),
            name: &line.shown.title,
            unit_amount: line.unit_price.minor(),
        },
        quantity: line.quantity,
        name: &line.shown.title,
        description: line.shown.description.as_deref(),
        images: &line.shown.images,
        unit_amount: line.unit_price.minor(),
        sku: line.item.as_str(),
        availability_status: line.availability.as_deref().filter(|name| is_availability(name)),
        available_quantity: line.available,
        max_quantity_per_order: line.max_quantity.filter(|most| *most > 0),
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

/// The type of an option. The schema requires a location for pickup, so a pickup without one is shown as shipping.
fn option_type(option: &QuoteOption) -> &'static str {
    match (option.kind.as_str(), &option.place) {
        ("digital", _) => "digital",
        ("local_delivery", _) => "local_delivery",
        ("pickup", Some(_)) => "pickup",
        _ => "shipping",
    }
}

fn location(place: &PickupPlace) -> wire::PickupLocation<'_> {
    wire::PickupLocation {
        name: &place.name,
        address: address(&place.address),
        phone: place.phone.as_deref(),
        instructions: place.instructions.as_deref(),
    }
}

fn option(option: &QuoteOption) -> wire::FulfillmentOption<'_> {
    let id = option.id.as_str();
    let title = option.title.as_str();
    let description = option.description.as_deref();
    let totals = vec![
        total("subtotal", "Subtotal", option.subtotal.minor()),
        total("tax", "Tax", option.tax.minor()),
        total("total", "Total", option.total.minor()),
    ];
    match (option_type(option), &option.place) {
        ("digital", _) => wire::FulfillmentOption::Digital {
            id,
            title,
            description,
            totals,
        },
        ("pickup", Some(place)) => wire::FulfillmentOption::Pickup {
            id,
            title,
            description,
            location: location(place),
            ready_by: option.latest.or(option.earliest).map(rfc3339),
            totals,
        },
        ("local_delivery", _) => wire::FulfillmentOption::LocalDelivery {
            id,
            title,
            description,
            delivery_window: option.earliest.zip(option.latest).map(|(start, end)| wire::Window {
                start: rfc3339(start),
                end: rfc3339(end),
            }),
            totals,
        },
        _ => wire::FulfillmentOption::Shipping {
            id,
            title,
            description,
            carrier: option.carrier.as_deref(),
            earliest_delivery_time: option.earliest.map(rfc3339),
            latest_delivery_time: option.latest.map(rfc3339),
            totals,
        },
    }
}

/// The selected option. `item_ids` holds ids of items, not of line items, as in the examples of the specification.
fn selected(session: &Session) -> Vec<wire::SelectedFulfillmentOption<'_>> {
    let Some(option) = session.quote.selected_option() else {
        return Vec::new();
    };
    let lines = session.quote.lines.iter();
    let its = lines.filter(|line| option.lines.is_empty() || option.lines.contains(&line.id));
    vec![wire::SelectedFulfillmentOption {
        r#type: option_type(option),
        option_id: option.id.as_str(),
        item_ids: its.map(|line| line.item.as_str()).collect(),
    }]
}

fn shown_links<'a>(session: &'a Session, merchant: &'a MerchantSettings) -> Vec<wire::Link<'a>> {
    let known = links(session, merchant)
        .iter()
        .filter(|link| LINKS.contains(&link.kind.as_str()));
    known
        .map(|link| wire::Link {
            r#type: &link.kind,
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
    })
}
