//! The versions that a merchant's catalog had.

use serde::{Deserialize, Serialize};

use super::{Operator, OperatorError, OperatorRequest};
use tillhouse_checkout::catalog::{CatalogKind, ImportMode, StoredCatalog};
use tillhouse_checkout::ids::MerchantId;

use crate::operator::timestamp;

/// `catalog history`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CatalogHistory {
    /// The merchant whose catalog it is.
    pub merchant: MerchantId,
    /// Which of its catalogs.
    #[serde(default)]
    pub kind: CatalogKind,
    /// Maximum number of versions.
    pub limit: usize,
}

/// Versions of a merchant's catalog.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CatalogVersions {
    /// The newest of them first.
    pub versions: Vec<CatalogVersionView>,
    /// There are more than the limit allows.
    pub more: bool,
}

/// One version of a catalog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogVersionView {
    /// Number of the version.
    pub version: u64,
    /// Number of its items.
    pub items: u64,
    /// Items that are not as in the version before, or are new.
    pub changed: u64,
    /// Items of the version before that it does not have.
    pub deleted: u64,
    /// Rows of the file that were refused.
    pub refused: u64,
    /// What the import did to items that its file does not have.
    pub mode: ImportMode,
    /// Where it was imported from.
    pub source: String,
    /// SHA-256 of the content of the file, in hex.
    pub sha256: String,
    /// Who imported it: `operator:ada`, `host:…`.
    pub by: String,
    /// Since when it was in force (RFC 3339).
    pub since: String,
    /// Until when it was; `None` if it is in force.
    pub until: Option<String>,
}

impl From<StoredCatalog> for CatalogVersionView {
    fn from(stored: StoredCatalog) -> Self {
        Self {
            version: stored.version.0,
            items: stored.items,
            changed: stored.changed,
            deleted: stored.deleted,
            refused: stored.import.refused,
            mode: stored.import.mode,
            source: stored.import.source,
            sha256: stored.import.sha256,
            by: stored.import.by,
            since: timestamp::text(stored.since),
            until: stored.until.map(timestamp::text),
        }
    }
}

impl OperatorRequest for CatalogHistory {
    const NAME: &'static str = "catalogs/history";
    type Answer = CatalogVersions;

    async fn answer(self, operator: &Operator) -> Result<CatalogVersions, OperatorError> {
        operator.merchant(Some(&self.merchant))?;
        operator.served.catalog_history(self).await
    }
}
