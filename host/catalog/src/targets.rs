//! Items that promotions name, looked for in the catalog. Groups are not: the store finds items by their ids.

use std::collections::{BTreeSet, HashSet};

use crate::cells::Cells;
use crate::columns::{self, code};
use crate::problem::Problem;
use tillhouse_checkout::catalog::CatalogRow;
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::ports::{CatalogStore, StoreError};

/// Items that are looked for at a time.
const BATCH: usize = 500;

/// What promotions name that the catalog of items in force does not have, for each promotion that does.
///
/// It is advice: an item may come after its promotion.
///
/// # Errors
/// When the store gives no answer.
pub async fn unknown_targets<'r>(
    items: &dyn CatalogStore,
    merchant: &MerchantId,
    promotions: &'r [CatalogRow],
) -> Result<Vec<(&'r CatalogRow, Vec<Problem>)>, StoreError> {
    let named: Vec<_> = promotions.iter().map(|row| (row, named(row))).collect();
    let columns = named.iter().flat_map(|(_, columns)| columns);
    let all: BTreeSet<&ItemId> = columns.flat_map(|(_, ids)| ids).collect();
    let all: Vec<ItemId> = all.into_iter().cloned().collect();
    let known = known(items, merchant, &all).await?;
    let with_problems = named.into_iter().map(|(row, columns)| {
        let problems = columns.iter().filter_map(|(code, ids)| {
            let unknown: Vec<&ItemId> = ids.iter().filter(|id| !known.contains(*id)).collect();
            let is_wrong = !unknown.is_empty();
            is_wrong.then(|| Problem::unknown_targets(row.line, columns::of(*code), &unknown))
        });
        (row, problems.collect::<Vec<_>>())
    });
    Ok(with_problems.filter(|(_, problems)| !problems.is_empty()).collect())
}

/// The items that a promotion names: the column, and their ids. A damaged row names none.
fn named(promotion: &CatalogRow) -> Vec<(u8, Vec<ItemId>)> {
    let Ok(cells) = Cells::new(&promotion.content) else {
        return Vec::new();
    };
    let ids = |text: &str| {
        let ids = text.split(',').map(str::trim).filter(|id| !id.is_empty());
        ids.map(ItemId::new).collect::<Vec<_>>()
    };
    let of_column = |code: u8| {
        let text = cells.get(columns::of(code).name)?;
        Some((code, ids(text)))
    };
    [code::TARGET_IDS, code::EXCLUDED_IDS]
        .into_iter()
        .filter_map(of_column)
        .collect()
}

async fn known(items: &dyn CatalogStore, merchant: &MerchantId, ids: &[ItemId]) -> Result<HashSet<ItemId>, StoreError> {
    let mut known = HashSet::new();
    if ids.is_empty() {
        return Ok(known);
    }
    let Some(in_force) = items.catalog(merchant).await? else {
        return Ok(known);
    };
    for ids in ids.chunks(BATCH) {
        let rows = items.catalog_rows(merchant, in_force.version, ids).await?;
        known.extend(rows.into_iter().flatten().map(|row| row.id));
    }
    Ok(known)
}
