//! Which versions of a catalog uploads still need.

use std::collections::BTreeSet;

use tillhouse_checkout::catalog::CatalogVersion;
use tillhouse_checkout::feed::{FeedStatus, FeedType, FeedUpload};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::ports::{FeedFilter, FeedQueue, StoreError};

use super::upload_rows::UploadRows;

/// Most uploads of a merchant that are looked at.
const MOST: usize = 1000;

/// The versions of a merchant's catalog whose rows are needed yet: those of open uploads, and those of the last upload of all products to
/// each destination, because the next one deletes there what is gone since.
///
/// # Errors
/// When the store gives no answer.
pub async fn versions_in_use(queue: &dyn FeedQueue, merchant: &MerchantId) -> Result<Vec<CatalogVersion>, StoreError> {
    let filter = FeedFilter {
        merchant: Some(merchant.clone()),
        limit: MOST,
        ..FeedFilter::default()
    };
    let (mut versions, mut seen) = (BTreeSet::new(), BTreeSet::new());
    // The newest come first.
    for upload in queue.feed_uploads(&filter).await? {
        let is_last = is_basis(&upload) && seen.insert(upload.destination.clone());
        if upload.status.is_open() || is_last {
            versions.insert(upload.version);
        }
        if upload.status.is_open() {
            versions.extend(UploadRows::of(&upload).ok().and_then(|rows| rows.deleted_since));
        }
    }
    Ok(versions.into_iter().collect())
}

/// Whether the destination has the products of this upload: what a later one is compared with.
pub(crate) fn is_basis(upload: &FeedUpload) -> bool {
    let ended_well = matches!(upload.status, FeedStatus::Succeeded | FeedStatus::SucceededWithErrors);
    upload.feed == FeedType::Product && ended_well
}
