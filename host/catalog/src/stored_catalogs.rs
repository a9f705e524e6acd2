//! Catalogs in the store, with a cache of items in front of it.
//!
//! Which version is in force is asked of the store whenever a reader is opened, so that a switch is seen by every host of a fleet at
//! once. An item of a version never changes, so the cache needs no invalidation: versions that are over fall out of it.

mod item_cache;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use moka::future::Cache;

use super::{CatalogReadError, CatalogReader, CatalogSource, Item};
use item_cache::{CachedItem, ItemCache, VersionKey};
use tillhouse_checkout::catalog::{CatalogRow, CatalogVersion, StoredCatalog};
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::ports::CatalogStore;
use tillhouse_checkout::time::Timestamp;

/// How many versions that are over are remembered, of all merchants.
const ENDED_VERSIONS: u64 = 10_000;

/// Rows that are read of the store at once, and the most bytes of all that one question reads: a row may have a megabyte.
const READ_AT_ONCE: usize = 50;
const READ_BYTES: usize = 64 * 1024 * 1024;

/// How far back a version may be of which is asked when it ended.
const LOOKED_UP_VERSIONS: u64 = 500;

/// How catalogs are cached, and kept for sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CatalogCacheSettings {
    /// Memory for cached items of all merchants, in bytes.
    pub bytes: u64,
    /// How long a session may go on with a version after it was replaced.
    pub grace: Duration,
}

impl Default for CatalogCacheSettings {
    fn default() -> Self {
        Self {
            bytes: 64 * 1024 * 1024,
            grace: Duration::from_secs(900),
        }
    }
}

/// The catalogs of all merchants of a host. Cheap to clone.
#[derive(Clone, Debug)]
pub struct StoredCatalogs(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    store: Arc<dyn CatalogStore>,
    grace: Duration,
    items: ItemCache,
    /// Versions that are over: since when they were in force, and until when. Neither changes any more.
    ended: Cache<(MerchantId, CatalogVersion), (Timestamp, Timestamp)>,
}

impl StoredCatalogs {
    /// Catalogs over a store, with an empty cache.
    #[must_use]
    pub fn new(store: Arc<dyn CatalogStore>, settings: CatalogCacheSettings) -> Self {
        Self(Arc::new(Shared {
            store,
            grace: settings.grace,
            items: ItemCache::new(settings.bytes),
            ended: Cache::new(ENDED_VERSIONS),
        }))
    }

    /// The catalog of one merchant, whether or not anything was imported yet.
    #[must_use]
    pub fn of(&self, merchant: &MerchantId) -> Arc<dyn CatalogSource> {
        Arc::new(StoredSource {
            shared: Arc::clone(&self.0),
            merchant: merchant.clone(),
        })
    }
}

#[derive(Debug)]
struct StoredSource {
    shared: Arc<Shared>,
    merchant: MerchantId,
}

#[async_trait]
impl CatalogSource for StoredSource {
    async fn open(
        &self,
        pinned: Option<CatalogVersion>,
        now: Timestamp,
    ) -> Result<Arc<dyn CatalogReader>, CatalogReadError> {
        let (shared, merchant) = (&self.shared, &self.merchant);
        let Some(in_force) = shared.store.catalog(merchant).await? else {
            return Ok(Arc::new(NothingImported));
        };
        let kept = match pinned {
            Some(pinned) => shared.kept(&in_force, pinned, now).await?,
            None => None,
        };
        Ok(Arc::new(StoredReader {
            shared: Arc::clone(shared),
            version: VersionKey {
                merchant: merchant.clone(),
                version: kept.map_or(in_force.version, |(version, _)| version),
                since: kept.map_or(in_force.since, |(_, since)| since),
            },
        }))
    }
}

impl Shared {
    /// A version before the one in force, and since when it was in force; `None` if sessions go on with it no more.
    async fn kept(
        &self,
        in_force: &StoredCatalog,
        pinned: CatalogVersion,
        now: Timestamp,
    ) -> Result<Option<(CatalogVersion, Timestamp)>, CatalogReadError> {
        // A later one was lost with what a restored store lacks.
        if pinned >= in_force.version {
            return Ok(None);
        }
        let ended = self.ended(in_force, pinned).await?;
        let kept = ended.filter(|(_, until)| now < until.after(self.grace));
        Ok(kept.map(|(since, _)| (pinned, since)))
    }

