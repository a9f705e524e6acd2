//! `[[merchants.NAME.webhooks]]`: targets of order events.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::section::Section;
use super::stripe::check_grants;
use tillhouse_checkout::secret::Secret;

/// A webhook target: receives a merchant's order events.
#[derive(Debug)]
pub struct WebhookConfig {
    /// `name`: for logs and the outbox; 1 to 64 lower-case letters, digits, dashes and underscores. Required.
    ///
    /// Queued events refer to it, so that every other setting of a target can change while events are queued.
    pub name: String,
    /// `url`: the whole URL, without query. Required.
    pub url: Url,
    /// `signing_secrets`: one, or two during rotation. Required.
    pub signing_secrets: Vec<Arc<Secret>>,
    /// `release`: the ACP release of the event bodies. Default: the newest.
    pub release: WebhookRelease,
    /// `allow_http`: allows plain http, for a simulator. Default: `false`.
    pub allow_http: bool,
    /// `allow_loopback`: allows loopback and private addresses. Default: `false`.
    pub allow_loopback: bool,
    /// `timeout_ms`: timeout of one delivery attempt, at most 10000. Default: 10000.
    pub timeout: Duration,
}

/// A release of ACP that defines the body of order events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookRelease {
    /// Release of 2025-09-29, `2025-09-29`.
    V2025_09_29,
    /// Release of 2025-12-12, `2025-12-12`.
    V2025_12_12,
    /// Release of 2026-01-16, `2026-01-16`.
    V2026_01_16,
    /// Release of 2026-01-30, `2026-01-30`.
    V2026_01_30,
    /// Release of 2026-04-17, `2026-04-17`.
    V2026_04_17,
}

/// Every webhook target of a merchant.
pub(super) fn webhooks(section: &mut Section<'_>) -> Vec<WebhookConfig> {
    let mut names = HashSet::new();
    let sections = section.sections("webhooks").into_iter();
    let read = sections.map(|section| WebhookConfig::read(section, &mut names));
    read.collect::<Vec<_>>().into_iter().flatten().collect()
}

impl WebhookConfig {
    fn read(mut section: Section<'_>, names: &mut HashSet<String>) -> Option<Self> {
        let name = name(&mut section, names);
        let allow_http = section.flag("allow_http").unwrap_or(false);
        let allow_loopback = section.flag("allow_loopback").unwrap_or(false);
        if !section.has("url") {
            section.missing("url", "give the URL that events are posted to");
        }
        let url = section.url("url");
        if let Some(url) = &url {
            check_grants(&section, "url", url, allow_http, allow_loopback);
        }
        if !section.has("signing_secrets") {
            section.missing(
                "signing_secrets",
                "give the secret that the target verifies signatures with",
            );
        }
        let signing_secrets = section.one_or_two_secrets("signing_secrets");
        let releases = [
            ("2025-09-29", WebhookRelease::V2025_09_29),
            ("2025-12-12", WebhookRelease::V2025_12_12),
            ("2026-01-16", WebhookRelease::V2026_01_16),
            ("2026-01-30", WebhookRelease::V2026_01_30),
            ("2026-04-17", WebhookRelease::V2026_04_17),
        ];
        let release = section
            .choice("release", &releases)
            .unwrap_or(WebhookRelease::V2026_04_17);
        let timeout = section
            .millis("timeout_ms", 1..=10_000)
            .unwrap_or(Duration::from_secs(10));
        section.finish();
        Some(Self {
            name: name?,
            url: url?,
            signing_secrets,
            release,
            allow_http,
            allow_loopback,
            timeout,
        })
    }
}

pub(super) fn name(section: &mut Section<'_>, names: &mut HashSet<String>) -> Option<String> {
    let name = section.required("name", "give the target a name, for logs and the outbox")?;
    if !super::is_id(&name) {
        section.error(
            "name",
            "is not a usable name",
            "use 1 to 64 lower-case letters, digits, dashes and underscores",
        );
    } else if !names.insert(name.clone()) {
        section.error(
            "name",
            format!("{name} is used twice"),
            "give each target a different name",
        );
    }
    Some(name)
}
