//! What a catalog that is in force makes impossible to sell.

use tracing::warn;

use super::super::Served;
use super::super::merchant_state::ServedMerchant;
use tillhouse_catalog::{CatalogWarning, Cells};
use tillhouse_checkout::catalog::{CatalogRow, CatalogVersion, StoredCatalog};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::ports::{CatalogStore, StoreError};

/// Rows that are read at a time.
const PAGE: usize = 1_000;
/// Ids that a warning lists.
const LISTED_IDS: usize = 3;

/// Warnings about a version; it never changes, so they do not either.
#[derive(Clone, Debug)]
pub(super) struct Survey {
    version: CatalogVersion,
    warnings: Vec<String>,
}

impl Served {
    /// Warnings about a version that is in force, looked for once.
    pub(super) async fn warnings(
        &self,
        merchant: &ServedMerchant,
        stored: &StoredCatalog,
    ) -> Result<Vec<String>, StoreError> {
        let mut survey = merchant.importing.survey.lock().await;
        if let Some(known) = survey.as_ref().filter(|known| known.version == stored.version) {
            return Ok(known.warnings.clone());
        }
        let currency = merchant.state().currency;
        let warnings = look(self.parts.catalogs.store.as_ref(), stored, currency).await?;
        let warnings: Vec<String> = warnings.iter().map(ToString::to_string).collect();
        *survey = Some(Survey {
            version: stored.version,
            warnings: warnings.clone(),
        });
        Ok(warnings)
    }

    /// Warn of the catalog in force in the log.
    pub(super) async fn warn_of(&self, id: &MerchantId, currency: Currency) {
        let store = self.parts.catalogs.store.as_ref();
        let Ok(Some(stored)) = store.catalog(id).await else {
            return;
        };
        for warning in look(store, &stored, currency).await.unwrap_or_default() {
            warn!(merchant.id = %id, %warning, "the catalog has items that cannot be bought");
        }
    }
}

async fn look(
    store: &dyn CatalogStore,
    stored: &StoredCatalog,
    currency: Currency,
) -> Result<Vec<CatalogWarning>, StoreError> {
    if stored.items == 0 {
        return Ok(vec![CatalogWarning::Empty]);
    }
    let (mut items, mut ids, mut after) = (0, Vec::new(), None);
    loop {
        let page = store
            .catalog_page(&stored.merchant, stored.version, after.as_ref(), PAGE)
            .await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id.clone());
        for row in page.iter().filter(|row| !is_priced_in(row, currency)) {
            items += 1;
            if ids.len() < LISTED_IDS {
                ids.push(row.id.to_string());
            }
        }
    }
    if items == 0 {
        return Ok(Vec::new());
    }
    Ok(vec![CatalogWarning::OtherCurrency {
        currency,
        items,
        of: usize::try_from(stored.items).unwrap_or(usize::MAX),
        ids,
    }])
}

/// A price ends with its currency.
fn is_priced_in(row: &CatalogRow, currency: Currency) -> bool {
    let Ok(cells) = Cells::new(&row.content) else {
        return false;
    };
    let code = cells.get("price").and_then(|price| price.split_whitespace().last());
    code.and_then(|code| Currency::new(code).ok()) == Some(currency)
}