    async fn ended(
        &self,
        in_force: &StoredCatalog,
        version: CatalogVersion,
    ) -> Result<Option<(Timestamp, Timestamp)>, CatalogReadError> {
        let key = (in_force.merchant.clone(), version);
        if let Some(known) = self.ended.get(&key).await {
            return Ok(Some(known));
        }
        let versions = self.versions_since(in_force, version).await?;
        let found = versions.iter().find(|found| found.version == version);
        let Some((since, until)) = found.and_then(|found| Some((found.since, found.until?))) else {
            return Ok(None);
        };
        self.ended.insert(key, (since, until)).await;
        Ok(Some((since, until)))
    }

    /// The versions after this one, and it, as far as they are looked up. More of them may have come into force since the look at the one in
    /// force.
    async fn versions_since(
        &self,
        in_force: &StoredCatalog,
        version: CatalogVersion,
    ) -> Result<Vec<StoredCatalog>, CatalogReadError> {
        let mut newest = in_force.version;
        loop {
            let back = (newest.0 - version.0).saturating_add(1);
            let limit = usize::try_from(back.min(LOOKED_UP_VERSIONS)).unwrap_or(usize::MAX);
            let versions = self.store.catalog_versions(&in_force.merchant, limit).await?;
            match versions.first().map(|first| first.version) {
                Some(first) if first > newest && back < LOOKED_UP_VERSIONS => newest = first,
                _ => return Ok(versions),
            }
        }
    }
}

/// A version of a merchant's catalog in the store.
#[derive(Debug)]
struct StoredReader {
    shared: Arc<Shared>,
    version: VersionKey,
}

#[async_trait]
impl CatalogReader for StoredReader {
    fn version(&self) -> Option<CatalogVersion> {
        Some(self.version.version)
    }

    async fn items(&self, ids: &[ItemId]) -> Result<Vec<Option<Arc<Item>>>, CatalogReadError> {
        let mut items = Vec::with_capacity(ids.len());
        let mut missing = Vec::new();
        for id in ids {
            match self.shared.items.get(&self.version, id).await {
                Some(known) => items.push(known),
                None => {
                    missing.push((items.len(), id.clone()));
                    items.push(None);
                }
            }
        }
        if missing.is_empty() {
            return Ok(items);
        }
        let (places, missing): (Vec<usize>, Vec<ItemId>) = missing.into_iter().unzip();
        let VersionKey { merchant, version, .. } = &self.version;
        let mut bytes = 0;
        for (places, ids) in places.chunks(READ_AT_ONCE).zip(missing.chunks(READ_AT_ONCE)) {
            let rows = self.shared.store.catalog_rows(merchant, *version, ids).await?;
            bytes += rows.iter().flatten().map(|row| row.content.len()).sum::<usize>();
            if bytes > READ_BYTES {
                return Err(CatalogReadError::TooLarge { limit: READ_BYTES });
            }
            for ((place, id), row) in places.iter().zip(ids).zip(rows) {
                let item = self.keep(id.clone(), row).await?;
                if let Some(place) = items.get_mut(*place) {
                    *place = item;
                }
            }
        }
        Ok(items)
    }
}

impl StoredReader {
    /// The item of a row; it is cached, and so is that there is none.
    async fn keep(&self, id: ItemId, row: Option<CatalogRow>) -> Result<Option<Arc<Item>>, CatalogReadError> {
        let item = match &row {
            Some(row) => Some(Arc::new(self.decode(row)?)),
            None => None,
        };
        let content = row.map_or(0, |row| row.content.len());
        let cached = CachedItem::new(item.clone(), content);
        self.shared.items.insert(&self.version, id, cached).await;
        Ok(item)
    }

    fn decode(&self, row: &CatalogRow) -> Result<Item, CatalogReadError> {
        Item::decode(row).map_err(|error| CatalogReadError::Row {
            merchant: self.version.merchant.clone(),
            version: self.version.version,
            item: row.id.clone(),
            error,
        })
    }
}

/// The catalog of a merchant before its first import.
#[derive(Debug)]
struct NothingImported;

#[async_trait]
impl CatalogReader for NothingImported {
    fn version(&self) -> Option<CatalogVersion> {
        None
    }

    async fn items(&self, ids: &[ItemId]) -> Result<Vec<Option<Arc<Item>>>, CatalogReadError> {
        Ok(vec![None; ids.len()])
    }
}
