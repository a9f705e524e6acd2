//! What is remembered of uploads: whose rows were refused, and what the other party may have that a later upload deletes.

use tillhouse_checkout::catalog::CatalogKind;
use tillhouse_checkout::feed::{FeedMode, FeedStatus};

use super::remembered_offers::offer;
use crate::destination::STRIPE;
use crate::refused_rows::MOST_KEPT;
use crate::service::AskFeed;
use crate::testing::{Way, World, catalog, rows_with_unfit};

/// The items, or promotions, that Stripe may have, as far as is remembered.
async fn remembered(world: &World, kind: CatalogKind) -> Vec<String> {
    let (queue, under) = (world.store.feeds(), kind.kept_under(&World::merchant()));
    let known = queue.uploaded_items_after(&under, STRIPE, None, 100).await;
    known.unwrap().into_iter().map(|item| item.id.to_string()).collect()
}

/// A world in which Stripe has the cap and the mug.
async fn with_cap_and_mug(way: Way, kind: CatalogKind) -> World {
    let world = World::new(way).await;
    import(&world, kind, &["cap", "mug"]).await;
    assert_eq!(world.uploaded_feed(kind.feed()).await.status, FeedStatus::Succeeded);
    world
}

async fn import(world: &World, kind: CatalogKind, ids: &[&str]) {
    world.import_feed(kind.feed(), &rows_with_unfit(kind, ids, &[])).await;
}

