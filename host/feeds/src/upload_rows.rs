//! What is pinned of an upload beside the version of the catalog, so that its file has the same bytes whenever it is rendered.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use tillhouse_checkout::catalog::CatalogVersion;
use tillhouse_checkout::feed::FeedUpload;
use tillhouse_checkout::ids::ItemId;

/// Cells of a row: columns of the feed, and their texts as they are sent.
pub type Cells = Vec<(String, String)>;

/// A row of an increment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncrementRow {
    /// The item, which the other party knows already.
    pub id: ItemId,
    /// What is new of it.
    pub cells: Cells,
}

/// What is kept in `FeedUpload::rows`, as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadRows {
    /// The rows of an increment; `None` if every item of the catalog has a row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub increment: Option<Vec<IncrementRow>>,
    /// Cells that take the place of those of the catalog, such as stock as it was counted.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counted: BTreeMap<ItemId, Cells>,
    /// Version before. Items that were deleted since have a row that deletes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_since: Option<CatalogVersion>,
}

impl UploadRows {
    /// What is pinned of an upload.
    ///
    /// # Errors
    /// When another release wrote it in a form that this one does not read.
    pub fn of(upload: &FeedUpload) -> Result<Self, serde_json::Error> {
        upload
            .rows
            .as_ref()
            .map_or_else(|| Ok(Self::default()), Self::deserialize)
    }
}
