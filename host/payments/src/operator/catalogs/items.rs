//! The items of a catalog: one, a list, and all of them to export.

use serde::{Deserialize, Serialize};

use super::{Operator, OperatorError, OperatorRequest};
use tillhouse_checkout::catalog::{CatalogKind, CatalogVersion};
use tillhouse_checkout::ids::{ItemId, MerchantId};

/// `catalog show`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShowCatalogItem {
    /// The merchant whose catalog it is.
    pub merchant: MerchantId,
    /// Which of its catalogs.
    #[serde(default)]
    pub kind: CatalogKind,
    /// Id of the item, or of the promotion.
    pub item: ItemId,
    /// Version whose rows are kept; `None` for the one in force.
    pub version: Option<CatalogVersion>,
}

/// One item with all of its cells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogItemDetail {
    /// The merchant whose catalog it is.
    pub merchant: MerchantId,
    /// Which of its catalogs.
    #[serde(default)]
    pub kind: CatalogKind,
    /// Version that it was read from.
    pub version: CatalogVersion,
    /// The item as it is stored.
    #[serde(flatten)]
    pub item: StoredItem,
    /// What Stripe would not take of it, each problem with its rule.
    pub problems: Vec<super::CatalogProblem>,
}

/// An item as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredItem {
    /// Id of the item.
    pub id: ItemId,
    /// Line of the imported file that it is from.
    pub line: u64,
    /// Its cells that are not empty, without the id.
    pub cells: Vec<StoredCell>,
}

/// A cell that is not empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredCell {
    /// Name of the column.
    pub column: String,
    /// The text in the cell.
    pub value: String,
}

/// Which items a list has; a field that is `None` does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemFilter {
    /// Id or title contain this text, in any case.
    pub text: Option<String>,
    /// Columns that have exactly these values.
    pub cells: Vec<StoredCell>,
}

/// `catalog list`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListCatalogItems {
    /// The merchant whose catalog it is.
    pub merchant: MerchantId,
    /// Which of its catalogs.
    #[serde(default)]
    pub kind: CatalogKind,
    /// Version whose rows are kept; `None` for the one in force.
    pub version: Option<CatalogVersion>,
    /// Continue after this id.
    pub after: Option<ItemId>,
    /// Which of the items.
    pub filter: ItemFilter,
    /// Maximum number of items.
    pub limit: usize,
}

/// Items of a catalog, in the order of their ids.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CatalogItemPage {
    /// The merchant whose catalog it is.
    pub merchant: MerchantId,
    /// Which of its catalogs.
    #[serde(default)]
    pub kind: CatalogKind,
    /// Version that they were read from; `None` if nothing was imported yet.
    pub version: Option<CatalogVersion>,
    /// Number of all items of the version.
    pub of: u64,
    /// At most as many as the limit; empty in a list of promotions.
    pub items: Vec<CatalogItemView>,
    /// Promotions with all of their cells, at most as many as the limit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub promotions: Vec<StoredItem>,
    /// Id to continue after; `None` if there are no more items.
    pub next: Option<ItemId>,
}

/// The cells of an item that a list shows, as they were written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogItemView {
    /// Id of the item.
    pub id: ItemId,
    /// Cell of the column `title`.
    pub title: String,
    /// Cell of the column `price`.
    pub price: String,
    /// Cell of the column `sale_price`.
    pub sale_price: Option<String>,
    /// Cell of the column `availability`.
    pub availability: String,
    /// Column `inventory_quantity`: what the merchant stated, before anything was sold.
    pub inventory_quantity: Option<String>,
}

/// First step of `catalog export`: which columns there are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListCatalogColumns {
    /// The merchant whose catalog it is.
    pub merchant: MerchantId,
    /// Which of its catalogs.
    #[serde(default)]
    pub kind: CatalogKind,
    /// Version whose rows are kept; `None` for the one in force.
    pub version: Option<CatalogVersion>,
}

/// Columns that at least one row of a version has.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CatalogColumns {
    /// The merchant whose catalog it is.
    pub merchant: MerchantId,
    /// Which of its catalogs.
    #[serde(default)]
    pub kind: CatalogKind,
    /// The version that was read.
    pub version: CatalogVersion,
    /// Number of its items.
    pub items: u64,
    /// Their names, that of the ids among them, those of the product feed in its order.
    pub columns: Vec<String>,
}

/// Second step of `catalog export`: the rows, page by page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReadCatalogRows {
    /// The merchant whose catalog it is.
    pub merchant: MerchantId,
    /// Which of its catalogs.
    #[serde(default)]
    pub kind: CatalogKind,
    /// The version that the columns are of: all pages are of one version.
    pub version: CatalogVersion,
    /// Continue after this id.
    pub after: Option<ItemId>,
    /// Maximum number of rows.
    pub limit: usize,
}

/// Rows in the order of their ids. An empty page is the end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CatalogRowPage {
    /// The rows of the page.
    pub rows: Vec<StoredItem>,
}

macro_rules! answered_by_the_host {
    ($request:ty, $name:literal, $answer:ty, $method:ident) => {
        impl OperatorRequest for $request {
            const NAME: &'static str = $name;
            type Answer = $answer;

            async fn answer(self, operator: &Operator) -> Result<$answer, OperatorError> {
                operator.merchant(Some(&self.merchant))?;
                operator.served.$method(self).await
            }
        }
    };
}

answered_by_the_host!(ShowCatalogItem, "catalogs/show", CatalogItemDetail, catalog_item);
answered_by_the_host!(ListCatalogItems, "catalogs/items", CatalogItemPage, catalog_items);
answered_by_the_host!(ListCatalogColumns, "catalogs/columns", CatalogColumns, catalog_columns);
answered_by_the_host!(ReadCatalogRows, "catalogs/rows", CatalogRowPage, catalog_rows);
