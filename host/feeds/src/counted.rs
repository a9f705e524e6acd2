//! Stock as it is counted: what was sold since the catalog was imported is in the counters of the merchant's plugin, and what that makes of
//! an item's stock is what the plugin says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use tracing::warn;

use tillhouse_catalog::{DecodeError, Item};
use tillhouse_checkout::catalog::CatalogVersion;
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::plugin_data::Namespace;
use tillhouse_checkout::ports::{DecisionError, StoreError};

use super::hooks::CountedStock;
use super::offer::Offer;
use super::parts::FeedParts;
use super::plugin_view::{MOST_ITEMS, PluginView};
use super::upload_rows::Cells;

/// Most items whose counted stock is pinned in an upload; what is above follows as an increment.
const MOST_ROWS: usize = 100_000;

/// Counters that are read at once.
const PAGE: usize = 500;

/// Counts the stock of merchants for uploads of all their items.
#[derive(Clone, Debug)]
pub struct StockCounter {
    parts: Arc<FeedParts>,
}

impl StockCounter {
    /// Counts what the host's plugins keep.
    #[must_use]
    pub const fn new(parts: Arc<FeedParts>) -> Self {
        Self { parts }
    }
}

#[async_trait]
impl CountedStock for StockCounter {
    async fn counted(
        &self,
        merchant: &MerchantId,
        version: CatalogVersion,
    ) -> Result<BTreeMap<ItemId, Cells>, StoreError> {
        let counted = count(&self.parts, merchant, version).await;
        counted.map_err(|error| match error {
            CountError::Store(error) => error,
            other => StoreError::new(other.to_string()),
        })
    }
}

/// Why stock could not be counted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CountError {
    /// The store gave no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The plugin gave no answer.
    #[error("the stock cannot be counted: {0}")]
    Plugin(#[from] DecisionError),
    /// A row of the catalog was written by another release.
    #[error("the catalog cannot be read: {0}")]
    Row(#[from] DecodeError),
}

/// The items whose stock is not as this version of the catalog has it, by the counters of the merchant's plugin. A merchant whose stock is
/// kept in another system has none. Without an answer an upload is not asked for: it would offer again what was sold.
async fn count(
    parts: &FeedParts,
    merchant: &MerchantId,
    version: CatalogVersion,
) -> Result<BTreeMap<ItemId, Cells>, CountError> {
    let mut counted = BTreeMap::new();
    let Some(mut counters) = Counters::of(parts, merchant, 0) else {
        return Ok(counted);
    };
    while let Some(page) = counters.next(parts, PAGE).await? {
        for items in page.chunks(MOST_ITEMS) {
            let current = current_offers(parts, merchant, version, items).await?;
            counted.extend(current.into_iter().filter_map(differing));
        }
        if counted.len() >= MOST_ROWS {
            warn!(merchant.id = %merchant, rows = counted.len(), "more items are counted than an upload holds; the rest follows as an increment");
            break;
        }
    }
    Ok(counted)
}

fn differing(current: CurrentOffer) -> Option<(ItemId, Cells)> {
    let CurrentOffer { item, offer } = current;
    let differs = !offer.same_stock(&Offer::of(&item));
    differs.then(|| (item.id, offer.stock_cells()))
}

/// An item as it is sold now.
#[derive(Clone, Debug)]
pub(crate) struct CurrentOffer {
    /// Stock as the plugin says, prices as the catalog has them.
    pub(crate) offer: Offer,
    /// The item as the catalog has it.
    pub(crate) item: Item,
}

/// What items of a version are offered as now, with the stock that the plugin states; without those that the version does not have. An
/// item that the plugin does not know cannot be bought.
pub(crate) async fn current_offers(
    parts: &FeedParts,
    merchant: &MerchantId,
    version: CatalogVersion,
    ids: &[ItemId],
) -> Result<Vec<CurrentOffer>, CountError> {
    let rows = parts.catalogs.catalog_rows(merchant, version, ids).await?;
    let items = rows.into_iter().flatten().map(|row| Item::decode(&row));
    let items = items.collect::<Result<Vec<Item>, DecodeError>>()?;
    let Some(currency) = items.first().map(|item| item.price.currency) else {
        return Ok(Vec::new());
    };
    let view = view(parts, merchant, currency);
    let asked: Vec<ItemId> = items.iter().map(|item| item.id.clone()).collect();
    let stock = view.stock(&asked).await?;
    let offered = items.into_iter().map(|item| {
        let offer = Offer::of(&item);
        let offer = match stock.get(&item.id) {
            Some(stock) => offer.with_stock(stock),
            None => offer.withdrawn(),
        };
        CurrentOffer { offer, item }
    });
    Ok(offered.collect())
}

/// The merchant's plugins, asked now.
pub(crate) fn view<'a>(parts: &'a FeedParts, merchant: &'a MerchantId, currency: Currency) -> PluginView<'a> {
    PluginView {
        decisions: parts.decisions.as_ref(),
        merchant,
        currency,
        now: parts.now(),
    }
}

/// The counters of the plugin that keeps a merchant's stock, after a mark.
#[derive(Debug)]
pub(crate) struct Counters {
    namespace: Namespace,
    pub(crate) mark: u64,
}

impl Counters {
    /// `None` if no plugin of the merchant keeps stock in this store.
    pub(crate) fn of(parts: &FeedParts, merchant: &MerchantId, mark: u64) -> Option<Self> {
        let plugin = parts.decisions.stock_plugin(merchant)?;
        let namespace = Namespace {
            merchant: merchant.clone(),
            plugin,
        };
        Some(Self { namespace, mark })
    }

    /// The items that the next counters may be about; `None` after the last one.
    pub(crate) async fn next(&mut self, parts: &FeedParts, limit: usize) -> Result<Option<Vec<ItemId>>, StoreError> {
        let page = parts.queue.changed_counters(&self.namespace, self.mark, limit).await?;
        let Some(last) = page.last() else {
            return Ok(None);
        };
        self.mark = last.mark;
        let items: BTreeSet<ItemId> = page.iter().flat_map(|counter| item_ids(&counter.key)).collect();
        Ok(Some(items.into_iter().collect()))
    }
}

/// The ids that the key of a counter may end in, as in `sold/{sku}`. An id may have slashes of its own.
fn item_ids(key: &str) -> impl Iterator<Item = ItemId> + '_ {
    let slashes = key.match_indices('/');
    slashes.filter_map(|(at, _)| key.get(at + 1..)).map(ItemId::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_may_be_about_whatever_follows_a_slash() {
        let ids = |key: &str| item_ids(key).map(|id| id.as_str().to_owned()).collect::<Vec<_>>();
        assert_eq!(ids("sold/tee"), ["tee"]);
        assert_eq!(ids("sold/a/b"), ["a/b", "b"]);
        assert_eq!(ids("visits"), Vec::<String>::new());
    }
}
