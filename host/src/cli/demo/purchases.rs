//! The purchases of the demo: one over each protocol, each release, and each flow.

use tillhouse_sandbox::Secret;
use tillhouse_sandbox::agent::{Acp, AcpVersion, Basket, Credentials, Purchase, PurchaseError, StripeAcs, Wallet};

use super::{adyen, stripe_hooks};
use tillhouse_console::local_host::{self, LocalHost};
use tillhouse_runtime::PluginCall;

/// A purchase that was made, or that failed.
pub(super) struct Attempted {
    /// Flow of the payment, for a protocol that has several.
    pub(super) flow: Option<&'static str>,
    pub(super) bought: Result<Purchase, PurchaseError>,
}

/// A purchase, and the calls into plugins that it has caused.
pub(super) struct Bought {
    pub(super) purchase: Purchase,
    /// Flow of the payment, for a protocol that has several.
    pub(super) flow: Option<&'static str>,
    pub(super) calls: Vec<PluginCall>,
}

impl Bought {
    /// Whether it was paid at Adyen, and not at the card acquirer with a token of Stripe.
    pub(super) fn is_paid_at_adyen(&self) -> bool {
        self.purchase.protocol.starts_with("adyen")
    }

    /// Whether Stripe took the payment itself, in a checkout that it ran.
    pub(super) fn is_paid_through_stripe(&self) -> bool {
        self.purchase.protocol == stripe_hooks::PROTOCOL
    }
}

/// Buys once in each way.
pub(super) async fn purchases(local: &LocalHost) -> Vec<Attempted> {
    let mut attempted = Vec::new();
    for version in AcpVersion::ALL {
        attempted.push(over_acp(local, version).await);
    }
    attempted.push(over_stripe_acs(local).await);
    let without_flow = |bought| Attempted { flow: None, bought };
    let mut attempted: Vec<_> = attempted.into_iter().map(without_flow).collect();
    attempted.extend(adyen::purchases(local).await);
    let bought = stripe_hooks::purchase(local).await;
    attempted.push(Attempted { flow: None, bought });
    attempted
}

async fn over_acp(local: &LocalHost, version: AcpVersion) -> Result<Purchase, PurchaseError> {
    let mut basket = Basket::of("hoodie-zip", 1).and("mug-enamel", 2).shipped_by("express");
    if version.has_payment_handlers() {
        basket = basket.with_code("SAVE10");
    }
    let wallet = Wallet::at(&local.sandbox.stripe, local.sandbox.clock())?;
    let agent = Acp::new(&local.url(), Secret::from(local_host::AGENT_KEY), version, wallet)?;
    agent.purchase(&basket).await
}

async fn over_stripe_acs(local: &LocalHost) -> Result<Purchase, PurchaseError> {
    let basket = Basket::of("tee-classic", 2)
        .shipped_by("standard")
        .paid_with("pm_card_mastercard");
    let clock = local.sandbox.clock().clone();
    let wallet = Wallet::at(&local.sandbox.stripe, &clock)?;
    let credentials = Credentials::StripeSignature {
        secret: Secret::from(local_host::SIGNING_SECRET),
        clock: clock.clone(),
    };
    let agent = StripeAcs::new(&local.url(), credentials, wallet, clock)?;
    agent.purchase(&basket).await
}
