//! What a catalog that is in force makes impossible to sell.

use std::sync::Arc;

use tracing::warn;

use super::super::Served;
use super::super::merchant_state::ServedMerchant;
use tillhouse_catalog::{CatalogWarning, Cells, unknown_targets};
use tillhouse_checkout::catalog::{CatalogKind, CatalogRow, CatalogVersion, StoredCatalog};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::ports::{CatalogStore, StoreError, catalogs_of};

/// Rows that are read at a time.
const PAGE: usize = 1_000;
/// Promotions with unknown items that are listed one by one.
const LISTED_PROMOTIONS: usize = 20;
/// Ids that a warning lists.
const LISTED_IDS: usize = 3;

/// Warnings about a version; it never changes, so they do not either, as long as the items that promotions name are the same.
#[derive(Clone, Debug)]
pub(super) struct Survey {
    version: CatalogVersion,
    items: Option<CatalogVersion>,
    warnings: Vec<String>,
}

impl Served {
    /// Warnings about a version that is in force, looked for once.
    pub(super) async fn warnings(
        &self,
        merchant: &ServedMerchant,
        kind: CatalogKind,
        stored: &StoredCatalog,
    ) -> Result<Vec<String>, StoreError> {
        let mut surveys = merchant.importing.surveys.lock().await;
        let items = match kind {
            CatalogKind::Product => None,
            CatalogKind::Promotion => self.parts.catalogs.store.catalog(&merchant.id).await?,
        };
        let items = items.map(|items| items.version);
        let is_of = |known: &&Survey| (known.version, known.items) == (stored.version, items);
        if let Some(known) = surveys.get(&kind).filter(is_of) {
            return Ok(known.warnings.clone());
        }
        let store = &self.parts.catalogs.store;
        let warnings: Vec<String> = match kind {
            CatalogKind::Product => {
                let found = look(store.as_ref(), stored, merchant.state().currency).await?;
                found.iter().map(ToString::to_string).collect()
            }
            CatalogKind::Promotion => targets(store, stored).await?,
        };
        let survey = Survey {
            version: stored.version,
            items,
            warnings: warnings.clone(),
        };
        surveys.insert(kind, survey);
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

/// The promotions that name items which the catalog does not have: the first of them, and how many more there are.
async fn targets(store: &Arc<dyn CatalogStore>, stored: &StoredCatalog) -> Result<Vec<String>, StoreError> {
    let promotions = catalogs_of(store, CatalogKind::Promotion);
    let (mut warnings, mut more, mut after) = (Vec::new(), 0_u64, None);
    loop {
        let page = promotions
            .catalog_page(&stored.merchant, stored.version, after.as_ref(), PAGE)
            .await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id.clone());
        for (row, problems) in unknown_targets(store.as_ref(), &stored.merchant, &page).await? {
            for problem in problems {
                if warnings.len() < LISTED_PROMOTIONS {
                    warnings.push(format!("promotion {}: {} {}", row.id, problem.column, problem.message));
                } else {
                    more += 1;
                }
            }
        }
    }
    if more > 0 {
        warnings.push(format!("and {more} more promotions that name unknown items"));
    }
    Ok(warnings)
}

/// A price ends with its currency.
fn is_priced_in(row: &CatalogRow, currency: Currency) -> bool {
    let Ok(cells) = Cells::new(&row.content) else {
        return false;
    };
    let code = cells.get("price").and_then(|price| price.split_whitespace().last());
    code.and_then(|code| Currency::new(code).ok()) == Some(currency)
}
