//! `[merchants.NAME]`: one merchant, with its protocols and plugins.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::acp_feeds::{AcpFeedConfig, acp_feeds};
use super::adyen::AdyenConfig;
use super::feed::FeedConfig;
use super::plugin::PluginConfig;
use super::protocols::{AcpConfig, StripeAcsConfig};
use super::sandbox::{MaximumLimits, SandboxLimits};
use super::section::Section;
use super::stripe::StripeConfig;
use super::vault::MerchantVaultConfig;
use super::webhooks::{WebhookConfig, webhooks};
use tillhouse_checkout::diagnostic::Diagnostic;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::party_units::Party;

/// Maximum length of a statement descriptor, as card networks define it.
const DESCRIPTOR_MAX: usize = 22;

/// A party whose payment tokens a merchant may take.
struct Issuing {
    units: Party,
    name: &'static str,
    /// Its section of a merchant.
    key: &'static str,
    /// Page with the currencies that it has units for.
    list: &'static str,
}

const STRIPE: Issuing = Issuing {
    units: Party::Stripe,
    name: "Stripe",
    key: "stripe",
    list: "https://docs.stripe.com/currencies",
};

const ADYEN: Issuing = Issuing {
    units: Party::Adyen,
    name: "Adyen",
    key: "adyen",
    list: "https://docs.adyen.com/development-resources/currency-codes",
};

/// A merchant, with its protocols and plugins.
#[derive(Debug)]
pub struct MerchantConfig {
    /// `name`: shown to buyers. Default: the merchant's key in this file.
    pub name: String,
    /// `currency`: ISO 4217, in any case. Required.
    pub currency: Currency,
    /// `hosts`: host names of this merchant, without scheme and port, in lower case. Default: none; only `/m/NAME` works.
    pub hosts: Vec<String>,
    /// `catalog`: path of a CSV file with the columns of the product feed. Default: none; plugins provide the items.
    pub catalog: Option<PathBuf>,
    /// `session_ttl_minutes`: an open checkout expires after this long without a change. Default: 360.
    pub session_ttl: Duration,
    /// `share_sessions`: whether the keys of one protocol may use each other's checkouts. Default: `false`; a checkout belongs to the
    /// name of the key that created it.
    pub share_sessions: bool,
    /// `charge_lower_total`: whether a completion charges a total that has fallen since it was shown, for the same items and options.
    /// Default: `false`; the checkout must be shown again.
    pub charge_lower_total: bool,
    /// `quote_max_age_seconds`: retrieving an open checkout asks the plugins again if they were last asked this long ago. Default: 60.
    pub quote_max_age: Duration,
    /// `max_open_sessions`: most checkouts that one key's name may have open. Default: 100000.
    pub max_open_sessions: u64,
    /// `statement_descriptor`: text on the buyer's statement, at most 22 characters. Default: that of the processor.
    pub statement_descriptor: Option<String>,
    /// `[links]`: absolute URLs of pages for buyers, by kind: `terms_of_use`, `privacy_policy`, `return_policy` …
    pub links: BTreeMap<String, Url>,
    /// `[acp]`: absent if the merchant does not offer the protocol.
    pub acp: Option<AcpConfig>,
    /// `[stripe_acs]`: absent if the merchant does not offer it.
    pub stripe_acs: Option<StripeAcsConfig>,
    /// `[adyen]`: absent if the merchant does not offer Adyen's agentic commerce.
    pub adyen: Option<AdyenConfig>,
    /// `[stripe]`: absent if the merchant does not accept shared payment tokens.
    pub stripe: Option<StripeConfig>,
    /// `[feed]`: absent if the product feed is not uploaded to Stripe.
    pub feed: Option<FeedConfig>,
    /// `[[acp_feeds]]`: agents' endpoints for the product feed.
    pub acp_feeds: Vec<AcpFeedConfig>,
    /// `[vault]`: absent if agents cannot delegate cards to the host.
    pub vault: Option<MerchantVaultConfig>,
    /// `[[webhooks]]`: targets of order events.
    pub webhooks: Vec<WebhookConfig>,
    /// `[limits]`: limits of the merchant's plugins where they differ from `[plugins]`, within `[plugins.maximum]`.
    pub limits: SandboxLimits,
    /// `[[plugins]]`: each serves the capabilities that it exports. Two plugins that serve the same capability are an error.
    pub plugins: Vec<PluginConfig>,
    /// Errors within `[limits]` and `[[plugins]]`; if there are any, the merchant is out of service.
    pub plugin_errors: Vec<Diagnostic>,
}

