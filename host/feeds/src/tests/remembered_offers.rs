//! What is remembered of the offers of uploads: what the other party has taken, what it refused, and what it may have.

use std::io::Write as _;

use async_trait::async_trait;

use tillhouse_checkout::feed::{FeedType, FeedUpload};
use tillhouse_checkout::ids::{FeedUploadId, ItemId};
use tillhouse_checkout::ports::StoreError;

use crate::destination::STRIPE;
use crate::feed_rows::RowSource;
use crate::hooks::{UploadedRow, UploadedRows};
use crate::offer::UploadedOffer;
use crate::refused_items::RefusedItems;
use crate::refused_rows::explain;
use crate::remembering::UploadMemory;
use crate::service::FeedService;
use crate::spool::SpooledFile;
use crate::testing::{Way, World, catalog};
use crate::transport::RefusedRows;
use crate::upload_rows::UploadRows;

fn memory(world: &World) -> UploadMemory {
    UploadMemory::new(world.store.feeds())
}

pub(super) async fn offer(world: &World, id: &str) -> UploadedOffer {
    let offers = memory(world)
        .offers(&World::merchant(), STRIPE, &[ItemId::new(id)])
        .await;
    offers.unwrap().remove(0)
}

async fn draft(world: &World, host: &FeedService) -> FeedUpload {
    let destination = host.destination(&World::merchant(), STRIPE).unwrap();
    let id = FeedUploadId::new("feed_draft");
    host.draft(id, destination, &FeedType::Product, "test")
        .await
        .unwrap_or_else(|error| panic!("{world:?} {error}"))
}

/// Rows of which the store gives only some, and then no more.
#[derive(Debug)]
struct Interrupted(RowSource, ItemId);

#[async_trait]
impl UploadedRows for Interrupted {
    async fn page(&self, after: Option<&ItemId>, _: usize) -> Result<Vec<UploadedRow>, StoreError> {
        if after == Some(&self.1) {
            return Err(StoreError::new("the host stops"));
        }
        self.0.page(after, 1).await
    }
}

#[tokio::test]
async fn what_a_refused_item_was_before_outlives_a_host_that_stops_while_it_remembers() {
    let world = World::new(Way::CatalogImports).await;
    world.import(&catalog(&["cap", "mug"])).await;
    world.uploaded().await;
    let before = offer(&world, "mug").await;
    world.import(&catalog(&["cap", "mug"]).replace("15.00", "14.00")).await;
    let host = world.host("host_1");
    let upload = draft(&world, &host).await;
    let source = RowSource::of(&host, &upload, UploadRows::default());
    let mut refused = RefusedItems::default();
    refused.add(&ItemId::new("mug"));
    refused.sort();
    let memory = memory(&world);
    let interrupted = Interrupted(source.clone(), ItemId::new("cap"));
    assert!(memory.settle(&upload, &interrupted, &refused).await.is_err());
    memory.settle(&upload, &source, &refused).await.unwrap();
    let after = offer(&world, "mug").await;
    assert_eq!(after.taken, before.taken);
    assert!(
        after
            .refused
            .is_some_and(|refused| Some(&refused) != before.taken.as_ref())
    );
}

#[tokio::test]
async fn without_a_whole_list_of_refused_rows_no_row_counts_as_taken_for_sure() {
    let world = World::new(Way::CatalogImports).await;
    world.import(&catalog(&["cap", "mug"])).await;
    world.uploaded().await;
    world.import(&catalog(&["cap", "mug"]).replace("15.00", "14.00")).await;
    let host = world.host("host_1");
    let upload = draft(&world, &host).await;
    let source = RowSource::of(&host, &upload, UploadRows::default());
    for (text, is_known) in [
        ("stripe_error_message,id\nno,mug\n", true),
        ("stripe_error_message,id\nno,mu", false),
        ("stripe_error_message,title\nno,Mug\n", false),
        ("no,mug\n", false),
        ("stripe_error_message,id\nno,another\n", false),
        ("", false),
    ] {
        let file = SpooledFile::create(None).unwrap();
        file.from_start().unwrap().write_all(text.as_bytes()).unwrap();
        let rows = RefusedRows::File {
            file,
            samples: Vec::new(),
        };
        let explained = explain(&source, rows, Some(1), 0).await.unwrap();
        assert_eq!(explained.items.others_unknown, !is_known, "{text:?}");
        if !is_known {
            memory(&world).settle(&upload, &source, &explained.items).await.unwrap();
            let cap = offer(&world, "cap").await.taken.unwrap();
            assert_eq!(
                cap.price.amount.minor(),
                1500,
                "{text:?}: it may not have taken the new price"
            );
        }
    }
}

#[tokio::test]
async fn what_an_abandoned_upload_said_may_be_what_stripe_has_until_another_ends_well() {
    let world = World::new(Way::CatalogImports).await;
    world.import(&catalog(&["cap", "mug"])).await;
    world.uploaded().await;
    world.import(&catalog(&["cap", "mug"]).replace("15.00", "14.00")).await;
    let host = world.host("host_1");
    let asked = host.ask_full(&World::ask(FeedType::Pricing)).await.unwrap();
    let held = world.sandbox.stripe.hold_imports();
    host.run_once().await;
    held.arrived(1).await;
    host.abandon(&asked.id, "operator:ada").await.unwrap();
    let mug = offer(&world, "mug").await;
    let before = mug.taken.clone().unwrap();
    assert_eq!(
        mug.may_differ(&before),
        (false, true),
        "the price is what it was, or another"
    );
    drop(held);
    world.import(&catalog(&["cap", "mug"])).await;
    let stock = host.ask_full(&World::ask(FeedType::Inventory)).await.unwrap();
    world.until_over(&host, &stock.id).await;
    assert_eq!(
        offer(&world, "mug").await.may_differ(&before),
        (false, true),
        "stock says nothing of prices"
    );
    world.sandbox.stripe.fail_next_rows(&[("cap", "price: no")]);
    let prices = host.ask_full(&World::ask(FeedType::Pricing)).await.unwrap();
    world.until_over(&host, &prices.id).await;
    assert_eq!(offer(&world, "mug").await.may_differ(&before), (false, false));
    assert_eq!(
        offer(&world, "cap").await.may_differ(&before),
        (false, true),
        "it was refused"
    );
    world.uploaded().await;
    assert_eq!(offer(&world, "cap").await.may_differ(&before), (false, false));
}

#[tokio::test]
async fn a_feed_of_all_stock_says_nothing_of_prices() {
    let world = World::new(Way::CatalogImports).await;
    world.import(&catalog(&["mug"])).await;
    world.uploaded().await;
    let changed = catalog(&["mug"])
        .replace("15.00", "14.00")
        .replace("in_stock,5", "in_stock,4");
    world.import(&changed).await;
    let host = world.host("host_1");
    let asked = host.ask_full(&World::ask(FeedType::Inventory)).await.unwrap();
    world.until_over(&host, &asked.id).await;
    let mug = offer(&world, "mug").await.taken.unwrap();
    assert_eq!((mug.price.amount.minor(), mug.quantity), (1500, Some(4)));
}
