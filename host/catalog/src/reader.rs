//! Reading items of a catalog, wherever its rows are.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use super::{DecodeError, Item};
use tillhouse_checkout::catalog::CatalogVersion;
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::ports::StoreError;
use tillhouse_checkout::time::Timestamp;

/// The catalog of one merchant, in its versions.
#[async_trait]
pub trait CatalogSource: Send + Sync + fmt::Debug {
    /// Begin to read. The version is `pinned` while that is kept for sessions: while it is in force, and for the grace time after.
    /// Else it is the one in force. `now` is the time of the clock, not that of work which is done again.
    ///
    /// # Errors
    /// When the store gives no answer.
    async fn open(
        &self,
        pinned: Option<CatalogVersion>,
        now: Timestamp,
    ) -> Result<Arc<dyn CatalogReader>, CatalogReadError>;
}

/// One version of a catalog: its answers are the same for as long as it is held.
#[async_trait]
pub trait CatalogReader: Send + Sync + fmt::Debug {
    /// Its version; `None` for a catalog in memory, and for one of which nothing was imported yet.
    fn version(&self) -> Option<CatalogVersion>;

    /// Items by id, in the order of the ids; `None` for an id that it does not have.
    ///
    /// # Errors
    /// When an item cannot be read. That says nothing of whether it exists.
    async fn items(&self, ids: &[ItemId]) -> Result<Vec<Option<Arc<Item>>>, CatalogReadError>;
}

/// Why a catalog cannot be read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CatalogReadError {
    /// The store gave no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The items that are asked for at once are more than fits into memory.
    #[error("the items that were asked for at once have more than {limit} bytes; ask for fewer")]
    TooLarge {
        /// Most bytes of items that are read of the store at once.
        limit: usize,
    },
    /// What is stored of an item is not what an import writes.
    #[error("version {version} of the catalog of {merchant} has a row for item {item} that cannot be read: {error}")]
    Row {
        /// Merchant whose catalog it is.
        merchant: MerchantId,
        /// The version that was read.
        version: CatalogVersion,
        /// Id of the item.
        item: ItemId,
        /// What is wrong with the row.
        error: DecodeError,
    },
}
