//! The feeds of a host: their destinations, as configured, and what operators ask of them.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;

use super::error::StartError;
use super::feed_changes;
use crate::config::{Config, FeedConfig, FeedWay, MerchantConfig, StoreUrl, StripeConfig};
use tillhouse_checkout::feed::preview::FeedPreview;
use tillhouse_checkout::feed::{FeedRowError, FeedUpload};
use tillhouse_checkout::ids::{FeedUploadId, MerchantId};
use tillhouse_checkout::ports::FeedFilter;
use tillhouse_checkout::time::Clock;
use tillhouse_egress::{Client, Upstream};
use tillhouse_feeds::stripe::{CatalogImports, ImportSets, StripeSettings};
use tillhouse_feeds::{
    AbandonError, AskFeed, AskFeedError, Destination, Destinations, FeedService, FeedTimings, PreviewError, STRIPE,
    Transport,
};
use tillhouse_payments::operator::feeds::{DestinationView, FeedOperations, FeedTarget};
use tillhouse_payments::operator::{OperatorError, timestamp};
use tillhouse_store::StoreEngine;

/// What destinations are made of besides the configuration.
pub(super) struct DestinationParts<'a> {
    pub(super) client: &'a Client,
    pub(super) clock: &'a Arc<dyn Clock>,
    pub(super) store: &'a StoreEngine,
    pub(super) timings: &'a FeedTimings,
}

/// Where the merchants' feeds go.
pub(super) fn destinations(config: &Config, parts: &DestinationParts<'_>) -> Result<Destinations, StartError> {
    let mut all = Vec::new();
    for (id, merchant) in &config.merchants {
        let at_stripe = stripe(config, id, merchant, parts);
        all.extend(at_stripe.map_err(|problem| StartError::Invalid(vec![format!("merchants.{id}.{problem}")]))?);
    }
    let agents = feed_changes::destinations(config, parts.store, parts.client, parts.clock);
    all.extend(agents.map_err(|problem| StartError::Invalid(vec![problem]))?);
    Ok(all.into_iter().collect())
}

fn stripe(
    config: &Config,
    id: &MerchantId,
    merchant: &MerchantConfig,
    parts: &DestinationParts<'_>,
) -> Result<Option<Destination>, String> {
    let (Some(feed), Some(account)) = (&merchant.feed, &merchant.stripe) else {
        return Ok(None);
    };
    let settings = stripe_settings(config, feed, account, parts)?;
    let (client, clock) = (parts.client.clone(), Arc::clone(parts.clock));
    let transport: Arc<dyn Transport> = match feed.way {
        FeedWay::ImportSets => Arc::new(ImportSets::new(client, settings, clock)),
        FeedWay::CatalogImports => Arc::new(CatalogImports::new(client, settings, clock)),
    };
    Ok(Some(Destination {
        merchant: id.clone(),
        name: STRIPE.to_owned(),
        transport,
        mode: feed.mode.clone(),
        separator: feed.separator,
        full: feed.full_at.clone(),
        increments: feed.increments,
    }))
}

fn stripe_settings(
    config: &Config,
    feed: &FeedConfig,
    account: &StripeConfig,
    parts: &DestinationParts<'_>,
) -> Result<StripeSettings, String> {
    let upstream = |name: &str, key: &str, url: &url::Url| {
        let mut upstream = Upstream::new(name, url.as_str()).map_err(|error| format!("{key}: {error}"))?;
        upstream.allow_http = account.allow_http;
        upstream.allow_private = account.allow_loopback;
        upstream.timeout = account.timeout;
        Ok::<_, String>(upstream)
    };
    Ok(StripeSettings {
        api: upstream("stripe", "stripe.base_url", &account.base_url)?,
        files: upstream("stripe files", "feed.files_url", &feed.files_url)?,
        key: Arc::clone(&account.secret_key),
        version: feed.version.clone(),
        upload_hosts: feed.upload_hosts.clone(),
        spool: spool(config),
        timings: parts.timings.clone(),
    })
}

/// Folder for files that are rendered and downloaded: beside the store, where there is one on this disk, because a catalog may not fit into
/// a folder in memory.
pub(super) fn spool(config: &Config) -> Option<PathBuf> {
    match &config.store.url {
        StoreUrl::Sqlite { folder } => Some(folder.clone()),
        StoreUrl::Postgres { .. } => None,
    }
}

