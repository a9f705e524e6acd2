//! What the protocols promise, over real HTTP.

mod acp;
mod acp_feed;
mod addresses;
mod admission;
mod adyen_agent;
mod adyen_delegate;
mod adyen_events;
mod adyen_in_acp;
mod adyen_merchant;
mod adyen_processor;
mod adyen_sandbox;
mod adyen_webhooks;
mod agents;
mod carts;
mod discovery;
mod downloads;
mod hostile;
mod idempotency;
mod mcp;
mod one_purchase;
mod order_updates;
mod orders_notify;
mod passed_on;
mod quantities;
mod signatures;
mod stripe_acs;
mod stripe_after_sale;
mod stripe_feed;
mod stripe_feed_faults;
mod stripe_feed_increments;
mod stripe_hooks;
mod tax_included;
mod taxes;
mod webhooks_in;
mod webhooks_out;

use tillhouse_tests::{Merchant, Release, Shared, TestHost};

/// Both supported releases of ACP.
const RELEASES: [Release; 2] = [Release::V2025_09_29, Release::V2026_04_17];

/// One host with two unrelated merchants. Tests use sessions of their own, so they do not interfere with each other.
static HOST: Shared = Shared::of(|| {
    let demo = Merchant::named("demo").shop(
        r#"
        [discounts.USED_UP]
        percent = 5
        usage-limit = 0
        "#,
    );
    let acme = Merchant::named("acme").at_host("acme.example").set(
        r#"
        acp.keys = [{ name = "second-agent", secret = "key_second" }]
        stripe_acs.signing_secrets = ["whsec_next"]
        "#,
    );
    TestHost::builder().merchant(demo).merchant(acme)
});

async fn host() -> &'static TestHost {
    HOST.get().await
}
