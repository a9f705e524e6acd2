//! Locks on things that may not exist yet: a key without a value, a stream without a message.
//!
//! PostgreSQL locks rows, and a missing row cannot be locked. So a unit takes advisory locks, which end with its transaction.
//! All locks of one kind are taken in the order of their numbers, so that two units never deadlock.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::outbox::OutboxMessage;
use tillhouse_checkout::plugin_data::{Namespace, StagedChanges, StagedWrite};

use super::pipeline::{Step, params};

/// Keys of one namespace share this many locks: the server's lock table is small, and a plugin may touch hundreds of keys.
const LOCKS_PER_NAMESPACE: u64 = 64;

/// Serializes appends to the audit log, whose hash chain has one end.
pub(super) const AUDIT_LOCK: i64 = 0x7469_6c6c_6175_6469;
/// Lets one host at a time migrate the schema.
pub(super) const MIGRATION_LOCK: i64 = 0x7469_6c6c_6d69_6772;

/// Lets one host at a time import a merchant's catalog.
pub(super) fn catalog_lock(merchant: &MerchantId) -> i64 {
    lock_number(&["catalog", merchant.as_str()])
}

/// Locks the keys that a phase has read (shared, against writers) and those that it writes (exclusive).
pub(super) fn key_locks(staged: &StagedChanges) -> Vec<Step<'static>> {
    let mut locks = BTreeMap::new();
    for read in &staged.reads {
        locks
            .entry(key_lock_number(&read.namespace, &read.key))
            .or_insert(false);
    }
    for write in &staged.writes {
        if let StagedWrite::Put { namespace, key, .. } = write {
            locks.insert(key_lock_number(namespace, key), true);
        }
    }
    locks
        .into_iter()
        .map(|(lock, is_written)| take_lock(lock, is_written))
        .collect()
}

/// Locks the streams that messages go to, so that their ids are in commit order.
pub(super) fn stream_locks(messages: &[OutboxMessage]) -> Vec<Step<'static>> {
    let locks: BTreeMap<i64, ()> = messages
        .iter()
        .filter_map(|message| {
            let stream = message.stream.as_ref()?;
            Some((
                lock_number(&["outbox", message.merchant.as_str(), message.kind.as_str(), stream]),
                (),
            ))
        })
        .collect();
    locks.into_keys().map(|lock| take_lock(lock, true)).collect()
}

fn take_lock(lock: i64, is_exclusive: bool) -> Step<'static> {
    let sql = if is_exclusive {
        "SELECT pg_advisory_xact_lock($1)"
    } else {
        "SELECT pg_advisory_xact_lock_shared($1)"
    };
    Step::new(sql, params![lock])
}

fn key_lock_number(namespace: &Namespace, key: &str) -> i64 {
    let within = lock_number(&[key]).unsigned_abs() % LOCKS_PER_NAMESPACE;
    lock_number(&[
        "kv",
        namespace.merchant.as_str(),
        namespace.plugin.as_str(),
        &within.to_string(),
    ])
}

/// Lock number of a name. It is the same on every host and in every version.
fn lock_number(parts: &[&str]) -> i64 {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    let [a, b, c, d, e, f, g, h, ..]: [u8; 32] = digest.finalize().into();
    i64::from_be_bytes([a, b, c, d, e, f, g, h])
}

#[cfg(test)]
mod tests {
    use super::*;
    use tillhouse_checkout::ids::PluginId;

    fn namespace(merchant: &str) -> Namespace {
        Namespace {
            merchant: MerchantId::new(merchant),
            plugin: PluginId::new("shop"),
        }
    }

    #[test]
    fn a_key_has_the_same_lock_on_every_host_and_in_every_version() {
        assert_eq!(lock_number(&["kv", "acme", "shop", "7"]), -3_202_317_068_313_933_183);
        assert_eq!(
            key_lock_number(&namespace("acme"), "k"),
            key_lock_number(&namespace("acme"), "k")
        );
        assert_ne!(
            key_lock_number(&namespace("acme"), "k"),
            key_lock_number(&namespace("other"), "k")
        );
    }

    #[test]
    fn a_namespace_takes_few_locks_however_many_keys_it_has() {
        let locks: std::collections::BTreeSet<i64> = (0..10_000)
            .map(|n| key_lock_number(&namespace("acme"), &n.to_string()))
            .collect();
        assert_eq!(locks.len() as u64, LOCKS_PER_NAMESPACE);
    }
}