/// What operators ask of the feeds.
#[derive(Clone, Debug)]
pub(super) struct FeedDesk(pub(super) FeedService);

impl FeedDesk {
    /// The one destination that is meant.
    pub(super) fn target(&self, target: &FeedTarget, by: &str, beside: bool) -> Result<AskFeed, OperatorError> {
        let of_merchant = |it: &&Destination| target.merchant.as_ref().is_none_or(|merchant| it.merchant == *merchant);
        let named = |it: &&Destination| target.destination.as_ref().is_none_or(|name| it.name == *name);
        let destinations = &self.0.parts().destinations;
        let found: Vec<&Destination> = destinations.iter().filter(of_merchant).filter(named).collect();
        match found.as_slice() {
            [one] => Ok(AskFeed {
                merchant: one.merchant.clone(),
                destination: one.name.clone(),
                feed: target.feed.clone(),
                by: by.to_owned(),
                beside,
            }),
            [] => Err(OperatorError::absent(
                "the configuration has no such destination of a feed; add [merchants.NAME.feed]",
            )),
            several => {
                let names: Vec<_> = several
                    .iter()
                    .map(|it| format!("{} {}", it.merchant, it.name))
                    .collect();
                let names = names.join(", ");
                Err(OperatorError::invalid(format!(
                    "name one with --merchant and --to: {names}"
                )))
            }
        }
    }
}

#[async_trait]
impl FeedOperations for FeedDesk {
    fn destinations(&self) -> Vec<DestinationView> {
        let parts = self.0.parts();
        let now = parts.clock.now();
        let view = |it: &Destination| DestinationView {
            merchant: it.merchant.clone(),
            name: it.name.clone(),
            transport: it.transport.kind(),
            mode: it.mode.clone(),
            full_due: it.full.as_ref().and_then(|full| full.next(now)).map(timestamp::text),
            increments_seconds: it.increments.map(|increments| increments.as_secs()),
            audit: self.0.last_audit(&it.merchant, &it.name),
        };
        parts.destinations.iter().map(view).collect()
    }

    async fn preview(&self, target: &FeedTarget, rows: usize) -> Result<FeedPreview, OperatorError> {
        let ask = self.target(target, "preview", false)?;
        self.0.preview(&ask, rows).await.map_err(|error| match error {
            PreviewError::Ask(error) => not_asked(&error),
            PreviewError::Render(error) => OperatorError::unavailable(error.to_string()),
        })
    }

    async fn ask(&self, target: &FeedTarget, beside: bool, by: &str) -> Result<FeedUpload, OperatorError> {
        let ask = self.target(target, by, beside)?;
        self.0.ask_full(&ask).await.map_err(|error| not_asked(&error))
    }

    async fn uploads(&self, filter: &FeedFilter) -> Result<Vec<FeedUpload>, OperatorError> {
        Ok(self.0.parts().queue.feed_uploads(filter).await?)
    }

    async fn upload(&self, id: &FeedUploadId) -> Result<Option<FeedUpload>, OperatorError> {
        Ok(self.0.parts().queue.feed_upload(id).await?)
    }

    async fn errors(&self, id: &FeedUploadId, after: usize, limit: usize) -> Result<Vec<FeedRowError>, OperatorError> {
        Ok(self.0.parts().queue.feed_errors(id, after, limit).await?)
    }

    async fn abandon(&self, id: &FeedUploadId, by: &str) -> Result<FeedUpload, OperatorError> {
        self.0.abandon(id, by).await.map_err(|error| {
            let message = error.to_string();
            match error {
                AbandonError::Absent(_) => OperatorError::absent(message),
                AbandonError::Over(..) => OperatorError::conflict(message),
                AbandonError::Store(_) => OperatorError::unavailable(message),
            }
        })
    }
}

pub(super) fn not_asked(error: &AskFeedError) -> OperatorError {
    let message = error.to_string();
    match error {
        AskFeedError::NoDestination(..) | AskFeedError::NoCatalog(_) | AskFeedError::NoPromotions(_) => {
            OperatorError::absent(message)
        }
        AskFeedError::Unsupported(_) => OperatorError::invalid(message),
        AskFeedError::Busy(_) | AskFeedError::Repeated(_) => OperatorError::conflict(message),
        AskFeedError::Store(_) => OperatorError::unavailable(message),
    }
}
