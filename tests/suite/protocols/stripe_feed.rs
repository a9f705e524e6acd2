//! The product feed to Stripe, by both of its ways: uploaded, refused in part, told by a webhook, fixed, uploaded again, clean; and what
//! happens on the way.

use std::sync::Arc;
use std::time::Duration;

use tillhouse_catalog::{CatalogImporter, FeedFile, ImportRequest, ReadOptions};
use tillhouse_checkout::feed::{FeedStatus, FeedType, FeedUpload};
use tillhouse_checkout::ids::{FeedUploadId, MerchantId};
use tillhouse_checkout::time::Clock as _;
use tillhouse_sandbox::Secret;
use tillhouse_sandbox::stripe::Operation;
use tillhouse_sandbox::stripe::feeds::{EventDestination, EventFault};
use tillhouse_tests::eventually::wait_until;
use tillhouse_tests::{Merchant, TestFolder, TestHost};

const WAYS: [&str; 2] = ["import_sets", "catalog_imports"];

const HEADER: &str = "id,title,description,link,image_link,availability,price,inventory_quantity,brand,mpn,condition,google_product_category,shipping\n";

fn row(id: &str, price: &str) -> String {
    format!(
        "{id},{id},A {id},https://shop.example/{id},https://shop.example/{id}.png,in_stock,{price} USD,9,Acme,M-{id},new,\
         Home & Garden,US:ALL:Standard:3-5:4.99 USD\n"
    )
}

/// A merchant with cups, mugs and pots at this price, whose feed goes to Stripe by this way.
fn merchant(way: &str, price: &str) -> Merchant {
    let rows = ["cup", "mug", "pot"].map(|id| row(id, price));
    Merchant::named("demo")
        .catalog(&rows.iter().fold(HEADER.to_owned(), |all, row| all + row))
        .set(&format!(
            "feed = {{ transport = \"{way}\", upload_hosts = [\"127.0.0.1\"] }}"
        ))
}

/// A host whose clock stands still: what is looked at after a pause is looked at for another reason.
async fn start(way: &str) -> TestHost {
    TestHost::builder()
        .merchant(merchant(way, "9.00"))
        .frozen()
        .start()
        .await
}

/// Has the simulated Stripe send its events to the host where it is now.
fn subscribe(host: &TestHost) {
    host.sandbox.stripe.send_events_to(EventDestination {
        url: format!("{}/webhooks/stripe", host.url()),
        secret: Secret::from("whsec_events_demo"),
    });
}

async fn read(host: &TestHost, id: &FeedUploadId) -> FeedUpload {
    let queue = &host.host().feed_changes().service().parts().queue;
    queue.feed_upload(id).await.unwrap().unwrap()
}

/// Waits for an upload without letting time pass.
async fn reached(host: &TestHost, id: &FeedUploadId, status: &FeedStatus) -> FeedUpload {
    wait_until("the upload is so far", async || {
        let upload = read(host, id).await;
        assert!(upload.status == *status || upload.status.is_open(), "{upload:#?}");
        upload.status == *status
    })
    .await;
    read(host, id).await
}

async fn ask(host: &TestHost) -> FeedUploadId {
    host.feeds("stripe").ask().await.unwrap().id
}

#[tokio::test]
async fn the_whole_loop_goes_by_webhooks() {
    for way in WAYS {
        let mut host = start(way).await;
        subscribe(&host);
        let stripe = &host.sandbox.stripe;
        stripe.fail_next_rows(&[("mug", "The price is not one, or \"free\".")]);
        let partial = reached(&host, &ask(&host).await, &FeedStatus::SucceededWithErrors).await;
        assert_eq!(partial.counts.refused, Some(1), "{way} {partial:#?}");
        let errors = host.feeds("stripe").errors(&partial.id).await;
        let error = &errors[0];
        let item = error.item.as_ref().map(|item| item.as_str());
        assert_eq!(
            (item, error.row, error.line),
            (Some("mug"), Some(2), Some(3)),
            "{way} {errors:#?}"
        );
        assert_eq!(error.column.as_deref(), Some("price"), "{way}");

        host.restart_as(merchant(way, "8.00")).await;
        subscribe(&host);
        let clean = reached(&host, &ask(&host).await, &FeedStatus::Succeeded).await;
        assert_eq!((clean.counts.sent, clean.problem.clone()), (3, None), "{way}");
        assert_eq!(host.feeds("stripe").errors(&clean.id).await, []);
        let catalog = host.sandbox.stripe.catalog();
        assert_eq!(catalog.items["mug"].column("price"), Some("8.00 USD"), "{way}");
        host.stop().await;
    }
}

