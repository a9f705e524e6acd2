//! `[merchants.NAME.stripe.order_events]`: where Stripe is told what becomes of orders of its own checkouts.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::check_grants;
use crate::config::section::Section;
use tillhouse_checkout::secret::Secret;
use tillhouse_payments::stripe::StripeVersion;
use tillhouse_payments::webhooks::BodyEncoding;

/// Where Stripe takes order events. Its endpoint is not public, so that all of it is a setting.
#[derive(Debug)]
pub struct StripeOrderEventsConfig {
    /// `url`: the whole URL, without query. Required.
    pub url: Url,
    /// `secret_key`: sent as a bearer key. Default: that of the account.
    pub secret_key: Arc<Secret>,
    /// `version`: the `Stripe-Version` header. Default: none, and so the account's own.
    pub version: Option<StripeVersion>,
    /// `encoding`: how events are written, `form` or `json`. Default: `form`.
    pub encoding: BodyEncoding,
    /// `allow_http`: allows plain http, for a simulator. Default: `false`.
    pub allow_http: bool,
    /// `allow_loopback`: allows loopback and private addresses, for a simulator. Default: `false`.
    pub allow_loopback: bool,
    /// `timeout_ms`: timeout of one delivery attempt, at most 10000. Default: 10000.
    pub timeout: Duration,
}

/// `account_key` is the key of the account.
pub(super) fn read(mut section: Section<'_>, account_key: Option<&Arc<Secret>>) -> Option<StripeOrderEventsConfig> {
    let allow_http = section.flag("allow_http").unwrap_or(false);
    let allow_loopback = section.flag("allow_loopback").unwrap_or(false);
    if !section.has("url") {
        section.missing("url", "give the URL that Stripe has told you for order events");
    }
    let url = section.url("url");
    if let Some(url) = &url {
        check_grants(&section, "url", url, allow_http, allow_loopback);
    }
    let secret_key = match (section.has("secret_key"), account_key) {
        (false, Some(key)) => Some(Arc::clone(key)),
        _ => section.required_secret("secret_key"),
    };
    let version = super::version(&mut section, "version");
    let encodings = [("form", BodyEncoding::Form), ("json", BodyEncoding::Json)];
    let encoding = section.choice("encoding", &encodings).unwrap_or_default();
    let timeout = section
        .millis("timeout_ms", 1..=10_000)
        .unwrap_or(Duration::from_secs(10));
    section.finish();
    Some(StripeOrderEventsConfig {
        url: url?,
        secret_key: secret_key?,
        version,
        encoding,
        allow_http,
        allow_loopback,
        timeout,
    })
}
