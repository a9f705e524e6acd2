//! Upload, refused rows by item, fix, upload again, clean; by either way.

use tillhouse_sandbox::stripe::feeds::{ErrorFileShape, ImportFailure};

use tillhouse_checkout::feed::{FeedMode, FeedStatus, FeedType};

use crate::testing::{Way, World, catalog};

const WAYS: [Way; 2] = [Way::ImportSets, Way::CatalogImports];

#[tokio::test]
async fn refused_rows_are_told_by_item_row_line_and_column_and_a_fixed_catalog_is_taken() {
    for way in WAYS {
        let world = World::new(way).await;
        world.import(&catalog(&["cap", "mug", "tee"])).await;
        world
            .sandbox
            .stripe
            .fail_next_rows(&[("mug", "price: must be lower,\nor \"free\"")]);
        let upload = world.uploaded().await;
        assert_eq!(upload.status, FeedStatus::SucceededWithErrors, "{way:?} {upload:?}");
        let counts = upload.counts;
        assert_eq!(
            (counts.sent, counts.taken, counts.refused),
            (3, Some(2), Some(1)),
            "{way:?}"
        );
        let errors = world.errors(&upload.id).await;
        assert_eq!(errors.len(), 1, "{way:?} {errors:?}");
        assert_eq!(errors[0].item.as_ref().unwrap().as_str(), "mug");
        assert_eq!((errors[0].row, errors[0].line), (Some(2), Some(3)), "{way:?}");
        assert_eq!(errors[0].column.as_deref(), Some("price"));
        assert!(errors[0].message.contains("or \"free\""), "{errors:?}");
        world
            .import(&catalog(&["cap", "mug", "tee"]).replace("15.00", "14.00"))
            .await;
        let again = world.uploaded().await;
        assert_eq!((again.status, again.problem), (FeedStatus::Succeeded, None), "{way:?}");
        assert_eq!(world.errors(&again.id).await, []);
        assert_eq!(world.sandbox.stripe.catalog().items.len(), 3, "{way:?}");
    }
}

#[tokio::test]
async fn a_file_with_refused_rows_is_found_in_either_shape_of_the_object() {
    let world = World::new(Way::CatalogImports).await;
    world.import(&catalog(&["mug"])).await;
    world.sandbox.stripe.show_error_files(ErrorFileShape::Guide);
    world.sandbox.stripe.fail_next_rows(&[("mug", "no")]);
    let upload = world.uploaded().await;
    assert_eq!(world.errors(&upload.id).await.len(), 1);
}

#[tokio::test]
async fn what_is_gone_from_the_catalog_is_deleted_by_the_next_upload() {
    for (way, mode) in [
        (Way::ImportSets, FeedMode::Upsert),
        (Way::CatalogImports, FeedMode::Upsert),
        (Way::CatalogImports, FeedMode::Replace),
    ] {
        let mut world = World::new(way).await;
        world.mode = mode.clone();
        world.import(&catalog(&["cap", "mug", "tee"])).await;
        assert_eq!(world.uploaded().await.status, FeedStatus::Succeeded);
        world.import(&catalog(&["cap", "tee", "zip"])).await;
        let upload = world.uploaded().await;
        assert_eq!(upload.status, FeedStatus::Succeeded, "{way:?} {mode} {upload:?}");
        let known: Vec<_> = world.sandbox.stripe.catalog().items.keys().cloned().collect();
        assert_eq!(known, ["cap", "tee", "zip"], "{way:?} {mode}");
    }
}

#[tokio::test]
async fn rows_that_break_a_rule_of_the_feed_are_not_sent_and_told() {
    let world = World::new(Way::ImportSets).await;
    let csv = catalog(&["cap", "mug"]).replace("https://shop.example/mug.png", "");
    world.import(&csv).await;
    let preview = world
        .host("host_1")
        .preview(&World::ask(FeedType::Product), 5)
        .await
        .unwrap();
    assert_eq!(
        (preview.sent, preview.withheld, preview.refused.as_deref()),
        (1, 1, None),
        "{preview:?}"
    );
    assert_eq!(preview.problems[0].item.as_str(), "mug");
    assert!(
        preview.problems[0].withholds && preview.problems[0].column == "image_link",
        "{preview:?}"
    );
    let upload = world.uploaded().await;
    assert_eq!((upload.counts.sent, upload.counts.withheld), (1, 1));
    assert_eq!(upload.sha256, Some(preview.sha256), "the preview is what was sent");
    let errors = world.errors(&upload.id).await;
    assert_eq!(
        (errors[0].line, errors[0].row, errors[0].column.as_deref()),
        (Some(3), None, Some("image_link"))
    );
    assert!(errors[0].message.starts_with("not sent"), "{errors:?}");
}

#[tokio::test]
async fn an_import_that_fails_as_a_whole_says_why() {
    for way in WAYS {
        let world = World::new(way).await;
        world.import(&catalog(&["mug"])).await;
        world.sandbox.stripe.fail_next_import(ImportFailure {
            code: "invalid_file",
            message: "not a table".to_owned(),
            is_transient: false,
        });
        let upload = world.uploaded().await;
        assert_eq!(upload.status, FeedStatus::Failed, "{way:?}");
        assert!(upload.problem.is_some_and(|problem| !problem.is_empty()), "{way:?}");
        assert_eq!(
            world.uploaded().await.status,
            FeedStatus::Succeeded,
            "{way:?}: the next one goes on"
        );
    }
}
