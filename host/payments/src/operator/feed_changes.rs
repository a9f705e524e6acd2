//! What has changed since a feed was uploaded: uploading it now, how far it is from what was uploaded, and the feed as files.
//!
//! The documents and the port; the host implements it over its feeds.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::feeds::FeedTarget;
use super::{Operator, OperatorError, OperatorRequest};
use tillhouse_checkout::feed::FeedType;
use tillhouse_checkout::feed::drift::{DayOfHooks, DriftReport};
use tillhouse_checkout::ids::{FeedUploadId, MerchantId};

/// What operators can ask about changes since an upload.
#[async_trait]
pub trait FeedChangeOperations: Send + Sync + std::fmt::Debug {
    /// Upload what has changed of stock and prices.
    async fn upload_changes(&self, target: &FeedTarget) -> Result<ComparedView, OperatorError>;

    /// Compare a sample of items, or all, with what was uploaded of them.
    async fn audit(&self, target: &FeedTarget, sample: Option<usize>) -> Result<DriftReport, OperatorError>;

    /// Write the feed for an agent as files into a folder.
    async fn export(&self, target: &FeedTarget, folder: &Path) -> Result<ExportedView, OperatorError>;

    /// Hooks of the last days, and how many were refused for lack of stock.
    async fn hooks(&self, merchant: &MerchantId) -> Result<Vec<DayOfHooks>, OperatorError>;
}

/// `feed increment`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UploadChanges {
    /// Merchant whose feed it is; may be left out where only one has a destination.
    pub merchant: Option<MerchantId>,
    /// Name of the destination; may be left out where the merchant has only one.
    pub destination: Option<String>,
}

/// What a comparison has led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparedView {
    /// Merchant whose feed it is.
    pub merchant: MerchantId,
    /// Name of the destination.
    pub destination: String,
    /// Items that were compared.
    pub items: u64,
    /// Items that are not as they were uploaded.
    pub changed: u64,
    /// The upload that was asked for.
    pub upload: Option<FeedUploadId>,
    /// Number of its rows.
    pub rows: u64,
    /// Why nothing was compared or asked for.
    pub waits: Option<String>,
}

/// `feed audit`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AuditFeed {
    /// Merchant whose feed it is; may be left out where only one has a destination.
    pub merchant: Option<MerchantId>,
    /// Name of the destination; may be left out where the merchant has only one.
    pub destination: Option<String>,
    /// Number of items that are chosen at random; `None` for all.
    pub sample: Option<usize>,
}

/// `feed export-acp`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExportAcpFeed {
    /// Merchant whose feed it is; may be left out where only one has a destination.
    pub merchant: Option<MerchantId>,
    /// Name of the agent's endpoint; may be left out where the merchant has only one destination.
    pub destination: Option<String>,
    /// Absolute path of the folder for the files.
    pub to: PathBuf,
}

/// A feed that was written as files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedView {
    /// The folder with `metadata.json` and `products.jsonl`.
    pub folder: PathBuf,
    /// Number of products in it.
    pub products: u64,
    /// Number of variants of these products.
    pub variants: u64,
    /// Length of `products.jsonl` in bytes.
    pub bytes: u64,
}

impl OperatorRequest for UploadChanges {
    const NAME: &'static str = "feeds/increment";
    type Answer = ComparedView;

    async fn answer(self, operator: &Operator) -> Result<ComparedView, OperatorError> {
        let target = target(self.merchant, self.destination);
        operator.feed_changes()?.upload_changes(&target).await
    }
}

impl OperatorRequest for AuditFeed {
    const NAME: &'static str = "feeds/audit";
    type Answer = DriftReport;

    async fn answer(self, operator: &Operator) -> Result<DriftReport, OperatorError> {
        if self.sample == Some(0) {
            return Err(OperatorError::invalid(
                "sample: is 0; give the number of items to compare",
            ));
        }
        let target = target(self.merchant, self.destination);
        operator.feed_changes()?.audit(&target, self.sample).await
    }
}

impl OperatorRequest for ExportAcpFeed {
    const NAME: &'static str = "feeds/export-acp";
    type Answer = ExportedView;

    async fn answer(self, operator: &Operator) -> Result<ExportedView, OperatorError> {
        if !self.to.is_absolute() {
            return Err(OperatorError::invalid("to: must be an absolute path"));
        }
        let target = target(self.merchant, self.destination);
        operator.feed_changes()?.export(&target, &self.to).await
    }
}

const fn target(merchant: Option<MerchantId>, destination: Option<String>) -> FeedTarget {
    FeedTarget {
        merchant,
        destination,
        feed: FeedType::Product,
    }
}

impl Operator {
    pub(super) fn feed_changes(&self) -> Result<&dyn FeedChangeOperations, OperatorError> {
        let none = || OperatorError::unavailable("this host has no feeds");
        self.feed_changes.as_deref().ok_or_else(none)
    }
}
