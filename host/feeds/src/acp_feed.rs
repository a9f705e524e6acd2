//! ACP's Feed API at an agent's endpoint, as a way of uploads.
//!
//! An agent hosts the feed: it is made once, and its id is remembered with every upload. Products are upserted in batches, each of which
//! replaces whole products. What the API cannot do is delete: an item that is gone is sent as discontinued.

mod api;
mod collecting;
mod export;
mod product;
mod product_keys;
mod products;
mod sending;
mod settings;
mod variant;

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::Mutex;

use tillhouse_checkout::feed::{FeedStatus, FeedTransport, FeedType, FeedUpload, RemoteIds};
use tillhouse_checkout::ports::{CatalogStore, FeedFilter, FeedQueue, StoreError};
use tillhouse_checkout::time::Clock;
use tillhouse_egress::Client;

pub use export::{ExportError, Exported, export};
pub use settings::{API_VERSION, AcpFeedSettings, IncrementForm, Seller, SellerLink};

use super::feed_file::FeedFile;
use super::transport::{Progress, Transport, TransportError};
use api::FeedApi;
use collecting::Collector;
use products::ProductSource;
use sending::{Batch, Sending};

/// What the transport works with.
#[derive(Clone, Debug)]
pub struct AcpFeedParts {
    /// The catalogs that products are rendered from.
    pub catalogs: Arc<dyn CatalogStore>,
    /// The uploads, with the ids of feeds, and what was uploaded before.
    pub queue: Arc<dyn FeedQueue>,
    /// The client of outgoing HTTP.
    pub client: Client,
    /// Source of the current time.
    pub clock: Arc<dyn Clock>,
    /// Folder for files without a name; `None` for that of the system.
    pub spool: Option<PathBuf>,
}

/// Uploads to one agent.
#[derive(Debug)]
pub struct AcpFeedTransport {
    api: FeedApi,
    queue: Arc<dyn FeedQueue>,
    collector: Collector,
    /// The upload that is being sent, as far as it is: a destination has one at a time.
    sending: Mutex<Option<Sending>>,
}

impl AcpFeedTransport {
    /// Uploads to the agent of these settings.
    #[must_use]
    pub fn new(settings: AcpFeedSettings, parts: AcpFeedParts) -> Self {
        let source = ProductSource {
            catalogs: parts.catalogs,
            queue: Arc::clone(&parts.queue),
            spool: parts.spool,
            seller: settings.seller.clone(),
        };
        Self {
            collector: Collector::new(source, settings.increments),
            queue: parts.queue,
            api: FeedApi {
                client: parts.client,
                settings,
                clock: parts.clock,
            },
            sending: Mutex::new(None),
        }
    }

    /// The feed that the upload goes into: that of the configuration, that of an earlier upload, or a new one.
    async fn find_feed(&self, upload: &FeedUpload) -> Result<Progress, TransportError> {
        let known = match &self.api.settings.feed_id {
            Some(id) => Some(id.clone()),
            None => self.earlier_feed(upload).await.map_err(unavailable)?,
        };
        let feed = match known {
            Some(feed) => feed,
            None => self.api.create(format!("{}-feed", upload.id)).await?,
        };
        Ok(uploading(feed, None, false, 0))
    }

    async fn earlier_feed(&self, upload: &FeedUpload) -> Result<Option<String>, StoreError> {
        let filter = FeedFilter {
            merchant: Some(upload.merchant.clone()),
            destination: Some(upload.destination.clone()),
            with_file: true,
            limit: 1,
            ..FeedFilter::default()
        };
        // Another transport has another name: `stripe`.
        let newest = self.queue.feed_uploads(&filter).await?.into_iter().next();
        let newest = newest.filter(|newest| newest.transport == FeedTransport::AcpFeed);
        Ok(newest.and_then(|newest| newest.remote.file))
    }

    /// The agent has lost the feed. An upload of all products makes another, under a key that belongs to the lost one.
    async fn replace_feed(&self, upload: &FeedUpload, lost: &str) -> Result<Progress, TransportError> {
        if let Some(feed) = &self.api.settings.feed_id {
            return Err(TransportError::Refused(format!(
                "the agent does not know the feed {feed}; correct feed_id, or remove it and have the host make a feed"
            )));
        }
        if upload.feed != FeedType::Product {
            return Err(TransportError::Refused(format!(
                "the agent does not know the feed {lost} any more; upload all products, which makes another"
            )));
        }
        let feed = self.api.create(format!("{}-feed-after-{lost}", upload.id)).await?;
        Ok(uploading(feed, None, false, 0))
    }

    async fn send_batch(&self, upload: &FeedUpload, file: &FeedFile) -> Result<Progress, TransportError> {
        let Some(feed) = &upload.remote.file else {
            return self.find_feed(upload).await;
        };
        let mut kept = self.sending.lock().await;
        let mut sending = match kept.take().filter(|sending| sending.continues(upload)) {
            Some(sending) => sending,
            None => Sending::begin(&self.collector, upload, file)
                .await
                .map_err(unavailable)?,
        };
        match sending.send_batch(&self.api, feed).await {
            Ok(Batch::Sent(update)) => {
                let update = update.or_else(|| upload.remote.import.clone());
                let moved = uploading(feed.clone(), update, sending.has_refusals(), sending.position());
                *kept = Some(sending);
                Ok(moved)
            }
            Ok(Batch::UnknownFeed) => self.replace_feed(upload, feed).await,
            Ok(Batch::End) => Ok(sending.end()),
            Err(error) => {
                *kept = Some(sending);
                Err(error)
            }
        }
    }
}

#[async_trait]
impl Transport for AcpFeedTransport {
    fn kind(&self) -> FeedTransport {
        FeedTransport::AcpFeed
    }

    fn max_file(&self) -> (u64, &'static str) {
        (u64::MAX, "")
    }

    fn sends_files(&self) -> bool {
        false
    }

    fn refuses(&self, feed: &FeedType) -> Option<String> {
        let is_sent = matches!(feed, FeedType::Product | FeedType::Inventory | FeedType::Pricing);
        let reason = || {
            format!("ACP's Feed API of {API_VERSION} has products, with their prices and stock, and no feed of {feed}")
        };
        (!is_sent).then(reason)
    }

    async fn advance(&self, upload: &FeedUpload, file: &FeedFile) -> Result<Progress, TransportError> {
        match upload.status {
            FeedStatus::Asked => self.find_feed(upload).await,
            _ => self.send_batch(upload, file).await,
        }
    }
}

/// As far as the upload is. `has_refusals` is kept, because which products were refused is in memory only: without that memory the upload
/// is sent again from its beginning.
fn uploading(feed: String, update: Option<String>, has_refusals: bool, sent: u64) -> Progress {
    Progress::Moved {
        status: FeedStatus::Uploading,
        remote: RemoteIds {
            file: Some(feed),
            import: update,
            errors: has_refusals.then(|| "refused".to_owned()),
            ..RemoteIds::default()
        },
        sent: Some(sent),
    }
}

fn unavailable(error: StoreError) -> TransportError {
    TransportError::temporary(error.to_string())
}