impl MerchantConfig {
    pub(super) fn read(id: &MerchantId, mut section: Section<'_>, maximum: &MaximumLimits) -> Option<Self> {
        let name = section.text("name").unwrap_or_else(|| id.to_string());
        let currency = currency(&mut section);
        let hosts = hosts(&mut section);
        let catalog = section.path("catalog");
        let minutes: u64 = section.number("session_ttl_minutes", 1..=43_200).unwrap_or(360);
        let share_sessions = section.flag("share_sessions").unwrap_or(false);
        let charge_lower_total = section.flag("charge_lower_total").unwrap_or(false);
        let max_age: u64 = section.number("quote_max_age_seconds", 1..=86_400).unwrap_or(60);
        let max_open_sessions = section.number("max_open_sessions", 1..=10_000_000).unwrap_or(100_000);
        let statement_descriptor = descriptor(&mut section);
        let links = links(section.section("links"));
        let acp = section.optional_section("acp").map(AcpConfig::read);
        let stripe_acs = section.optional_section("stripe_acs").map(StripeAcsConfig::read);
        let adyen = section.optional_section("adyen").map(AdyenConfig::read);
        let stripe = section.optional_section("stripe").map(StripeConfig::read);
        let feed = section
            .optional_section("feed")
            .map(|feed| FeedConfig::read(feed, stripe.as_ref().and_then(Option::as_ref)));
        if feed.is_some() && stripe.is_none() {
            let help = "add [stripe] with the key of the account, or remove [feed]";
            section.error("feed", "is uploaded to a Stripe account, and there is none", help);
        }
        let acp_feeds = acp_feeds(&mut section);
        let vault = section.optional_section("vault").map(MerchantVaultConfig::read);
        let delegates = adyen.iter().flatten().any(|adyen| !adyen.delegate_keys.is_empty());
        if vault.is_some() && acp.is_none() && !delegates {
            section.error(
                "vault",
                "is of no use without [acp] or [adyen.delegate]: agents delegate cards with delegate_payment of ACP, or of Adyen",
                "add [acp] or [adyen.delegate], or remove [vault]",
            );
        }
        if let Some(Some(adyen)) = &adyen {
            check_delegation(&section, adyen, share_sessions, vault.is_some());
            check_callers(&section, adyen, acp.as_ref().and_then(Option::as_ref));
            if adyen.acp.is_some() && acp.is_none() {
                let help = "add [acp], or remove [adyen.acp]";
                section.error("adyen.acp", "is of no use without [acp]", help);
            }
        }
        if let Some(currency) = currency {
            let used = [stripe.is_some().then_some(&STRIPE), adyen.is_some().then_some(&ADYEN)];
            for party in used.into_iter().flatten() {
                check_units(&section, currency, party);
            }
        }
        let webhooks = webhooks(&mut section);
        let before = section.reader().count();
        let limits = section.optional_section("limits").map(|mut section| {
            let limits = SandboxLimits::read(&mut section);
            maximum.check(&limits, &section);
            section.finish();
            limits
        });
        let plugins: Vec<_> = section
            .sections("plugins")
            .into_iter()
            .map(|section| PluginConfig::read(section, currency))
            .collect();
        let plugin_errors = section.reader().since(before);
        section.finish();
        Some(Self {
            name,
            currency: currency?,
            hosts,
            catalog,
            session_ttl: Duration::from_secs(minutes * 60),
            share_sessions,
            max_open_sessions,
            charge_lower_total,
            quote_max_age: Duration::from_secs(max_age),
            statement_descriptor,
            links,
            acp: acp.flatten(),
            stripe_acs: stripe_acs.flatten(),
            adyen: adyen.flatten(),
            stripe: stripe.flatten(),
            feed: feed.flatten(),
            acp_feeds,
            vault,
            webhooks,
            limits: limits.unwrap_or_default(),
            plugins: plugins.into_iter().flatten().collect(),
            plugin_errors,
        })
    }
}

