//! Which versions of a catalog uploads still need.

use std::collections::BTreeSet;

use tillhouse_checkout::catalog::CatalogVersion;
use tillhouse_checkout::feed::{FeedStatus, FeedType, FeedUpload};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::ports::{FeedFilter, FeedQueue, StoreError};

use super::upload_rows::UploadRows;

const OPEN: [FeedStatus; 3] = [FeedStatus::Asked, FeedStatus::Uploading, FeedStatus::Processing];
/// The other party has what was uploaded.
pub(crate) const ENDED_WELL: [FeedStatus; 2] = [FeedStatus::Succeeded, FeedStatus::SucceededWithErrors];

/// Most uploads of a merchant that are looked at.
const MOST: usize = 1000;

/// The versions of a merchant's catalog whose rows are needed yet.
///
/// They are those of open uploads, and those of the last upload of all products to
/// each destination, because the next one deletes there what is gone since.
///
/// # Errors
/// When the store gives no answer.
pub async fn versions_in_use(queue: &dyn FeedQueue, merchant: &MerchantId) -> Result<Vec<CatalogVersion>, StoreError> {
    let mut versions = BTreeSet::new();
    for upload in uploads(queue, merchant, &OPEN, None).await? {
        versions.insert(upload.version);
        versions.extend(UploadRows::of(&upload).ok().and_then(|rows| rows.deleted_since));
    }
    // Asked for by itself: increments come by the minute, and the last upload of all products is a day behind them.
    let mut seen = BTreeSet::new();
    for upload in uploads(queue, merchant, &ENDED_WELL, Some(FeedType::Product)).await? {
        // The newest come first.
        if seen.insert(upload.destination.clone()) {
            versions.insert(upload.version);
        }
    }
    Ok(versions.into_iter().collect())
}

async fn uploads(
    queue: &dyn FeedQueue,
    merchant: &MerchantId,
    states: &[FeedStatus],
    feed: Option<FeedType>,
) -> Result<Vec<FeedUpload>, StoreError> {
    let filter = FeedFilter {
        merchant: Some(merchant.clone()),
        states: states.to_vec(),
        feed,
        limit: MOST,
        ..FeedFilter::default()
    };
    queue.feed_uploads(&filter).await
}
