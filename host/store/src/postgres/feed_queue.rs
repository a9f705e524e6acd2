//! The port for uploads of feeds, across all hosts of the database.

use async_trait::async_trait;

use super::{PostgresStore, feeds, unit_of_work};
use tillhouse_checkout::feed::{FeedRowError, FeedUpload};
use tillhouse_checkout::ids::{FeedUploadId, ItemId, MerchantId};
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::plugin_data::Namespace;
use tillhouse_checkout::ports::{ChangedCounter, CommitError, FeedFilter, FeedQueue, StoreError, UploadedItem};
use tillhouse_checkout::time::Timestamp;
use tillhouse_crash_points::crash_point;

#[async_trait]
impl FeedQueue for PostgresStore {
    async fn insert_feed_upload(&self, upload: &FeedUpload, alone: bool) -> Result<(), CommitError> {
        let steps = feeds::insert(upload, alone)?;
        crash_point!(around format!("feed.{}", upload.status), unit_of_work::commit_steps(&self.connections, &steps))
    }

    async fn write_feed_upload(&self, upload: &FeedUpload, keeps_lease: bool) -> Result<(), CommitError> {
        let steps = feeds::replace(upload, None, keeps_lease)?;
        crash_point!(around format!("feed.{}", upload.status), unit_of_work::commit_steps(&self.connections, &steps))
    }

    async fn end_feed_upload(&self, upload: &FeedUpload, errors: &[FeedRowError]) -> Result<(), CommitError> {
        let steps = feeds::replace(upload, Some(errors), false)?;
        crash_point!(around format!("feed.{}", upload.status), unit_of_work::commit_steps(&self.connections, &steps))
    }

    async fn feed_upload(&self, id: &FeedUploadId) -> Result<Option<FeedUpload>, StoreError> {
        feeds::by_id(&self.connections, id).await
    }

    async fn feed_uploads(&self, filter: &FeedFilter) -> Result<Vec<FeedUpload>, StoreError> {
        feeds::filtered(&self.connections, filter).await
    }

    async fn feed_uploads_in_use(&self, merchant: &MerchantId) -> Result<Vec<FeedUpload>, StoreError> {
        feeds::in_use(&self.connections, merchant).await
    }

    async fn feed_errors(
        &self,
        id: &FeedUploadId,
        after: usize,
        limit: usize,
    ) -> Result<Vec<FeedRowError>, StoreError> {
        feeds::errors(&self.connections, id, after, limit).await
    }

    async fn lease_feed_uploads(
        &self,
        by: &LeaseHolder,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<FeedUpload>, StoreError> {
        feeds::lease_due(&self.connections, by, now, limit).await
    }

    async fn lease_feed_upload(&self, by: &LeaseHolder, id: &FeedUploadId) -> Result<Option<FeedUpload>, StoreError> {
        feeds::lease(&self.connections, by, id).await
    }

    async fn renew_feed_lease(&self, by: &LeaseHolder, upload: &FeedUpload) -> Result<bool, StoreError> {
        feeds::renew(&self.connections, by, upload).await
    }

    async fn hurry_feed_upload(&self, id: &FeedUploadId, now: Timestamp) -> Result<(), StoreError> {
        crash_point!(around "feed.hurried".to_owned(), feeds::hurry(&self.connections, id, now))
    }

    async fn uploaded_items(
        &self,
        merchant: &MerchantId,
        destination: &str,
        ids: &[ItemId],
    ) -> Result<Vec<Option<UploadedItem>>, StoreError> {
        feeds::uploaded_items(&self.connections, merchant, destination, ids).await
    }

    async fn uploaded_items_after(
        &self,
        merchant: &MerchantId,
        destination: &str,
        after: Option<&ItemId>,
        limit: usize,
    ) -> Result<Vec<UploadedItem>, StoreError> {
        feeds::uploaded_items_after(&self.connections, merchant, destination, after, limit).await
    }

    async fn remember_uploaded_items(
        &self,
        merchant: &MerchantId,
        destination: &str,
        items: &[UploadedItem],
        forgotten: &[ItemId],
    ) -> Result<(), StoreError> {
        let steps = feeds::remember(merchant, destination, items, forgotten);
        let remembered =
            crash_point!(around "feed.remembered".to_owned(), unit_of_work::commit_steps(&self.connections, &steps));
        remembered.map_err(|error| match error {
            CommitError::Store(error) => error,
            other => StoreError::caused_by(other),
        })
    }

    async fn changed_counters(
        &self,
        namespace: &Namespace,
        after: u64,
        limit: usize,
    ) -> Result<Vec<ChangedCounter>, StoreError> {
        feeds::changed_counters(&self.connections, namespace, after, limit).await
    }

    async fn give_up_feed_upload(
        &self,
        id: &FeedUploadId,
        why: &str,
        now: Timestamp,
    ) -> Result<Option<FeedUpload>, StoreError> {
        let given_up = feeds::give_up(&self.connections, Some(id), why, now);
        let given_up = crash_point!(around "feed.abandoned".to_owned(), given_up)?;
        match given_up {
            0 => Ok(None),
            _ => self.feed_upload(id).await,
        }
    }

    async fn give_up_feed_uploads(&self, why: &str, now: Timestamp) -> Result<u64, StoreError> {
        crash_point!(around "feed.abandoned".to_owned(), feeds::give_up(&self.connections, None, why, now))
    }

    async fn purge_feed_uploads(&self, ended_before: Timestamp) -> Result<u64, StoreError> {
        crash_point!(around "feed.purged".to_owned(), feeds::purge(&self.connections, ended_before))
    }
}
