//! Adding up what an audit finds. A report of any number of items has a limited number of differences.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use tillhouse_checkout::catalog::CatalogVersion;
use tillhouse_checkout::feed::FeedUpload;
use tillhouse_checkout::feed::drift::{
    DayOfHooks, DifferenceKind, DriftReport, ItemDifference, LISTED_DIFFERENCES, UNAVAILABLE_LIMIT_PPM,
};
use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::time::Timestamp;

use super::AskDrift;

/// The size of a difference that makes an offer wrong as a whole.
pub(super) const WHOLE: u64 = 1_000_000;

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    items: u64,
    differing: u64,
    price_sum: u128,
    kinds: BTreeMap<DifferenceKind, u64>,
    /// The largest differences, the smallest of them on top; of equal ones those of the first items.
    largest: BinaryHeap<Ranked>,
}

/// A difference in the order of the report, reversed.
type Ranked = Reverse<(u64, Reverse<DifferenceKind>, Reverse<ItemId>, String, String)>;

impl Tally {
    /// An item was compared, and has these differences.
    pub(super) fn add(&mut self, differences: Vec<ItemDifference>) {
        self.items += 1;
        self.differing += u64::from(!differences.is_empty());
        for difference in differences {
            if difference.kind == DifferenceKind::Price {
                self.price_sum += u128::from(difference.size_ppm);
            }
            *self.kinds.entry(difference.kind).or_default() += 1;
            let ItemDifference {
                item,
                kind,
                size_ppm,
                uploaded,
                plugin,
            } = difference;
            let ranked = (size_ppm, Reverse(kind), Reverse(item), uploaded, plugin);
            self.largest.push(Reverse(ranked));
            if self.largest.len() > LISTED_DIFFERENCES {
                self.largest.pop();
            }
        }
    }

    /// The report of all that was added.
    pub(super) fn report(
        self,
        ask: &AskDrift,
        full: &FeedUpload,
        version: CatalogVersion,
        at: Timestamp,
        hooks: Vec<DayOfHooks>,
    ) -> DriftReport {
        let unavailable_ppm = share(
            u128::from(hooks.iter().map(|day| day.unavailable).sum::<u64>()) * u128::from(WHOLE),
            hooks.iter().map(|day| day.answered).sum(),
        );
        let largest = self.largest.into_sorted_vec().into_iter();
        let difference = |Reverse((size_ppm, Reverse(kind), Reverse(item), uploaded, plugin)): Ranked| ItemDifference {
            item,
            kind,
            size_ppm,
            uploaded,
            plugin,
        };
        DriftReport {
            merchant: ask.merchant.clone(),
            destination: ask.destination.clone(),
            at: at.rfc3339(),
            upload: full.id.clone(),
            uploaded_version: full.version,
            version,
            all: ask.sample.is_none(),
            items: self.items,
            differing: self.differing,
            drift_ppm: share(u128::from(self.differing) * u128::from(WHOLE), self.items),
            price_drift_ppm: share(self.price_sum, self.items),
            kinds: self.kinds,
            differences: largest.map(difference).collect(),
            hooks,
            unavailable_ppm,
            above_limit: unavailable_ppm > UNAVAILABLE_LIMIT_PPM,
        }
    }
}

fn share(sum: u128, of: u64) -> u64 {
    u64::try_from(sum / u128::from(of.max(1))).unwrap_or(u64::MAX)
}
