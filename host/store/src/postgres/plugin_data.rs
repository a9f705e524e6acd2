//! Plugin data: values with versions, and counters with a floor.

use std::collections::BTreeSet;

use crate::column::to_i64;
use tillhouse_checkout::plugin_data::{DataUsage, Namespace, StagedChanges, StagedWrite, VersionedValue};
use tillhouse_checkout::ports::{CommitError, StoreError};

use super::connections::Connections;
use super::locks;
use super::pipeline::{Step, params};

pub(super) async fn value(
    connections: &Connections,
    namespace: &Namespace,
    key: &str,
) -> Result<Option<VersionedValue>, StoreError> {
    let sql = "SELECT value, version FROM kv WHERE merchant = $1 AND plugin = $2 AND key = $3";
    let (merchant, plugin) = (namespace.merchant.as_str(), namespace.plugin.as_str());
    let rows = connections.read(sql, &[&merchant, &plugin, &key.as_bytes()]).await?;
    Ok(rows.first().map(|row| VersionedValue {
        value: row.get(0),
        version: row.get::<_, i64>(1).unsigned_abs(),
    }))
}

pub(super) async fn counter(connections: &Connections, namespace: &Namespace, key: &str) -> Result<i64, StoreError> {
    let sql = "SELECT value FROM counter WHERE merchant = $1 AND plugin = $2 AND key = $3";
    let (merchant, plugin) = (namespace.merchant.as_str(), namespace.plugin.as_str());
    let rows = connections.read(sql, &[&merchant, &plugin, &key.as_bytes()]).await?;
    Ok(rows.first().map_or(0, |row| row.get(0)))
}

pub(super) async fn has_counter(
    connections: &Connections,
    namespace: &Namespace,
    key: &str,
) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM counter WHERE merchant = $1 AND plugin = $2 AND key = $3";
    let (merchant, plugin) = (namespace.merchant.as_str(), namespace.plugin.as_str());
    let rows = connections.read(sql, &[&merchant, &plugin, &key.as_bytes()]).await?;
    Ok(!rows.is_empty())
}

pub(super) async fn usage(connections: &Connections, namespace: &Namespace) -> Result<DataUsage, StoreError> {
    let sql = "SELECT count(*), coalesce(sum(bytes), 0)::bigint FROM \
               (SELECT octet_length(key) + octet_length(value) AS bytes FROM kv WHERE merchant = $1 AND plugin = $2 \
               UNION ALL SELECT octet_length(key) + 8 FROM counter WHERE merchant = $1 AND plugin = $2) AS kept";
    let (merchant, plugin) = (namespace.merchant.as_str(), namespace.plugin.as_str());
    let rows = connections.read(sql, &[&merchant, &plugin]).await?;
    Ok(rows.first().map_or_else(DataUsage::default, |row| DataUsage {
        keys: row.get::<_, i64>(0).unsigned_abs(),
        bytes: row.get::<_, i64>(1).unsigned_abs(),
    }))
}

/// Compares what a phase read with the current versions, then applies its changes in their order.
pub(super) fn apply(staged: &StagedChanges) -> Vec<Step<'_>> {
    let mut steps = locks::key_locks(staged);
    steps.extend(staged.reads.iter().map(|read| {
        // Checked under the lock, by a statement of its own: it sees what was committed while it waited for the lock.
        Step::new(
            "SELECT 1 WHERE (SELECT version FROM kv WHERE merchant = $1 AND plugin = $2 AND key = $3) \
             IS NOT DISTINCT FROM $4::bigint",
            params![
                read.namespace.merchant.as_str(),
                read.namespace.plugin.as_str(),
                read.key.as_bytes(),
                read.version.map(to_i64),
            ],
        )
        .or_conflict(CommitError::PluginData)
    }));
    steps.extend(lock_counters(&staged.writes));
    steps.extend(staged.writes.iter().map(|write| match write {
        StagedWrite::Put { namespace, key, value } => put(namespace, key, value.as_deref()),
        StagedWrite::Add {
            namespace,
            key,
            delta,
            floor,
        } => add(namespace, key, *delta, *floor),
    }));
    steps
}

/// Two units that change the same counters in a different order would deadlock until the server notices. So where there is
/// more than one, all are locked first, always in the same order.
fn lock_counters(writes: &[StagedWrite]) -> Vec<Step<'_>> {
    let counters: BTreeSet<_> = writes
        .iter()
        .filter_map(|write| match write {
            StagedWrite::Add { namespace, key, .. } => {
                Some((namespace.merchant.as_str(), namespace.plugin.as_str(), key.as_bytes()))
            }
            StagedWrite::Put { .. } => None,
        })
        .collect();
    if counters.len() < 2 {
        return Vec::new();
    }
    let lock = |(merchant, plugin, key)| {
        Step::new(
            "SELECT 1 FROM counter WHERE merchant = $1 AND plugin = $2 AND key = $3 FOR UPDATE",
            params![merchant, plugin, key],
        )
    };
    counters.into_iter().map(lock).collect()
}

fn put<'a>(namespace: &'a Namespace, key: &'a str, value: Option<&'a [u8]>) -> Step<'a> {
    let (merchant, plugin, key) = (namespace.merchant.as_str(), namespace.plugin.as_str(), key.as_bytes());
    match value {
        Some(value) => Step::new(
            "INSERT INTO kv (merchant, plugin, key, value) VALUES ($1, $2, $3, $4) \
             ON CONFLICT ON CONSTRAINT kv_key DO UPDATE SET value = excluded.value, version = nextval('kv_version')",
            params![merchant, plugin, key, value],
        ),
        None => Step::new(
            "DELETE FROM kv WHERE merchant = $1 AND plugin = $2 AND key = $3",
            params![merchant, plugin, key],
        ),
    }
}

/// Nothing is read first: a counter in high demand is locked no longer than a commit takes.
fn add<'a>(namespace: &'a Namespace, key: &'a str, delta: i64, floor: Option<i64>) -> Step<'a> {
    // A counter that was never changed is 0. Where that is below the floor, a row must exist.
    let sql = if floor.is_none_or(|floor| delta >= floor) {
        "INSERT INTO counter AS this (merchant, plugin, key, value, changed) \
         VALUES ($1, $2, $3, $4, pg_current_xact_id()::text::bigint) \
         ON CONFLICT ON CONSTRAINT counter_key DO UPDATE SET value = this.value + $4, changed = excluded.changed \
         WHERE $5::bigint IS NULL OR this.value + $4 >= $5 RETURNING 1"
    } else {
        "UPDATE counter SET value = value + $4, changed = pg_current_xact_id()::text::bigint WHERE merchant = $1 AND plugin = $2 AND key = $3 \
         AND ($5::bigint IS NULL OR value + $4 >= $5) RETURNING 1"
    };
    let insufficient = CommitError::Insufficient { key: key.to_owned() };
    let overflow = if delta > 0 {
        StoreError::new(format!("counter {key} would overflow")).into()
    } else {
        insufficient.clone()
    };
    let (merchant, plugin) = (namespace.merchant.as_str(), namespace.plugin.as_str());
    Step::new(sql, params![merchant, plugin, key.as_bytes(), delta, floor])
        .or_conflict(insufficient)
        .on_overflow(overflow)
}
