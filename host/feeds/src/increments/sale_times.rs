//! When sales begin and end: for a party that is told a price, and not for how long it holds.

use tillhouse_catalog::Item;
use tillhouse_checkout::catalog::CatalogVersion;
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::ports::StoreError;
use tillhouse_checkout::time::Timestamp;

use crate::parts::FeedParts;

/// How far ahead times are kept.
const HORIZON_MS: u64 = 24 * 3600 * 1000;

/// Most times that are kept; with more, the horizon is nearer.
const MOST: usize = 100_000;

/// Rows that are read at a time.
const PAGE: usize = 1000;

/// The times at which prices change by themselves, of one version.
#[derive(Debug)]
pub(super) struct SaleTimes {
    version: CatalogVersion,
    /// Times up to here are known.
    until: Timestamp,
    /// Times with their items, the earliest first.
    times: Vec<(Timestamp, ItemId)>,
}

impl SaleTimes {
    /// Reads the whole version once for a day.
    pub(super) async fn read(
        parts: &FeedParts,
        merchant: &MerchantId,
        version: CatalogVersion,
        from: Timestamp,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let mut until = Timestamp(now.millis().saturating_add(HORIZON_MS));
        let (mut times, mut after) = (Vec::new(), None);
        loop {
            let page = parts
                .catalogs
                .catalog_page(merchant, version, after.as_ref(), PAGE)
                .await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            for row in &page {
                let item = Item::decode(row).map_err(StoreError::caused_by)?;
                let period = item.sale.and_then(|sale| sale.effective);
                let moments = period.into_iter().flat_map(|(start, end)| [start, end]);
                let near = moments.filter(|time| from < *time && *time <= until);
                times.extend(near.map(|time| (time, item.id.clone())));
            }
            if times.len() > MOST {
                times.sort_unstable();
                times.truncate(MOST);
                until = times.last().map_or(until, |(time, _)| *time);
            }
        }
        times.sort_unstable();
        Ok(Self { version, until, times })
    }

    /// Whether every time of this version up to now is known.
    pub(super) fn covers(&self, version: CatalogVersion, now: Timestamp) -> bool {
        self.version == version && now <= self.until
    }

    /// The items whose sale begins or ends after one time, and not after the other.
    pub(super) fn between(&self, after: Timestamp, until: Timestamp) -> impl Iterator<Item = &ItemId> {
        let first = self.times.partition_point(|(time, _)| *time <= after);
        let rest = self.times.get(first..).unwrap_or_default();
        rest.iter()
            .take_while(move |(time, _)| *time <= until)
            .map(|(_, item)| item)
    }
}
