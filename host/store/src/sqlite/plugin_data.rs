//! Plugin data: values with versions, and counters with a floor.

use rusqlite::{Connection, OptionalExtension, params};

use tillhouse_checkout::plugin_data::{DataUsage, Namespace, StagedRead, StagedWrite, VersionedValue};
use tillhouse_checkout::ports::{CommitError, StoreError};

use super::db_error;
use super::read_error::ReadError;

/// Its mark is one more than that of any other counter of the plugin.
const PUT_COUNTER: &str = "INSERT INTO counter (merchant, plugin, key, value, changed) VALUES (?1, ?2, ?3, ?4, \
     (SELECT coalesce(max(changed), 0) + 1 FROM counter WHERE merchant = ?1 AND plugin = ?2)) \
     ON CONFLICT (merchant, plugin, key) DO UPDATE SET value = excluded.value, changed = excluded.changed";

pub(super) fn value(db: &Connection, namespace: &Namespace, key: &str) -> Result<Option<VersionedValue>, ReadError> {
    let found = db
        .prepare_cached("SELECT value, version FROM kv WHERE merchant = ?1 AND plugin = ?2 AND key = ?3")?
        .query_row(scope(namespace, key), |row| {
            Ok(VersionedValue {
                value: row.get(0)?,
                version: row.get::<_, i64>(1)?.unsigned_abs(),
            })
        })
        .optional()?;
    Ok(found)
}

pub(super) fn counter(db: &Connection, namespace: &Namespace, key: &str) -> rusqlite::Result<i64> {
    db.prepare_cached("SELECT value FROM counter WHERE merchant = ?1 AND plugin = ?2 AND key = ?3")?
        .query_row(scope(namespace, key), |row| row.get(0))
        .optional()
        .map(Option::unwrap_or_default)
}

pub(super) fn has_counter(db: &Connection, namespace: &Namespace, key: &str) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM counter WHERE merchant = ?1 AND plugin = ?2 AND key = ?3")?
        .exists(scope(namespace, key))
}

pub(super) fn usage(db: &Connection, namespace: &Namespace) -> rusqlite::Result<DataUsage> {
    db.prepare_cached(
        "SELECT count(*), coalesce(sum(bytes), 0) FROM \
         (SELECT length(CAST(key AS BLOB)) + length(value) AS bytes FROM kv WHERE merchant = ?1 AND plugin = ?2 \
         UNION ALL SELECT length(CAST(key AS BLOB)) + 8 FROM counter WHERE merchant = ?1 AND plugin = ?2)",
    )?
    .query_row([namespace.merchant.as_str(), namespace.plugin.as_str()], |row| {
        Ok(DataUsage {
            keys: row.get::<_, i64>(0)?.unsigned_abs(),
            bytes: row.get::<_, i64>(1)?.unsigned_abs(),
        })
    })
}

/// Compares what a phase read with the current versions.
pub(super) fn check(db: &Connection, reads: &[StagedRead]) -> Result<(), CommitError> {
    for read in reads {
        if version(db, &read.namespace, &read.key).map_err(db_error::classify)? != read.version {
            return Err(CommitError::PluginData);
        }
    }
    Ok(())
}

fn version(db: &Connection, namespace: &Namespace, key: &str) -> rusqlite::Result<Option<u64>> {
    db.prepare_cached("SELECT version FROM kv WHERE merchant = ?1 AND plugin = ?2 AND key = ?3")?
        .query_row(scope(namespace, key), |row| row.get::<_, i64>(0).map(i64::unsigned_abs))
        .optional()
}

/// Applies the changes in their order.
pub(super) fn write(db: &Connection, writes: &[StagedWrite]) -> Result<(), CommitError> {
    writes.iter().try_for_each(|write| match write {
        StagedWrite::Put { namespace, key, value } => {
            put(db, namespace, key, value.as_deref()).map_err(db_error::classify)
        }
        StagedWrite::Add {
            namespace,
            key,
            delta,
            floor,
        } => add(db, namespace, key, *delta, *floor),
    })
}

fn put(db: &Connection, namespace: &Namespace, key: &str, value: Option<&[u8]>) -> rusqlite::Result<()> {
    let (merchant, plugin, key) = scope(namespace, key);
    match value {
        // REPLACE inserts a new row, and so gives it a new number: the version.
        Some(value) => db
            .prepare_cached("REPLACE INTO kv (merchant, plugin, key, value) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![merchant, plugin, key, value])?,
        None => db
            .prepare_cached("DELETE FROM kv WHERE merchant = ?1 AND plugin = ?2 AND key = ?3")?
            .execute((merchant, plugin, key))?,
    };
    Ok(())
}

fn add(db: &Connection, namespace: &Namespace, key: &str, delta: i64, floor: Option<i64>) -> Result<(), CommitError> {
    let before = counter(db, namespace, key).map_err(db_error::classify)?;
    let after = match before.checked_add(delta) {
        Some(after) if floor.is_none_or(|floor| after >= floor) => after,
        // Overflow: the floor is not the cause.
        None if delta > 0 => return Err(StoreError::new(format!("counter {key} would overflow")).into()),
        _ => return Err(CommitError::Insufficient { key: key.to_owned() }),
    };
    let (merchant, plugin, key) = scope(namespace, key);
    db.prepare_cached(PUT_COUNTER)
        .and_then(|mut statement| statement.execute((merchant, plugin, key, after)))
        .map_err(db_error::classify)?;
    Ok(())
}

fn scope<'a>(namespace: &'a Namespace, key: &'a str) -> (&'a str, &'a str, &'a str) {
    (namespace.merchant.as_str(), namespace.plugin.as_str(), key)
}
