//! Leases of uploads of feeds, on one host.

use async_trait::async_trait;

use super::SqliteStore;
use super::feeds::{self, FeedWrite};
use super::writer::WriteRequest;
use tillhouse_checkout::feed::{FeedRowError, FeedUpload};
use tillhouse_checkout::ids::{FeedUploadId, ItemId, MerchantId};
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::plugin_data::Namespace;
use tillhouse_checkout::ports::{ChangedCounter, CommitError, FeedFilter, FeedQueue, StoreError, UploadedItem};
use tillhouse_checkout::time::Timestamp;
use tillhouse_crash_points::crash_point;

#[async_trait]
impl FeedQueue for SqliteStore {
    async fn insert_feed_upload(&self, upload: &FeedUpload, alone: bool) -> Result<(), CommitError> {
        let write = FeedWrite::Insert(upload.clone(), alone);
        crash_point!(around format!("feed.{}", upload.status), self.write_feed(write))
    }

    async fn write_feed_upload(&self, upload: &FeedUpload, keeps_lease: bool) -> Result<(), CommitError> {
        self.replace_feed(upload, None, keeps_lease).await
    }

    async fn end_feed_upload(&self, upload: &FeedUpload, errors: &[FeedRowError]) -> Result<(), CommitError> {
        self.replace_feed(upload, Some(errors.to_vec()), false).await
    }

    async fn feed_upload(&self, id: &FeedUploadId) -> Result<Option<FeedUpload>, StoreError> {
        let id = id.clone();
        self.read(move |db| feeds::by_id(db, &id)).await
    }

    async fn feed_uploads(&self, filter: &FeedFilter) -> Result<Vec<FeedUpload>, StoreError> {
        let filter = filter.clone();
        self.read(move |db| feeds::filtered(db, &filter)).await
    }

    async fn feed_uploads_in_use(&self, merchant: &MerchantId) -> Result<Vec<FeedUpload>, StoreError> {
        let merchant = merchant.clone();
        self.read(move |db| feeds::in_use(db, &merchant)).await
    }

    async fn feed_errors(
        &self,
        id: &FeedUploadId,
        after: usize,
        limit: usize,
    ) -> Result<Vec<FeedRowError>, StoreError> {
        let id = id.clone();
        self.read(move |db| feeds::errors(db, &id, after, limit)).await
    }

