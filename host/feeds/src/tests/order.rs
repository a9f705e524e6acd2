//! The order that Stripe does not keep, the schedule, and uploads that are given up.

use std::time::Duration;

use tillhouse_checkout::feed::{FeedStatus, FeedType};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::ports::FeedEvents as _;

use crate::schedule::DailyTime;
use crate::service::{AbandonError, AskFeed, AskFeedError};
use crate::testing::{Way, World, catalog};

#[tokio::test]
async fn a_later_upload_is_not_asked_for_while_an_earlier_one_is_open() {
    let world = World::new(Way::CatalogImports).await;
    world.import(&catalog(&["mug"])).await;
    let held = world.sandbox.stripe.hold_imports();
    let host = world.host("host_1");
    let first = world.asked(&host).await;
    let asked = host.ask_full(&World::ask(FeedType::Inventory)).await;
    assert!(matches!(asked, Err(AskFeedError::Busy(open)) if open == first));
    host.run_once().await;
    held.arrived(1).await;
    let beside = AskFeed {
        beside: true,
        ..World::ask(FeedType::Product)
    };
    let second = host.ask_full(&beside).await.unwrap().id;
    host.run_once().await;
    held.arrived(2).await;
    // Stripe ends the second one first.
    let imports = world.sandbox.stripe.feed_imports();
    world.sandbox.stripe.finish_import(&imports[1].id).await;
    assert_eq!(world.until_over(&host, &second).await.status, FeedStatus::Succeeded);
    assert_eq!(world.upload(&first).await.status, FeedStatus::Processing);
    drop(held);
    assert_eq!(world.until_over(&host, &first).await.status, FeedStatus::Succeeded);
}

#[tokio::test]
async fn an_upload_that_is_given_up_makes_room_for_the_next() {
    let world = World::new(Way::ImportSets).await;
    world.import(&catalog(&["mug"])).await;
    let host = world.host("host_1");
    let first = world.asked(&host).await;
    host.abandon(&first, "operator:ada").await.unwrap();
    assert_eq!(world.upload(&first).await.status, FeedStatus::Abandoned);
    assert!(matches!(
        host.abandon(&first, "operator:ada").await,
        Err(AbandonError::Over(..))
    ));
    assert_eq!(world.uploaded().await.status, FeedStatus::Succeeded);
}

#[tokio::test]
async fn each_day_is_asked_for_once_by_all_hosts_together() {
    let mut world = World::new(Way::ImportSets).await;
    world.full = Some(DailyTime::new("03:00", "UTC").unwrap());
    let (one, other) = (world.host("host_1"), world.host("host_2"));
    one.ask_scheduled().await;
    assert_eq!(one.run_once().await, 0, "there is no catalog yet");
    world.import(&catalog(&["mug"])).await;
    for day in ["20261130", "20261201"] {
        let id = tillhouse_checkout::ids::FeedUploadId::new(format!("feed_acme_stripe_{day}"));
        one.ask_scheduled().await;
        other.ask_scheduled().await;
        assert_eq!(
            world.until_over(&other, &id).await.status,
            FeedStatus::Succeeded,
            "{day}"
        );
        world.clock.pass(Duration::from_secs(3600));
        one.ask_scheduled().await;
        assert_eq!(one.run_once().await, 0, "{day} is done");
        world.clock.pass(Duration::from_secs(23 * 3600));
    }
}

#[tokio::test]
async fn word_of_an_import_hurries_its_upload_only() {
    let world = World::new(Way::CatalogImports).await;
    world.import(&catalog(&["mug"])).await;
    let held = world.sandbox.stripe.hold_imports();
    let host = world.host("host_1");
    let id = world.asked(&host).await;
    host.run_once().await;
    held.arrived(1).await;
    let import = world.upload(&id).await.remote.import.unwrap();
    let merchant = World::merchant();
    assert!(host.import_ended(&merchant, &import).await.unwrap());
    assert!(!host.import_ended(&merchant, "pcimprt_other").await.unwrap());
    let due = world.upload(&id).await.next_try;
    let theirs = MerchantId::new("another");
    assert!(!host.import_ended(&theirs, &import).await.unwrap(), "it is not theirs");
    assert_eq!(world.upload(&id).await.next_try, due);
    drop(held);
    world.until_over(&host, &id).await;
    assert!(!host.import_ended(&merchant, &import).await.unwrap(), "it is over");
}

#[tokio::test]
async fn two_hosts_upload_once_what_was_asked_of_one() {
    for way in [Way::ImportSets, Way::CatalogImports] {
        let world = World::new(way).await;
        world.import(&catalog(&["mug"])).await;
        let (one, other) = (world.host("host_1"), world.host("host_2"));
        let id = world.asked(&one).await;
        let (first, second) = tokio::join!(world.until_over(&one, &id), world.until_over(&other, &id));
        assert_eq!((&first.status, &first), (&FeedStatus::Succeeded, &second), "{way:?}");
        assert_eq!(world.sandbox.stripe.feed_imports().len(), 1, "{way:?}");
    }
}

#[tokio::test]
async fn a_day_that_a_clock_ahead_has_asked_for_is_asked_for_again() {
    let mut world = World::new(Way::ImportSets).await;
    world.full = Some(DailyTime::new("03:00", "UTC").unwrap());
    world.import(&catalog(&["mug"])).await;
    let host = world.host("host_1");
    world.clock.pass(Duration::from_secs(365 * 24 * 3600));
    host.ask_scheduled().await;
    let ahead = tillhouse_checkout::ids::FeedUploadId::new("feed_acme_stripe_20271130");
    assert_eq!(world.until_over(&host, &ahead).await.status, FeedStatus::Succeeded);
    world.clock.set_back(Duration::from_secs(365 * 24 * 3600));
    host.ask_scheduled().await;
    let today = tillhouse_checkout::ids::FeedUploadId::new("feed_acme_stripe_20261130");
    assert_eq!(world.until_over(&host, &today).await.status, FeedStatus::Succeeded);
    host.ask_scheduled().await;
    assert_eq!(host.run_once().await, 0, "once");
}
