//! What else takes part in uploads: the stock as it is counted, and the rows as they are read again.

use std::collections::BTreeMap;

use async_trait::async_trait;

use tillhouse_checkout::catalog::{CatalogRow, CatalogVersion};
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::ports::StoreError;

use super::upload_rows::Cells;

/// Knows the stock that the catalog does not: what was sold since its import.
#[async_trait]
pub trait CountedStock: Send + Sync + std::fmt::Debug {
    /// Cells that take the place of those of the catalog in an upload of all items, for items whose stock is another now.
    async fn counted(
        &self,
        merchant: &MerchantId,
        version: CatalogVersion,
    ) -> Result<BTreeMap<ItemId, Cells>, StoreError>;
}

/// A row as it was uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadedRow {
    /// The item that it is about.
    pub id: ItemId,
    /// Row of the catalog; `None` for a row that deletes, and for one of an increment.
    pub row: Option<CatalogRow>,
    /// Cells that took the place of those of the catalog.
    pub cells: Cells,
    /// Whether the row deletes the item.
    pub deleted: bool,
}

/// The rows of an upload, in the order in which they were sent.
#[async_trait]
pub trait UploadedRows: Send + Sync {
    /// At most `limit` rows after an item. An empty page is the end.
    async fn page(&self, after: Option<&ItemId>, limit: usize) -> Result<Vec<UploadedRow>, StoreError>;
}
