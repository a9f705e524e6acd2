//! Promotions are uploaded as products are: by catalog imports, with deletes, once a day and after each import.

use std::time::Duration;

use tillhouse_checkout::catalog::{CatalogKind, CatalogVersion};
use tillhouse_checkout::feed::{FeedMode, FeedStatus, FeedType, FeedUpload};
use tillhouse_checkout::ids::FeedUploadId;

use crate::previewing::PreviewError;
use crate::schedule::DailyTime;
use crate::service::AskFeedError;
use crate::testing::{Way, World, catalog, promotions};
use crate::versions::versions_in_use;

async fn import(world: &World, ids: &[&str]) -> CatalogVersion {
    world.import_feed(FeedType::Promotion, &promotions(ids)).await
}

async fn uploaded(world: &World) -> FeedUpload {
    world.uploaded_feed(FeedType::Promotion).await
}

/// Ids of the promotions that Stripe has.
fn at_stripe(world: &World) -> Vec<String> {
    world.at_stripe(CatalogKind::Promotion)
}

#[tokio::test]
async fn refused_promotions_are_told_by_id_row_line_and_rule_and_fixed_ones_are_taken() {
    let world = World::new(Way::CatalogImports).await;
    world.import(&catalog(&["fall"])).await;
    import(&world, &["fall", "spring"]).await;
    let refused = [("spring", "active_period: is over")];
    world.sandbox.stripe.fail_next_rows(&refused);
    let partial = uploaded(&world).await;
    assert_eq!(partial.status, FeedStatus::SucceededWithErrors, "{partial:?}");
    assert_eq!((partial.counts.sent, partial.counts.refused), (2, Some(1)));
    let errors = world.errors(&partial.id).await;
    let [error] = errors.as_slice() else {
        panic!("{errors:?}")
    };
    assert_eq!(error.item.as_ref().unwrap().as_str(), "spring");
    assert_eq!((error.row, error.line), (Some(2), Some(3)));
    assert_eq!(error.column.as_deref(), Some("active_period"));
    assert_eq!(at_stripe(&world), ["fall"]);
    assert!(
        world.sandbox.stripe.catalog().items.is_empty(),
        "items are another feed"
    );

    import(&world, &["fall", "spring", "winter"]).await;
    let clean = uploaded(&world).await;
    assert_eq!((clean.status, clean.problem), (FeedStatus::Succeeded, None));
    assert_eq!(at_stripe(&world), ["fall", "spring", "winter"]);
}

#[tokio::test]
async fn a_promotion_that_breaks_a_rule_is_told_and_not_sent() {
    let world = World::new(Way::CatalogImports).await;
    let file = promotions(&["fall", "spring"]).replace("Sale,spring", ",spring");
    world.import_feed(FeedType::Promotion, &file).await;
    let upload = uploaded(&world).await;
    assert_eq!((upload.counts.sent, upload.counts.withheld), (1, 1));
    let errors = world.errors(&upload.id).await;
    assert_eq!(errors[0].rule.as_deref(), Some("required"), "{errors:?}");
    assert_eq!((errors[0].line, errors[0].column.as_deref()), (Some(3), Some("title")));
}

#[tokio::test]
async fn promotions_that_are_gone_are_deleted_even_the_last_ones() {
    for mode in [FeedMode::Upsert, FeedMode::Replace] {
        let mut world = World::new(Way::CatalogImports).await;
        world.mode = mode.clone();
        import(&world, &["fall", "spring"]).await;
        uploaded(&world).await;
        import(&world, &["spring"]).await;
        assert_eq!(uploaded(&world).await.status, FeedStatus::Succeeded, "{mode}");
        assert_eq!(at_stripe(&world), ["spring"], "{mode}");
        import(&world, &[]).await;
        let last = uploaded(&world).await;
        assert_eq!((last.status, last.counts.sent), (FeedStatus::Succeeded, 1), "{mode}");
        assert_eq!(at_stripe(&world), [""; 0], "{mode}");
    }
}

#[tokio::test]
async fn texts_of_promotions_arrive_as_they_are_and_their_refused_rows_are_found() {
    let world = World::new(Way::CatalogImports).await;
    let title = "20 %, \"only\" today;\nfür alle 🎉";
    let quoted = format!("\"{}\",", title.replace('"', "\"\""));
    let file = promotions(&["fall", "spring"]).replace("Sale,", &quoted);
    world.import_feed(FeedType::Promotion, &file).await;
    world
        .sandbox
        .stripe
        .fail_next_rows(&[("spring", "title: has \"quotes\",\nand lines")]);
    let partial = uploaded(&world).await;
    let errors = world.errors(&partial.id).await;
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert_eq!((errors[0].row, errors[0].line), (Some(2), Some(4)));
    let had = world.sandbox.stripe.catalog().promotions;
    let titles: Vec<_> = had
        .iter()
        .map(|(id, row)| (id.as_str(), row.column("title").unwrap()))
        .collect();
    assert_eq!(titles, [("fall", title)]);
}

