//! How often a hook could not confirm an item for lack of stock. Stripe asks merchants to keep that below 5 % of the checkouts
//! (<https://docs.stripe.com/agentic-commerce>).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::warn;

use tillhouse_checkout::feed::drift::DayOfHooks;
use tillhouse_checkout::ids::{MerchantId, PluginId};
use tillhouse_checkout::plugin_data::{Namespace, StagedChanges, StagedWrite};
use tillhouse_checkout::ports::{CommitError, Store, StoreError};
use tillhouse_checkout::time::{Clock, Timestamp};
use tillhouse_checkout::unit_of_work::UnitOfWork;

/// The host's own counters are kept beside those of plugins, under an id that no plugin has.
const HOST: &str = "(host)";

/// How often counts are written. A host that is killed loses those of this time.
const FLUSH: Duration = Duration::from_secs(5);

/// Hooks that are not written yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct HookCount {
    answered: u64,
    unavailable: u64,
}

/// Counts hooks by merchant and day. Counting does not wait: what is counted is written a little later.
#[derive(Clone, Debug)]
pub struct HookRefusals {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    unwritten: Arc<Mutex<HashMap<(MerchantId, String), HookCount>>>,
}

impl HookRefusals {
    /// Counts in this store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            clock,
            unwritten: Arc::default(),
        }
    }

    /// A hook of a merchant was answered.
    pub fn count(&self, merchant: &MerchantId, unavailable: bool) {
        let one = HookCount {
            answered: 1,
            unavailable: u64::from(unavailable),
        };
        self.add((merchant.clone(), day(self.clock.now())), one);
    }

    fn add(&self, key: (MerchantId, String), count: HookCount) {
        let mut unwritten = self.unwritten.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = unwritten.entry(key).or_default();
        counted.answered += count.answered;
        counted.unavailable += count.unavailable;
    }

    /// Write what is counted from time to time, and once more at the end.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            let stopped = tokio::select! {
                () = stop.cancelled() => true,
                () = tokio::time::sleep(FLUSH) => false,
            };
            self.flush().await;
            if stopped {
                return;
            }
        }
    }

    /// Write what is counted. What could not be written is counted on.
    pub async fn flush(&self) {
        let taken = std::mem::take(&mut *self.unwritten.lock().unwrap_or_else(PoisonError::into_inner));
        for ((merchant, day), count) in taken {
            if let Err(error) = self.write(&merchant, &day, count).await {
                warn!(merchant.id = %merchant, %error, "failed to count answered hooks; tried again");
                self.add((merchant, day), count);
            }
        }
    }

    async fn write(&self, merchant: &MerchantId, day: &str, count: HookCount) -> Result<(), CommitError> {
        let add = |name: &str, count: u64| StagedWrite::Add {
            namespace: namespace(merchant),
            key: key(day, name),
            delta: i64::try_from(count).unwrap_or(i64::MAX),
            floor: None,
        };
        let unit = UnitOfWork {
            staged: StagedChanges {
                reads: Vec::new(),
                writes: vec![add("answered", count.answered), add("unavailable", count.unavailable)],
            },
            ..UnitOfWork::default()
        };
        self.store.commit(unit).await
    }

    /// What was counted for a merchant today, by all hosts, and before that on the last days: the newest first.
    ///
    /// # Errors
    /// When the store gives no answer.
    pub async fn last_days(&self, merchant: &MerchantId, days: u32) -> Result<Vec<DayOfHooks>, StoreError> {
        let mut found = Vec::new();
        for back in 0..days {
            let before = self
                .clock
                .now()
                .before(Duration::from_secs(u64::from(back) * 24 * 3600));
            let day = day(before);
            let here = self.unwritten_of(merchant, &day);
            found.push(DayOfHooks {
                answered: here.answered + self.read(merchant, &day, "answered").await?,
                unavailable: here.unavailable + self.read(merchant, &day, "unavailable").await?,
                day,
            });
        }
        Ok(found)
    }

    fn unwritten_of(&self, merchant: &MerchantId, day: &str) -> HookCount {
        let unwritten = self.unwritten.lock().unwrap_or_else(PoisonError::into_inner);
        let found = unwritten.get(&(merchant.clone(), day.to_owned()));
        found.copied().unwrap_or_default()
    }

    async fn read(&self, merchant: &MerchantId, day: &str, name: &str) -> Result<u64, StoreError> {
        let count = self.store.counter(&namespace(merchant), &key(day, name)).await?;
        Ok(u64::try_from(count).unwrap_or_default())
    }
}

fn namespace(merchant: &MerchantId) -> Namespace {
    Namespace {
        merchant: merchant.clone(),
        plugin: PluginId::new(HOST),
    }
}

fn key(day: &str, name: &str) -> String {
    format!("hooks/{day}/{name}")
}

/// The day of a time, UTC: `2026-11-30`.
fn day(time: Timestamp) -> String {
    let mut text = time.rfc3339();
    text.truncate("2026-11-30".len());
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Way, World};

    #[tokio::test]
    async fn hooks_are_counted_by_day_and_over_all_hosts() {
        let world = World::new(Way::CatalogImports).await;
        let merchant = World::merchant();
        let host = || HookRefusals::new(world.store.store(), Arc::clone(&world.clock) as _);
        let (one, other) = (host(), host());
        one.count(&merchant, false);
        one.count(&merchant, true);
        other.count(&merchant, false);
        let count = async |host: &HookRefusals| {
            let days = host.last_days(&merchant, 2).await.unwrap();
            let counts = days.into_iter().map(|it| (it.day, it.answered, it.unavailable));
            counts.collect::<Vec<_>>()
        };
        let day = |day: &str, answered, unavailable| (day.to_owned(), answered, unavailable);
        assert_eq!(count(&one).await[0], day("2026-11-30", 2, 1), "before it is written");
        one.flush().await;
        other.flush().await;
        one.flush().await;
        assert_eq!(count(&host()).await[0], day("2026-11-30", 3, 1), "written once");
        world.clock.pass(Duration::from_secs(24 * 3600));
        one.count(&merchant, true);
        assert_eq!(count(&one).await, [day("2026-12-01", 1, 1), day("2026-11-30", 3, 1)]);
    }
}
