//! `[merchants.NAME.adyen.events]` and `[merchants.NAME.adyen.configuration]`: what the host tells Adyen.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::merchant::MAX_MEMBER;
use crate::config::acp_services::public_url;
use crate::config::section::Section;
use crate::config::stripe::check_grants;
use tillhouse_checkout::secret::Secret;
use tillhouse_protocols::{AdyenConfiguration, AdyenEventForm, OutgoingNames};

/// Where Adyen takes what becomes of orders after the sale.
#[derive(Debug)]
pub struct AdyenEventsConfig {
    /// `url`: the whole URL, without query. Required.
    pub url: Url,
    /// `api_key`: sent as `X-API-Key`. Required.
    pub api_key: Arc<Secret>,
    /// `allow_http`: allows plain http, for a simulator. Default: `false`.
    pub allow_http: bool,
    /// `allow_loopback`: allows loopback and private addresses, for a simulator. Default: `false`.
    pub allow_loopback: bool,
    /// `timeout_ms`: timeout of one delivery attempt, at most 10000. Default: 10000.
    pub timeout: Duration,
    /// `[names]` and `[types]`: what the body calls its members and the steps of an order, where Adyen expects other words than ours.
    pub form: AdyenEventForm,
}

/// Where `tillhouse adyen register` says which endpoints the merchant has.
#[derive(Debug)]
pub struct AdyenConfigurationConfig {
    /// `url`: the whole URL, without query. Required.
    pub url: Url,
    /// `public_url`: URL of the merchant's endpoints as Adyen reaches it, without a slash at its end. Default: `https://` and the first
    /// of `hosts`.
    pub public_url: Option<String>,
    /// `api_key`: sent as `X-API-Key`. Default: that of `[events]`.
    pub api_key: Arc<Secret>,
    /// `allow_http`: allows plain http, for a simulator. Default: `false`.
    pub allow_http: bool,
    /// `allow_loopback`: allows loopback and private addresses, for a simulator. Default: `false`.
    pub allow_loopback: bool,
    /// `[names]`: what the body calls its members, where Adyen expects other words than ours.
    pub names: OutgoingNames,
}

/// The URL of a service of Adyen, and what is allowed there.
struct Target {
    url: Option<Url>,
    allow_http: bool,
    allow_loopback: bool,
}

impl Target {
    fn read(section: &mut Section<'_>, help: &'static str) -> Self {
        let allow_http = section.flag("allow_http").unwrap_or(false);
        let allow_loopback = section.flag("allow_loopback").unwrap_or(false);
        if !section.has("url") {
            section.missing("url", help);
        }
        let url = section.url("url");
        if let Some(url) = &url {
            check_grants(section, "url", url, allow_http, allow_loopback);
        }
        Self {
            url,
            allow_http,
            allow_loopback,
        }
    }
}

impl AdyenEventsConfig {
    pub(super) fn read(mut section: Section<'_>) -> Option<Self> {
        let target = Target::read(&mut section, "give the URL that Adyen takes events at");
        let api_key = section.required_secret("api_key");
        let timeout = section
            .millis("timeout_ms", 1..=10_000)
            .unwrap_or(Duration::from_secs(10));
        let form = AdyenEventForm {
            names: names(&mut section, &AdyenEventForm::MEMBERS),
            types: words(section.section("types"), &AdyenEventForm::TYPES, 1),
        };
        section.finish();
        Some(Self {
            url: target.url?,
            api_key: api_key?,
            allow_http: target.allow_http,
            allow_loopback: target.allow_loopback,
            timeout,
            form,
        })
    }
}

impl AdyenConfigurationConfig {
    pub(super) fn read(mut section: Section<'_>, events_key: Option<&Arc<Secret>>) -> Option<Self> {
        let target = Target::read(&mut section, "give the URL that Adyen takes the configuration at");
        let public_url = public_url(&mut section);
        let api_key = match (section.has("api_key"), events_key) {
            (false, Some(key)) => Some(Arc::clone(key)),
            _ => section.required_secret("api_key"),
        };
        let names = names(&mut section, &AdyenConfiguration::MEMBERS);
        section.finish();
        Some(Self {
            url: target.url?,
            public_url,
            api_key: api_key?,
            allow_http: target.allow_http,
            allow_loopback: target.allow_loopback,
            names,
        })
    }
}

/// Names for members of a body, by their paths in it; an empty one leaves the member out.
fn names(section: &mut Section<'_>, known: &[&str]) -> OutgoingNames {
    let given = words(section.section("names"), known, 0);
    OutgoingNames::new(known, given).unwrap_or_else(|path| {
        let message = format!("gives another member of its object the name that {path} has");
        section.error("names", message, "give each member of an object a name of its own");
        OutgoingNames::default()
    })
}

/// Words that stand for those that we know, each of at least so many bytes.
fn words(section: Section<'_>, known: &[&str], least: usize) -> BTreeMap<String, String> {
    let mut words = BTreeMap::new();
    for (ours, value) in section.entries() {
        let is_word = |text: &&str| (least..=MAX_MEMBER).contains(&text.len()) && !text.chars().any(char::is_control);
        match value.as_str().filter(is_word) {
            _ if !known.contains(&ours) => {
                value.error("is not in the body", format!("use one of: {}", known.join(", ")));
            }
            Some(theirs) => {
                if theirs != ours {
                    words.insert(ours.to_owned(), theirs.to_owned());
                }
            }
            None => value.error("is not a name", format!("give {least} to {MAX_MEMBER} bytes of text")),
        }
    }
    words
}
