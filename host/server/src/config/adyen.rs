//! `[merchants.NAME.adyen]`: Adyen's agentic commerce.

mod merchant;
mod outgoing;

pub use merchant::{AdyenAuthConfig, AdyenMerchantConfig};
pub(super) use merchant::{MAX_MEMBER, is_path};
pub use outgoing::{AdyenConfigurationConfig, AdyenEventsConfig};

use super::protocols::{KeyConfig, keys};
use super::section::Section;

/// Most characters of an account and of the name of a payment method.
const MAX_NAME: usize = 100;

/// Values of `payment_data.provider` that the host knows: Adyen's tokens, those of its own vault, and Stripe's.
const PROVIDERS: [&str; 3] = ["adyen", "tillhouse", "stripe"];

/// What the merchant offers of Adyen's agentic commerce.
#[derive(Debug)]
pub struct AdyenConfig {
    /// `company_account`: the company account, part of the agent's paths. Required.
    pub company_account: String,
    /// `merchant_account`: the merchant account, shown to agents and named in calls to Adyen. Required.
    pub merchant_account: String,
    /// `payment_methods`: shown to agents. Default: `scheme`, `googlepay`, `applepay`.
    pub payment_methods: Vec<String>,
    /// `[agent]`: the dialect of Adyen's agents; absent if the merchant does not serve it.
    pub agent: Option<AdyenAgentConfig>,
    /// `[merchant]`: the calls of Adyen to the merchant; absent if the merchant does not serve them.
    pub merchant: Option<AdyenMerchantConfig>,
    /// `[delegate]` with `keys`: keys of `delegate_payment` in Adyen's shape, named like the keys of the agents whose sessions they pay.
    /// Empty if it is not served.
    pub delegate_keys: Vec<KeyConfig>,
    /// `[acp]`: Adyen as a payment provider of the Agentic Commerce Protocol; absent if that has other providers only.
    pub acp: Option<AdyenAcpConfig>,
    /// `[events]`: where Adyen takes what becomes of orders after the sale; absent if it is not told.
    pub events: Option<AdyenEventsConfig>,
    /// `[configuration]`: where `tillhouse adyen register` says which endpoints the merchant has.
    pub configuration: Option<AdyenConfigurationConfig>,
}

/// The dialect of Adyen's agents.
#[derive(Debug)]
pub struct AdyenAgentConfig {
    /// `keys`: bearer keys of the agents; at least one.
    pub keys: Vec<KeyConfig>,
    /// `unknown_fields`: `refuse` or `ignore` members of requests that the dialect does not have. Default: `refuse`.
    pub ignores_unknown_fields: bool,
    /// `providers`: values of `payment_data.provider` that are taken. Default: `adyen`.
    pub providers: Vec<String>,
}

/// Adyen as a payment provider of the Agentic Commerce Protocol: releases with payment handlers advertise one for cards that are delegated
/// to Adyen, under the merchant account.
#[derive(Clone, Copy, Debug)]
pub struct AdyenAcpConfig {
    /// `older_releases`: whether sessions of releases before 2026-01-30, which have no payment handlers, name Adyen as their payment
    /// provider. Their schemas know Stripe alone. Default: `false`.
    pub older_releases: bool,
}

impl AdyenConfig {
    pub(super) fn read(mut section: Section<'_>) -> Option<Self> {
        let company_account = account(
            &mut section,
            "company_account",
            "give the company account, as it is written in the agent's URL",
        );
        let merchant_account = account(
            &mut section,
            "merchant_account",
            "give the merchant account that payments are made with",
        );
        let payment_methods = payment_methods(&mut section);
        let agent = section.optional_section("agent").map(AdyenAgentConfig::read);
        let merchant = section.optional_section("merchant").map(AdyenMerchantConfig::read);
        let delegate = section.optional_section("delegate").map(|mut section| {
            let keys = keys(&mut section, false);
            section.finish();
            keys
        });
        let acp = section.optional_section("acp").map(AdyenAcpConfig::read);
        let events = section.optional_section("events").map(AdyenEventsConfig::read);
        let events_key = events.iter().flatten().map(|events| &events.api_key).next();
        let configuration = section
            .optional_section("configuration")
            .map(|section| AdyenConfigurationConfig::read(section, events_key));
        section.finish();
        Some(Self {
            company_account: company_account?,
            merchant_account: merchant_account?,
            payment_methods,
            agent,
            merchant: merchant.flatten(),
            delegate_keys: delegate.unwrap_or_default(),
            acp,
            events: events.flatten(),
            configuration: configuration.flatten(),
        })
    }
}

impl AdyenAcpConfig {
    fn read(mut section: Section<'_>) -> Self {
        let older_releases = section.flag("older_releases").unwrap_or(false);
        section.finish();
        Self { older_releases }
    }
}

impl AdyenAgentConfig {
    fn read(mut section: Section<'_>) -> Self {
        let keys = keys(&mut section, false);
        let ignores_unknown_fields = section
            .choice("unknown_fields", &[("refuse", false), ("ignore", true)])
            .unwrap_or(false);
        let providers = providers(&mut section);
        section.finish();
        Self {
            keys,
            ignores_unknown_fields,
            providers,
        }
    }
}

fn account(section: &mut Section<'_>, key: &'static str, help: &'static str) -> Option<String> {
    let text = section.required(key, help)?;
    if !is_name(&text) {
        let limit = format!("use 1 to {MAX_NAME} visible ASCII characters without / ? # %");
        section.error(key, "is not an account of Adyen", limit);
    }
    Some(text)
}

fn payment_methods(section: &mut Section<'_>) -> Vec<String> {
    if !section.has("payment_methods") {
        return ["scheme", "googlepay", "applepay"].map(String::from).to_vec();
    }
    let methods = section.texts("payment_methods");
    if !are_names(&methods) {
        section.error(
            "payment_methods",
            "is empty, or has an empty or too long name",
            format!("give names of 1 to {MAX_NAME} ASCII characters, for instance [\"scheme\"], or leave it out"),
        );
    }
    methods
}

fn providers(section: &mut Section<'_>) -> Vec<String> {
    if !section.has("providers") {
        return vec!["adyen".to_owned()];
    }
    let providers = section.texts("providers");
    let known = |provider: &String| PROVIDERS.contains(&provider.as_str());
    if providers.is_empty() || !providers.iter().all(known) {
        section.error(
            "providers",
            "is empty, or names a provider that the host does not know",
            format!("give some of {}, or leave it out for \"adyen\"", PROVIDERS.join(", ")),
        );
    }
    providers
}

fn are_names(names: &[String]) -> bool {
    !names.is_empty() && names.iter().all(|name| is_name(name))
}

/// Whether this can be an account or a name in a URL: visible ASCII without what has a meaning there.
fn is_name(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'/' | b'?' | b'#' | b'%');
    (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(is_plain)
}
