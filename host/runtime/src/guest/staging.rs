//! Plugin data during a phase: reads from the store, and writes that are staged until the commit.
//!
//! Later calls of a phase see the writes that earlier ones staged; a component sees only its own namespace. Nothing here is
//! durable until the phase's unit of work is committed, and the versions read through `kv` are checked again then.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::call_abort_error::CallAbortError;
use super::limits::{COUNTER_OPS, KEY_BYTES, KV_OPS, STORE_WAIT, VALUE_BYTES};
use super::quota::DataQuota;
use tillhouse_checkout::plugin_data::{DataUsage, Namespace, StagedChanges, StagedRead, StagedWrite, VersionedValue};
use tillhouse_checkout::ports::{PluginData, StoreError};

type Key = (Namespace, String);

/// Condition of a conditional write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expectation {
    Any,
    Absent,
    Version(u64),
}

/// Why an operation was not staged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StagingError {
    /// The expectation does not hold. Carries the current version, or `None` when the key is absent.
    Conflict(Option<u64>),
    /// The counter would fall below its floor.
    Insufficient,
    /// A limit was exceeded. The message names it.
    Limit(String),
}

/// Savepoint: the number of writes staged so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Savepoint(usize);

/// The plugin data of one phase.
#[derive(Debug)]
pub(crate) struct Staging {
    store: Arc<dyn PluginData>,
    quota: DataQuota,
    values: HashMap<Key, Option<VersionedValue>>,
    counters: HashMap<Key, i64>,
    writes: Vec<StagedWrite>,
    kv_ops: u32,
    counter_ops: u32,
    /// Timeout of one read: at most what is left of the call in progress.
    wait: Duration,
}

impl Staging {
    pub(crate) fn new(store: Arc<dyn PluginData>, quota: DataQuota) -> Self {
        Self {
            store,
            quota,
            values: HashMap::new(),
            counters: HashMap::new(),
            writes: Vec::new(),
            kv_ops: 0,
            counter_ops: 0,
            wait: STORE_WAIT,
        }
    }

    /// Limit the timeout of reads from the store to the time that the call has left.
    pub(crate) fn bound_reads(&mut self, left: Duration) {
        self.wait = left.min(STORE_WAIT);
    }

    pub(crate) const fn savepoint(&self) -> Savepoint {
        Savepoint(self.writes.len())
    }

    /// Discard the writes since the savepoint: a failed call has no effect.
    pub(crate) fn roll_back(&mut self, savepoint: Savepoint) {
        self.writes.truncate(savepoint.0);
    }

    /// The reads to check and the writes to apply when the phase is committed.
    pub(crate) fn finish(self) -> StagedChanges {
        let mut reads: Vec<StagedRead> = self
            .values
            .into_iter()
            .map(|((namespace, key), value)| StagedRead {
                namespace,
                key,
                version: value.map(|value| value.version),
            })
            .collect();
        reads.sort_by(|a, b| a.key.cmp(&b.key));
        StagedChanges {
            reads,
            writes: self.writes,
        }
    }

    pub(crate) async fn get(
        &mut self,
        namespace: &Namespace,
        key: &str,
    ) -> Result<Result<Option<VersionedValue>, StagingError>, CallAbortError> {
        if let Err(refused) = self.count_kv(key) {
            return Ok(Err(refused));
        }
        self.current(namespace, key).await.map(Ok)
    }

