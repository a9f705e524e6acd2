//! Uploads whose steps fail, whose answers are lost, and whose host stops.

use std::time::Duration;

use tillhouse_sandbox::Fault;
use tillhouse_sandbox::stripe::Operation;
use tillhouse_sandbox::stripe::feeds::ImportStatus;

use tillhouse_checkout::feed::FeedStatus;

use crate::destination::STRIPE;
use crate::rendering::FileFacts;
use crate::testing::{Way, World, catalog};
use crate::uploading::refusal;

/// The requests of an upload, in their order.
fn steps(way: Way) -> &'static [Operation] {
    match way {
        Way::ImportSets => &[
            Operation::UploadFile,
            Operation::CreateImportSet,
            Operation::ReadImportSet,
            Operation::ReadContents,
        ],
        Way::CatalogImports => &[
            Operation::CreateCatalogImport,
            Operation::ReadCatalogImport,
            Operation::PutFeed,
            Operation::DownloadErrors,
        ],
    }
}

/// Imports that have taken rows.
fn applied(world: &World) -> usize {
    world
        .sandbox
        .stripe
        .feed_imports()
        .iter()
        .filter(|import| import.applied.is_some())
        .count()
}

#[tokio::test]
async fn nothing_is_uploaded_twice_whatever_becomes_of_a_request() {
    for way in [Way::ImportSets, Way::CatalogImports] {
        let world = World::new(way).await;
        world.import(&catalog(&["cap", "mug"])).await;
        let host = world.host("host_1");
        for step in steps(way) {
            for fault in [
                Fault::LoseAnswer,
                Fault::DropConnection,
                Fault::Status(500),
                Fault::Status(429),
                Fault::Status(503),
            ] {
                let before = applied(&world);
                world.sandbox.stripe.fail_next_rows(&[("mug", "price: no")]);
                world.sandbox.stripe.fail_next(*step, fault);
                let id = world.asked(&host).await;
                let upload = world.until_over(&host, &id).await;
                assert_eq!(
                    upload.status,
                    FeedStatus::SucceededWithErrors,
                    "{step:?} {fault:?} {upload:?}"
                );
                assert_eq!(world.errors(&id).await.len(), 1, "{step:?} {fault:?}");
                assert_eq!(applied(&world), before + 1, "{step:?} {fault:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_server_error_of_stripe_is_repeated_under_its_key_before_another_is_used() {
    let world = World::new(Way::ImportSets).await;
    world.import(&catalog(&["mug"])).await;
    let host = world.host("host_1");
    let stripe = &world.sandbox.stripe;
    stripe.fail_next(Operation::CreateImportSet, Fault::Status(500));
    let id = world.asked(&host).await;
    host.run_once().await;
    let waiting = world.upload(&id).await;
    assert!(
        waiting
            .problem
            .is_some_and(|problem| problem.contains("not known whether"))
    );
    assert_eq!(waiting.remote.spent_keys, 0);
    let upload = world.until_over(&host, &id).await;
    assert_eq!((upload.status, upload.remote.spent_keys), (FeedStatus::Succeeded, 1));
    assert_eq!(applied(&world), 1);
    assert!(
        stripe.received(Operation::CreateImportSet) >= 9,
        "it was tried for minutes"
    );
}

#[tokio::test]
async fn an_upload_goes_on_at_another_host_wherever_the_first_stopped() {
    for way in [Way::ImportSets, Way::CatalogImports] {
        let world = World::new(way).await;
        world.import(&catalog(&["cap", "mug"])).await;
        for step in steps(way) {
            let before = applied(&world);
            world.sandbox.stripe.fail_next_rows(&[("mug", "price: no")]);
            world.sandbox.stripe.fail_next(*step, Fault::LoseAnswer);
            let first = world.host("host_1");
            let id = world.asked(&first).await;
            // The answer to one step is lost, and the host with it.
            while world.upload(&id).await.problem.is_none() {
                first.run_once().await;
            }
            drop(first);
            let second = world.host("host_2");
            let upload = world.until_over(&second, &id).await;
            assert_eq!(upload.status, FeedStatus::SucceededWithErrors, "{step:?} {upload:?}");
            assert_eq!(applied(&world), before + 1, "{step:?}");
        }
    }
}

#[tokio::test]
async fn a_url_that_has_expired_is_asked_for_again() {
    let world = World::new(Way::CatalogImports).await;
    world.import(&catalog(&["mug"])).await;
    let stripe = &world.sandbox.stripe;
    let held = stripe.hold(Operation::PutFeed);
    let host = world.host("host_1");
    let id = world.asked(&host).await;
    let working = tokio::spawn(async move { host.run_once().await });
    held.arrived(1).await;
    stripe.expire_links();
    drop(held);
    working.await.unwrap();
    let host = world.host("host_1");
    let upload = world.until_over(&host, &id).await;
    assert_eq!(upload.status, FeedStatus::Succeeded, "{upload:?}");
    assert_eq!(applied(&world), 1);
    assert_eq!(
        stripe.feed_imports().iter().map(|import| import.uploads).sum::<u32>(),
        1
    );
}

#[tokio::test]
async fn the_file_of_refused_rows_is_asked_for_again_when_its_url_has_expired() {
    let world = World::new(Way::CatalogImports).await;
    world.import(&catalog(&["mug"])).await;
    let stripe = &world.sandbox.stripe;
    stripe.fail_next_rows(&[("mug", "price: no")]);
    let held = stripe.hold(Operation::DownloadErrors);
    let host = world.host("host_1");
    let id = world.asked(&host).await;
    let until_over = world.until_over(&host, &id);
    let expire = async {
        held.arrived(1).await;
        stripe.expire_links();
        drop(held);
    };
    let (upload, ()) = tokio::join!(until_over, expire);
    assert_eq!(upload.status, FeedStatus::SucceededWithErrors);
    assert_eq!(world.errors(&id).await.len(), 1);
    assert!(stripe.received(Operation::DownloadErrors) >= 2);
}

#[tokio::test]
async fn a_file_that_is_too_large_or_empty_is_not_sent_and_the_way_out_is_told() {
    let world = World::new(Way::ImportSets).await;
    let host = world.host("host_1");
    let destination = host.destination(&World::merchant(), STRIPE).unwrap();
    let facts = |sent, bytes| FileFacts {
        sent,
        bytes,
        ..FileFacts::default()
    };
    assert_eq!(refusal(destination, &facts(1, 200_000_000)), None);
    let refused = refusal(destination, &facts(1, 200_000_001)).unwrap();
    assert!(
        refused.contains("200000001 bytes") && refused.contains("catalog_imports"),
        "{refused}"
    );
    assert!(
        refusal(destination, &facts(0, 30))
            .unwrap()
            .contains("nothing to upload")
    );
}

#[tokio::test]
async fn an_upload_that_does_not_get_through_fails_while_its_keys_are_still_known() {
    let world = World::new(Way::ImportSets).await;
    world.import(&catalog(&["mug"])).await;
    let host = world.host("host_1");
    let id = world.asked(&host).await;
    world
        .sandbox
        .stripe
        .fail_next(Operation::UploadFile, Fault::Status(503));
    host.run_once().await;
    assert!(world.upload(&id).await.status.is_open());
    world.clock.pass(Duration::from_secs(23 * 3600));
    let upload = world.until_over(&host, &id).await;
    assert_eq!(upload.status, FeedStatus::Failed);
    assert!(upload.problem.unwrap().contains("23 hours"));
    assert_eq!(
        world.sandbox.stripe.received(Operation::UploadFile),
        1,
        "it is not sent as another one"
    );
}

#[tokio::test]
async fn an_import_that_stripe_never_finishes_is_given_up_after_a_day() {
    let world = World::new(Way::CatalogImports).await;
    world.import(&catalog(&["mug"])).await;
    let held = world.sandbox.stripe.hold_imports();
    let host = world.host("host_1");
    let id = world.asked(&host).await;
    host.run_once().await;
    held.arrived(1).await;
    host.run_once().await;
    assert_eq!(world.upload(&id).await.status, FeedStatus::Processing);
    world.clock.pass(Duration::from_secs(47 * 3600));
    assert_eq!(world.until_over(&host, &id).await.status, FeedStatus::Failed);
    let imports = world.sandbox.stripe.feed_imports();
    assert_eq!(imports.len(), 1);
    assert_ne!(imports[0].status, ImportStatus::AwaitingUpload);
}
