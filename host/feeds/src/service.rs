//! What can be asked of the feeds of a host.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::json;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use tillhouse_checkout::catalog::{CatalogKind, CatalogVersion};
use tillhouse_checkout::feed::{FeedCounts, FeedMode, FeedStatus, FeedTransport, FeedType, FeedUpload, RemoteIds};
use tillhouse_checkout::ids::{FeedUploadId, MerchantId};
use tillhouse_checkout::ports::{CatalogStore, CommitError, FeedEvents, FeedFilter, StoreError, catalogs_of};

use super::destination::Destination;
use super::drift::LastAudits;
use super::hooks::CountedStock;
use super::hurried::Hurried;
use super::parts::FeedParts;
use super::upload_rows::{IncrementRow, UploadRows};
use super::versions::ENDED_WELL;

/// The feeds of one host. Cheap to clone.
#[derive(Clone, Debug)]
pub struct FeedService {
    pub(crate) parts: Arc<FeedParts>,
    pub(crate) stock: Option<Arc<dyn CountedStock>>,
    pub(crate) wake: Arc<Notify>,
    pub(crate) hurried: Hurried,
    pub(crate) audits: LastAudits,
}

/// An upload of all items that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskFeed {
    /// Merchant whose feed it is.
    pub merchant: MerchantId,
    /// Name of the destination.
    pub destination: String,
    /// What its rows are about.
    pub feed: FeedType,
    /// Who asks: `operator:ada`, `schedule`.
    pub by: String,
    /// Whether it may run beside another upload to the destination: which of the two counts in the end is not certain then.
    pub beside: bool,
}

/// Why an upload was not asked for.
#[derive(Debug, thiserror::Error)]
pub enum AskFeedError {
    /// The merchant has no such destination.
    #[error("merchant {0} has no feed destination {1}; add [merchants.{0}.feed] to the configuration")]
    NoDestination(MerchantId, String),
    /// Nothing was imported yet.
    #[error("merchant {0} has no catalog to upload; import one with tillhouse catalog import")]
    NoCatalog(MerchantId),
    /// Promotions were not imported yet.
    #[error("merchant {0} has no promotions to upload; import them with tillhouse catalog import --feed promotion")]
    NoPromotions(MerchantId),
    /// The transport does not take such a feed.
    #[error("{0}")]
    Unsupported(String),
    /// Another upload to the destination is open.
    #[error(
        "upload {0} to this destination is open, and which of two is taken last is not certain; wait for it, abandon it, or use --beside"
    )]
    Busy(FeedUploadId),
    /// An upload with the same id was asked for already.
    #[error("upload {0} was asked for already")]
    Repeated(FeedUploadId),
    /// The store gave no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an upload was not abandoned.
#[derive(Debug, thiserror::Error)]
pub enum AbandonError {
    /// There is no such upload.
    #[error("there is no upload {0}")]
    Absent(FeedUploadId),
    /// It is not open any more.
    #[error("upload {0} is over: {1}")]
    Over(FeedUploadId, FeedStatus),
    /// The store gave no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl FeedService {
    /// Feeds of these parts. No worker runs yet.
    #[must_use]
    pub fn new(parts: Arc<FeedParts>) -> Self {
        Self {
            parts,
            stock: None,
            wake: Arc::default(),
            hurried: Hurried::default(),
            audits: LastAudits::default(),
        }
    }

    /// The same, with stock that is counted beside the catalog.
    #[must_use]
    pub fn with_counted(self, stock: Arc<dyn CountedStock>) -> Self {
        Self {
            stock: Some(stock),
            ..self
        }
    }

    /// The parts that it is made of.
    #[must_use]
    pub fn parts(&self) -> &Arc<FeedParts> {
        &self.parts
    }

    /// Start the workers, where there is a destination. Each stops once the token is cancelled.
    pub fn spawn_workers(&self, workers: &TaskTracker, stop: &CancellationToken) {
        if self.parts.destinations.is_empty() {
            return;
        }
        workers.spawn(self.clone().run(stop.clone()));
        workers.spawn(self.clone().keep_schedule(stop.clone()));
    }

    /// The catalogs that rows of such a feed are of.
    pub(crate) fn catalogs_of(&self, feed: &FeedType) -> Arc<dyn CatalogStore> {
        catalogs_of(&self.parts.catalogs, feed.kind())
    }

