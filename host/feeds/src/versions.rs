//! Which versions of a catalog uploads still need.

use std::collections::BTreeSet;

use tillhouse_checkout::catalog::{CatalogKind, CatalogVersion};
use tillhouse_checkout::feed::{FeedStatus, FeedType};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::ports::{FeedQueue, StoreError};

use super::upload_rows::UploadRows;

/// The other party has what was uploaded.
pub(crate) const ENDED_WELL: [FeedStatus; 2] = [FeedStatus::Succeeded, FeedStatus::SucceededWithErrors];

/// The versions of a merchant's catalog of one kind whose rows are needed yet.
///
/// They are those of open uploads, and for products those of the last upload of all of them to each destination: increments are of what
/// has changed since.
///
/// # Errors
/// When the store gives no answer.
pub async fn versions_in_use(
    queue: &dyn FeedQueue,
    merchant: &MerchantId,
    kind: CatalogKind,
) -> Result<Vec<CatalogVersion>, StoreError> {
    let mut versions = BTreeSet::new();
    for upload in queue.feed_uploads_in_use(merchant).await? {
        let is_needed = upload.feed.kind() == kind && (upload.status.is_open() || upload.feed == FeedType::Product);
        if is_needed {
            versions.insert(upload.version);
            versions.extend(UploadRows::of(&upload).ok().and_then(|rows| rows.deleted_since));
        }
    }
    Ok(versions.into_iter().collect())
}
