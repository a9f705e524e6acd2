//! What the domain has decided, in Stripe's words and units.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::from_wire::AskedCheckout;
use super::tax_rates::{self, LineRate};
use super::wire;
use tillhouse_checkout::money::{Amount, Currency, Money};
use tillhouse_checkout::party_units::Party;
use tillhouse_checkout::quote::QuoteOption;
use tillhouse_checkout::session::Session;
use tillhouse_checkout::time::Timestamp;

/// Metadata of Stripe's checkout session with the id of ours.
pub(super) const SESSION: &str = "tillhouse_checkout_session";
/// Metadata of Stripe's checkout session with the id of the order that it will be.
const ORDER: &str = "order_id";
/// Metadata of a shipping rate with the id of our option.
const OPTION: &str = "fulfillment_option_id";

const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;

/// The approval of a session that is held, or paid already.
pub(super) fn approved(session: &Session) -> wire::ApprovalAnswer<'_> {
    let plugins = session.quote.metadata.iter();
    let mut metadata: BTreeMap<&str, &str> = plugins.map(|(key, value)| (key.as_str(), value.as_str())).collect();
    metadata.insert(SESSION, session.id.as_str());
    if let Some((order, _)) = session.order_identity() {
        metadata.insert(ORDER, order);
    }
    wire::ApprovalAnswer {
        manual_approval_details: wire::ManualApproval::Approved,
        metadata,
    }
}

pub(super) const fn declined(reason: &str) -> wire::ApprovalAnswer<'_> {
    wire::ApprovalAnswer {
        manual_approval_details: wire::ManualApproval::Declined {
            declined: wire::Declined { reason },
        },
        metadata: BTreeMap::new(),
    }
}

/// Whether a recorded answer is an approval.
pub(super) fn is_approval(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Answer {
        manual_approval_details: Details,
    }
    #[derive(Deserialize)]
    struct Details {
        r#type: String,
    }
    serde_json::from_slice(body).is_ok_and(|answer: Answer| answer.manual_approval_details.r#type == "approved")
}

/// The rates and the shipping options of a checkout. Where Stripe computes the taxes itself, no rate is sent.
pub(super) fn customization<'a>(
    asked: &'a AskedCheckout,
    session: &'a Session,
    now: Timestamp,
) -> wire::CustomizationAnswer<'a> {
    let quote = &session.quote;
    if !quote.totals.fees.is_zero() {
        tracing::warn!(session.id = %session.id, fees = quote.totals.fees.minor(), "Stripe's checkout knows no fees: those of the plugin are not told");
    }
    let taxes = asked
        .lines
        .iter()
        .filter(|_| !asked.has_automatic_tax)
        .filter_map(|line| {
            let priced = quote.lines.iter().find(|priced| priced.item == line.sku)?;
            Some(wire::LineTaxes {
                id: &line.id,
                tax_rates: tax_rates::of_line(priced).into_iter().map(rate).collect(),
            })
        });
    let option = |option| shipping_option(option, session.currency, asked.has_automatic_tax, now);
    wire::CustomizationAnswer {
        line_items: taxes.collect(),
        shipping_options: quote.options.iter().map(option).collect(),
    }
}

/// The answer that leaves options and rates as Stripe has them.
pub(super) fn not_customized() -> wire::CustomizationAnswer<'static> {
    wire::CustomizationAnswer::default()
}

fn rate(rate: LineRate) -> wire::TaxRate {
    wire::TaxRate {
        rate_data: wire::RateData {
            display_name: rate.name,
            inclusive: rate.is_inclusive,
            percentage: rate.percentage,
        },
    }
}

/// An option. Stripe has no rates for shipping: where it computes no taxes, the tax of the plugin is in the price.
fn shipping_option(
    option: &QuoteOption,
    currency: Currency,
    has_automatic_tax: bool,
    now: Timestamp,
) -> wire::ShippingOption<'_> {
    let is_inclusive = option.tax_included || (!has_automatic_tax && !option.tax.is_zero());
    let (amount, tax_behavior) = if is_inclusive {
        (option.total, "inclusive")
    } else {
        (option.subtotal, "exclusive")
    };
    wire::ShippingOption {
        shipping_rate_data: wire::ShippingRate {
            display_name: &option.title,
            fixed_amount: wire::FixedAmount {
                amount: in_stripes_units(amount, currency),
                currency: currency.lower(),
            },
            tax_behavior,
            delivery_estimate: estimate(option, now),
            metadata: BTreeMap::from([(OPTION, option.id.as_str())]),
        },
    }
}

fn estimate(option: &QuoteOption, now: Timestamp) -> Option<wire::DeliveryEstimate> {
    let span = |at: Timestamp| span(at.0.saturating_sub(now.0));
    let (minimum, maximum) = (option.earliest.map(span), option.latest.map(span));
    (minimum.is_some() || maximum.is_some()).then_some(wire::DeliveryEstimate { minimum, maximum })
}

/// The time from now, in whole days, or in hours if it is less than one day; at least one.
fn span(millis: u64) -> wire::Span {
    let (unit, length) = if millis < DAY_MS {
        ("hour", HOUR_MS)
    } else {
        ("day", DAY_MS)
    };
    wire::Span {
        unit,
        value: millis.div_ceil(length).max(1),
    }
}

pub(super) fn in_stripes_units(amount: Amount, currency: Currency) -> i64 {
    Party::Stripe.shown(Money { amount, currency })
}
