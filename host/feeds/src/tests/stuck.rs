//! Uploads that cannot get on: what is tried, how often, and what the operator is told.

use std::time::Duration;

use tillhouse_sandbox::Fault;
use tillhouse_sandbox::stripe::Operation;

use tillhouse_checkout::feed::FeedStatus;

use crate::testing::{Way, World, catalog};

#[tokio::test]
async fn imports_whose_urls_have_expired_by_our_clock_are_not_begun_without_end() {
    let world = World::new(Way::CatalogImports).await;
    world.import(&catalog(&["mug"])).await;
    world.clock.pass(Duration::from_secs(1000 * 24 * 3600));
    let host = world.host("host_1");
    let id = world.asked(&host).await;
    for tries in 1..=8 {
        let worked = tokio::time::timeout(Duration::from_secs(10), host.run_once()).await;
        worked.unwrap_or_else(|_| panic!("try {tries} does not end"));
    }
    let upload = world.upload(&id).await;
    assert!(upload.status.is_open(), "{upload:?}");
    let problem = upload.problem.unwrap_or_default();
    assert!(problem.contains("clock"), "{problem}");
    let begun = world.sandbox.stripe.received(Operation::CreateCatalogImport);
    assert!(begun <= 5, "{begun} imports were begun");
}

#[tokio::test]
async fn an_upload_ends_as_stripe_says_though_the_file_of_refused_rows_is_lost() {
    for (way, operation, status, times) in [
        (Way::ImportSets, Operation::ReadContents, 404, 1),
        (Way::ImportSets, Operation::ReadContents, 503, 20),
        (Way::CatalogImports, Operation::DownloadErrors, 403, 20),
        (Way::CatalogImports, Operation::DownloadErrors, 500, 20),
    ] {
        let world = World::new(way).await;
        world.import(&catalog(&["cap", "mug"])).await;
        let stripe = &world.sandbox.stripe;
        stripe.fail_next_rows(&[("mug", "price: no")]);
        for _ in 0..times {
            stripe.fail_next(operation, Fault::Status(status));
        }
        let upload = world.uploaded().await;
        assert_eq!(
            upload.status,
            FeedStatus::SucceededWithErrors,
            "{operation:?} {status} {upload:?}"
        );
        assert_eq!((upload.counts.taken, upload.counts.refused), (Some(1), Some(1)));
        let problem = upload.problem.unwrap_or_default();
        assert!(problem.contains("Dashboard"), "{operation:?} {status} {problem:?}");
    }
}