    /// Stage a write, or a deletion if `value` is `None`.
    pub(crate) async fn put(
        &mut self,
        namespace: &Namespace,
        key: String,
        value: Option<Vec<u8>>,
        expect: Expectation,
    ) -> Result<Result<(), StagingError>, CallAbortError> {
        if let Err(refused) = self.count_kv(&key) {
            return Ok(Err(refused));
        }
        if value.as_ref().is_some_and(|value| value.len() > VALUE_BYTES) {
            return Ok(Err(StagingError::Limit("value over 64 KiB".into())));
        }
        if expect != Expectation::Any {
            let version = self.current(namespace, &key).await?.map(|value| value.version);
            let holds = match expect {
                Expectation::Any => true,
                Expectation::Absent => version.is_none(),
                Expectation::Version(wanted) => version == Some(wanted),
            };
            if !holds {
                return Ok(Err(StagingError::Conflict(version)));
            }
        }
        if let Some(value) = &value
            && let Some(limit) = self.over_quota(namespace, &key, Size::Value(value.len())).await?
        {
            return Ok(Err(StagingError::Limit(limit)));
        }
        self.writes.push(StagedWrite::Put {
            namespace: namespace.clone(),
            key,
            value,
        });
        Ok(Ok(()))
    }

    /// Stage an addition to a counter. With a floor, fails if the sum as this phase sees it would fall below the floor.
    pub(crate) async fn add(
        &mut self,
        namespace: &Namespace,
        key: String,
        delta: i64,
        floor: Option<i64>,
    ) -> Result<Result<(), StagingError>, CallAbortError> {
        if let Err(refused) = self.count_counter(&key) {
            return Ok(Err(refused));
        }
        if let Some(floor) = floor {
            let value = self.counter(namespace, &key).await?;
            if value.saturating_add(delta) < floor {
                return Ok(Err(StagingError::Insufficient));
            }
        }
        if let Some(limit) = self.over_quota(namespace, &key, Size::Counter).await? {
            return Ok(Err(StagingError::Limit(limit)));
        }
        self.writes.push(StagedWrite::Add {
            namespace: namespace.clone(),
            key,
            delta,
            floor,
        });
        Ok(Ok(()))
    }

    pub(crate) async fn peek(
        &mut self,
        namespace: &Namespace,
        key: &str,
    ) -> Result<Result<i64, StagingError>, CallAbortError> {
        if let Err(refused) = self.count_counter(key) {
            return Ok(Err(refused));
        }
        self.counter(namespace, key).await.map(Ok)
    }

    /// The limit that the plugin would exceed with this write, in words; `None` if it fits. What the phase has staged counts as new.
    async fn over_quota(&self, namespace: &Namespace, key: &str, size: Size) -> Result<Option<String>, CallAbortError> {
        let used = bounded(self.wait, self.quota.used(self.store.as_ref(), namespace)).await?;
        let mut after = self
            .writes
            .iter()
            .filter_map(|write| growth(write, namespace))
            .fold(used, plus);
        let new = entry(key, size.bytes());
        after = plus(after, new);
        if self.quota.exceeded(after).is_none() {
            return Ok(None);
        }
        // The key may be there already. It is looked up apart from what the phase reads, so that the write stays unconditional.
        let old = match size {
            Size::Value(_) => {
                let old = bounded(self.wait, self.store.kv(namespace, key)).await?;
                old.map(|old| old.value.len())
            }
            Size::Counter => {
                let exists = bounded(self.wait, self.store.has_counter(namespace, key)).await?;
                exists.then_some(COUNTER_BYTES)
            }
        };
        let replaced = old.map_or_else(DataUsage::default, |old| entry(key, old));
        // A write that makes nothing larger is never refused: a plugin at its limit can still shrink what it has.
        if replaced.keys > 0 && replaced.bytes >= new.bytes {
            return Ok(None);
        }
        Ok(self.quota.exceeded(DataUsage {
            keys: after.keys.saturating_sub(replaced.keys),
            bytes: after.bytes.saturating_sub(replaced.bytes),
        }))
    }

