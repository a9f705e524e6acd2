use std::sync::Arc;

use super::*;
use crate::tests::support::MemoryStore;
use tillhouse_checkout::ids::{MerchantId, PluginId};

fn namespace(plugin: &str) -> Namespace {
    Namespace {
        merchant: MerchantId::new("acme"),
        plugin: PluginId::new(plugin),
    }
}

fn quota(keys: u64, bytes: u64) -> DataQuota {
    DataQuota::new(DataUsage { keys, bytes })
}

fn staging() -> Staging {
    let store = MemoryStore::default();
    let at = (namespace("shop"), "rate".to_owned());
    let value = VersionedValue {
        value: b"old".to_vec(),
        version: 4,
    };
    store.values.lock().unwrap().insert(at, value);
    let at = (namespace("shop"), "stock".to_owned());
    store.counters.lock().unwrap().insert(at, 5);
    Staging::new(Arc::new(store), quota(100, 10_000))
}

#[tokio::test]
async fn reads_see_earlier_writes_of_the_phase_in_their_own_namespace_only() {
    let mut staging = staging();
    let shop = namespace("shop");
    staging
        .put(&shop, "rate".into(), Some(b"new".to_vec()), Expectation::Version(4))
        .await
        .unwrap()
        .unwrap();
    let seen = staging.get(&shop, "rate").await.unwrap().unwrap().unwrap();
    assert_eq!((seen.value.as_slice(), seen.version), (&b"new"[..], 5));
    assert_eq!(staging.get(&namespace("other"), "rate").await.unwrap().unwrap(), None);
    let staged = staging.finish();
    let reads: Vec<_> = staged
        .reads
        .iter()
        .map(|read| (read.namespace.plugin.as_str(), read.version))
        .collect();
    assert!(
        reads.contains(&("shop", Some(4))) && reads.contains(&("other", None)),
        "{reads:?}"
    );
    assert_eq!(staged.writes.len(), 1);
}

#[tokio::test]
async fn an_expectation_that_does_not_hold_names_the_version_there_is() {
    let mut staging = staging();
    let shop = namespace("shop");
    for (key, expect, version) in [
        ("rate", Expectation::Absent, Some(4)),
        ("rate", Expectation::Version(3), Some(4)),
        ("none", Expectation::Version(1), None),
    ] {
        let answer = staging.put(&shop, key.into(), None, expect).await.unwrap();
        assert_eq!(answer, Err(StagingError::Conflict(version)), "{key} {expect:?}");
    }
    let deleted = staging.put(&shop, "rate".into(), None, Expectation::Any).await.unwrap();
    assert_eq!(deleted, Ok(()));
    assert_eq!(staging.get(&shop, "rate").await.unwrap().unwrap(), None);
}

#[tokio::test]
async fn a_counter_never_falls_below_its_floor() {
    let mut staging = staging();
    let shop = namespace("shop");
    let mut take = async |n: i64| staging.add(&shop, "stock".into(), -n, Some(0)).await.unwrap();
    assert_eq!(take(3).await, Ok(()));
    assert_eq!(take(3).await, Err(StagingError::Insufficient));
    assert_eq!(take(2).await, Ok(()));
    assert_eq!(staging.peek(&shop, "stock").await.unwrap(), Ok(0));
}

#[tokio::test]
async fn what_is_rolled_back_leaves_no_trace() {
    let mut staging = staging();
    let shop = namespace("shop");
    let mark = staging.savepoint();
    staging.add(&shop, "stock".into(), -3, None).await.unwrap().unwrap();
    staging.roll_back(mark);
    assert_eq!(staging.peek(&shop, "stock").await.unwrap(), Ok(5));
    assert!(staging.finish().writes.is_empty());
}

