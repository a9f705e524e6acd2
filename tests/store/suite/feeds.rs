//! Uploads of feeds: one is open for each destination, and one host at a time works on it.

use std::sync::LazyLock;

use tillhouse_checkout::catalog::CatalogVersion;
use tillhouse_checkout::feed::FeedStatus::{Asked, Processing, Succeeded, SucceededWithErrors, Uploading};
use tillhouse_checkout::feed::{
    FeedCounts, FeedMode, FeedRowError, FeedStatus, FeedTransport, FeedType, FeedUpload, RemoteIds,
};
use tillhouse_checkout::ids::{FeedUploadId, ItemId, MerchantId};
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::ports::{CommitError, FeedFilter};
use tillhouse_checkout::time::Timestamp;

use super::Subject;
use super::fixtures::*;

/// The merchant of most tests, for calls whose answer is awaited later.
pub(super) fn acme() -> &'static MerchantId {
    static ACME: LazyLock<MerchantId> = LazyLock::new(merchant);
    &ACME
}

pub(super) fn upload(id: &str) -> FeedUpload {
    FeedUpload {
        id: FeedUploadId::new(id),
        merchant: merchant(),
        destination: "stripe".to_owned(),
        transport: FeedTransport::ImportSets,
        feed: FeedType::Product,
        mode: FeedMode::Upsert,
        version: CatalogVersion(3),
        rows: None,
        asked: START,
        by: "schedule".to_owned(),
        status: Asked,
        remote: RemoteIds::default(),
        counts: FeedCounts::default(),
        sha256: None,
        problem: None,
        tries: 0,
        begun: None,
        next_try: START,
        ended: None,
        epoch: 0,
    }
}

pub(super) fn to(destination: &str, id: &str) -> FeedUpload {
    FeedUpload {
        destination: destination.to_owned(),
        ..upload(id)
    }
}

pub(super) fn ended(upload: &FeedUpload, status: FeedStatus, at: Timestamp) -> FeedUpload {
    FeedUpload {
        status,
        ended: Some(at),
        ..upload.clone()
    }
}

fn refused(message: &str) -> FeedRowError {
    FeedRowError {
        row: Some(1),
        line: Some(2),
        item: Some(ItemId::new("mug")),
        column: Some("price".to_owned()),
        rule: None,
        message: message.to_owned(),
    }
}

pub(super) async fn insert(subject: &Subject, upload: &FeedUpload) {
    subject.feeds.insert_feed_upload(upload, true).await.unwrap();
}

pub(super) async fn lease(subject: &Subject, by: &LeaseHolder, at: Timestamp) -> Vec<FeedUpload> {
    subject.feeds.lease_feed_uploads(by, at, 10).await.unwrap()
}

pub(super) async fn lease_one(subject: &Subject, id: &str) -> FeedUpload {
    let id = FeedUploadId::new(id);
    subject.feeds.lease_feed_upload(&host("a"), &id).await.unwrap().unwrap()
}

/// An upload that was asked for and has ended at this time.
pub(super) async fn done(subject: &Subject, upload: &FeedUpload, at: Timestamp) {
    insert(subject, upload).await;
    let leased = lease_one(subject, upload.id.as_str()).await;
    let over = ended(&leased, Succeeded, at);
    subject.feeds.end_feed_upload(&over, &[refused("no")]).await.unwrap();
}

pub(super) async fn found(subject: &Subject, filter: FeedFilter) -> Vec<String> {
    let filter = FeedFilter { limit: 10, ..filter };
    ids(&subject.feeds.feed_uploads(&filter).await.unwrap())
}

pub(super) fn ids(uploads: &[FeedUpload]) -> Vec<String> {
    uploads.iter().map(|it| it.id.to_string()).collect()
}

pub(crate) async fn one_upload_is_open_for_each_destination(subject: &Subject) {
    let first = upload("feed_1");
    insert(subject, &first).await;
    assert_eq!(subject.feeds.feed_upload(&first.id).await.unwrap(), Some(first.clone()));
    for (second, alone) in [(upload("feed_2"), true), (first.clone(), true), (first.clone(), false)] {
        let error = subject.feeds.insert_feed_upload(&second, alone).await.unwrap_err();
        assert!(matches!(error, CommitError::Feed), "{error:?}");
    }
    // Other destinations, other merchants, and what is asked for beside it.
    insert(subject, &to("agent", "feed_3")).await;
    let theirs = FeedUpload {
        merchant: MerchantId::new("other"),
        ..upload("feed_4")
    };
    insert(subject, &theirs).await;
    subject
        .feeds
        .insert_feed_upload(&upload("feed_5"), false)
        .await
        .unwrap();
    let leased = lease_one(subject, "feed_1").await;
    let over = ended(&leased, Succeeded, START);
    subject.feeds.end_feed_upload(&over, &[]).await.unwrap();
    let error = subject
        .feeds
        .insert_feed_upload(&upload("feed_6"), true)
        .await
        .unwrap_err();
    assert!(matches!(error, CommitError::Feed), "feed_5 is open: {error:?}");
}

