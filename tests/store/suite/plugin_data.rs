//! Plugin data: values and counters.

use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::plugin_data::{DataUsage, Namespace, StagedWrite};
use tillhouse_checkout::ports::CommitError;

use super::Subject;
use super::fixtures::*;

async fn version(subject: &Subject) -> Option<u64> {
    let value = subject.store.kv(&namespace("shop"), "k").await.unwrap();
    value.map(|value| value.version)
}

pub(crate) async fn values_have_versions_that_only_grow(subject: &Subject) {
    subject.commit(stage(vec![], vec![put("shop", "k", Some(b"1"))])).await;
    let first = version(subject).await.unwrap();
    subject.commit(stage(vec![], vec![put("shop", "k", Some(b"1"))])).await;
    let second = version(subject).await.unwrap();
    assert!(second > first, "a write of the same value increases the version");
    subject.commit(stage(vec![], vec![put("shop", "k", None)])).await;
    assert_eq!(version(subject).await, None);
    subject.commit(stage(vec![], vec![put("shop", "k", None)])).await;
    subject.commit(stage(vec![], vec![put("shop", "k", Some(b"1"))])).await;
    assert!(
        version(subject).await.unwrap() > second,
        "the version increases after a removal"
    );
}

pub(crate) async fn a_stale_read_refuses_the_unit(subject: &Subject) {
    let write = || vec![put("shop", "k", Some(b"1"))];
    subject.commit(stage(vec![read("shop", "k", None)], write())).await;
    let current = version(subject).await;
    let gone = current.map(|version| version + 1);
    for stale in [None, gone] {
        let error = subject.refused(stage(vec![read("shop", "k", stale)], write())).await;
        assert!(matches!(error, CommitError::PluginData), "{stale:?}: {error:?}");
    }
    assert_eq!(version(subject).await, current);
    // Reads are compared with the state before the unit's own writes.
    let twice = vec![read("shop", "k", current), read("shop", "k", current)];
    subject.commit(stage(twice, write())).await;
}

pub(crate) async fn namespaces_do_not_mix(subject: &Subject) {
    let theirs = Namespace {
        merchant: MerchantId::new("other"),
        ..namespace("shop")
    };
    let writes = vec![
        put("shop", "k", Some(b"shop")),
        put("tax", "k", Some(b"tax")),
        add("k", 1, None),
        StagedWrite::Add {
            namespace: theirs.clone(),
            key: "k".into(),
            delta: 5,
            floor: None,
        },
    ];
    subject.commit(stage(vec![], writes)).await;
    let store = &subject.store;
    assert_eq!(store.kv(&namespace("shop"), "k").await.unwrap().unwrap().value, b"shop");
    assert_eq!(store.kv(&namespace("tax"), "k").await.unwrap().unwrap().value, b"tax");
    assert_eq!(store.kv(&theirs, "k").await.unwrap(), None);
    assert_eq!(store.counter(&namespace("shop"), "k").await.unwrap(), 1);
    assert_eq!(store.counter(&theirs, "k").await.unwrap(), 5);
    assert_eq!(store.counter(&namespace("tax"), "k").await.unwrap(), 0);
}

pub(crate) async fn counters_keep_their_floor(subject: &Subject) {
    subject.commit(stage(vec![], vec![add("stock", 3, Some(0))])).await;
    subject.commit(stage(vec![], vec![add("stock", -3, Some(0))])).await;
    let error = subject.refused(stage(vec![], vec![add("stock", -1, Some(0))])).await;
    assert!(
        matches!(&error, CommitError::Insufficient { key } if key == "stock"),
        "{error:?}"
    );
    subject.commit(stage(vec![], vec![add("stock", -1, Some(-1))])).await;
    subject.commit(stage(vec![], vec![add("stock", -1, None)])).await;
    let left = subject.store.counter(&namespace("shop"), "stock").await.unwrap();
    assert_eq!(left, -2);
}

pub(crate) async fn writes_apply_in_order(subject: &Subject) {
    let writes = vec![
        put("shop", "k", Some(b"first")),
        put("shop", "k", None),
        put("shop", "k", Some(b"last")),
        add("stock", 2, None),
        add("stock", -2, Some(0)),
    ];
    subject.commit(stage(vec![], writes)).await;
    let value = subject.store.kv(&namespace("shop"), "k").await.unwrap().unwrap();
    assert_eq!(value.value, b"last");
    let error = subject
        .refused(stage(vec![], vec![add("stock", -2, Some(0)), add("stock", 2, None)]))
        .await;
    assert!(matches!(error, CommitError::Insufficient { .. }), "{error:?}");
}

pub(crate) async fn a_counter_at_its_limits_is_refused(subject: &Subject) {
    subject
        .commit(stage(
            vec![],
            vec![add("most", i64::MAX, None), add("least", i64::MIN, None)],
        ))
        .await;
    let over = subject.refused(stage(vec![], vec![add("most", 1, None)])).await;
    assert!(matches!(over, CommitError::Store(_)), "{over:?}");
    let under = subject.refused(stage(vec![], vec![add("least", -1, None)])).await;
    assert!(matches!(under, CommitError::Insufficient { .. }), "{under:?}");
    let store = &subject.store;
    assert_eq!(store.counter(&namespace("shop"), "most").await.unwrap(), i64::MAX);
    assert_eq!(store.counter(&namespace("shop"), "least").await.unwrap(), i64::MIN);
}

pub(crate) async fn keys_may_hold_anything(subject: &Subject) {
    let keys = ["", " ", "\0", "a\0b", "é", "e\u{301}", "🛒", "'; DROP TABLE kv; --"];
    for (n, key) in keys.iter().enumerate() {
        let writes = vec![put("shop", key, Some(&[n as u8])), add(key, n as i64 + 1, None)];
        subject.commit(stage(vec![read("shop", key, None)], writes)).await;
    }
    for (n, key) in keys.iter().enumerate() {
        let value = subject.store.kv(&namespace("shop"), key).await.unwrap().unwrap();
        assert_eq!(value.value, [n as u8], "{key:?}");
        let counter = subject.store.counter(&namespace("shop"), key).await.unwrap();
        assert_eq!(counter, n as i64 + 1, "{key:?}");
    }
}

pub(crate) async fn what_a_plugin_keeps_is_measured_in_its_own_namespace(subject: &Subject) {
    let usage = async |plugin| subject.store.usage(&namespace(plugin)).await.unwrap();
    assert_eq!(usage("shop").await, DataUsage::default());
    let writes = vec![
        put("shop", "k\u{e4}se", Some(b"12345")),
        put("shop", "b", Some(b"")),
        put("tax", "b", Some(b"1234567890")),
        add("stock", 0, None),
    ];
    subject.commit(stage(Vec::new(), writes)).await;
    // 5 and 5 bytes, 1 and none, and a counter of 5 and 8.
    assert_eq!(usage("shop").await, DataUsage { keys: 3, bytes: 24 });
    assert_eq!(usage("tax").await, DataUsage { keys: 1, bytes: 11 });
    let has = async |plugin, key| subject.store.has_counter(&namespace(plugin), key).await.unwrap();
    assert!(has("shop", "stock").await, "a counter at zero is there");
    assert!(!has("shop", "b").await && !has("tax", "stock").await);
    subject
        .commit(stage(Vec::new(), vec![put("shop", "k\u{e4}se", None)]))
        .await;
    assert_eq!(usage("shop").await, DataUsage { keys: 2, bytes: 14 });
}