#[tokio::test]
async fn operations_and_sizes_are_limited() {
    let mut staging = staging();
    let shop = namespace("shop");
    let long = "k".repeat(KEY_BYTES + 1);
    assert!(matches!(
        staging.get(&shop, &long).await.unwrap(),
        Err(StagingError::Limit(_))
    ));
    let big = Some(vec![0; VALUE_BYTES + 1]);
    let answer = staging.put(&shop, "big".into(), big, Expectation::Any).await.unwrap();
    assert!(matches!(answer, Err(StagingError::Limit(_))));
    for _ in 1..KV_OPS {
        staging.get(&shop, "rate").await.unwrap().unwrap();
    }
    assert!(matches!(
        staging.get(&shop, "rate").await.unwrap(),
        Err(StagingError::Limit(_))
    ));
    for _ in 0..COUNTER_OPS {
        staging.peek(&shop, "stock").await.unwrap().unwrap();
    }
    assert!(matches!(
        staging.peek(&shop, "stock").await.unwrap(),
        Err(StagingError::Limit(_))
    ));
}

/// A plugin that keeps `n` values of ten bytes and one counter, each under a key of two bytes.
fn keeping(n: u32, quota: DataQuota) -> Staging {
    let store = MemoryStore::default();
    for key in 0..n {
        let value = VersionedValue {
            value: vec![b'v'; 10],
            version: 1,
        };
        let at = (namespace("shop"), format!("k{key}"));
        store.values.lock().unwrap().insert(at, value);
    }
    let at = (namespace("shop"), "n0".to_owned());
    store.counters.lock().unwrap().insert(at, 0);
    Staging::new(Arc::new(store), quota)
}

async fn set(staging: &mut Staging, key: &str, bytes: usize) -> Result<(), StagingError> {
    let value = Some(vec![b'w'; bytes]);
    let staged = staging
        .put(&namespace("shop"), key.to_owned(), value, Expectation::Any)
        .await;
    staged.unwrap()
}

fn is_over(answer: &Result<(), StagingError>, limit: &str) -> bool {
    matches!(answer, Err(StagingError::Limit(text)) if text.contains(limit))
}

#[tokio::test]
async fn a_plugin_at_its_number_of_keys_writes_no_new_one_and_still_changes_and_deletes_its_own() {
    let mut staging = keeping(3, quota(4, 10_000));
    assert!(is_over(&set(&mut staging, "k9", 1).await, "over 4 keys"));
    assert!(is_over(&set(&mut staging, "k9", 1).await, "plugins.data_keys"));
    let counted = staging.add(&namespace("shop"), "n9".into(), 1, None).await.unwrap();
    assert!(is_over(&counted, "over 4 keys"));
    assert_eq!(set(&mut staging, "k0", 10).await, Ok(()));
    let own = staging.add(&namespace("shop"), "n0".into(), 1, None).await.unwrap();
    assert_eq!(own, Ok(()), "a counter that is there at zero is not a new key");
    let deleted = staging
        .put(&namespace("shop"), "k1".into(), None, Expectation::Any)
        .await;
    assert_eq!(deleted.unwrap(), Ok(()));
    let other = staging
        .put(&namespace("tax"), "k9".into(), Some(vec![1]), Expectation::Any)
        .await;
    assert_eq!(other.unwrap(), Ok(()), "each plugin has a quota of its own");
}

#[tokio::test]
async fn a_plugin_at_its_bytes_can_shrink_a_value_and_not_grow_one() {
    // Three values of 12 bytes with their keys, and a counter of 10.
    let mut staging = keeping(3, quota(100, 46));
    assert!(is_over(&set(&mut staging, "k9", 1).await, "over 46 bytes"));
    assert!(is_over(&set(&mut staging, "k0", 11).await, "plugins.data_bytes"));
    assert_eq!(set(&mut staging, "k0", 9).await, Ok(()));
}

#[tokio::test]
async fn what_a_phase_has_staged_counts() {
    let mut staging = keeping(0, quota(3, 10_000));
    assert_eq!(set(&mut staging, "a", 1).await, Ok(()));
    assert_eq!(set(&mut staging, "b", 1).await, Ok(()));
    assert!(is_over(&set(&mut staging, "c", 1).await, "over 3 keys"));
}
