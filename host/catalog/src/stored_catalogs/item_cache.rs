//! Items of all merchants in memory, up to a number of bytes. Ids that a version does not have are remembered too.

use std::hash::Hash;
use std::sync::Arc;

use moka::Equivalent;
use moka::future::Cache;

use crate::Item;
use tillhouse_checkout::catalog::CatalogVersion;
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::time::Timestamp;

/// What the cache itself needs for an entry, in bytes: its tables, its queues, and the counts of how often it was used.
const ENTRY_BYTES: usize = 256;

/// A version of a merchant's catalog. The same number with another time is another version: that of a store which was restored and
/// has counted on since.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct VersionKey {
    pub(super) merchant: MerchantId,
    pub(super) version: CatalogVersion,
    pub(super) since: Timestamp,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct ItemKey {
    version: VersionKey,
    item: ItemId,
}

/// The same key without a copy of its parts. It hashes as [`ItemKey`] does: the same fields in the same order.
#[derive(Hash)]
struct BorrowedKey<'a> {
    version: &'a VersionKey,
    item: &'a ItemId,
}

impl Equivalent<ItemKey> for BorrowedKey<'_> {
    fn equivalent(&self, key: &ItemKey) -> bool {
        *self.item == key.item && *self.version == key.version
    }
}

/// An item, or that a version does not have it, and what it takes of the cache.
#[derive(Clone, Debug)]
pub(super) struct CachedItem {
    item: Option<Arc<Item>>,
    bytes: usize,
}

impl CachedItem {
    /// `content` is the size of its row: its cells are in memory twice, as text and as what they mean.
    pub(super) fn new(item: Option<Arc<Item>>, content: usize) -> Self {
        let fields = if item.is_some() { size_of::<Item>() } else { 0 };
        Self {
            item,
            bytes: fields.saturating_add(content.saturating_mul(2)),
        }
    }
}

#[derive(Debug)]
pub(super) struct ItemCache(Cache<ItemKey, CachedItem>);

impl ItemCache {
    pub(super) fn new(bytes: u64) -> Self {
        let cache = Cache::builder().max_capacity(bytes).weigher(weight).build();
        Self(cache)
    }

    /// `None` if it is not known; `Some(None)` if it is known that the version has no such item.
    pub(super) async fn get(&self, version: &VersionKey, item: &ItemId) -> Option<Option<Arc<Item>>> {
        let known = self.0.get(&BorrowedKey { version, item }).await?;
        Some(known.item)
    }

    pub(super) async fn insert(&self, version: &VersionKey, item: ItemId, found: CachedItem) {
        let version = version.clone();
        self.0.insert(ItemKey { version, item }, found).await;
    }

    /// The number of bytes that its entries take, after it has done what it puts off.
    #[cfg(test)]
    pub(super) async fn bytes(&self) -> u64 {
        self.0.run_pending_tasks().await;
        self.0.weighted_size()
    }
}

fn weight(key: &ItemKey, cached: &CachedItem) -> u32 {
    let names = key.version.merchant.as_str().len() + key.item.as_str().len();
    let bytes = size_of::<ItemKey>() + names + ENTRY_BYTES + cached.bytes;
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