/// Promotions of all products.
fn promotions(ids: &[&str]) -> String {
    let header = "promotion_id,title,active_period,benefit_type,percent_off,target_selection,application_type\n";
    let row = |id: &&str| {
        format!("{id},Sale,2026-05-01T00:00:00Z/2026-06-01T00:00:00Z,percent_off,20,all_products,automatic\n")
    };
    ids.iter().map(row).fold(header.to_owned(), |all, row| all + &row)
}

/// Imports promotions in the place of those before.
async fn import_promotions(host: &TestHost, ids: &[&str]) {
    let folder = TestFolder::new();
    let path = folder.path().join("promotions.csv");
    std::fs::write(&path, promotions(ids)).unwrap();
    let file = FeedFile {
        read: ReadOptions::new(FeedType::Promotion),
        ..FeedFile::product(path)
    };
    let request = ImportRequest::replacing(MerchantId::new("demo"), file, "operator:tester".to_owned());
    let parts = host.host().feed_changes().service().parts();
    let importer = CatalogImporter::new(Arc::clone(&parts.catalogs), parts.holder.clone());
    let now = host.clock.now();
    let prepared = importer.prepare(&request, &Arc::default(), now).await.unwrap();
    let _ = prepared.finish(now).await.unwrap();
}

#[tokio::test]
async fn the_whole_loop_of_promotions_goes_by_webhooks() {
    let host = start("catalog_imports").await;
    subscribe(&host);
    let (feeds, stripe) = (host.feeds("stripe"), &host.sandbox.stripe);
    import_promotions(&host, &["fall", "spring"]).await;
    stripe.fail_next_rows(&[("spring", "'active_period' is over.")]);
    let asked = feeds.ask_for(FeedType::Promotion).await.unwrap().id;
    let partial = reached(&host, &asked, &FeedStatus::SucceededWithErrors).await;
    assert_eq!((partial.counts.sent, partial.counts.refused), (2, Some(1)));
    let errors = feeds.errors(&partial.id).await;
    let item = errors[0].item.as_ref().map(|item| item.as_str());
    assert_eq!((item, errors[0].line), (Some("spring"), Some(3)), "{errors:#?}");
    assert_eq!(errors[0].column.as_deref(), Some("active_period"));

    import_promotions(&host, &["summer", "winter"]).await;
    let asked = feeds.ask_for(FeedType::Promotion).await.unwrap().id;
    let clean = reached(&host, &asked, &FeedStatus::Succeeded).await;
    assert_eq!((clean.counts.sent, clean.problem), (4, None), "two of them delete");
    let catalog = stripe.catalog();
    assert_eq!(Vec::from_iter(catalog.promotions.keys()), ["summer", "winter"]);
    assert!(catalog.items.is_empty(), "items are another feed");
    let products = reached(&host, &ask(&host).await, &FeedStatus::Succeeded).await;
    assert_eq!(products.counts.sent, 3);
    assert_eq!(stripe.catalog().promotions.len(), 2);
}

#[tokio::test]
async fn without_a_webhook_the_import_is_looked_at() {
    for way in WAYS {
        let host = start(way).await;
        subscribe(&host);
        host.sandbox.stripe.fail_next_event(EventFault::Lost);
        let upload = host.feeds("stripe").upload().await;
        assert_eq!(upload.status, FeedStatus::Succeeded, "{way} {upload:#?}");
    }
}

#[tokio::test]
async fn an_event_with_a_wrong_signature_or_of_another_import_changes_nothing() {
    for fault in [EventFault::WrongSignature, EventFault::WrongId] {
        let host = start("catalog_imports").await;
        subscribe(&host);
        host.sandbox.stripe.fail_next_event(fault);
        let id = ask(&host).await;
        host.sandbox.stripe.imports_settled(1).await;
        reached(&host, &id, &FeedStatus::Processing).await;
        assert_eq!(host.feeds("stripe").ended(&id).await.status, FeedStatus::Succeeded);
    }
}

#[tokio::test]
async fn an_event_that_comes_late_or_twice_is_taken_once() {
    let host = start("import_sets").await;
    subscribe(&host);
    host.sandbox.stripe.fail_next_event(EventFault::Doubled);
    let doubled = reached(&host, &ask(&host).await, &FeedStatus::Succeeded).await;
    host.sandbox.stripe.fail_next_event(EventFault::Late);
    let late = host.feeds("stripe").upload().await;
    host.sandbox.stripe.deliver_late_events().await;
    for upload in [doubled, late] {
        assert_eq!(read(&host, &upload.id).await, upload);
    }
    let answers: Vec<_> = host
        .sandbox
        .stripe
        .sent_events()
        .iter()
        .map(|sent| sent.answer)
        .collect();
    assert!(answers.iter().all(|status| *status == Some(200)), "{answers:?}");
}

