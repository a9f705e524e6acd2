//! The catalogs of this host, for the requests of operators.

use async_trait::async_trait;

use super::super::Served;
use tillhouse_checkout::catalog::CatalogKind;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_payments::operator::OperatorError;
use tillhouse_payments::operator::catalogs::{
    CatalogColumns, CatalogHistory, CatalogImported, CatalogItemDetail, CatalogItemPage, CatalogReloaded,
    CatalogRowPage, CatalogVersions, CatalogView, ImportCatalog, ImportProgressView, ListCatalogColumns,
    ListCatalogItems, ReadCatalogRows, ReloadCatalog, ServedCatalogs, ShowCatalogItem,
};

#[async_trait]
impl ServedCatalogs for Served {
    async fn catalogs(&self, kind: CatalogKind) -> Result<Vec<CatalogView>, OperatorError> {
        self.catalog_views(kind).await
    }

    async fn catalogs_in_force(&self) -> Result<Vec<String>, OperatorError> {
        self.versions_in_force().await
    }

    async fn reload_catalog(&self, request: ReloadCatalog) -> Result<CatalogReloaded, OperatorError> {
        Box::pin(self.reload_by_operator(request)).await
    }

    async fn import_catalog(&self, request: ImportCatalog) -> Result<CatalogImported, OperatorError> {
        Box::pin(self.import_by_operator(request)).await
    }

    fn import_progress(&self, merchant: &MerchantId) -> Option<ImportProgressView> {
        self.progress_of(merchant)
    }

    async fn catalog_history(&self, request: CatalogHistory) -> Result<CatalogVersions, OperatorError> {
        self.history(request).await
    }

    async fn catalog_item(&self, request: ShowCatalogItem) -> Result<CatalogItemDetail, OperatorError> {
        self.item(request).await
    }

    async fn catalog_items(&self, request: ListCatalogItems) -> Result<CatalogItemPage, OperatorError> {
        self.items(request).await
    }

    async fn catalog_columns(&self, request: ListCatalogColumns) -> Result<CatalogColumns, OperatorError> {
        self.columns(request).await
    }

    async fn catalog_rows(&self, request: ReadCatalogRows) -> Result<CatalogRowPage, OperatorError> {
        self.rows(request).await
    }
}
