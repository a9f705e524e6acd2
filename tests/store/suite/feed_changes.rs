//! What increments of feeds are made of: items as they were uploaded, and counters that changed since.

use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::ports::{ChangedCounter, UploadedItem};

use super::Subject;
use super::feeds::acme;
use super::fixtures::*;

pub(crate) async fn items_are_remembered_as_they_were_uploaded(subject: &Subject) {
    let uploaded = |id: &str, content: &str| UploadedItem {
        id: ItemId::new(id),
        content: content.as_bytes().to_vec(),
    };
    let wanted = ["tee", "mug", "cap"].map(ItemId::new);
    let read = async |destination: &str| {
        let items = subject.feeds.uploaded_items(acme(), destination, &wanted);
        items.await.unwrap()
    };
    let after = async |after: Option<&str>, limit| {
        let after = after.map(ItemId::new);
        let found = subject
            .feeds
            .uploaded_items_after(acme(), "stripe", after.as_ref(), limit);
        found.await.unwrap()
    };
    let remember = async |destination: &str, items: &[UploadedItem], forgotten: &[&str]| {
        let forgotten: Vec<ItemId> = forgotten.iter().copied().map(ItemId::new).collect();
        let remembered = subject
            .feeds
            .remember_uploaded_items(acme(), destination, items, &forgotten);
        remembered.await.unwrap();
    };
    assert_eq!((read("stripe").await, after(None, 10).await), (vec![None; 3], vec![]));
    remember("stripe", &[uploaded("mug", "5"), uploaded("tee", "20")], &[]).await;
    remember("agent", &[uploaded("mug", "6")], &[]).await;
    remember("stripe", &[uploaded("mug", "7")], &[]).await;
    let (mug, tee) = (uploaded("mug", "7"), uploaded("tee", "20"));
    assert_eq!(read("stripe").await, [Some(tee.clone()), Some(mug.clone()), None]);
    remember("stripe", &[uploaded("Cap", "9")], &[]).await;
    let all = [uploaded("Cap", "9"), mug, tee];
    assert_eq!(after(None, 10).await, all, "by the bytes of their ids");
    assert_eq!(after(None, 1).await, all[..1]);
    assert_eq!(after(Some("Cap"), 1).await, all[1..2]);
    assert_eq!(after(Some("tee"), 10).await, []);
    remember("stripe", &[uploaded("cap", "9")], &["mug", "tee", "unknown"]).await;
    assert_eq!(read("stripe").await, [None, None, Some(uploaded("cap", "9"))]);
    assert_eq!(read("agent").await, [None, Some(uploaded("mug", "6")), None]);
}

/// The counters that changed after a mark, once these keys are among them: what an earlier transaction may still change is not read
/// yet, on PostgreSQL one of whatever database.
async fn changed(subject: &Subject, after: u64, limit: usize, keys: &[&str]) -> Vec<ChangedCounter> {
    let shop = namespace("shop");
    loop {
        let changed = subject.feeds.changed_counters(&shop, after, limit).await.unwrap();
        if changed.iter().map(|it| it.key.as_str()).eq(keys.iter().copied()) {
            return changed;
        }
        assert!(changed.len() <= keys.len(), "{changed:?}");
        tokio::task::yield_now().await;
    }
}

pub(crate) async fn counters_are_found_by_when_they_changed(subject: &Subject) {
    changed(subject, 0, 10, &[]).await;
    for key in ["sold/mug", "sold/tee", "sold/cap"] {
        subject.commit(stage(vec![], vec![add(key, -1, None)])).await;
    }
    let all = changed(subject, 0, 10, &["sold/mug", "sold/tee", "sold/cap"]).await;
    assert!(all.is_sorted_by_key(|it| it.mark));
    changed(subject, 0, 2, &["sold/mug", "sold/tee"]).await;
    let mark = all[2].mark;
    changed(subject, mark, 10, &[]).await;
    // Each counter once, by its last write.
    for key in ["sold/tee", "sold/mug", "sold/tee"] {
        subject.commit(stage(vec![], vec![add(key, -1, None)])).await;
    }
    changed(subject, mark, 10, &["sold/mug", "sold/tee"]).await;
    let others = subject.feeds.changed_counters(&namespace("tax"), 0, 10).await.unwrap();
    assert_eq!(others, []);
}