#[tokio::test]
async fn an_import_that_ends_before_an_earlier_one_ends_its_own_upload() {
    let host = start("catalog_imports").await;
    subscribe(&host);
    let held = host.sandbox.stripe.hold_imports();
    let first = ask(&host).await;
    held.arrived(1).await;
    reached(&host, &first, &FeedStatus::Processing).await;
    let busy = host.feeds("stripe").ask().await.unwrap_err().to_string();
    assert!(busy.contains(first.as_str()) && busy.contains("--beside"), "{busy}");
    let service = host.host().feed_changes().service();
    let beside = tillhouse_feeds::AskFeed {
        merchant: MerchantId::new("demo"),
        destination: "stripe".to_owned(),
        feed: FeedType::Product,
        by: "operator:tester".to_owned(),
        beside: true,
    };
    let second = service.ask_full(&beside).await.unwrap().id;
    held.arrived(2).await;
    reached(&host, &second, &FeedStatus::Processing).await;
    let imports = host.sandbox.stripe.feed_imports();
    host.sandbox.stripe.finish_import(&imports[1].id).await;
    reached(&host, &second, &FeedStatus::Succeeded).await;
    assert_eq!(read(&host, &first).await.status, FeedStatus::Processing);
    held.release();
    reached(&host, &first, &FeedStatus::Succeeded).await;
}

#[tokio::test]
async fn a_host_that_dies_in_a_request_goes_on_with_it_and_uploads_nothing_twice() {
    let steps = [
        ("import_sets", Operation::UploadFile),
        ("import_sets", Operation::CreateImportSet),
        ("catalog_imports", Operation::CreateCatalogImport),
        ("catalog_imports", Operation::PutFeed),
    ];
    for (way, step) in steps {
        let mut host = start(way).await;
        let held = host.sandbox.stripe.hold(step);
        let id = ask(&host).await;
        held.arrived(1).await;
        host.kill();
        held.release();
        host.start_again().await;
        let upload = host.feeds("stripe").ended(&id).await;
        assert_eq!(upload.status, FeedStatus::Succeeded, "{step:?} {upload:#?}");
        let imports = host.sandbox.stripe.feed_imports();
        let applied = imports.iter().filter(|import| import.applied.is_some());
        assert_eq!(applied.count(), 1, "{step:?}");
    }
}

#[tokio::test]
async fn a_host_that_dies_while_stripe_works_hears_of_it_afterwards() {
    for way in WAYS {
        let mut host = start(way).await;
        let held = host.sandbox.stripe.hold_imports();
        let id = ask(&host).await;
        held.arrived(1).await;
        reached(&host, &id, &FeedStatus::Processing).await;
        host.crash().await;
        subscribe(&host);
        held.release();
        reached(&host, &id, &FeedStatus::Succeeded).await;
        assert_eq!(host.sandbox.stripe.feed_imports().len(), 1, "{way}");
    }
}

#[tokio::test]
async fn all_products_are_uploaded_once_a_day_by_themselves() {
    let now = tillhouse_tests::TestClock::frozen();
    let at = now.now().rfc3339();
    // An hour from now, by the minute.
    let hour: u32 = at[11..13].parse().unwrap();
    let full_at = format!("{:02}:{}", (hour + 1) % 24, &at[14..16]);
    let settings = format!(
        "feed = {{ transport = \"import_sets\", upload_hosts = [\"127.0.0.1\"], full_at = \"{full_at}\", time_zone = \"UTC\" }}"
    );
    let host = TestHost::builder()
        .merchant(merchant("import_sets", "9.00").set(&settings))
        .clock(now)
        .start()
        .await;
    let service = host.host().feed_changes().service();
    service.ask_scheduled().await;
    host.sandbox.stripe.imports_settled(1).await;
    for day in [2, 3] {
        host.clock.advance(Duration::from_secs(24 * 3600));
        service.ask_scheduled().await;
        wait_until("the upload of the day is over", async || {
            host.clock.advance(Duration::from_secs(1));
            host.sandbox
                .stripe
                .feed_imports()
                .iter()
                .filter(|import| import.applied.is_some())
                .count()
                == day
        })
        .await;
    }
}