fn currency(section: &mut Section<'_>) -> Option<Currency> {
    let remedy = "give three letters (ISO 4217), for instance \"usd\"";
    let code = section.required("currency", remedy)?;
    Currency::new(&code)
        .map_err(|_| section.error("currency", "is not a currency", remedy))
        .ok()
}

/// A merchant that takes the payment tokens of a party sells in a currency that the party has units for: nothing could be paid otherwise.
fn check_units(section: &Section<'_>, currency: Currency, party: &Issuing) {
    if let Err(error) = party.units.coarse_step(currency) {
        let Issuing { name, key, list, .. } = party;
        section.error(
            "currency",
            format!("cannot be paid with {name}'s payment tokens: {error}"),
            format!("sell in a currency of {list}, or remove the section {key} of this merchant"),
        );
    }
}

/// A card that is delegated in Adyen's shape is kept in the vault, and pays a session of the agent whose name the key has.
fn check_delegation(section: &Section<'_>, adyen: &AdyenConfig, shares_sessions: bool, has_vault: bool) {
    const KEY: &str = "adyen.delegate";
    if !adyen.delegate_keys.is_empty() && !has_vault {
        let help = "add [vault], or remove [adyen.delegate]";
        section.error(
            KEY,
            "is of no use without [vault]: there is no place for the cards",
            help,
        );
    }
    let agents = adyen.agent.iter().flat_map(|agent| &agent.keys);
    let agents: BTreeSet<&str> = agents.map(|key| key.name.as_str()).collect();
    let is_agent = |name: &str| agents.contains(name) || (shares_sessions && !agents.is_empty());
    for key in adyen.delegate_keys.iter().filter(|key| !is_agent(&key.name)) {
        section.error(
            KEY,
            format!(
                "has a key {}, which is not the name of a key in [adyen.agent]",
                key.name
            ),
            "give it the name of the agent whose checkouts its cards pay, or set share_sessions",
        );
    }
}

/// Adyen says that a payment was made, and the merchant delivers: an agent that has Adyen's key could say it too.
fn check_callers(section: &Section<'_>, adyen: &AdyenConfig, acp: Option<&AcpConfig>) {
    let Some(merchant) = &adyen.merchant else { return };
    let agents = adyen.agent.iter().flat_map(|agent| &agent.keys);
    let agents = agents.chain(&adyen.delegate_keys);
    let agents = agents.chain(acp.iter().flat_map(|acp| &acp.keys));
    for agent in agents {
        if let Some(name) = merchant.bearer_key(&agent.sha256) {
            section.error(
                "adyen.merchant",
                format!("has a key {name}, which is the key of the agent {} too", agent.name),
                "give Adyen a key of its own: the party that has it says which payments were made",
            );
        }
    }
}

fn hosts(section: &mut Section<'_>) -> Vec<String> {
    let hosts = section.texts("hosts");
    for host in &hosts {
        let is_name = url::Host::parse(host).is_ok() && !host.contains([':', '/', '[']);
        if !is_name {
            section.error(
                "hosts",
                format!("{host} is not a host name"),
                "write for instance \"shop.example.com\", without scheme and port",
            );
        }
    }
    hosts.into_iter().map(|host| host.to_ascii_lowercase()).collect()
}

fn descriptor(section: &mut Section<'_>) -> Option<String> {
    let text = section.text("statement_descriptor")?;
    let printable = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if text.is_empty() || text.len() > DESCRIPTOR_MAX || !printable {
        section.error(
            "statement_descriptor",
            "is not a valid statement descriptor",
            format!("use 1 to {DESCRIPTOR_MAX} plain ASCII characters"),
        );
    }
    Some(text)
}

fn links(section: Section<'_>) -> BTreeMap<String, Url> {
    let mut links = BTreeMap::new();
    for (kind, value) in section.entries() {
        let url = value.as_str().and_then(|text| Url::parse(text).ok());
        match url.filter(|url| matches!(url.scheme(), "http" | "https")) {
            Some(url) => {
                links.insert(kind.to_owned(), url);
            }
            None => value.error("is not an absolute http or https URL", "write https://host/…"),
        }
    }
    links
}
