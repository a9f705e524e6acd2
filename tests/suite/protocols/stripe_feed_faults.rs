//! The product feed to Stripe when something fails: nothing is uploaded twice, and what is gone is deleted all the same.

use tillhouse_checkout::feed::FeedStatus;
use tillhouse_sandbox::Fault;
use tillhouse_sandbox::stripe::Operation;
use tillhouse_sandbox::stripe::feeds::ImportFailure;
use tillhouse_tests::{Merchant, TestHost};

const HEADER: &str = "id,title,description,link,image_link,availability,price,inventory_quantity,brand,mpn,condition,google_product_category,shipping\n";

const ITEMS: [&str; 3] = ["cup", "mug", "pot"];

/// A merchant with these items, whose feed goes to Stripe by this way.
fn merchant(way: &str, items: &[&str]) -> Merchant {
    let row = |id: &&str| {
        format!(
            "{id},{id},A {id},https://shop.example/{id},https://shop.example/{id}.png,in_stock,9.00 USD,9,Acme,M-{id},new,\
             Home & Garden,US:ALL:Standard:3-5:4.99 USD\n"
        )
    };
    let rows: String = items.iter().map(row).collect();
    Merchant::named("demo")
        .catalog(&format!("{HEADER}{rows}"))
        .set(&format!(
            "feed = {{ transport = \"{way}\", upload_hosts = [\"127.0.0.1\"] }}"
        ))
}

async fn start(way: &str) -> TestHost {
    TestHost::builder().merchant(merchant(way, &ITEMS)).start().await
}

fn at_stripe(host: &TestHost) -> Vec<String> {
    host.sandbox.stripe.catalog().items.into_keys().collect()
}

#[tokio::test]
async fn a_request_whose_answer_is_lost_is_repeated_and_uploads_nothing_twice() {
    let steps = [
        ("import_sets", Operation::UploadFile),
        ("import_sets", Operation::CreateImportSet),
        ("catalog_imports", Operation::CreateCatalogImport),
        ("catalog_imports", Operation::PutFeed),
    ];
    for (way, step) in steps {
        let host = start(way).await;
        host.sandbox.stripe.fail_next(step, Fault::LoseAnswer);
        host.feeds("stripe").upload_well().await;
        let (imports, files) = (host.sandbox.stripe.feed_imports(), host.sandbox.stripe.feed_files());
        assert_eq!((imports.len(), files.len()), (1, 1), "{step:?} {imports:#?} {files:#?}");
        host.stop().await;
    }
}

#[tokio::test]
async fn an_item_that_is_gone_is_deleted_after_an_upload_that_failed() {
    for way in ["import_sets", "catalog_imports"] {
        let mut host = start(way).await;
        host.feeds("stripe").upload_well().await;
        host.restart_as(merchant(way, &["cup", "mug"])).await;
        host.sandbox.stripe.fail_next_import(ImportFailure {
            code: "internal_error",
            message: "The file could not be read.".to_owned(),
            is_transient: true,
        });
        assert_eq!(host.feeds("stripe").upload().await.status, FeedStatus::Failed, "{way}");
        assert_eq!(at_stripe(&host), ITEMS, "{way}");
        host.feeds("stripe").upload_well().await;
        assert_eq!(at_stripe(&host), ["cup", "mug"], "{way}");
        host.stop().await;
    }
}

#[tokio::test]
async fn an_item_whose_deletion_is_refused_is_deleted_by_the_next_upload() {
    for way in ["import_sets", "catalog_imports"] {
        let mut host = start(way).await;
        host.feeds("stripe").upload_well().await;
        host.restart_as(merchant(way, &["cup", "mug"])).await;
        host.sandbox
            .stripe
            .fail_next_rows(&[("pot", "The product is in a carousel.")]);
        let partial = host.feeds("stripe").upload().await;
        assert_eq!(partial.status, FeedStatus::SucceededWithErrors, "{way} {partial:#?}");
        assert_eq!(
            (partial.counts.taken, partial.counts.refused),
            (Some(2), Some(1)),
            "{way}"
        );
        host.feeds("stripe").upload_well().await;
        assert_eq!(at_stripe(&host), ["cup", "mug"], "{way}");
        host.stop().await;
    }
}