#[tokio::test]
async fn a_version_of_promotions_is_needed_until_its_upload_is_over() {
    let world = World::new(Way::CatalogImports).await;
    let version = import(&world, &["fall"]).await;
    let host = world.host("host_1");
    let asked = host.ask_full(&World::ask(FeedType::Promotion)).await.unwrap();
    let queue = world.store.feeds();
    let used = async |kind| versions_in_use(queue.as_ref(), &World::merchant(), kind).await.unwrap();
    assert_eq!(used(CatalogKind::Promotion).await, [version]);
    assert_eq!(used(CatalogKind::Product).await, []);
    world.until_over(&host, &asked.id).await;
    assert_eq!(used(CatalogKind::Promotion).await, []);
}

#[tokio::test]
async fn what_cannot_be_uploaded_is_said_when_it_is_asked_for() {
    let world = World::new(Way::CatalogImports).await;
    world.import(&catalog(&["mug"])).await;
    let asked = world.host("host_1").ask_full(&World::ask(FeedType::Promotion)).await;
    assert!(matches!(asked, Err(AskFeedError::NoPromotions(_))), "{asked:?}");

    let world = World::new(Way::ImportSets).await;
    import(&world, &["fall"]).await;
    let host = world.host("host_1");
    let asked = host.preview(&World::ask(FeedType::Promotion), 1).await;
    let Err(PreviewError::Ask(AskFeedError::Unsupported(why))) = asked else {
        panic!("{asked:?}");
    };
    assert!(why.contains("catalog_imports"), "{why}");
}

#[tokio::test]
async fn a_preview_shows_what_would_be_sent() {
    let world = World::new(Way::CatalogImports).await;
    import(&world, &["fall", "spring"]).await;
    let preview = world
        .host("host_1")
        .preview(&World::ask(FeedType::Promotion), 1)
        .await
        .unwrap();
    assert_eq!((preview.sent, preview.withheld), (2, 0));
    assert_eq!(preview.columns.join(",") + "\n", promotions(&[]));
    assert_eq!(preview.first[0][1], "fall");
}

#[tokio::test]
async fn promotions_are_asked_for_after_an_import_and_once_a_day() {
    let mut world = World::new(Way::CatalogImports).await;
    // Half an hour from now: Stripe's clock is another, and its URLs are not to be over by that of the host.
    world.full = Some(DailyTime::new("10:30", "UTC").unwrap());
    let (one, other) = (world.host("host_1"), world.host("host_2"));
    one.ask_scheduled().await;
    assert_eq!(one.run_once().await, 0, "there is nothing yet");
    import(&world, &["fall"]).await;
    let ask = async |id: &str| {
        one.ask_scheduled().await;
        other.ask_scheduled().await;
        let id = FeedUploadId::new(id);
        assert_eq!(world.until_over(&one, &id).await.status, FeedStatus::Succeeded, "{id}");
        one.ask_scheduled().await;
        assert_eq!(one.run_once().await, 0, "{id} is done");
    };
    ask("feed_acme_stripe_promotion_1").await;
    import(&world, &["fall", "spring"]).await;
    ask("feed_acme_stripe_promotion_2").await;
    world.clock.pass(Duration::from_secs(3600));
    ask("feed_acme_stripe_promotion_20261130").await;
    import(&world, &[]).await;
    ask("feed_acme_stripe_promotion_3").await;
    world.clock.pass(Duration::from_secs(24 * 3600));
    one.ask_scheduled().await;
    assert_eq!(one.run_once().await, 0, "there are none to be told every day");
}

#[tokio::test]
async fn by_import_sets_and_without_a_schedule_promotions_are_not_asked_for() {
    for (way, full) in [(Way::ImportSets, true), (Way::CatalogImports, false)] {
        let mut world = World::new(way).await;
        world.full = full.then(|| DailyTime::new("03:00", "UTC").unwrap());
        import(&world, &["fall"]).await;
        let host = world.host("host_1");
        host.ask_scheduled().await;
        assert_eq!(host.run_once().await, 0, "{way:?}");
    }
}