    pub(crate) fn destination(&self, merchant: &MerchantId, name: &str) -> Result<&Destination, AskFeedError> {
        let found = self.parts.destinations.get(merchant, name);
        found.ok_or_else(|| AskFeedError::NoDestination(merchant.clone(), name.to_owned()))
    }

    /// Ask for an upload of all items, as the catalog in force has them.
    ///
    /// # Errors
    /// Why nothing was asked for.
    pub async fn ask_full(&self, ask: &AskFeed) -> Result<FeedUpload, AskFeedError> {
        let id = FeedUploadId::new(self.parts.ids.next("feed"));
        self.ask_with_id(id, ask).await
    }

    pub(crate) async fn ask_with_id(&self, id: FeedUploadId, ask: &AskFeed) -> Result<FeedUpload, AskFeedError> {
        let destination = self.destination(&ask.merchant, &ask.destination)?;
        let mut upload = self.draft(id, destination, &ask.feed, &ask.by).await?;
        let rows = self.rows_of_all(&upload).await?;
        upload.rows = (rows != UploadRows::default()).then(|| json!(rows));
        self.insert(upload, !ask.beside).await
    }

    /// Ask for an upload of what is new of some items, which the destination has already.
    ///
    /// # Errors
    /// Why nothing was asked for: [`AskFeedError::Busy`] while another upload to the destination is open.
    pub async fn ask_increment(
        &self,
        merchant: &MerchantId,
        destination: &str,
        feed: &FeedType,
        mut rows: Vec<IncrementRow>,
        by: &str,
    ) -> Result<FeedUpload, AskFeedError> {
        let destination = self.destination(merchant, destination)?;
        let id = FeedUploadId::new(self.parts.ids.next("feed"));
        let mut upload = self.draft(id, destination, feed, by).await?;
        rows.sort_by(|one, other| one.id.cmp(&other.id));
        rows.dedup_by(|one, other| one.id == other.id);
        let rows = UploadRows {
            increment: Some(rows),
            ..UploadRows::default()
        };
        upload.rows = Some(json!(rows));
        self.insert(upload, true).await
    }

    /// The rows of an upload of all items that are not the catalog's own.
    pub(crate) async fn rows_of_all(&self, upload: &FeedUpload) -> Result<UploadRows, StoreError> {
        let counted = match (&self.stock, &upload.feed) {
            (Some(stock), FeedType::Product | FeedType::Inventory) => {
                stock.counted(&upload.merchant, upload.version).await?
            }
            _ => Default::default(),
        };
        // What is gone is deleted by what is remembered of earlier uploads; ACP is told more of it than its id.
        let is_told = upload.transport == FeedTransport::AcpFeed && !upload.feed.is_increment();
        let deleted_since = match is_told && upload.mode == FeedMode::Upsert {
            true => self.last_basis(upload).await?,
            false => None,
        };
        Ok(UploadRows {
            increment: None,
            counted,
            deleted_since,
        })
    }

    /// The version that the destination has, if another one is uploaded now and its rows are still known.
    async fn last_basis(&self, upload: &FeedUpload) -> Result<Option<CatalogVersion>, StoreError> {
        let last = self.last_full(&upload.merchant, &upload.destination).await?;
        let Some(version) = last
            .map(|last| last.version)
            .filter(|version| *version < upload.version)
        else {
            return Ok(None);
        };
        let catalogs = &self.parts.catalogs;
        let first = catalogs.catalog_page(&upload.merchant, version, None, 1).await?;
        Ok((!first.is_empty()).then_some(version))
    }

    /// The newest upload of all products to a destination that ended well.
    ///
    /// # Errors
    /// When the store gives no answer.
    pub async fn last_full(&self, merchant: &MerchantId, destination: &str) -> Result<Option<FeedUpload>, StoreError> {
        let filter = FeedFilter {
            merchant: Some(merchant.clone()),
            destination: Some(destination.to_owned()),
            feed: Some(FeedType::Product),
            states: ENDED_WELL.to_vec(),
            limit: 1,
            ..FeedFilter::default()
        };
        let found = self.parts.queue.feed_uploads(&filter).await?;
        Ok(found.into_iter().next())
    }

