//! Forgetting the rows of versions that are over.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};

use super::super::Served;
use tillhouse_checkout::catalog::CatalogKind;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::ports::{CatalogStore, FeedQueue, StoreError, catalogs_of};
use tillhouse_checkout::time::Timestamp;
use tillhouse_feeds::versions_in_use;

/// How often versions are forgotten.
const INTERVAL: Duration = Duration::from_secs(600);

/// A phase that has opened a version ends with it, even if the version is over meanwhile.
const LONGEST_PHASE: Duration = Duration::from_secs(3600);

impl Served {
    /// Forget versions that neither sessions nor uploads may read any more, again and again.
    pub(in crate::host) fn forget_versions(self: &Arc<Self>, workers: &TaskTracker, stop: &CancellationToken) {
        let (served, stop) = (Arc::clone(self), stop.clone());
        workers.spawn(async move {
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(INTERVAL) => served.forget_all(served.parts.clock.now()).await,
                }
            }
        });
    }

    async fn forget_all(&self, now: Timestamp) {
        for merchant in self.merchants() {
            match self.forget(&merchant.id, now).await {
                Ok(0) => {}
                Ok(rows) => {
                    debug!(merchant.id = %merchant.id, rows, "rows of earlier versions of the catalog were deleted")
                }
                Err(error) => {
                    warn!(merchant.id = %merchant.id, %error, "earlier versions of the catalog cannot be deleted");
                }
            }
        }
    }

    async fn forget(&self, merchant: &MerchantId, now: Timestamp) -> Result<u64, StoreError> {
        let parts = &self.parts.catalogs;
        let ended_before = now.before(parts.settings.kept.grace.saturating_add(LONGEST_PHASE));
        let mut rows = 0;
        for kind in CatalogKind::ALL {
            rows += forget(&parts.store, parts.feeds.as_ref(), (merchant, kind), ended_before).await?;
        }
        Ok(rows)
    }
}

async fn forget(
    store: &Arc<dyn CatalogStore>,
    feeds: &dyn FeedQueue,
    (merchant, kind): (&MerchantId, CatalogKind),
    ended_before: Timestamp,
) -> Result<u64, StoreError> {
    let store = catalogs_of(store, kind);
    if store.catalog_versions(merchant, 2).await?.len() < 2 {
        return Ok(0);
    }
    let keep = versions_in_use(feeds, merchant, kind).await?;
    store.forget_catalog_versions(merchant, ended_before, &keep).await
}

#[cfg(test)]
mod tests;
