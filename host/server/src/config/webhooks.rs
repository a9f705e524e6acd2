//! `[[merchants.NAME.webhooks]]`.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::section::Section;
use super::stripe::check_grants;
use tillhouse_checkout::secret::Secret;

/// Who is told of a merchant's orders.
#[derive(Debug)]
pub struct WebhookConfig {
    /// `name`: for logs and the outbox; 1 to 64 lower-case letters, digits, dashes and underscores. Required.
    ///
    /// Events that wait are kept by it, so that everything else of a target can change under them.
    pub name: String,
    /// `url`: the whole URL, without query. Required.
    pub url: Url,
    /// `signing_secrets`: one, or two while one is replaced by the other. Required.
    pub signing_secrets: Vec<Arc<Secret>>,
    /// `release`: the release of ACP that bodies are written in. The newest.
    pub release: WebhookRelease,
    /// `allow_http`: plain http is allowed, for a simulator. `false`.
    pub allow_http: bool,
    /// `allow_loopback`: loopback and private addresses are allowed. `false`.
    pub allow_loopback: bool,
    /// `timeout_ms`: of one try, at most 10000. 10000.
    pub timeout: Duration,
}

/// A release of ACP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookRelease {
    /// `2025-09-29`.
    V2025_09_29,
    /// `2026-04-17`.
    V2026_04_17,
}

/// Every target of a merchant.
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

fn name(section: &mut Section<'_>, names: &mut HashSet<String>) -> Option<String> {
    let name = section.required("name", "give the target a name, for logs and the outbox")?;
    if !super::is_id(&name) {
        section.wrong(
            "name",
            "is not a usable name",
            "use 1 to 64 lower-case letters, digits, dashes and underscores",
        );
    } else if !names.insert(name.clone()) {
        section.wrong(
            "name",
            format!("{name} is given twice"),
            "give each target a name of its own",
        );
    }
    Some(name)
}
