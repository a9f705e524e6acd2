//! Uploads of product feeds: what one would send, asking for one, what became of them.
//!
//! The documents and the port; the host implements it over its feeds.

mod view;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Operator, OperatorError, OperatorRequest, evidence_note};
use tillhouse_checkout::audit::AuditAction;
use tillhouse_checkout::feed::preview::FeedPreview;
use tillhouse_checkout::feed::{FeedRowError, FeedStatus, FeedType, FeedUpload};
use tillhouse_checkout::ids::{FeedUploadId, MerchantId};
use tillhouse_checkout::ports::FeedFilter;

pub use view::{DestinationView, FeedView};

/// What operators can ask of the feeds of a host.
#[async_trait]
pub trait FeedOperations: Send + Sync + std::fmt::Debug {
    /// The destinations of the merchants, by merchant and name.
    fn destinations(&self) -> Vec<DestinationView>;

    /// What an upload would send now.
    async fn preview(&self, target: &FeedTarget, rows: usize) -> Result<FeedPreview, OperatorError>;

    /// Ask for an upload.
    async fn ask(&self, target: &FeedTarget, beside: bool, by: &str) -> Result<FeedUpload, OperatorError>;

    /// Uploads, the newest first.
    async fn uploads(&self, filter: &FeedFilter) -> Result<Vec<FeedUpload>, OperatorError>;

    /// The upload with this id.
    async fn upload(&self, id: &FeedUploadId) -> Result<Option<FeedUpload>, OperatorError>;

    /// Rows of an upload that were refused, or not sent.
    async fn errors(&self, id: &FeedUploadId, after: usize, limit: usize) -> Result<Vec<FeedRowError>, OperatorError>;

    /// Give an upload up.
    async fn abandon(&self, id: &FeedUploadId, by: &str) -> Result<FeedUpload, OperatorError>;
}

/// Which feed goes where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedTarget {
    /// Merchant whose feed it is; may be left out where only one has a destination.
    pub merchant: Option<MerchantId>,
    /// Name of the destination; may be left out where the merchant has only one.
    pub destination: Option<String>,
    /// What the rows are about.
    pub feed: FeedType,
}

/// `feed preview`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PreviewFeed {
    /// Which feed goes where.
    pub target: FeedTarget,
    /// Most rows to show.
    pub rows: usize,
}

/// `feed upload`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UploadFeed {
    /// Which feed goes where.
    pub target: FeedTarget,
    /// Whether it may run beside another upload to the destination.
    pub beside: bool,
    /// The operator, for the audit log.
    pub actor: String,
}

/// `feed history`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ListFeeds {
    /// Only uploads of this merchant.
    pub merchant: Option<MerchantId>,
    /// Only uploads to this destination.
    pub destination: Option<String>,
    /// Only uploads of this type.
    pub feed: Option<FeedType>,
    /// Maximum number of uploads.
    pub limit: usize,
}

/// Uploads of feeds, as asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FeedList {
    /// The uploads, the newest first.
    pub uploads: Vec<FeedView>,
    /// Whether there are more.
    pub more: bool,
}

/// `feed status`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ShowFeeds {
    /// One upload; `None` for the last one of each destination.
    pub upload: Option<FeedUploadId>,
    /// Only destinations of this merchant.
    pub merchant: Option<MerchantId>,
    /// Only uploads of this type, where none is named.
    #[serde(default)]
    pub feed: Option<FeedType>,
}

/// Where feeds go, and what became of the last uploads.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FeedStatusList {
    /// Where feeds go, by merchant and name.
    pub destinations: Vec<DestinationView>,
    /// The upload that was asked for; or, of each destination, those that are open and the last one that is not.
    pub uploads: Vec<FeedView>,
}

