//! Converts the configuration of webhooks into targets.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::{
    AdyenConfig, AdyenEventsConfig, Config, MerchantConfig, StripeOrderEventsConfig, WebhookConfig, WebhookRelease,
};
use tillhouse_egress::{Client, Upstream};
use tillhouse_payments::webhooks::{Render, Target, TargetKind, Webhooks};
use tillhouse_protocols::{AcpRelease, adyen_event, stripe_order_events};

use super::error::StartError;

/// Name of Adyen's endpoint for events, which no other target of the merchant can have: theirs are without a dot.
const ADYEN_EVENTS: &str = "adyen.events";
/// Name of Stripe's endpoint for order events, likewise.
const STRIPE_EVENTS: &str = "stripe.order_events";

/// The webhook targets of every merchant.
pub(super) fn webhooks(config: &Config, client: Client) -> Result<Webhooks, StartError> {
    let mut targets = BTreeMap::new();
    for (id, merchant) in &config.merchants {
        let of_merchant =
            targets_of(merchant).map_err(|problem| StartError::Invalid(vec![format!("merchants.{id}.{problem}")]))?;
        targets.insert(id.clone(), of_merchant);
    }
    Ok(Webhooks::new(client, targets))
}

fn targets_of(merchant: &MerchantConfig) -> Result<Vec<Target>, String> {
    let adyen = merchant.adyen.as_ref();
    let events = adyen.and_then(|adyen| Some(adyen_events(adyen, adyen.events.as_ref()?)));
    let stripe = merchant.stripe.as_ref().and_then(|stripe| stripe.order_events.as_ref());
    let stripe = stripe.map(stripe_events);
    merchant
        .webhooks
        .iter()
        .map(target)
        .chain(events)
        .chain(stripe)
        .collect()
}

fn stripe_events(config: &StripeOrderEventsConfig) -> Result<Target, String> {
    let mut upstream =
        Upstream::new(STRIPE_EVENTS, config.url.as_str()).map_err(|error| format!("{STRIPE_EVENTS}.url: {error}"))?;
    upstream.allow_http = config.allow_http;
    upstream.allow_private = config.allow_loopback;
    upstream.timeout = config.timeout;
    Ok(Target {
        name: STRIPE_EVENTS.to_owned(),
        upstream,
        kind: TargetKind::StripeEvents {
            key: Arc::clone(&config.secret_key),
            version: config.version.as_ref().map(ToString::to_string),
            encoding: config.encoding,
            render: stripe_order_events,
        },
    })
}

fn adyen_events(adyen: &AdyenConfig, config: &AdyenEventsConfig) -> Result<Target, String> {
    let mut upstream =
        Upstream::new(ADYEN_EVENTS, config.url.as_str()).map_err(|error| format!("{ADYEN_EVENTS}.url: {error}"))?;
    upstream.allow_http = config.allow_http;
    upstream.allow_private = config.allow_loopback;
    upstream.timeout = config.timeout;
    let (merchant_account, form) = (adyen.merchant_account.clone(), config.form.clone());
    Ok(Target {
        name: ADYEN_EVENTS.to_owned(),
        upstream,
        kind: TargetKind::AdyenEvents {
            api_key: Arc::clone(&config.api_key),
            render: Arc::new(move |snapshot| adyen_event(&merchant_account, &form, snapshot)),
        },
    })
}

fn target(config: &WebhookConfig) -> Result<Target, String> {
    let name = &config.name;
    let mut upstream = Upstream::new(format!("webhook {name}"), config.url.as_str())
        .map_err(|error| format!("webhooks.{name}.url: {error}"))?;
    upstream.allow_http = config.allow_http;
    upstream.allow_private = config.allow_loopback;
    upstream.timeout = config.timeout;
    Ok(Target {
        name: name.clone(),
        upstream,
        kind: TargetKind::Acp {
            secrets: config.signing_secrets.iter().map(Arc::clone).collect(),
            render: render(config.release),
        },
    })
}

const fn render(release: WebhookRelease) -> Render {
    match release {
        WebhookRelease::V2025_09_29 => |order| AcpRelease::V2025_09_29.order_event(order),
        WebhookRelease::V2025_12_12 => |order| AcpRelease::V2025_12_12.order_event(order),
        WebhookRelease::V2026_01_16 => |order| AcpRelease::V2026_01_16.order_event(order),
        WebhookRelease::V2026_01_30 => |order| AcpRelease::V2026_01_30.order_event(order),
        WebhookRelease::V2026_04_17 => |order| AcpRelease::V2026_04_17.order_event(order),
    }
}
