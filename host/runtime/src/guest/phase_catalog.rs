//! The merchant's catalog as one phase reads it: a single version, opened when something needs it first.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OnceCell;
use tracing::warn;

use super::call_abort_error::CallAbortError;
use super::limits::STORE_WAIT;
use tillhouse_catalog::{CatalogReadError, CatalogReader, CatalogSource, Item};
use tillhouse_checkout::catalog::CatalogVersion;
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::ports::PhaseScope;
use tillhouse_checkout::time::Clock;

/// The catalog of a phase. All its instances, and what the host itself looks up, share it.
#[derive(Debug)]
pub(crate) struct PhaseCatalog {
    merchant: MerchantId,
    source: Arc<dyn CatalogSource>,
    pinned: Option<CatalogVersion>,
    clock: Arc<dyn Clock>,
    reader: OnceCell<Arc<dyn CatalogReader>>,
}

impl PhaseCatalog {
    pub(crate) fn new(source: Arc<dyn CatalogSource>, scope: &PhaseScope, clock: Arc<dyn Clock>) -> Self {
        Self {
            merchant: scope.merchant.clone(),
            source,
            pinned: scope.catalog,
            clock,
            reader: OnceCell::new(),
        }
    }

    /// Items by id, in the order of the ids, within this time at most.
    ///
    /// # Errors
    /// When the catalog cannot be read: never because it lacks an item.
    pub(crate) async fn items(&self, ids: &[ItemId], left: Duration) -> Result<Vec<Option<Arc<Item>>>, CallAbortError> {
        let merchant = &self.merchant;
        match tokio::time::timeout(left.min(STORE_WAIT), self.read(ids)).await {
            Ok(Ok(items)) => Ok(items),
            Ok(Err(error)) => {
                warn!(%merchant, %error, "the catalog cannot be read");
                Err(CallAbortError::Catalog(error))
            }
            Err(_) => {
                warn!(%merchant, "the store was too slow to read the catalog");
                Err(CallAbortError::CatalogTimeout)
            }
        }
    }

    /// The version that the phase reads; `None` if it has read none yet, or the catalog has no versions.
    pub(crate) fn version(&self) -> Option<CatalogVersion> {
        self.reader.get()?.version()
    }

    async fn read(&self, ids: &[ItemId]) -> Result<Vec<Option<Arc<Item>>>, CatalogReadError> {
        // Not the time of the phase: a charge that is made again has that of the first, and the version of then may be gone.
        let opening = || self.source.open(self.pinned, self.clock.now());
        self.reader.get_or_try_init(opening).await?.items(ids).await
    }
}
