//! Uploads of feeds: who works on them, and what became of them.

use async_trait::async_trait;

use super::store_error::{CommitError, StoreError};
use crate::feed::{FeedRowError, FeedStatus, FeedType, FeedUpload};
use crate::ids::{FeedUploadId, ItemId, MerchantId};
use crate::lease::LeaseHolder;
use crate::plugin_data::Namespace;
use crate::time::Timestamp;

/// Filter for uploads; a field that is `None` or empty does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedFilter {
    /// Only uploads of this merchant.
    pub merchant: Option<MerchantId>,
    /// Only uploads to this destination.
    pub destination: Option<String>,
    /// Only uploads of this type.
    pub feed: Option<FeedType>,
    /// Only uploads in one of these states.
    pub states: Vec<FeedStatus>,
    /// Only the one whose import or file has this id at the other party.
    pub remote: Option<String>,
    /// Only those that have a file, or a feed, at the other party.
    pub with_file: bool,
    /// Maximum number of uploads.
    pub limit: usize,
}

/// What an item was last uploaded as to a destination: availability, stock and prices, as the feeds crate encodes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadedItem {
    /// Id of the item.
    pub id: ItemId,
    /// What was uploaded of it, encoded.
    pub content: Vec<u8>,
}

/// A counter of a plugin that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedCounter {
    /// Its key in the plugin's data.
    pub key: String,
    /// Mark to continue after.
    pub mark: u64,
}

/// Uploads and the leases on open ones. An upload to a destination is not leased while an earlier one to it is open, unless it was
/// asked for beside it.
#[async_trait]
pub trait FeedQueue: Send + Sync + std::fmt::Debug {
    /// Keep a new upload. `CommitError::Feed` if an upload with this id is there already, or if `alone` and another one to the same
    /// destination is open.
    async fn insert_feed_upload(&self, upload: &FeedUpload, alone: bool) -> Result<(), CommitError>;

    /// Replace an upload that this host holds the lease on. `CommitError::Feed` if another host holds it now. The lease ends with the
    /// write, unless the task continues with the upload.
    async fn write_feed_upload(&self, upload: &FeedUpload, keeps_lease: bool) -> Result<(), CommitError>;

    /// The same, with the rows that were refused; they replace those kept of it before. The lease ends.
    async fn end_feed_upload(&self, upload: &FeedUpload, errors: &[FeedRowError]) -> Result<(), CommitError>;

    /// The upload with this id.
    async fn feed_upload(&self, id: &FeedUploadId) -> Result<Option<FeedUpload>, StoreError>;

    /// The uploads that match the filter, the newest first.
    async fn feed_uploads(&self, filter: &FeedFilter) -> Result<Vec<FeedUpload>, StoreError>;

    /// Every open upload of a merchant, and of each destination and type the newest one that has succeeded, with or without errors.
    async fn feed_uploads_in_use(&self, merchant: &MerchantId) -> Result<Vec<FeedUpload>, StoreError>;

    /// Rows that were refused, in the order in which they were kept.
    async fn feed_errors(&self, id: &FeedUploadId, after: usize, limit: usize)
    -> Result<Vec<FeedRowError>, StoreError>;

    /// Lease up to `limit` open uploads that are due ([`FeedUpload::is_due`]) and not leased, the oldest first.
    async fn lease_feed_uploads(
        &self,
        by: &LeaseHolder,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<FeedUpload>, StoreError>;

    /// Lease one open upload, even if it is not due. `None` if it is not open or another host holds it.
    async fn lease_feed_upload(&self, by: &LeaseHolder, id: &FeedUploadId) -> Result<Option<FeedUpload>, StoreError>;

    /// Renew the lease on an upload. False if another host holds it now, or if it is over.
    async fn renew_feed_lease(&self, by: &LeaseHolder, upload: &FeedUpload) -> Result<bool, StoreError>;

    /// Have an upload looked at now: a webhook says that it is done.
    async fn hurry_feed_upload(&self, id: &FeedUploadId, now: Timestamp) -> Result<(), StoreError>;

    /// What items were last uploaded as, in the order of the ids.
    async fn uploaded_items(
        &self,
        merchant: &MerchantId,
        destination: &str,
        ids: &[ItemId],
    ) -> Result<Vec<Option<UploadedItem>>, StoreError>;

    /// What items were last uploaded as, by their ids, those after one of them; none at the end.
    async fn uploaded_items_after(
        &self,
        merchant: &MerchantId,
        destination: &str,
        after: Option<&ItemId>,
        limit: usize,
    ) -> Result<Vec<UploadedItem>, StoreError>;

    /// Remember what items were uploaded as, and forget others, in one commit.
    async fn remember_uploaded_items(
        &self,
        merchant: &MerchantId,
        destination: &str,
        items: &[UploadedItem],
        forgotten: &[ItemId],
    ) -> Result<(), StoreError>;

    /// Counters of a plugin's data that changed after a mark, in the order of their marks. What it costs does not grow with the
    /// number of counters that did not change.
    async fn changed_counters(
        &self,
        namespace: &Namespace,
        after: u64,
        limit: usize,
    ) -> Result<Vec<ChangedCounter>, StoreError>;

    /// Give up one open upload, whichever host holds it, and say why: that host is fenced off. `None` if it is not open.
    async fn give_up_feed_upload(
        &self,
        id: &FeedUploadId,
        why: &str,
        now: Timestamp,
    ) -> Result<Option<FeedUpload>, StoreError>;

    /// Give up every open upload, whichever host holds it, and say why: the store is behind what the other parties were told. Returns
    /// their number.
    async fn give_up_feed_uploads(&self, why: &str, now: Timestamp) -> Result<u64, StoreError>;

    /// Delete uploads that ended before this time, with what was refused of them, except, of each type and destination, the
    /// newest one, the newest one that has succeeded, and the newest one with a file.
    async fn purge_feed_uploads(&self, ended_before: Timestamp) -> Result<u64, StoreError>;
}
