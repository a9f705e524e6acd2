//! Uploads of feeds that are given up, and those that are kept for later ones when they are over.

use tillhouse_checkout::feed::FeedStatus::{Abandoned, Failed};
use tillhouse_checkout::feed::{FeedType, FeedUpload, RemoteIds};
use tillhouse_checkout::ids::{FeedUploadId, MerchantId};
use tillhouse_checkout::ports::{CommitError, FeedFilter};

use super::Subject;
use super::feeds::{acme, done, ended, found, ids, insert, lease, lease_one, to, upload};
use super::fixtures::*;

pub(crate) async fn every_open_upload_is_given_up_when_the_store_is_behind(subject: &Subject) {
    insert(subject, &upload("feed_1")).await;
    let leased = lease_one(subject, "feed_1").await;
    insert(subject, &to("agent", "feed_2")).await;
    done(subject, &to("other", "feed_3"), later(1)).await;
    let given_up = subject.feeds.give_up_feed_uploads("restored from a backup", later(5));
    assert_eq!(given_up.await.unwrap(), 2);
    let read = subject.feeds.feed_upload(&leased.id).await.unwrap().unwrap();
    assert_eq!((&read.status, read.ended), (&Abandoned, Some(later(5))));
    assert_eq!(read.problem.as_deref(), Some("restored from a backup"));
    let error = subject.feeds.write_feed_upload(&leased, true).await.unwrap_err();
    assert!(
        matches!(error, CommitError::Feed),
        "the host that has it is fenced off: {error:?}"
    );
    assert_eq!(lease(subject, &host("b"), later(10)).await, []);
    insert(subject, &upload("feed_4")).await;
}

pub(crate) async fn an_upload_is_given_up_whichever_host_holds_it(subject: &Subject) {
    let asked = FeedUpload {
        rows: Some(serde_json::json!({"counted": {}})),
        ..upload("feed_1")
    };
    insert(subject, &asked).await;
    let leased = lease_one(subject, "feed_1").await;
    let given_up = subject.feeds.give_up_feed_upload(&asked.id, "by ada", later(5)).await;
    let given_up = given_up.unwrap().unwrap();
    assert_eq!((&given_up.status, given_up.ended), (&Abandoned, Some(later(5))));
    assert_eq!((given_up.problem.as_deref(), &given_up.rows), (Some("by ada"), &None));
    assert!(
        !subject.feeds.renew_feed_lease(&host("a"), &leased).await.unwrap(),
        "the host that has it learns of it"
    );
    let error = subject.feeds.write_feed_upload(&leased, true).await.unwrap_err();
    assert!(matches!(error, CommitError::Feed), "{error:?}");
    for id in ["feed_1", "feed_9"].map(FeedUploadId::new) {
        let again = subject.feeds.give_up_feed_upload(&id, "again", later(6)).await;
        assert_eq!(again.unwrap(), None, "{id}");
    }
    insert(subject, &upload("feed_2")).await;
}

pub(crate) async fn what_later_uploads_depend_on_is_kept_and_found(subject: &Subject) {
    done(subject, &upload("feed_1"), later(1)).await;
    let with_feed = FeedUpload {
        remote: RemoteIds {
            file: Some("feed_at_agent".to_owned()),
            ..RemoteIds::default()
        },
        ..upload("feed_2")
    };
    for (number, failed) in [with_feed, upload("feed_3"), upload("feed_4")].into_iter().enumerate() {
        insert(subject, &failed).await;
        let leased = lease_one(subject, failed.id.as_str()).await;
        let over = ended(&leased, Failed, later(2 + number as u64));
        subject.feeds.end_feed_upload(&over, &[]).await.unwrap();
    }
    assert_eq!(subject.feeds.purge_feed_uploads(later(100)).await.unwrap(), 1);
    let left = found(subject, FeedFilter::default()).await;
    assert_eq!(
        left,
        ["feed_4", "feed_2", "feed_1"],
        "the basis of deletes and the feed at the agent stay"
    );
    let with_file = FeedFilter {
        with_file: true,
        ..FeedFilter::default()
    };
    assert_eq!(found(subject, with_file).await, ["feed_2"]);
    insert(subject, &upload("feed_5")).await;
    insert(subject, &to("agent", "feed_6")).await;
    let in_use = subject.feeds.feed_uploads_in_use(acme()).await.unwrap();
    assert_eq!(ids(&in_use), ["feed_1", "feed_5", "feed_6"]);
    let theirs = subject
        .feeds
        .feed_uploads_in_use(&MerchantId::new("other"))
        .await
        .unwrap();
    assert_eq!(theirs, []);
}

pub(crate) async fn old_uploads_are_purged_but_for_the_newest_of_each_kind(subject: &Subject) {
    for n in 1..=3 {
        done(subject, &upload(&format!("feed_{n}")), later(n)).await;
    }
    let prices = FeedUpload {
        feed: FeedType::Pricing,
        ..upload("feed_4")
    };
    done(subject, &prices, later(1)).await;
    insert(subject, &upload("feed_5")).await;
    assert_eq!(subject.feeds.purge_feed_uploads(later(2)).await.unwrap(), 1);
    assert_eq!(subject.feeds.purge_feed_uploads(later(100)).await.unwrap(), 1);
    assert_eq!(subject.feeds.purge_feed_uploads(later(100)).await.unwrap(), 0);
    let left = found(subject, FeedFilter::default()).await;
    assert_eq!(left, ["feed_5", "feed_4", "feed_3"]);
    let errors = async |id| {
        let errors = subject.feeds.feed_errors(&FeedUploadId::new(id), 0, 10).await;
        errors.unwrap().len()
    };
    assert_eq!((errors("feed_1").await, errors("feed_3").await), (0, 1));
}

pub(crate) async fn an_upload_that_a_clock_ahead_has_postponed_is_due(subject: &Subject) {
    const HOUR: u64 = 3_600_000;
    for (at, is_due) in [(1, false), (HOUR, false), (24 * HOUR, true), (365 * 24 * HOUR, true)] {
        let postponed = FeedUpload {
            next_try: later(at),
            ..to(&format!("agent_{at}"), &format!("feed_{at}"))
        };
        insert(subject, &postponed).await;
        let leased = lease(subject, &host("a"), START).await;
        assert_eq!(!leased.is_empty(), is_due, "{at} ms ahead");
    }
}
