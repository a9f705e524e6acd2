//! The merchants' catalogs as operators see them: what is in force, what became of a file, the single items.
//!
//! The documents and the port; the host implements it over its store.

mod history;
mod import;
mod items;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::problem::Problem;
use super::{Operator, OperatorError, OperatorRequest};
use tillhouse_checkout::catalog::CatalogKind;
use tillhouse_checkout::ids::MerchantId;

pub use history::{CatalogHistory, CatalogVersionView, CatalogVersions};
pub use import::{
    AskImportProgress, CatalogImported, CatalogProblem, FileRead, ImportCatalog, ImportProgressView, RowCounts,
    StockCounted,
};
pub use items::{
    CatalogColumns, CatalogItemDetail, CatalogItemPage, CatalogItemView, CatalogRowPage, ItemFilter,
    ListCatalogColumns, ListCatalogItems, ReadCatalogRows, ShowCatalogItem, StoredCell, StoredItem,
};

/// A merchant's catalog and its file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogView {
    /// The merchant that it is of.
    pub merchant: MerchantId,
    /// Path of the file that is imported by itself; `None` if the catalog is imported by command only.
    pub file: Option<String>,
    /// The version in force; `None` if none was ever good.
    pub in_force: Option<CatalogInForce>,
    /// Why what the file contains now is not in force; `None` if it is, or if there is no such file.
    pub refused: Option<CatalogRefused>,
}

/// A catalog that is in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogInForce {
    /// Number of the version.
    pub version: u64,
    /// Number of items that can be sold or described.
    pub items: u64,
    /// SHA-256 of the content of the file that it was imported from, in hex.
    pub sha256: String,
    /// Where it was imported from.
    pub source: String,
    /// Who imported it: `operator:ada`, `host:…`.
    pub by: String,
    /// Since when it is in force (RFC 3339).
    pub since: String,
    /// What the merchant would not want, although every row is valid: items that cannot be bought.
    pub warnings: Vec<String>,
}

/// A file that is not put into force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogRefused {
    /// When it was read (RFC 3339).
    pub at: String,
    /// The problems, each with its line; of many the first.
    pub problems: Vec<String>,
}

/// `catalog status`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ListCatalogs {
    /// Only that of this merchant.
    pub merchant: Option<MerchantId>,
    /// Of items, or of promotions.
    #[serde(default)]
    pub kind: CatalogKind,
}

/// The catalogs of the merchants that have one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CatalogList {
    /// By merchant, in the order of the configuration.
    pub catalogs: Vec<CatalogView>,
}

/// `catalog reload`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReloadCatalog {
    /// The merchant whose catalog is read again.
    pub merchant: MerchantId,
    /// The operator, for the audit log.
    pub actor: String,
}

/// What loading a catalog again has changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CatalogReloaded {
    /// The merchant whose catalog was read again.
    pub merchant: MerchantId,
    /// Whether another version is in force now. `false` if the content of the file was already.
    pub changed: bool,
    /// The version in force now.
    pub now: CatalogInForce,
    /// Number of items of the version before; `None` if there was none.
    pub items_before: Option<u64>,
    /// Why the merchant is still out of service; empty if it is in service.
    pub still_out_of_service: Vec<Problem>,
}

/// The merchants' catalogs of this host.
#[async_trait]
pub trait ServedCatalogs: std::fmt::Debug + Send + Sync {
    /// The catalog of every merchant that has one.
    async fn catalogs(&self, kind: CatalogKind) -> Result<Vec<CatalogView>, OperatorError>;

    /// Merchant, version and digest of each catalog in force, for the audit log.
    async fn catalogs_in_force(&self) -> Result<Vec<String>, OperatorError>;

    /// Read the file of a merchant's catalog again, and put it into force if it is good.
    async fn reload_catalog(&self, request: ReloadCatalog) -> Result<CatalogReloaded, OperatorError>;

    /// Import a file into a catalog.
    async fn import_catalog(&self, request: ImportCatalog) -> Result<CatalogImported, OperatorError>;

    /// How far the import of this merchant is; `None` if none is under way on this host.
    fn import_progress(&self, merchant: &MerchantId) -> Option<ImportProgressView>;

    /// Versions of a merchant's catalog, the newest first.
    async fn catalog_history(&self, request: CatalogHistory) -> Result<CatalogVersions, OperatorError>;

    /// One item with all of its cells.
    async fn catalog_item(&self, request: ShowCatalogItem) -> Result<CatalogItemDetail, OperatorError>;

    /// Items of a catalog, page by page.
    async fn catalog_items(&self, request: ListCatalogItems) -> Result<CatalogItemPage, OperatorError>;

    /// The columns that rows of a version have.
    async fn catalog_columns(&self, request: ListCatalogColumns) -> Result<CatalogColumns, OperatorError>;

    /// Rows of a version with all of their cells, page by page.
    async fn catalog_rows(&self, request: ReadCatalogRows) -> Result<CatalogRowPage, OperatorError>;
}

impl OperatorRequest for ListCatalogs {
    const NAME: &'static str = "catalogs/list";
    type Answer = CatalogList;

    async fn answer(self, operator: &Operator) -> Result<CatalogList, OperatorError> {
        let merchants = operator.merchant(self.merchant.as_ref())?;
        let mut catalogs = operator.served.catalogs(self.kind).await?;
        catalogs.retain(|it| merchants.contains(&it.merchant));
        Ok(CatalogList { catalogs })
    }
}

impl OperatorRequest for ReloadCatalog {
    const NAME: &'static str = "catalogs/reload";
    type Answer = CatalogReloaded;

    async fn answer(self, operator: &Operator) -> Result<CatalogReloaded, OperatorError> {
        operator.merchant(Some(&self.merchant))?;
        operator.served.reload_catalog(self).await
    }
}
