//! `[merchants.NAME.adyen.events]` and `[merchants.NAME.adyen.configuration]`: what the host tells Adyen.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::config::acp_services::public_url;
use crate::config::section::Section;
use crate::config::stripe::check_grants;
use tillhouse_checkout::secret::Secret;

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
        section.finish();
        Some(Self {
            url: target.url?,
            api_key: api_key?,
            allow_http: target.allow_http,
            allow_loopback: target.allow_loopback,
            timeout,
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
        section.finish();
        Some(Self {
            url: target.url?,
            public_url,
            api_key: api_key?,
            allow_http: target.allow_http,
            allow_loopback: target.allow_loopback,
        })
    }
}