pub(crate) async fn one_of_many_that_ask_at_once_is_kept(subject: &Subject) {
    let uploads: Vec<_> = (0..8).map(|n| upload(&format!("feed_{n}"))).collect();
    let mut asking = tokio::task::JoinSet::new();
    for upload in uploads {
        let feeds = subject.feeds.clone();
        asking.spawn(async move { feeds.insert_feed_upload(&upload, true).await.is_ok() });
    }
    let kept = asking.join_all().await;
    assert_eq!(kept.into_iter().filter(|kept| *kept).count(), 1);
}

pub(crate) async fn an_upload_is_leased_when_it_is_due_and_by_one_host(subject: &Subject) {
    let later_one = FeedUpload {
        next_try: later(10),
        ..to("agent", "feed_2")
    };
    for upload in [&upload("feed_1"), &later_one] {
        insert(subject, upload).await;
    }
    let leased = lease(subject, &host("a"), START).await;
    assert_eq!(ids(&leased), ["feed_1"]);
    assert!(leased[0].epoch > 0);
    assert_eq!(ids(&lease(subject, &host("b"), later(10)).await), ["feed_2"]);
    let (id, by) = (FeedUploadId::new("feed_1"), host("b"));
    assert_eq!(subject.feeds.lease_feed_upload(&by, &id).await.unwrap(), None);
    assert!(subject.feeds.renew_feed_lease(&host("a"), &leased[0]).await.unwrap());
    assert!(!subject.feeds.renew_feed_lease(&by, &leased[0]).await.unwrap());
    subject.store.release_leases(&host("a").host).await.unwrap();
    let again = subject.feeds.lease_feed_upload(&by, &id).await.unwrap().unwrap();
    assert!(again.epoch > leased[0].epoch);
}

pub(crate) async fn uploads_beside_each_other_are_leased_oldest_first(subject: &Subject) {
    subject
        .feeds
        .insert_feed_upload(&upload("feed_1"), false)
        .await
        .unwrap();
    subject
        .feeds
        .insert_feed_upload(&upload("feed_2"), false)
        .await
        .unwrap();
    let leased = lease(subject, &host("a"), START).await;
    assert_eq!(ids(&leased), ["feed_1", "feed_2"]);
}

pub(crate) async fn a_lease_lasts_over_steps_and_ends_with_the_upload(subject: &Subject) {
    insert(subject, &upload("feed_1")).await;
    let leased = lease_one(subject, "feed_1").await;
    let step = FeedUpload {
        status: Uploading,
        remote: RemoteIds {
            file: Some("file_1".to_owned()),
            ..RemoteIds::default()
        },
        ..leased.clone()
    };
    subject.feeds.write_feed_upload(&step, true).await.unwrap();
    assert_eq!(lease(subject, &host("b"), START).await, []);
    let postponed = FeedUpload {
        status: Processing,
        next_try: later(10),
        ..step
    };
    subject.feeds.write_feed_upload(&postponed, false).await.unwrap();
    assert_eq!(lease(subject, &host("b"), later(9)).await, []);
    let again = lease(subject, &host("b"), later(10)).await.remove(0);
    assert_eq!((&again.status, &again.remote), (&Processing, &postponed.remote));
    let errors = [refused("first"), refused("second")];
    let over = ended(&again, SucceededWithErrors, later(20));
    subject.feeds.end_feed_upload(&over, &errors).await.unwrap();
    assert_eq!(lease(subject, &host("a"), later(100)).await, []);
    let read = subject.feeds.feed_upload(&over.id).await.unwrap().unwrap();
    assert_eq!(
        read,
        FeedUpload {
            epoch: 0,
            ..over.clone()
        }
    );
    let page = async |after, limit| subject.feeds.feed_errors(&over.id, after, limit).await.unwrap();
    assert_eq!(page(0, 10).await, errors);
    assert_eq!(page(1, 10).await, errors[1..]);
    assert_eq!(page(0, 1).await, errors[..1]);
    // What has ended does not go on.
    let error = subject.feeds.write_feed_upload(&again, true).await.unwrap_err();
    assert!(matches!(error, CommitError::Feed), "{error:?}");
}

