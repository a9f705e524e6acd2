//! Plugin data while a phase runs: reads from the store, writes that wait for the commit.
//!
//! Later calls of a phase see the staged writes of earlier ones; components see only their own namespace. Nothing here is
//! durable until the phase's unit of work is committed, and reads of `kv` are checked again then.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::ended::Ended;
use super::limits::{COUNTER_OPS, KEY_BYTES, KV_OPS, STORE_WAIT, VALUE_BYTES};
use tillhouse_checkout::ports::PluginData;
use tillhouse_checkout::unit::{Namespace, Staged, StagedRead, StagedWrite, Versioned};

type Key = (Namespace, String);

/// What a conditional write compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expectation {
    Any,
    Absent,
    Version(u64),
}

/// Why an operation was not staged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The expectation does not hold; the version there is.
    Conflict(Option<u64>),
    /// The counter would fall below its floor.
    Insufficient,
    /// A limit, in words.
    Limit(String),
}

/// How far the staging was, to go back to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(usize);

/// The plugin data of one phase.
#[derive(Debug)]
pub(crate) struct Staging {
    store: Arc<dyn PluginData>,
    values: HashMap<Key, Option<Versioned>>,
    counters: HashMap<Key, i64>,
    writes: Vec<StagedWrite>,
    kv_ops: u32,
    counter_ops: u32,
    /// Longest wait for one read: what is left of the call in progress.
    wait: Duration,
}

impl Staging {
    pub(crate) fn new(store: Arc<dyn PluginData>) -> Self {
        Self {
            store,
            values: HashMap::new(),
            counters: HashMap::new(),
            writes: Vec::new(),
            kv_ops: 0,
            counter_ops: 0,
            wait: STORE_WAIT,
        }
    }

    /// Bound reads of the store by the time that the call has left.
    pub(crate) fn bound_reads(&mut self, left: Duration) {
        self.wait = left.min(STORE_WAIT);
    }

    pub(crate) const fn mark(&self) -> Mark {
        Mark(self.writes.len())
    }

    /// Forget the writes since the mark: a call without a good answer has no effect.
    pub(crate) fn roll_back(&mut self, mark: Mark) {
        self.writes.truncate(mark.0);
    }

    /// What the phase leaves behind.
    pub(crate) fn finish(self) -> Staged {
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
        Staged {
            reads,
            writes: self.writes,
        }
    }

    pub(crate) async fn get(
        &mut self,
        namespace: &Namespace,
        key: &str,
    ) -> Result<Result<Option<Versioned>, Refused>, Ended> {
        if let Err(refused) = self.count_kv(key) {
            return Ok(Err(refused));
        }
        self.current(namespace, key).await.map(Ok)
    }

    /// Stage a write, or a removal where there is no value.
    pub(crate) async fn put(
        &mut self,
        namespace: &Namespace,
        key: String,
        value: Option<Vec<u8>>,
        expect: Expectation,
    ) -> Result<Result<(), Refused>, Ended> {
        if let Err(refused) = self.count_kv(&key) {
            return Ok(Err(refused));
        }
        if value.as_ref().is_some_and(|value| value.len() > VALUE_BYTES) {
            return Ok(Err(Refused::Limit("value over 64 KiB".into())));
        }
        if expect != Expectation::Any {
            let version = self.current(namespace, &key).await?.map(|value| value.version);
            let holds = match expect {
                Expectation::Any => true,
                Expectation::Absent => version.is_none(),
                Expectation::Version(wanted) => version == Some(wanted),
            };
            if !holds {
                return Ok(Err(Refused::Conflict(version)));
            }
        }
        self.writes.push(StagedWrite::Put {
            namespace: namespace.clone(),
            key,
            value,
        });
        Ok(Ok(()))
    }

    /// Stage an addition.
    pub(crate) async fn add(
        &mut self,
        namespace: &Namespace,
        key: String,
        delta: i64,
        floor: Option<i64>,
    ) -> Result<Result<(), Refused>, Ended> {
        if let Err(refused) = self.count_counter(&key) {
            return Ok(Err(refused));
        }
        if let Some(floor) = floor {
            let value = self.counter(namespace, &key).await?;
            if value.saturating_add(delta) < floor {
                return Ok(Err(Refused::Insufficient));
            }
        }
        self.writes.push(StagedWrite::Add {
            namespace: namespace.clone(),
            key,
            delta,
            floor,
        });
        Ok(Ok(()))
    }

    pub(crate) async fn peek(&mut self, namespace: &Namespace, key: &str) -> Result<Result<i64, Refused>, Ended> {
        if let Err(refused) = self.count_counter(key) {
            return Ok(Err(refused));
        }
        self.counter(namespace, key).await.map(Ok)
    }

    /// The value as this phase sees it. A staged value counts one version up from the store for each write.
    async fn current(&mut self, namespace: &Namespace, key: &str) -> Result<Option<Versioned>, Ended> {
        let base = self.base(namespace, key).await?;
        let mut version = base.as_ref().map_or(0, |value| value.version);
        let mut current = base;
        for write in &self.writes {
            match write {
                StagedWrite::Put {
                    namespace: other,
                    key: written,
                    value,
                } if other == namespace && written == key => {
                    version += 1;
                    current = value.clone().map(|value| Versioned { value, version });
                }
                _ => {}
            }
        }
        Ok(current)
    }

    async fn base(&mut self, namespace: &Namespace, key: &str) -> Result<Option<Versioned>, Ended> {
        let at = (namespace.clone(), key.to_owned());
        if let Some(known) = self.values.get(&at) {
            return Ok(known.clone());
        }
        let value = bounded(self.wait, self.store.kv(namespace, key)).await?;
        self.values.insert(at, value.clone());
        Ok(value)
    }

    async fn counter(&mut self, namespace: &Namespace, key: &str) -> Result<i64, Ended> {
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

    fn count_kv(&mut self, key: &str) -> Result<(), Refused> {
        check_key(key)?;
        count(&mut self.kv_ops, KV_OPS)
    }

    fn count_counter(&mut self, key: &str) -> Result<(), Refused> {
        check_key(key)?;
        count(&mut self.counter_ops, COUNTER_OPS)
    }
}

async fn bounded<T>(
    wait: Duration,
    read: impl Future<Output = Result<T, tillhouse_checkout::ports::StoreError>>,
) -> Result<T, Ended> {
    match tokio::time::timeout(wait, read).await {
        Ok(answer) => answer.map_err(Ended::Store),
        Err(_) => Err(Ended::StoreTimeout),
    }
}

fn check_key(key: &str) -> Result<(), Refused> {
    if key.len() > KEY_BYTES {
        Err(Refused::Limit("key over 256 bytes".into()))
    } else {
        Ok(())
    }
}

fn count(ops: &mut u32, limit: u32) -> Result<(), Refused> {
    if *ops >= limit {
        return Err(Refused::Limit(format!("over {limit} operations in one phase")));
    }
    *ops += 1;
    Ok(())
}

#[cfg(test)]
mod tests;