/// `feed errors`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListFeedErrors {
    /// The upload; `None` for the last one that is over.
    pub upload: Option<FeedUploadId>,
    /// Only uploads of this merchant, where none is named.
    pub merchant: Option<MerchantId>,
    /// Only uploads of this type, where none is named.
    #[serde(default)]
    pub feed: Option<FeedType>,
    /// Rows to leave out.
    pub after: usize,
    /// Maximum number of rows.
    pub limit: usize,
}

/// Rows of an upload that were refused, or not sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FeedErrors {
    /// The upload that they are about.
    pub upload: FeedView,
    /// The rows, in the order of the upload.
    pub errors: Vec<FeedRowError>,
    /// Whether more are kept.
    pub more: bool,
}

/// `feed abandon`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AbandonFeed {
    /// The upload that they are about.
    pub upload: FeedUploadId,
    /// The operator, for the audit log.
    pub actor: String,
}

impl OperatorRequest for PreviewFeed {
    const NAME: &'static str = "feeds/preview";
    type Answer = FeedPreview;

    async fn answer(self, operator: &Operator) -> Result<FeedPreview, OperatorError> {
        operator.feeds()?.preview(&self.target, self.rows).await
    }
}

impl OperatorRequest for UploadFeed {
    const NAME: &'static str = "feeds/upload";
    type Answer = FeedView;

    async fn answer(self, operator: &Operator) -> Result<FeedView, OperatorError> {
        let actor = evidence_note::actor(&self.actor)?;
        let by = format!("operator:{actor}");
        let upload = operator.feeds()?.ask(&self.target, self.beside, &by).await?;
        let detail = json!({
            "merchant": upload.merchant, "destination": upload.destination, "feed": upload.feed, "version": upload.version,
            "beside": self.beside,
        });
        operator
            .record(&actor, AuditAction::UploadFeed, &upload, &detail)
            .await?;
        Ok(upload.into())
    }
}

impl OperatorRequest for ListFeeds {
    const NAME: &'static str = "feeds/list";
    type Answer = FeedList;

    async fn answer(self, operator: &Operator) -> Result<FeedList, OperatorError> {
        let filter = FeedFilter {
            merchant: self.merchant,
            destination: self.destination,
            feed: self.feed,
            limit: self.limit.saturating_add(1),
            ..FeedFilter::default()
        };
        let mut uploads = operator.feeds()?.uploads(&filter).await?;
        let more = uploads.len() > self.limit;
        uploads.truncate(self.limit);
        Ok(FeedList {
            uploads: uploads.into_iter().map(FeedView::from).collect(),
            more,
        })
    }
}

impl OperatorRequest for ShowFeeds {
    const NAME: &'static str = "feeds/status";
    type Answer = FeedStatusList;

    async fn answer(self, operator: &Operator) -> Result<FeedStatusList, OperatorError> {
        let feeds = operator.feeds()?;
        let all = feeds.destinations().into_iter();
        let of_merchant = |it: &DestinationView| self.merchant.as_ref().is_none_or(|merchant| it.merchant == *merchant);
        let destinations: Vec<_> = all.filter(of_merchant).collect();
        let uploads = match &self.upload {
            Some(id) => vec![operator.feed_upload(id).await?],
            None => last_uploads(feeds, &destinations, self.feed.as_ref()).await?,
        };
        Ok(FeedStatusList {
            destinations,
            uploads: uploads.into_iter().map(FeedView::from).collect(),
        })
    }
}

/// Of each destination the uploads that are open, and of each feed the last one that is not.
async fn last_uploads(
    feeds: &dyn FeedOperations,
    destinations: &[DestinationView],
    feed: Option<&FeedType>,
) -> Result<Vec<FeedUpload>, OperatorError> {
    /// Uploads of a destination that are looked at.
    const RECENT: usize = 50;
    let mut shown = Vec::new();
    for destination in destinations {
        let filter = FeedFilter {
            merchant: Some(destination.merchant.clone()),
            destination: Some(destination.name.clone()),
            feed: feed.cloned(),
            limit: RECENT,
            ..FeedFilter::default()
        };
        let (open, over): (Vec<_>, Vec<_>) = feeds
            .uploads(&filter)
            .await?
            .into_iter()
            .partition(|upload| upload.status.is_open());
        // An increment that ended well says nothing of the upload of all products before it.
        let mut seen = Vec::new();
        let last = over.into_iter().filter(|upload| {
            let is_last = !seen.contains(&upload.feed);
            seen.push(upload.feed.clone());
            is_last
        });
        shown.extend(open.into_iter().chain(last));
    }
    Ok(shown)
}