    pub(crate) async fn draft(
        &self,
        id: FeedUploadId,
        destination: &Destination,
        feed: &FeedType,
        by: &str,
    ) -> Result<FeedUpload, AskFeedError> {
        if let Some(why) = destination.transport.refuses(feed) {
            return Err(AskFeedError::Unsupported(why));
        }
        let merchant = &destination.merchant;
        let catalog = self.catalogs_of(feed).catalog(merchant).await?;
        let catalog = catalog.ok_or_else(|| match feed.kind() {
            CatalogKind::Product => AskFeedError::NoCatalog(merchant.clone()),
            CatalogKind::Promotion => AskFeedError::NoPromotions(merchant.clone()),
        })?;
        let now = self.parts.now();
        Ok(FeedUpload {
            id,
            merchant: merchant.clone(),
            destination: destination.name.clone(),
            transport: destination.transport.kind(),
            feed: feed.clone(),
            mode: destination.mode_of(feed, catalog.items),
            version: catalog.version,
            rows: None,
            asked: now,
            by: by.to_owned(),
            status: FeedStatus::Asked,
            remote: RemoteIds::default(),
            counts: FeedCounts::default(),
            sha256: None,
            problem: None,
            tries: 0,
            begun: None,
            next_try: now,
            ended: None,
            epoch: 0,
        })
    }

    async fn insert(&self, upload: FeedUpload, alone: bool) -> Result<FeedUpload, AskFeedError> {
        match self.parts.queue.insert_feed_upload(&upload, alone).await {
            Ok(()) => {
                self.wake.notify_one();
                Ok(upload)
            }
            Err(CommitError::Feed) => Err(self.obstacle(&upload).await?),
            Err(CommitError::Store(error)) => Err(error.into()),
            Err(error) => Err(StoreError::caused_by(error).into()),
        }
    }

    /// Why an upload could not be inserted.
    async fn obstacle(&self, upload: &FeedUpload) -> Result<AskFeedError, StoreError> {
        if self.parts.queue.feed_upload(&upload.id).await?.is_some() {
            return Ok(AskFeedError::Repeated(upload.id.clone()));
        }
        let filter = FeedFilter {
            merchant: Some(upload.merchant.clone()),
            destination: Some(upload.destination.clone()),
            states: vec![FeedStatus::Asked, FeedStatus::Uploading, FeedStatus::Processing],
            limit: 1,
            ..FeedFilter::default()
        };
        let open = self.parts.queue.feed_uploads(&filter).await?;
        let open = open
            .into_iter()
            .next()
            .map_or_else(|| upload.id.clone(), |open| open.id);
        Ok(AskFeedError::Busy(open))
    }

    /// Give an upload up, also while a host works on it: that host stops with the step that it is at. What the other party has of it
    /// stays there, and may still be taken.
    ///
    /// # Errors
    /// Why it was not abandoned.
    pub async fn abandon(&self, id: &FeedUploadId, by: &str) -> Result<FeedUpload, AbandonError> {
        let queue = &self.parts.queue;
        let why = format!("abandoned by {by}");
        if let Some(abandoned) = queue.give_up_feed_upload(id, &why, self.parts.now()).await? {
            return Ok(abandoned);
        }
        let found = queue.feed_upload(id).await?;
        let found = found.ok_or_else(|| AbandonError::Absent(id.clone()))?;
        Err(AbandonError::Over(id.clone(), found.status))
    }
}

#[async_trait]
impl FeedEvents for FeedService {
    async fn import_ended(&self, merchant: &MerchantId, import: &str) -> Result<bool, StoreError> {
        let filter = FeedFilter {
            merchant: Some(merchant.clone()),
            remote: Some(import.to_owned()),
            limit: 1,
            ..FeedFilter::default()
        };
        let found = self.parts.queue.feed_uploads(&filter).await?;
        let Some(upload) = found.into_iter().find(|upload| upload.status.is_open()) else {
            self.hurried.add_import(merchant, import);
            return Ok(false);
        };
        self.hurried.add(&upload.id);
        self.hurry(&upload).await?;
        Ok(true)
    }
}

impl FeedService {
    /// Have an upload looked at now.
    pub(crate) async fn hurry(&self, upload: &FeedUpload) -> Result<(), StoreError> {
        self.parts.queue.hurry_feed_upload(&upload.id, self.parts.now()).await?;
        self.wake.notify_one();
        Ok(())
    }
}
