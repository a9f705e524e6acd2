//! The versions of a merchant's catalog.

use super::super::Served;
use tillhouse_payments::operator::OperatorError;
use tillhouse_payments::operator::catalogs::{CatalogHistory, CatalogVersions};

impl Served {
    pub(super) async fn history(&self, request: CatalogHistory) -> Result<CatalogVersions, OperatorError> {
        let most = request.limit.saturating_add(1);
        let catalogs = self.parts.catalogs.of(request.kind);
        let mut versions = catalogs.catalog_versions(&request.merchant, most).await?;
        let more = versions.len() > request.limit;
        versions.truncate(request.limit);
        Ok(CatalogVersions {
            versions: versions.into_iter().map(Into::into).collect(),
            more,
        })
    }
}