    async fn lease_feed_uploads(
        &self,
        by: &LeaseHolder,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<FeedUpload>, StoreError> {
        // Leased uploads are in the list as well: ask for as many more.
        let most = limit.saturating_add(self.fences.feeds.held_count());
        let due = self.read(move |db| feeds::due(db, now, most)).await?;
        let mut leased = Vec::new();
        for upload in due {
            if leased.len() == limit {
                break;
            }
            leased.extend(self.lease_open_feed(by, &upload.id, Some(now)).await?);
        }
        Ok(leased)
    }

    async fn lease_feed_upload(&self, by: &LeaseHolder, id: &FeedUploadId) -> Result<Option<FeedUpload>, StoreError> {
        self.lease_open_feed(by, id, None).await
    }

    async fn renew_feed_lease(&self, by: &LeaseHolder, upload: &FeedUpload) -> Result<bool, StoreError> {
        Ok(self.fences.feeds.renew(&upload.id, upload.epoch, by))
    }

    async fn hurry_feed_upload(&self, id: &FeedUploadId, now: Timestamp) -> Result<(), StoreError> {
        let write = WriteRequest::Feed(Box::new(FeedWrite::Hurry(id.clone(), now)));
        crash_point!(around "feed.hurried".to_owned(), self.write(write)).map(|_| ())
    }

    async fn uploaded_items(
        &self,
        merchant: &MerchantId,
        destination: &str,
        ids: &[ItemId],
    ) -> Result<Vec<Option<UploadedItem>>, StoreError> {
        self.catalogs.uploaded_items(merchant, destination, ids).await
    }

    async fn uploaded_items_after(
        &self,
        merchant: &MerchantId,
        destination: &str,
        after: Option<&ItemId>,
        limit: usize,
    ) -> Result<Vec<UploadedItem>, StoreError> {
        let found = self.catalogs.uploaded_items_after(merchant, destination, after, limit);
        found.await
    }

    async fn remember_uploaded_items(
        &self,
        merchant: &MerchantId,
        destination: &str,
        items: &[UploadedItem],
        forgotten: &[ItemId],
    ) -> Result<(), StoreError> {
        self.ensure_writable()?;
        let remembered = self
            .catalogs
            .remember_uploaded_items(merchant, destination, items, forgotten);
        crash_point!(around "feed.remembered".to_owned(), remembered)
    }

    async fn changed_counters(
        &self,
        namespace: &Namespace,
        after: u64,
        limit: usize,
    ) -> Result<Vec<ChangedCounter>, StoreError> {
        let namespace = namespace.clone();
        self.read(move |db| Ok(feeds::changed_counters(db, &namespace, after, limit)?))
            .await
    }

    async fn give_up_feed_upload(
        &self,
        id: &FeedUploadId,
        why: &str,
        now: Timestamp,
    ) -> Result<Option<FeedUpload>, StoreError> {
        self.ensure_writable()?;
        let request = WriteRequest::Feed(Box::new(FeedWrite::GiveUp(Some(id.clone()), why.to_owned(), now)));
        let given_up = crash_point!(around "feed.abandoned".to_owned(), self.write(request))?;
        if given_up == 0 {
            return Ok(None);
        }
        // Its holder is told at its next renewal.
        self.fences.feeds.forget(id);
        self.feed_upload(id).await
    }

    async fn give_up_feed_uploads(&self, why: &str, now: Timestamp) -> Result<u64, StoreError> {
        let request = WriteRequest::Feed(Box::new(FeedWrite::GiveUp(None, why.to_owned(), now)));
        crash_point!(around "feed.abandoned".to_owned(), self.write(request))
    }

    async fn purge_feed_uploads(&self, ended_before: Timestamp) -> Result<u64, StoreError> {
        let mut purged = 0;
        loop {
            // In batches, so that a large backlog does not delay the checkouts queued behind it.
            let request = WriteRequest::Feed(Box::new(FeedWrite::Purge(ended_before)));
            let batch = crash_point!(around "feed.purged".to_owned(), self.write(request))?;
            purged += batch;
            if batch < feeds::PURGE_BATCH {
                return Ok(purged);
            }
        }
    }
}

impl SqliteStore {
    /// Submits a write that may be refused.
    async fn write_feed(&self, write: FeedWrite) -> Result<(), CommitError> {
        self.ensure_writable()?;
        let request = WriteRequest::Feed(Box::new(write));
        self.writer.submit(request).await.map(|_| ())
    }

    async fn replace_feed(
        &self,
        upload: &FeedUpload,
        errors: Option<Vec<FeedRowError>>,
        keeps_lease: bool,
    ) -> Result<(), CommitError> {
        let write = FeedWrite::Replace(upload.clone(), errors);
        crash_point!(around format!("feed.{}", upload.status), self.write_feed(write))?;
        if !upload.status.is_open() {
            self.fences.feeds.remove(&upload.id, upload.epoch);
        } else if !keeps_lease {
            self.fences.feeds.end(&upload.id, upload.epoch);
        }
        Ok(())
    }

    /// Takes the lease of an upload, and reads it under the lease: its last holder may have written it meanwhile.
    async fn lease_open_feed(
        &self,
        by: &LeaseHolder,
        id: &FeedUploadId,
        due: Option<Timestamp>,
    ) -> Result<Option<FeedUpload>, StoreError> {
        let leases = &self.fences.feeds;
        let Some(epoch) = leases.acquire(id, by) else {
            return Ok(None);
        };
        let wanted = id.clone();
        let found = self.read(move |db| feeds::open(db, &wanted)).await;
        match found {
            Ok(Some(upload)) if due.is_none_or(|now| upload.is_due(now)) => Ok(Some(FeedUpload { epoch, ..upload })),
            other => {
                leases.end(id, epoch);
                other.map(|_| None)
            }
        }
    }
}
