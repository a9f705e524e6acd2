//! `[merchants.NAME.feed]`: uploads of the product feed to Stripe.

use std::time::Duration;

use url::Url;

use super::section::Section;
use super::stripe::{StripeConfig, check_grants, version};
use tillhouse_catalog::Separator;
use tillhouse_checkout::feed::FeedMode;
use tillhouse_feeds::stripe::{CATALOG_IMPORTS_VERSION, IMPORT_SETS_VERSION, UPLOAD_HOST};
use tillhouse_feeds::{DailyTime, DailyTimeError};

/// Base URL of Stripe's API, and that of its Files API.
const STRIPE_API: &str = "https://api.stripe.com";
const STRIPE_FILES: &str = "https://files.stripe.com";

/// How feeds get to Stripe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedWay {
    /// A file of the Files API and an import set that reads it: `import_sets`.
    ImportSets,
    /// An import with a URL for its file: `catalog_imports`.
    CatalogImports,
}

/// Uploads of a merchant's product feed to its Stripe account.
#[derive(Debug)]
pub struct FeedConfig {
    /// `transport`: `import_sets` (up to 200 MB) or `catalog_imports` (up to 4 GB, and feeds of stock, prices and promotions). Required.
    pub way: FeedWay,
    /// The `Stripe-Version` header: `import_sets_version` or `catalog_imports_version`. Default: the one that Stripe documents.
    pub version: String,
    /// `format`: `csv` or `tsv`. Default: `csv`.
    pub separator: Separator,
    /// `mode`: what an upload of all products, or promotions, does to others: `upsert` leaves them, and deletes those that are gone since
    /// the last upload; `replace` deletes all others, and needs `catalog_imports`. Default: `upsert`.
    pub mode: FeedMode,
    /// `files_url`: base URL of Stripe's Files API. Default: `https://files.stripe.com`, or `base_url` of `[stripe]` where that is set.
    pub files_url: Url,
    /// `upload_hosts`: hosts that Stripe's URLs for files may be at, with their subdomains. Default: `["stripeusercontent.com"]`.
    pub upload_hosts: Vec<String>,
    /// `full_at` and `time_zone`: when all products, and promotions where there are any, are uploaded each day, such as `"03:00"` in
    /// `"Europe/Berlin"`. Default: not by itself, and `"UTC"`.
    pub full_at: Option<DailyTime>,
    /// `increments_seconds`: how often changes of stock and prices are uploaded, 60 to 86400. Default: not by itself.
    pub increments: Option<Duration>,
}

impl FeedConfig {
    pub(super) fn read(mut section: Section<'_>, stripe: Option<&StripeConfig>) -> Option<Self> {
        let ways = [FeedWay::ImportSets, FeedWay::CatalogImports].map(|way| (way.name(), way));
        if !section.has("transport") {
            section.missing("transport", "set \"import_sets\" or \"catalog_imports\"");
        }
        let way = section.choice("transport", &ways);
        let version = versions(&mut section, way);
        let formats = [("csv", Separator::Comma), ("tsv", Separator::Tab)];
        let separator = section.choice("format", &formats).unwrap_or(Separator::Comma);
        let mode = mode(&mut section, way);
        let files_url = files_url(&mut section, stripe);
        let upload_hosts = upload_hosts(&mut section);
        let full_at = daily_time(&mut section);
        let increments = section
            .number("increments_seconds", 60..=86_400)
            .map(Duration::from_secs);
        if increments.is_some() && way == Some(FeedWay::ImportSets) {
            section.error(
                "increments_seconds",
                "needs feeds of stock and prices, which import sets do not take",
                "set transport = \"catalog_imports\", or remove it",
            );
        }
        section.finish();
        Some(Self {
            way: way?,
            version,
            separator,
            mode,
            files_url: files_url?,
            upload_hosts,
            full_at,
            increments,
        })
    }
}

impl FeedWay {
    /// Its name, as `transport` has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ImportSets => "import_sets",
            Self::CatalogImports => "catalog_imports",
        }
    }

    /// The `Stripe-Version` that Stripe documents it with.
    #[must_use]
    pub const fn documented_version(self) -> &'static str {
        match self {
            Self::ImportSets => IMPORT_SETS_VERSION,
            Self::CatalogImports => CATALOG_IMPORTS_VERSION,
        }
    }
}

fn versions(section: &mut Section<'_>, way: Option<FeedWay>) -> String {
    let import_sets = version(section, "import_sets_version").map(|version| version.as_str().to_owned());
    let catalog_imports = version(section, "catalog_imports_version").map(|version| version.as_str().to_owned());
    let way = way.unwrap_or(FeedWay::CatalogImports);
    let configured = match way {
        FeedWay::ImportSets => import_sets,
        FeedWay::CatalogImports => catalog_imports,
    };
    configured.unwrap_or_else(|| way.documented_version().to_owned())
}

fn mode(section: &mut Section<'_>, way: Option<FeedWay>) -> FeedMode {
    let replaces = section
        .choice("mode", &[("upsert", false), ("replace", true)])
        .unwrap_or(false);
    if replaces && way == Some(FeedWay::ImportSets) {
        section.error(
            "mode",
            "is replace, and import sets only upsert",
            "set transport = \"catalog_imports\"; or leave mode out: products that are gone are deleted by rows of their own",
        );
    }
    if replaces { FeedMode::Replace } else { FeedMode::Upsert }
}

fn files_url(section: &mut Section<'_>, stripe: Option<&StripeConfig>) -> Option<Url> {
    if !section.has("files_url") {
        let elsewhere = stripe.map(|stripe| &stripe.base_url).filter(|base| !is_stripe(base));
        return elsewhere.cloned().or_else(|| Url::parse(STRIPE_FILES).ok());
    }
    let url = section.url("files_url")?;
    if let Some(stripe) = stripe {
        check_grants(section, "files_url", &url, stripe.allow_http, stripe.allow_loopback);
    }
    Some(url)
}

fn is_stripe(base: &Url) -> bool {
    base.as_str().trim_end_matches('/') == STRIPE_API
}

fn upload_hosts(section: &mut Section<'_>) -> Vec<String> {
    if !section.has("upload_hosts") {
        return vec![UPLOAD_HOST.to_owned()];
    }
    let hosts = section.texts("upload_hosts");
    for host in &hosts {
        if url::Host::parse(host).is_err() || host.contains(['/', '[']) {
            section.error(
                "upload_hosts",
                format!("{host} is not a host name"),
                format!("write for instance \"{UPLOAD_HOST}\", without scheme and port"),
            );
        }
    }
    hosts.into_iter().map(|host| host.to_ascii_lowercase()).collect()
}

pub(super) fn daily_time(section: &mut Section<'_>) -> Option<DailyTime> {
    let zone = section.text("time_zone");
    let Some(time) = section.text("full_at") else {
        if zone.is_some() {
            section.error("time_zone", "is of no use without full_at", "add full_at, or remove it");
        }
        return None;
    };
    let daily = DailyTime::new(&time, zone.as_deref().unwrap_or("UTC"));
    daily
        .map_err(|error| {
            let key = match error {
                DailyTimeError::Time => "full_at",
                DailyTimeError::Zone => "time_zone",
            };
            section.error(
                key,
                error.to_string(),
                "leave both out to upload only when an operator asks for it",
            );
        })
        .ok()
}
