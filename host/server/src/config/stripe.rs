//! `[merchants.NAME.stripe]`: the merchant's Stripe account.

mod hooks;
mod order_events;

use std::sync::Arc;
use std::time::Duration;

use url::{Host, Url};

use super::section::Section;
pub use hooks::StripeHookConfig;
pub use order_events::StripeOrderEventsConfig;
use tillhouse_checkout::secret::Secret;
use tillhouse_payments::stripe::{StripeVersion, StripeVersions};
use tillhouse_payments::token::ProfileMismatch;

/// The merchant's Stripe account: shared payment tokens and payment records.
#[derive(Debug)]
pub struct StripeConfig {
    /// `base_url`: of Stripe's API. Default: `https://api.stripe.com`.
    pub base_url: Url,
    /// `secret_key`: `sk_…` or `rk_…`. Required.
    pub secret_key: Arc<Secret>,
    /// The `Stripe-Version` header, by family of endpoints: `granted_tokens_version` and `payment_records_version`; `version` for
    /// a family without a setting of its own. Default: the version that Stripe documents the family with.
    pub versions: StripeVersions,
    /// `agent_mismatch`: what happens if a token's `network_business_profile` differs from the `network_profile` of the agent that
    /// created the checkout: `refuse`, `warn` or `ignore`. Default: `warn`.
    pub agent_mismatch: ProfileMismatch,
    /// `livemode`: `true` accepts live tokens, `false` test tokens. Default: `false`.
    pub livemode: bool,
    /// `webhook_secrets`: secrets that sign events of the account (`whsec_…`), one or two. Default: none; events are not
    /// accepted.
    pub webhook_secrets: Vec<Arc<Secret>>,
    /// `hook_secrets` and `[hooks]`: the lighter hooks. `None` without secrets: no hook is answered.
    pub hooks: Option<StripeHookConfig>,
    /// `[order_events]`: where Stripe is told what becomes of orders. `None`: it is not.
    pub order_events: Option<StripeOrderEventsConfig>,
    /// `allow_http`: allows plain http, for a simulator. Default: `false`.
    pub allow_http: bool,
    /// `allow_loopback`: allows loopback and private addresses, for a simulator. Default: `false`.
    pub allow_loopback: bool,
    /// `timeout_ms`: timeout of one call, at most 10000. Default: 10000.
    pub timeout: Duration,
}

impl StripeConfig {
    pub(super) fn read(mut section: Section<'_>) -> Option<Self> {
        let allow_http = section.flag("allow_http").unwrap_or(false);
        let allow_loopback = section.flag("allow_loopback").unwrap_or(false);
        let is_default = !section.has("base_url");
        let base_url = section
            .url("base_url")
            .or_else(|| Url::parse("https://api.stripe.com").ok().filter(|_| is_default));
        if let Some(url) = &base_url {
            check_grants(&section, "base_url", url, allow_http, allow_loopback);
        }
        let secret_key = section.required_secret("secret_key");
        let versions = versions(&mut section);
        let mismatches = [
            ("refuse", ProfileMismatch::Refuse),
            ("warn", ProfileMismatch::Warn),
            ("ignore", ProfileMismatch::Ignore),
        ];
        let agent_mismatch = section.choice("agent_mismatch", &mismatches).unwrap_or_default();
        let livemode = section.flag("livemode").unwrap_or(false);
        let webhook_secrets = section.one_or_two_secrets("webhook_secrets");
        let hooks = hooks::read(&mut section);
        let order_events = section.optional_section("order_events");
        let order_events = order_events.map(|events| order_events::read(events, secret_key.as_ref()));
        let timeout = section
            .millis("timeout_ms", 1..=10_000)
            .unwrap_or(Duration::from_secs(10));
        section.finish();
        Some(Self {
            base_url: base_url?,
            secret_key: secret_key?,
            versions,
            agent_mismatch,
            livemode,
            webhook_secrets,
            hooks,
            order_events: order_events.flatten(),
            allow_http,
            allow_loopback,
            timeout,
        })
    }
}

fn versions(section: &mut Section<'_>) -> StripeVersions {
    let all = version(section, "version");
    let documented = StripeVersions::default();
    let mut of = |key, documented| version(section, key).or_else(|| all.clone()).unwrap_or(documented);
    StripeVersions {
        granted_tokens: of("granted_tokens_version", documented.granted_tokens),
        payment_records: of("payment_records_version", documented.payment_records),
    }
}

pub(super) fn version(section: &mut Section<'_>, key: &'static str) -> Option<StripeVersion> {
    let text = section.text(key)?;
    let version = StripeVersion::new(&text);
    version
        .map_err(|error| {
            section.error(
                key,
                format!("is {error}"),
                "leave it out, or copy it from Stripe's documentation",
            )
        })
        .ok()
}

/// Plain http and addresses of this machine need an explicit grant, so that neither is used by mistake.
pub(super) fn check_grants(section: &Section<'_>, key: &str, url: &Url, allow_http: bool, allow_loopback: bool) {
    if url.scheme() == "http" && !allow_http {
        section.error(key, "uses plain http", "use https, or set allow_http = true");
    }
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if is_loopback && !allow_loopback {
        section.error(
            key,
            "is an address of this machine",
            "use a public address, or set allow_loopback = true",
        );
    }
    if !url.username().is_empty() || url.password().is_some() {
        section.error(key, "contains a user or a password", "give credentials as secrets");
    }
    if url.query().is_some() || url.fragment().is_some() {
        section.error(key, "has a query or a fragment", "end it with the path");
    }
}
