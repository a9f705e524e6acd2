//! Converts the configuration of webhooks into targets.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::{AdyenConfig, AdyenEventsConfig, Config, MerchantConfig, WebhookConfig, WebhookRelease};
use tillhouse_egress::{Client, Upstream};
use tillhouse_payments::webhooks::{Render, Target, TargetKind, Webhooks};
use tillhouse_protocols::{AcpRelease, adyen_event};

use super::error::StartError;

/// Name of Adyen's endpoint for events, which no other target of the merchant can have: theirs are without a dot.
const ADYEN_EVENTS: &str = "adyen.events";

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
    merchant.webhooks.iter().map(target).chain(events).collect()
}

fn adyen_events(adyen: &AdyenConfig, config: &AdyenEventsConfig) -> Result<Target, String> {
    let mut upstream =
        Upstream::new(ADYEN_EVENTS, config.url.as_str()).map_err(|error| format!("{ADYEN_EVENTS}.url: {error}"))?;
    upstream.allow_http = config.allow_http;
    upstream.allow_private = config.allow_loopback;
    upstream.timeout = config.timeout;
    let merchant_account = adyen.merchant_account.clone();
    Ok(Target {
        name: ADYEN_EVENTS.to_owned(),
        upstream,
        kind: TargetKind::AdyenEvents {
            api_key: Arc::clone(&config.api_key),
            render: Arc::new(move |snapshot| adyen_event(&merchant_account, snapshot)),
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
