//! What is in force of each merchant's catalog, as operators see it.

use super::super::Served;
use super::super::merchant_state::ServedMerchant;
use tillhouse_checkout::catalog::{CatalogKind, StoredCatalog};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_payments::operator::catalogs::{CatalogInForce, CatalogRefused, CatalogView, ImportProgressView};
use tillhouse_payments::operator::{OperatorError, timestamp};

impl Served {
    /// Merchants with a file or with a version in force. Promotions have no file that is imported by itself.
    pub(super) async fn catalog_views(&self, kind: CatalogKind) -> Result<Vec<CatalogView>, OperatorError> {
        let catalogs = self.parts.catalogs.of(kind);
        let mut views = Vec::new();
        for merchant in self.merchants() {
            let state = merchant.state();
            let known = (kind == CatalogKind::Product).then_some(&state.catalog);
            let stored = catalogs.catalog(&merchant.id).await?;
            let file = known.and_then(|known| known.path.as_ref());
            if file.is_none() && stored.is_none() {
                continue;
            }
            let refused = known.and_then(|known| known.refused.as_ref());
            views.push(CatalogView {
                merchant: merchant.id.clone(),
                file: file.map(|file| file.display().to_string()),
                in_force: match stored {
                    Some(stored) => Some(self.in_force(merchant, kind, stored).await?),
                    None => None,
                },
                refused: refused.map(|refused| CatalogRefused {
                    at: timestamp::text(refused.at),
                    problems: refused.problems.clone(),
                }),
            });
        }
        Ok(views)
    }

    /// Merchant, version and digest of each catalog in force.
    pub(super) async fn versions_in_force(&self) -> Result<Vec<String>, OperatorError> {
        let mut versions = Vec::new();
        for merchant in self.merchants() {
            for kind in CatalogKind::ALL {
                let Some(stored) = self.parts.catalogs.of(kind).catalog(&merchant.id).await? else {
                    continue;
                };
                let of = if kind == CatalogKind::Product {
                    ""
                } else {
                    " promotions"
                };
                let (version, sha256) = (stored.version, &stored.import.sha256);
                versions.push(format!("{}{of} {version} {sha256}", merchant.id));
            }
        }
        Ok(versions)
    }

    pub(super) async fn in_force(
        &self,
        merchant: &ServedMerchant,
        kind: CatalogKind,
        stored: StoredCatalog,
    ) -> Result<CatalogInForce, OperatorError> {
        Ok(CatalogInForce {
            warnings: self.warnings(merchant, kind, &stored).await?,
            version: stored.version.0,
            items: stored.items,
            sha256: stored.import.sha256,
            source: stored.import.source,
            by: stored.import.by,
            since: timestamp::text(stored.since),
        })
    }

    pub(super) fn progress_of(&self, id: &MerchantId) -> Option<ImportProgressView> {
        let progress = self.merchant(id).ok()?.importing.progress()?;
        Some(ImportProgressView {
            bytes: progress.bytes(),
            of: progress.of(),
            rows: progress.rows(),
            refused: progress.refused(),
        })
    }
}
