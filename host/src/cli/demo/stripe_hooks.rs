//! A purchase that Stripe runs and is paid for: it asks the merchant by its lighter hooks.

use tillhouse_sandbox::agent::{AgentError, Basket, Purchase, PurchaseError, Step};
use tillhouse_sandbox::stripe::hooks::{BUDGET, HookConnection, HookedCheckouts};

use tillhouse_console::local_host::{EVENT_SECRET, HOOK_SECRET, LocalHost, MERCHANT};

/// Name of the protocol.
pub(super) const PROTOCOL: &str = "stripe_hooks";

/// Price check, customization, approval, payment, and the event that makes the order.
pub(super) async fn purchase(local: &LocalHost) -> Result<Purchase, PurchaseError> {
    let connection = HookConnection {
        url: format!("{}/m/{MERCHANT}/webhooks/stripe", local.url()),
        hook_secret: HOOK_SECRET.into(),
        event_secret: EVENT_SECRET.into(),
        budget: BUDGET,
    };
    let stripe = HookedCheckouts::new(connection, local.sandbox.clock().clone());
    let basket = Basket::of("hoodie-zip", 1).and("mug-enamel", 2).shipped_by("express");
    let bought = stripe.buy(&basket).await.map_err(|reason| AgentError::NoAnswer {
        step: Step::Complete,
        reason,
    })?;
    Ok(Purchase {
        protocol: PROTOCOL,
        version: None,
        status: "completed".to_owned(),
        order_id: bought
            .metadata
            .get("order_id")
            .and_then(|id| id.as_str())
            .map(str::to_owned),
        order_permalink: None,
        total: bought.total(),
        currency: bought.currency.clone(),
        session_id: bought.id,
        exchanges: Vec::new(),
    })
}
