//! `[[merchants.NAME.acp_feeds]]`: agents' endpoints for feeds, as ACP 2026-04-17 defines them.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::feed::daily_time;
use super::section::Section;
use super::stripe::check_grants;
use super::webhooks::name;
use tillhouse_checkout::secret::Secret;
use tillhouse_feeds::acp_feed::{IncrementForm, Seller, SellerLink};
use tillhouse_feeds::{DailyTime, STRIPE};

/// Megabytes that most servers take of a request, and what is left of them for headers.
const MOST_BATCH_BYTES: u64 = 8 << 20;

/// An agent's endpoint for feeds.
#[derive(Debug)]
pub struct AcpFeedConfig {
    /// `name`: for verbs and logs; 1 to 64 lower-case letters, digits, dashes and underscores. Required.
    pub name: String,
    /// `url`: where the API is; `/feeds` is below it. Required.
    pub url: Url,
    /// `key`: the key that the agent gave the merchant. Required.
    pub key: Arc<Secret>,
    /// `target_country`: the country that the feed is for, as two letters. Default: none.
    pub target_country: Option<String>,
    /// `feed_id`: the id of a feed that the agent has made. Default: the host makes one, and remembers its id.
    pub feed_id: Option<String>,
    /// `seller` and `[[seller_links]]` with `type`, `title` and `url`: who sells, as agents show it. Default: nothing of it.
    pub seller: Option<Seller>,
    /// `increments`: what is sent of a product of which a variant has changed: `products`, whole, or `variants`, for an agent that says
    /// that it merges them. Default: `products`.
    pub increment_form: IncrementForm,
    /// `batch_products`: most products in one request, 1 to 10000. Default: 200.
    pub batch_products: usize,
    /// `batch_kb`: most kilobytes of one request, 16 to 8192. Default: 1024.
    pub batch_bytes: usize,
    /// `full_at` and `time_zone`: when all products are uploaded each day. Default: not by itself, and `"UTC"`.
    pub full_at: Option<DailyTime>,
    /// `increments_seconds`: how often what has changed is uploaded, 1 to 86400. Default: not by itself.
    pub increments: Option<Duration>,
    /// `allow_http`: allows plain http, for a simulator. Default: `false`.
    pub allow_http: bool,
    /// `allow_loopback`: allows loopback and private addresses. Default: `false`.
    pub allow_loopback: bool,
    /// `timeout_ms`: timeout of one request, at most 60000. Default: 15000.
    pub timeout: Duration,
}

/// Every endpoint of a merchant.
pub(super) fn acp_feeds(section: &mut Section<'_>) -> Vec<AcpFeedConfig> {
    let mut names = HashSet::from([STRIPE.to_owned()]);
    let sections = section.sections("acp_feeds").into_iter();
    let read = sections.map(|section| AcpFeedConfig::read(section, &mut names));
    read.collect::<Vec<_>>().into_iter().flatten().collect()
}

impl AcpFeedConfig {
    fn read(mut section: Section<'_>, names: &mut HashSet<String>) -> Option<Self> {
        let name = name(&mut section, names);
        let allow_http = section.flag("allow_http").unwrap_or(false);
        let allow_loopback = section.flag("allow_loopback").unwrap_or(false);
        if !section.has("url") {
            section.missing("url", "give the base URL of the agent's Feed API");
        }
        let url = section.url("url");
        if let Some(url) = &url {
            check_grants(&section, "url", url, allow_http, allow_loopback);
        }
        let key = section.required_secret("key");
        let target_country = country(&mut section);
        let feed_id = section.text("feed_id");
        let seller = seller(&mut section);
        let forms = [
            ("products", IncrementForm::Products),
            ("variants", IncrementForm::Variants),
        ];
        let increment_form = section.choice("increments", &forms).unwrap_or_default();
        let batch_products = section.number("batch_products", 1..=10_000).unwrap_or(200);
        let kilobytes = section
            .number("batch_kb", 16..=MOST_BATCH_BYTES >> 10)
            .unwrap_or(1024_usize);
        let full_at = daily_time(&mut section);
        let increments = section
            .number("increments_seconds", 1..=86_400)
            .map(Duration::from_secs);
        let timeout = section.millis("timeout_ms", 1..=60_000);
        section.finish();
        Some(Self {
            name: name?,
            url: url?,
            key: key?,
            target_country,
            feed_id,
            seller,
            increment_form,
            batch_products,
            batch_bytes: kilobytes << 10,
            full_at,
            increments,
            allow_http,
            allow_loopback,
            timeout: timeout.unwrap_or(Duration::from_secs(15)),
        })
    }
}

fn country(section: &mut Section<'_>) -> Option<String> {
    let code = section.text("target_country")?;
    if code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
        section.error(
            "target_country",
            format!("{code:?} is not the code of a country"),
            "write two capital letters (ISO 3166-1), for instance \"US\"",
        );
    }
    Some(code)
}

fn seller(section: &mut Section<'_>) -> Option<Seller> {
    let name = section.text("seller");
    let links = section.sections("seller_links").into_iter().filter_map(link);
    let seller = Seller {
        name,
        links: links.collect(),
    };
    (seller != Seller::default()).then_some(seller)
}

fn link(mut section: Section<'_>) -> Option<SellerLink> {
    let kind = section.required(
        "type",
        "give for instance \"refund_policy\", \"shipping_policy\" or \"faq\"",
    );
    let title = section.text("title");
    if !section.has("url") {
        section.missing("url", "give the address of the page");
    }
    let url = section.url("url");
    section.finish();
    Some(SellerLink {
        kind: kind?,
        title,
        url: url?,
    })
}