#[tokio::test]
async fn every_refused_row_is_known_however_many_are_kept() {
    let world = World::new(Way::CatalogImports).await;
    let ids: Vec<String> = (0..=MOST_KEPT + 1).map(|number| format!("item-{number:05}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    world.import(&catalog(&ids)).await;
    let refused: Vec<(&str, &str)> = ids.iter().skip(1).map(|id| (*id, "price: no")).collect();
    world.sandbox.stripe.fail_next_rows(&refused);
    let upload = world.uploaded().await;
    assert_eq!(upload.counts.refused, Some(10_001), "{upload:?}");
    let kept = world
        .store
        .feeds()
        .feed_errors(&upload.id, MOST_KEPT - 1, 10)
        .await
        .unwrap();
    assert_eq!(kept.len(), 1, "as many as are kept");
    assert!(offer(&world, ids[0]).await.taken.is_some());
    let last = offer(&world, ids[ids.len() - 1]).await;
    assert!(last.taken.is_none() && last.refused.is_some(), "{last:?}");
}

#[tokio::test]
async fn what_breaks_a_rule_now_is_deleted_where_it_was_taken_before() {
    for (way, kind) in [
        (Way::ImportSets, CatalogKind::Product),
        (Way::CatalogImports, CatalogKind::Product),
        (Way::CatalogImports, CatalogKind::Promotion),
    ] {
        let world = with_cap_and_mug(way, kind).await;
        let unfit = rows_with_unfit(kind, &["cap", "mug", "tee"], &["mug", "tee"]);
        world.import_feed(kind.feed(), &unfit).await;
        let upload = world.uploaded_feed(kind.feed()).await;
        assert_eq!(upload.status, FeedStatus::Succeeded, "{upload:?}");
        assert_eq!(
            (upload.counts.sent, upload.counts.withheld),
            (2, 2),
            "the tee was never there"
        );
        assert_eq!(world.at_stripe(kind), ["cap"]);
        let errors = world.errors(&upload.id).await;
        let told: Vec<_> = errors
            .iter()
            .map(|it| (it.line, it.message.starts_with("deleted there")))
            .collect();
        assert_eq!(told, [(Some(3), true), (Some(4), false)], "{errors:?}");
        import(&world, kind, &["cap", "mug"]).await;
        world.uploaded_feed(kind.feed()).await;
        assert_eq!(world.at_stripe(kind), ["cap", "mug"], "it fits again");
    }
}

#[tokio::test]
async fn a_catalog_that_is_broken_as_a_whole_deletes_nothing() {
    for kind in CatalogKind::ALL {
        let world = with_cap_and_mug(Way::CatalogImports, kind).await;
        let unfit = rows_with_unfit(kind, &["cap", "mug"], &["cap", "mug"]);
        world.import_feed(kind.feed(), &unfit).await;
        let upload = world.uploaded_feed(kind.feed()).await;
        assert_eq!(upload.status, FeedStatus::Failed, "{upload:?}");
        assert!(upload.problem.unwrap().contains("every row breaks a rule"));
        assert_eq!(world.at_stripe(kind), ["cap", "mug"]);
    }
}

#[tokio::test]
async fn a_delete_that_was_refused_is_repeated() {
    for kind in CatalogKind::ALL {
        let world = with_cap_and_mug(Way::CatalogImports, kind).await;
        import(&world, kind, &["cap"]).await;
        world.sandbox.stripe.fail_next_rows(&[("mug", "try again")]);
        let partial = world.uploaded_feed(kind.feed()).await;
        assert_eq!(partial.status, FeedStatus::SucceededWithErrors);
        assert_eq!(world.at_stripe(kind), ["cap", "mug"]);
        assert_eq!(world.uploaded_feed(kind.feed()).await.status, FeedStatus::Succeeded);
        assert_eq!(world.at_stripe(kind), ["cap"]);
        assert_eq!(remembered(&world, kind).await, ["cap"]);
        assert_eq!(world.uploaded_feed(kind.feed()).await.counts.sent, 1, "once");
    }
}

#[tokio::test]
async fn what_is_not_there_is_deleted_some_times_only() {
    for kind in CatalogKind::ALL {
        let world = World::new(Way::CatalogImports).await;
        import(&world, kind, &["cap", "mug"]).await;
        world.sandbox.stripe.fail_next_rows(&[("mug", "price: no")]);
        world.uploaded_feed(kind.feed()).await;
        import(&world, kind, &["cap"]).await;
        for sent in [2, 2, 2, 1] {
            world.sandbox.stripe.fail_next_rows(&[("mug", "unknown row")]);
            assert_eq!(world.uploaded_feed(kind.feed()).await.counts.sent, sent);
        }
        assert_eq!(remembered(&world, kind).await, ["cap"]);
    }
}

#[tokio::test]
async fn an_item_and_a_promotion_may_have_the_same_id() {
    let world = World::new(Way::CatalogImports).await;
    for kind in CatalogKind::ALL {
        import(&world, kind, &["cap", "mug"]).await;
        world.uploaded_feed(kind.feed()).await;
    }
    import(&world, CatalogKind::Promotion, &["cap"]).await;
    for kind in CatalogKind::ALL {
        world.uploaded_feed(kind.feed()).await;
    }
    assert_eq!(world.at_stripe(CatalogKind::Product), ["cap", "mug"]);
    assert_eq!(world.at_stripe(CatalogKind::Promotion), ["cap"]);
    assert!(offer(&world, "mug").await.taken.is_some());
}

#[tokio::test]
async fn what_only_an_abandoned_upload_had_is_deleted_by_the_next_even_if_that_is_refused_once() {
    for kind in CatalogKind::ALL {
        let world = World::new(Way::CatalogImports).await;
        import(&world, kind, &["cap", "mug"]).await;
        let held = world.sandbox.stripe.hold_imports();
        let host = world.host("host_1");
        let id = host.ask_full(&World::ask(kind.feed())).await.unwrap().id;
        host.run_once().await;
        held.arrived(1).await;
        host.abandon(&id, "operator:ada").await.unwrap();
        drop(held);
        world.sandbox.stripe.imports_settled(1).await;
        assert_eq!(world.at_stripe(kind), ["cap", "mug"], "Stripe took it");
        import(&world, kind, &["cap"]).await;
        world.sandbox.stripe.fail_next_rows(&[("mug", "try again")]);
        world.uploaded_feed(kind.feed()).await;
        assert_eq!(world.uploaded_feed(kind.feed()).await.status, FeedStatus::Succeeded);
        assert_eq!(world.at_stripe(kind), ["cap"]);
    }
}

#[tokio::test]
async fn what_only_an_upload_beside_another_had_is_deleted_by_the_next() {
    for kind in CatalogKind::ALL {
        let world = World::new(Way::CatalogImports).await;
        import(&world, kind, &["cap", "mug"]).await;
        let held = world.sandbox.stripe.hold_imports();
        let host = world.host("host_1");
        let first = host.ask_full(&World::ask(kind.feed())).await.unwrap().id;
        host.run_once().await;
        held.arrived(1).await;
        import(&world, kind, &["cap"]).await;
        let beside = AskFeed {
            beside: true,
            ..World::ask(kind.feed())
        };
        let second = host.ask_full(&beside).await.unwrap().id;
        host.run_once().await;
        held.arrived(2).await;
        // Stripe ends the second one first, so that the first one brings the mug back.
        let imports = world.sandbox.stripe.feed_imports();
        world.sandbox.stripe.finish_import(&imports[1].id).await;
        world.until_over(&host, &second).await;
        drop(held);
        world.until_over(&host, &first).await;
        assert_eq!(world.at_stripe(kind), ["cap", "mug"]);
        world.uploaded_feed(kind.feed()).await;
        assert_eq!(world.at_stripe(kind), ["cap"]);
    }
}

#[tokio::test]
async fn an_upload_that_replaces_everything_is_all_that_is_remembered() {
    for kind in CatalogKind::ALL {
        let mut world = World::new(Way::CatalogImports).await;
        import(&world, kind, &["bag", "cap", "mug", "tee"]).await;
        world.uploaded_feed(kind.feed()).await;
        world.mode = FeedMode::Replace;
        import(&world, kind, &["cap", "tee", "zip"]).await;
        world.sandbox.stripe.fail_next_rows(&[("tee", "price: no")]);
        world.uploaded_feed(kind.feed()).await;
        assert_eq!(remembered(&world, kind).await, ["cap", "tee", "zip"]);
        assert!(
            offer(&world, "tee").await.taken.is_none(),
            "it was replaced by nothing, as far as is known"
        );
    }
}

#[tokio::test]
async fn the_last_rows_are_deleted_also_where_a_file_replaces_everything() {
    for kind in CatalogKind::ALL {
        let mut world = with_cap_and_mug(Way::CatalogImports, kind).await;
        world.mode = FeedMode::Replace;
        import(&world, kind, &[]).await;
        let last = world.uploaded_feed(kind.feed()).await;
        assert_eq!((last.status, last.counts.sent), (FeedStatus::Succeeded, 2));
        assert_eq!(world.at_stripe(kind), [""; 0]);
    }
}

#[tokio::test]
async fn an_upload_is_given_up_while_a_host_sends_it() {
    let world = World::new(Way::CatalogImports).await;
    world.import(&catalog(&["mug"])).await;
    let held = world.sandbox.stripe.hold(tillhouse_sandbox::stripe::Operation::PutFeed);
    let host = world.host("host_1");
    let id = world.asked(&host).await;
    let working = {
        let host = host.clone();
        tokio::spawn(async move { host.run_once().await })
    };
    held.arrived(1).await;
    let other = world.host("host_2");
    let abandoned = other.abandon(&id, "operator:ada").await.unwrap();
    assert_eq!(abandoned.problem.as_deref(), Some("abandoned by operator:ada"));
    let next = world.asked(&other).await;
    drop(held);
    working.await.unwrap();
    assert_eq!(
        world.upload(&id).await,
        abandoned,
        "the step that was under way changes nothing"
    );
    assert_eq!(world.until_over(&other, &next).await.status, FeedStatus::Succeeded);
}
