//! Items of a catalog, chosen at random.

use std::collections::BinaryHeap;
use std::hash::{DefaultHasher, Hash, Hasher};

use tillhouse_checkout::catalog::CatalogVersion;
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::ports::StoreError;

use crate::parts::FeedParts;

/// Rows that are read at a time.
const PAGE: usize = 1000;

/// The items that were chosen.
#[derive(Debug)]
pub(super) struct Sampled(Vec<ItemId>);

impl Sampled {
    /// Chooses the items that have the smallest hashes with the seed: each item has the same chance, and one pass is enough.
    pub(super) async fn choose(
        parts: &FeedParts,
        merchant: &MerchantId,
        version: CatalogVersion,
        count: usize,
        seed: &str,
    ) -> Result<Self, StoreError> {
        let mut chosen: BinaryHeap<(u64, ItemId)> = BinaryHeap::with_capacity(count.min(PAGE));
        let mut after: Option<ItemId> = None;
        loop {
            let page = parts
                .catalogs
                .catalog_page(merchant, version, after.as_ref(), PAGE)
                .await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            for row in page {
                let hash = hash(seed, &row.id);
                let is_smaller = chosen.peek().is_none_or(|(largest, _)| hash < *largest);
                if chosen.len() < count || is_smaller {
                    chosen.push((hash, row.id));
                }
                if chosen.len() > count {
                    chosen.pop();
                }
            }
        }
        let mut ids: Vec<ItemId> = chosen.into_iter().map(|(_, id)| id).collect();
        ids.sort_unstable();
        Ok(Self(ids))
    }

    pub(super) fn ids(&self) -> &[ItemId] {
        &self.0
    }
}

fn hash(seed: &str, id: &ItemId) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seed, id).hash(&mut hasher);
    hasher.finish()
}
