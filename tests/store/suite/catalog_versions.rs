//! Reading the versions of a catalog: in pages, compared with each other, and until they are forgotten.

use tillhouse_checkout::catalog::{CatalogRow, CatalogVersion, ImportMode};
use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::time::Timestamp;

use super::Subject;
use super::catalogs::{acme, content, delete, import, item};
use super::fixtures::*;
use ImportMode::{Replace, Upsert};

pub(crate) async fn rows_of_forgotten_versions_are_gone_and_others_stay(subject: &Subject) {
    for (version, price) in ["5.00", "6.00", "7.00", "8.00"].into_iter().enumerate() {
        let at = version as u64 * 10;
        import(
            subject,
            Replace,
            at,
            vec![item("mug", 2, price), item("tee", 3, "20.00")],
        )
        .await;
    }
    let forget = async |before, keep: &[u64]| {
        let keep: Vec<_> = keep.iter().map(|version| CatalogVersion(*version)).collect();
        let forgotten = subject.catalogs.forget_catalog_versions(acme(), before, &keep);
        forgotten.await.unwrap()
    };
    // Versions 1 and 2 ended at 10 and 20; 3 ended at 30, and 4 is in force.
    assert_eq!(forget(later(10), &[]).await, 0);
    assert_eq!(forget(later(21), &[1]).await, 1);
    assert_eq!(content(subject, 1, "mug").await.unwrap(), "5.00");
    assert_eq!(content(subject, 1, "tee").await.unwrap(), "20.00");
    let gone = subject.catalogs.catalog_page(acme(), CatalogVersion(2), None, 10);
    let error = gone.await.unwrap_err().to_string();
    assert_eq!(error, "store: version 2 of the catalog of acme is not kept");
    assert_eq!(forget(Timestamp(u64::MAX >> 1), &[]).await, 2);
    assert_eq!(content(subject, 4, "mug").await.unwrap(), "8.00");
    assert_eq!(forget(Timestamp(u64::MAX >> 1), &[]).await, 0);
    let versions = subject.catalogs.catalog_versions(acme(), 10).await.unwrap();
    assert_eq!(versions.len(), 4, "what was imported when is still known");
    assert_eq!(
        import(subject, Replace, 50, Vec::new()).await.version,
        CatalogVersion(5)
    );
}

pub(crate) async fn pages_are_in_the_byte_order_of_the_ids(subject: &Subject) {
    let ids = ["Z", "a", "é", "z", "A-1", "A"];
    let rows = ids.iter().map(|id| item(id, 2, "5.00")).collect();
    import(subject, Replace, 0, rows).await;
    import(subject, Upsert, 0, vec![delete("a", 2), item("b", 3, "1.00")]).await;
    for (version, expected) in [
        (1, vec!["A", "A-1", "Z", "a", "z", "é"]),
        (2, vec!["A", "A-1", "Z", "b", "z", "é"]),
    ] {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let version = CatalogVersion(version);
            let page = subject.catalogs.catalog_page(acme(), version, after.as_ref(), 2);
            let page = page.await.unwrap();
            let Some(last) = page.last() else { break };
            assert!(page.len() <= 2);
            after = Some(last.id.clone());
            all.extend(page.into_iter().map(|row| row.id.to_string()));
        }
        assert_eq!(all, expected);
    }
}

pub(crate) async fn changes_are_what_differs_between_two_versions(subject: &Subject) {
    import(
        subject,
        Replace,
        0,
        vec![item("cap", 2, "9"), item("mug", 3, "5"), item("tee", 4, "20")],
    )
    .await;
    import(
        subject,
        Replace,
        0,
        vec![item("cap", 2, "8"), item("mug", 3, "6"), item("pen", 4, "1")],
    )
    .await;
    import(
        subject,
        Upsert,
        0,
        vec![item("cap", 2, "9"), item("mug", 3, "7"), delete("pen", 4)],
    )
    .await;
    let changes = async |before, now, after: Option<&str>, limit| {
        let (after, between) = (after.map(ItemId::new), (CatalogVersion(before), CatalogVersion(now)));
        let changes = subject.catalogs.catalog_changes(acme(), between, after.as_ref(), limit);
        let text =
            |row: Option<CatalogRow>| row.map_or_else(|| "-".into(), |row| String::from_utf8(row.content).unwrap());
        let changes = changes.await.unwrap().into_iter();
        changes
            .map(|it| format!("{} {} {}", it.id, text(it.before), text(it.now)))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        changes(1, 2, None, 10).await,
        ["cap 9 8", "mug 5 6", "pen - 1", "tee 20 -"]
    );
    assert_eq!(changes(2, 3, None, 10).await, ["cap 8 9", "mug 6 7", "pen 1 -"]);
    // What was changed and changed back, or came and went, does not differ.
    assert_eq!(changes(1, 3, None, 10).await, ["mug 5 7", "tee 20 -"]);
    assert_eq!(changes(3, 1, None, 10).await, ["mug 7 5", "tee - 20"]);
    assert_eq!(changes(1, 3, None, 1).await, ["mug 5 7"]);
    assert_eq!(changes(1, 3, Some("mug"), 1).await, ["tee 20 -"]);
    assert_eq!(changes(1, 3, Some("tee"), 1).await, [""; 0]);
}
