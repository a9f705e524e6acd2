//! Uploads that were under way at the same time: the other party may end them in any order.

use tillhouse_checkout::feed::{FeedStatus, FeedTransport, FeedUpload};
use tillhouse_checkout::ports::{FeedFilter, StoreError};
use tillhouse_checkout::time::Timestamp;

use super::service::FeedService;
use super::versions::ENDED_WELL;

/// Uploads that are looked at, the newest first.
const MOST: usize = 100;

impl FeedService {
    /// Whether another upload of rows of the same kind may be taken after this one: it was asked for beside it, or what became of it was not
    /// waited for.
    pub(crate) async fn may_be_undone(&self, upload: &FeedUpload) -> Result<bool, StoreError> {
        let Some(begun) = upload.begun else { return Ok(false) };
        let filter = FeedFilter {
            merchant: Some(upload.merchant.clone()),
            destination: Some(upload.destination.clone()),
            limit: MOST,
            ..FeedFilter::default()
        };
        let others = self.parts.queue.feed_uploads(&filter).await?;
        Ok(others.iter().any(|other| {
            let is_alike = other.feed == upload.feed && other.id != upload.id;
            is_alike && self.last_taken(other).is_some_and(|last| last > begun)
        }))
    }

    /// When the other party may have taken rows of an upload at the latest; `None` if it never had them.
    fn last_taken(&self, upload: &FeedUpload) -> Option<Timestamp> {
        let (begun, timings) = (upload.begun?, &self.parts.timings);
        // What became of an import set whose beginning was not answered is never asked.
        let is_begun_twice = upload.transport == FeedTransport::ImportSets && upload.remote.spent_keys > 0;
        match &upload.status {
            status if status.is_open() => Some(Timestamp(u64::MAX)),
            status if ENDED_WELL.contains(status) && !is_begun_twice => upload.ended,
            FeedStatus::Failed if upload.remote == Default::default() => None,
            _ => Some(begun.after(timings.send_within.saturating_add(timings.process_within))),
        }
    }
}