pub(crate) async fn the_former_holder_of_an_upload_is_fenced_off(subject: &Subject) {
    insert(subject, &upload("feed_1")).await;
    let error = subject
        .feeds
        .write_feed_upload(&upload("feed_1"), true)
        .await
        .unwrap_err();
    assert!(matches!(error, CommitError::Feed), "without a lease: {error:?}");
    let former = lease(subject, &short_lived("a"), START).await.remove(0);
    let now = loop {
        if let Some(leased) = lease(subject, &host("b"), START).await.pop() {
            break leased;
        }
        tokio::task::yield_now().await;
    };
    for write in [
        subject.feeds.write_feed_upload(&former, false).await,
        subject
            .feeds
            .end_feed_upload(&ended(&former, Succeeded, START), &[])
            .await,
    ] {
        assert!(matches!(write.unwrap_err(), CommitError::Feed));
    }
    assert!(
        !subject
            .feeds
            .renew_feed_lease(&short_lived("a"), &former)
            .await
            .unwrap()
    );
    subject.feeds.write_feed_upload(&now, true).await.unwrap();
}

pub(crate) async fn word_that_an_upload_is_over_makes_it_due(subject: &Subject) {
    insert(subject, &upload("feed_1")).await;
    let id = FeedUploadId::new("feed_1");
    let leased = lease_one(subject, "feed_1").await;
    let waiting = FeedUpload {
        status: Processing,
        next_try: later(100),
        ..leased
    };
    subject.feeds.write_feed_upload(&waiting, false).await.unwrap();
    assert_eq!(lease(subject, &host("a"), later(10)).await, []);
    subject.feeds.hurry_feed_upload(&id, later(10)).await.unwrap();
    let hurried = lease(subject, &host("a"), later(10)).await.remove(0);
    assert_eq!(hurried.next_try, later(10));
    // It comes once more while the upload is looked at: the answer may be older than the word.
    subject.feeds.hurry_feed_upload(&id, later(11)).await.unwrap();
    let waiting = FeedUpload {
        next_try: later(200),
        ..hurried
    };
    subject.feeds.write_feed_upload(&waiting, false).await.unwrap();
    let again = lease(subject, &host("a"), later(11)).await.remove(0);
    let waiting = FeedUpload {
        next_try: later(300),
        ..again
    };
    subject.feeds.write_feed_upload(&waiting, false).await.unwrap();
    assert_eq!(lease(subject, &host("a"), later(299)).await, []);
    // Of one that is not there or has ended, nothing follows.
    subject
        .feeds
        .hurry_feed_upload(&FeedUploadId::new("feed_9"), START)
        .await
        .unwrap();
}

pub(crate) async fn uploads_are_found_by_any_condition(subject: &Subject) {
    insert(subject, &upload("feed_1")).await;
    let leased = lease_one(subject, "feed_1").await;
    let processing = FeedUpload {
        status: Processing,
        remote: RemoteIds {
            file: Some("file_1".to_owned()),
            import: Some("import_1".to_owned()),
            ..RemoteIds::default()
        },
        ..leased
    };
    subject.feeds.write_feed_upload(&processing, true).await.unwrap();
    let prices = FeedUpload {
        feed: FeedType::Pricing,
        ..to("agent", "feed_2")
    };
    insert(subject, &prices).await;
    let everything = FeedFilter::default();
    assert_eq!(found(subject, everything.clone()).await, ["feed_2", "feed_1"]);
    for remote in ["file_1", "import_1"] {
        let filter = FeedFilter {
            remote: Some(remote.to_owned()),
            ..FeedFilter::default()
        };
        assert_eq!(found(subject, filter).await, ["feed_1"]);
    }
    let by_status = FeedFilter {
        states: vec![Asked, Uploading],
        ..FeedFilter::default()
    };
    let by_place = FeedFilter {
        merchant: Some(merchant()),
        destination: Some("agent".to_owned()),
        ..FeedFilter::default()
    };
    let by_type = FeedFilter {
        feed: Some(FeedType::Pricing),
        ..FeedFilter::default()
    };
    for filter in [by_status, by_place, by_type] {
        assert_eq!(found(subject, filter).await, ["feed_2"]);
    }
    let theirs = FeedFilter {
        merchant: Some(MerchantId::new("other")),
        ..FeedFilter::default()
    };
    assert_eq!(found(subject, theirs).await, [""; 0]);
    let one = FeedFilter { limit: 1, ..everything };
    assert_eq!(ids(&subject.feeds.feed_uploads(&one).await.unwrap()), ["feed_2"]);
}