impl OperatorRequest for ListFeedErrors {
    const NAME: &'static str = "feeds/errors";
    type Answer = FeedErrors;

    async fn answer(self, operator: &Operator) -> Result<FeedErrors, OperatorError> {
        let feeds = operator.feeds()?;
        let upload = match &self.upload {
            Some(id) => operator.feed_upload(id).await?,
            None => operator.last_ended(self.merchant.clone(), self.feed.clone()).await?,
        };
        let mut errors = feeds
            .errors(&upload.id, self.after, self.limit.saturating_add(1))
            .await?;
        let more = errors.len() > self.limit;
        errors.truncate(self.limit);
        Ok(FeedErrors {
            upload: upload.into(),
            errors,
            more,
        })
    }
}

impl OperatorRequest for AbandonFeed {
    const NAME: &'static str = "feeds/abandon";
    type Answer = FeedView;

    async fn answer(self, operator: &Operator) -> Result<FeedView, OperatorError> {
        let actor = evidence_note::actor(&self.actor)?;
        let before = operator.feed_upload(&self.upload).await?;
        let by = format!("operator:{actor}");
        let abandoned = operator.feeds()?.abandon(&self.upload, &by).await?;
        let detail = json!({"merchant": before.merchant, "destination": before.destination, "was": before.status});
        operator
            .record(&actor, AuditAction::AbandonFeed, &abandoned, &detail)
            .await?;
        Ok(abandoned.into())
    }
}

impl Operator {
    fn feeds(&self) -> Result<&dyn FeedOperations, OperatorError> {
        let none = || OperatorError::unavailable("this host has no feeds");
        self.feeds.as_deref().ok_or_else(none)
    }

    async fn feed_upload(&self, id: &FeedUploadId) -> Result<FeedUpload, OperatorError> {
        let found = self.feeds()?.upload(id).await?;
        found.ok_or_else(|| OperatorError::absent(format!("there is no upload {id}; see tillhouse feed history")))
    }

    async fn last_ended(
        &self,
        merchant: Option<MerchantId>,
        feed: Option<FeedType>,
    ) -> Result<FeedUpload, OperatorError> {
        let filter = FeedFilter {
            merchant,
            feed,
            limit: 50,
            ..FeedFilter::default()
        };
        let recent = self.feeds()?.uploads(&filter).await?;
        let mut seen = Vec::new();
        // The last of each kind; of these first one that has something to say.
        let mut last: Vec<FeedUpload> = recent
            .into_iter()
            .filter(|upload| {
                let kind = (upload.merchant.clone(), upload.destination.clone(), upload.feed.clone());
                let is_last = !upload.status.is_open() && !seen.contains(&kind);
                if is_last {
                    seen.push(kind);
                }
                is_last
            })
            .collect();
        last.sort_by_key(|upload| upload.status == FeedStatus::Succeeded);
        let ended = last.into_iter().next();
        ended.ok_or_else(|| OperatorError::absent("no upload of a feed is over yet"))
    }

    async fn record(
        &self,
        actor: &str,
        action: AuditAction,
        upload: &FeedUpload,
        detail: &serde_json::Value,
    ) -> Result<(), OperatorError> {
        let unit = tillhouse_checkout::unit_of_work::UnitOfWork {
            audit: Some(self.entry(actor, action, upload.id.as_str(), detail)),
            ..Default::default()
        };
        Ok(self.store().commit(unit).await?)
    }
}
