//! Counted stock when an import states what is in stock now.
//!
//! A plugin counts the units that it sold in `sold/{sku}`, as a negative number beside the catalog's quantity. An import that was counted
//! now makes the number before it meaningless: it is subtracted from the counter once the import is in force. What is sold while the file is
//! imported stays counted.

mod resets;

use std::collections::{BTreeMap, HashSet};

use super::super::Served;
use resets::{Resets, ResettingImport};
use tillhouse_catalog::PreparedImport;
use tillhouse_checkout::feed::FeedType;
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::plugin_data::Namespace;
use tillhouse_checkout::ports::Decisions as _;
use tillhouse_payments::operator::OperatorError;
use tillhouse_payments::operator::catalogs::ImportCatalog;

/// Counters of this name are units sold, as plugins of the template keep them.
const SOLD: &str = "sold/";
/// Counters that are read at a time.
const PAGE: usize = 500;

/// What was sold of each item before an import.
#[derive(Debug)]
pub(super) struct SoldUnits {
    namespace: Namespace,
    counters: BTreeMap<ItemId, i64>,
}

impl SoldUnits {
    pub(super) fn items(&self) -> HashSet<ItemId> {
        self.counters.keys().cloned().collect()
    }

    /// The import as one that resets counters, and these: of the items that its file has counted.
    pub(super) fn resets_of(&self, prepared: &PreparedImport) -> (ResettingImport, BTreeMap<ItemId, i64>) {
        let counted = prepared.counted();
        let counters = self.counters.iter().filter(|(item, _)| counted.contains(*item));
        let counters = counters.map(|(item, units)| (item.clone(), *units)).collect();
        let version = prepared.version();
        let import = ResettingImport {
            version,
            record: prepared.record().clone(),
            makes_version: prepared.before().is_none_or(|before| before.version != version),
            plugin: self.namespace.plugin.clone(),
        };
        (import, counters)
    }
}

impl Served {
    /// The counters of what was sold, as they are before the file is read.
    pub(super) async fn sold_units(&self, namespace: Namespace) -> Result<SoldUnits, OperatorError> {
        let (mut counters, mut after) = (BTreeMap::new(), 0);
        loop {
            let page = self
                .parts
                .catalogs
                .feeds
                .changed_counters(&namespace, after, PAGE)
                .await?;
            let Some(last) = page.last() else { break };
            after = last.mark;
            for counter in &page {
                let Some(item) = counter.key.strip_prefix(SOLD) else {
                    continue;
                };
                let units = self.parts.store.counter(&namespace, &counter.key).await?;
                if units != 0 {
                    counters.insert(ItemId::new(item), units);
                }
            }
        }
        Ok(SoldUnits { namespace, counters })
    }

    /// Where what was sold is counted of the items that the file is to have counted.
    pub(super) fn stock_namespace(&self, asked: &ImportCatalog) -> Result<Namespace, OperatorError> {
        if matches!(asked.feed, FeedType::Pricing | FeedType::Promotion) {
            return Err(OperatorError::invalid(format!(
                "stock_as_counted: a feed of type {} has no quantities; leave it out",
                asked.feed
            )));
        }
        let merchant = &asked.merchant;
        let plugin = self.parts.plugins.stock_plugin(merchant);
        let plugin = plugin.ok_or_else(|| {
            OperatorError::conflict(format!(
                "stock_as_counted: no plugin of merchant {merchant} decides about stock now; put the merchant into service first"
            ))
        })?;
        Ok(Namespace {
            merchant: merchant.clone(),
            plugin,
        })
    }

    pub(super) fn resets<'s>(&'s self, merchant: &'s MerchantId) -> Resets<'s> {
        Resets {
            store: self.parts.store.as_ref(),
            catalogs: self.parts.catalogs.store.as_ref(),
            merchant,
        }
    }
}