    /// The value as this phase sees it. Each staged write adds 1 to the stored version.
    async fn current(&mut self, namespace: &Namespace, key: &str) -> Result<Option<VersionedValue>, CallAbortError> {
        let base = self.base(namespace, key).await?;
        let mut version = base.as_ref().map_or(0, |value| value.version);
        let mut last = None;
        for write in &self.writes {
            match write {
                StagedWrite::Put {
                    namespace: other,
                    key: written,
                    value,
                } if other == namespace && written == key => {
                    version += 1;
                    last = Some(value);
                }
                _ => {}
            }
        }
        // Only the last value is copied: a phase may have written many large ones.
        Ok(match last {
            None => base,
            Some(value) => value.clone().map(|value| VersionedValue { value, version }),
        })
    }

    async fn base(&mut self, namespace: &Namespace, key: &str) -> Result<Option<VersionedValue>, CallAbortError> {
        let at = (namespace.clone(), key.to_owned());
        if let Some(known) = self.values.get(&at) {
            return Ok(known.clone());
        }
        let value = bounded(self.wait, self.store.kv(namespace, key)).await?;
        self.values.insert(at, value.clone());
        Ok(value)
    }

    async fn counter(&mut self, namespace: &Namespace, key: &str) -> Result<i64, CallAbortError> {
        let at = (namespace.clone(), key.to_owned());
        let base = match self.counters.get(&at) {
            Some(known) => *known,
            None => {
                let value = bounded(self.wait, self.store.counter(namespace, key)).await?;
                self.counters.insert(at, value);
                value
            }
        };
        Ok(self.writes.iter().fold(base, |sum, write| match write {
            StagedWrite::Add {
                namespace: other,
                key: written,
                delta,
                ..
            } if other == namespace && written == key => sum.saturating_add(*delta),
            _ => sum,
        }))
    }

    fn count_kv(&mut self, key: &str) -> Result<(), StagingError> {
        check_key(key)?;
        count(&mut self.kv_ops, KV_OPS)
    }

    fn count_counter(&mut self, key: &str) -> Result<(), StagingError> {
        check_key(key)?;
        count(&mut self.counter_ops, COUNTER_OPS)
    }
}

/// Bytes of a counter's value.
const COUNTER_BYTES: usize = 8;

/// What is written, for the quota.
#[derive(Clone, Copy, Debug)]
enum Size {
    /// A value of this many bytes.
    Value(usize),
    Counter,
}

impl Size {
    const fn bytes(self) -> usize {
        match self {
            Self::Value(bytes) => bytes,
            Self::Counter => COUNTER_BYTES,
        }
    }
}

/// What one key with a value of this size adds.
fn entry(key: &str, value: usize) -> DataUsage {
    DataUsage {
        keys: 1,
        bytes: (key.len() + value) as u64,
    }
}

/// What a staged write of the namespace adds at most; `None` for a deletion.
fn growth(write: &StagedWrite, namespace: &Namespace) -> Option<DataUsage> {
    match write {
        StagedWrite::Put {
            namespace: other,
            key,
            value: Some(value),
        } if other == namespace => Some(entry(key, value.len())),
        _ => None,
    }
}

const fn plus(one: DataUsage, other: DataUsage) -> DataUsage {
    DataUsage {
        keys: one.keys.saturating_add(other.keys),
        bytes: one.bytes.saturating_add(other.bytes),
    }
}

async fn bounded<T, E: Borrow<StoreError>>(
    wait: Duration,
    read: impl Future<Output = Result<T, E>>,
) -> Result<T, CallAbortError> {
    match tokio::time::timeout(wait, read).await {
        Ok(answer) => answer.map_err(|error| CallAbortError::Store(error.borrow().clone())),
        Err(_) => Err(CallAbortError::StoreTimeout),
    }
}

fn check_key(key: &str) -> Result<(), StagingError> {
    if key.len() > KEY_BYTES {
        Err(StagingError::Limit("key over 256 bytes".into()))
    } else {
        Ok(())
    }
}

fn count(ops: &mut u32, limit: u32) -> Result<(), StagingError> {
    if *ops >= limit {
        return Err(StagingError::Limit(format!("over {limit} operations in one phase")));
    }
    *ops += 1;
    Ok(())
}

#[cfg(test)]
mod tests;
