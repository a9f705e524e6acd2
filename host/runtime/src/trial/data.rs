//! Plugin data in memory, with the rules of the store.
//!
//! A commit checks the versions of `kv` reads and the floors of counters, and applies all writes or none.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use tillhouse_checkout::plugin_data::{DataUsage, Namespace, StagedChanges, StagedWrite, VersionedValue};
use tillhouse_checkout::ports::{PluginData, StoreError};

type Key = (Namespace, String);

/// Why a phase's writes were not committed. Each variant carries the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrialCommitError {
    /// A `kv` value has changed since the phase read it.
    #[error("kv {0} was changed by another phase")]
    Changed(String),
    /// A counter would fall below its floor.
    #[error("counter {0} would fall below its floor")]
    Insufficient(String),
}

/// Plugin data of all plugins of a trial.
#[derive(Debug, Default)]
pub struct MemoryData(Mutex<Tables>);

#[derive(Clone, Debug, Default)]
struct Tables {
    values: HashMap<Key, VersionedValue>,
    counters: HashMap<Key, i64>,
}

impl MemoryData {
    /// Commit the staged writes of a phase.
    ///
    /// # Errors
    /// When a value that was read has changed, or a counter would fall below its floor; then nothing is changed.
    pub fn commit(&self, staged: &StagedChanges) -> Result<(), TrialCommitError> {
        let mut tables = self.tables();
        for read in &staged.reads {
            let at = (read.namespace.clone(), read.key.clone());
            if tables.values.get(&at).map(|value| value.version) != read.version {
                return Err(TrialCommitError::Changed(read.key.clone()));
            }
        }
        let mut next = tables.clone();
        for write in &staged.writes {
            next.apply(write)?;
        }
        *tables = next;
        Ok(())
    }

    /// Set a counter to a value, whatever it was before.
    pub fn set_counter(&self, namespace: Namespace, key: &str, value: i64) {
        self.tables().counters.insert((namespace, key.to_owned()), value);
    }

    /// All `kv` values in a namespace, sorted by key.
    #[must_use]
    pub fn values(&self, namespace: &Namespace) -> Vec<(String, Vec<u8>)> {
        let tables = self.tables();
        let own = tables.values.iter().filter(|((owner, _), _)| owner == namespace);
        let mut values: Vec<_> = own
            .map(|((_, key), value)| (key.clone(), value.value.clone()))
            .collect();
        values.sort();
        values
    }

    /// All counters in a namespace, sorted by key.
    #[must_use]
    pub fn counters(&self, namespace: &Namespace) -> Vec<(String, i64)> {
        let tables = self.tables();
        let own = tables.counters.iter().filter(|((owner, _), _)| owner == namespace);
        let mut counters: Vec<_> = own.map(|((_, key), value)| (key.clone(), *value)).collect();
        counters.sort();
        counters
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    fn apply(&mut self, write: &StagedWrite) -> Result<(), TrialCommitError> {
        match write {
            StagedWrite::Put { namespace, key, value } => {
                let at = (namespace.clone(), key.clone());
                let version = self.values.get(&at).map_or(0, |value| value.version) + 1;
                match value.clone() {
                    Some(value) => self.values.insert(at, VersionedValue { value, version }),
                    None => self.values.remove(&at),
                };
            }
            StagedWrite::Add {
                namespace,
                key,
                delta,
                floor,
            } => {
                let counter = self.counters.entry((namespace.clone(), key.clone())).or_default();
                let sum = counter.saturating_add(*delta);
                if floor.is_some_and(|floor| sum < floor) {
                    return Err(TrialCommitError::Insufficient(key.clone()));
                }
                *counter = sum;
            }
        }
        Ok(())
    }
}

#[async_trait]
impl PluginData for MemoryData {
    async fn kv(&self, namespace: &Namespace, key: &str) -> Result<Option<VersionedValue>, StoreError> {
        let at = (namespace.clone(), key.to_owned());
        Ok(self.tables().values.get(&at).cloned())
    }

    async fn counter(&self, namespace: &Namespace, key: &str) -> Result<i64, StoreError> {
        let at = (namespace.clone(), key.to_owned());
        Ok(self.tables().counters.get(&at).copied().unwrap_or(0))
    }

    async fn has_counter(&self, namespace: &Namespace, key: &str) -> Result<bool, StoreError> {
        let at = (namespace.clone(), key.to_owned());
        Ok(self.tables().counters.contains_key(&at))
    }

    async fn usage(&self, namespace: &Namespace) -> Result<DataUsage, StoreError> {
        let tables = self.tables();
        let values = tables.values.iter().filter(|((owner, _), _)| owner == namespace);
        let counters = tables.counters.keys().filter(|(owner, _)| owner == namespace);
        let sizes = values.map(|((_, key), value)| key.len() + value.value.len());
        let sizes: Vec<usize> = sizes.chain(counters.map(|(_, key)| key.len() + 8)).collect();
        Ok(DataUsage {
            keys: sizes.len() as u64,
            bytes: sizes.iter().sum::<usize>() as u64,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tillhouse_checkout::ids::{MerchantId, PluginId};
    use tillhouse_checkout::plugin_data::StagedRead;

    fn own() -> Namespace {
        Namespace {
            merchant: MerchantId::new("m"),
            plugin: PluginId::new("p"),
        }
    }

    fn put(key: &str) -> StagedWrite {
        StagedWrite::Put {
            namespace: own(),
            key: key.into(),
            value: Some(b"v".to_vec()),
        }
    }

    fn add(delta: i64, floor: i64) -> StagedWrite {
        StagedWrite::Add {
            namespace: own(),
            key: "c".into(),
            delta,
            floor: Some(floor),
        }
    }

    fn writes(writes: Vec<StagedWrite>) -> StagedChanges {
        StagedChanges { reads: vec![], writes }
    }

    #[tokio::test]
    async fn a_counter_below_its_floor_rolls_everything_back() {
        let data = MemoryData::default();
        data.commit(&writes(vec![add(-2, -3)])).unwrap();
        let refused = data.commit(&writes(vec![put("k"), add(-2, -3)]));
        assert_eq!(refused, Err(TrialCommitError::Insufficient("c".into())));
        assert_eq!(data.counter(&own(), "c").await.unwrap(), -2);
        assert_eq!(data.kv(&own(), "k").await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_value_that_changed_since_it_was_read_is_a_conflict() {
        let data = MemoryData::default();
        data.commit(&writes(vec![put("k")])).unwrap();
        let stale = StagedChanges {
            reads: vec![StagedRead {
                namespace: own(),
                key: "k".into(),
                version: None,
            }],
            writes: vec![put("k")],
        };
        assert_eq!(data.commit(&stale), Err(TrialCommitError::Changed("k".into())));
        assert_eq!(data.kv(&own(), "k").await.unwrap().unwrap().version, 1);
    }
}
