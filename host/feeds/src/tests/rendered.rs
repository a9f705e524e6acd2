//! The file of an upload: the same bytes whenever it is rendered, whatever else happens.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use tillhouse_checkout::catalog::{CatalogKind, CatalogVersion};
use tillhouse_checkout::feed::{FeedStatus, FeedType};
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::ports::StoreError;

use crate::destination::STRIPE;
use crate::hooks::CountedStock;
use crate::testing::{Way, World, catalog};
use crate::upload_rows::{Cells, IncrementRow};
use crate::versions::versions_in_use;

/// Two mugs are left.
#[derive(Debug)]
struct TwoMugs;

#[async_trait]
impl CountedStock for TwoMugs {
    async fn counted(&self, _: &MerchantId, _: CatalogVersion) -> Result<BTreeMap<ItemId, Cells>, StoreError> {
        let cells = vec![("inventory_quantity".to_owned(), "2".to_owned())];
        Ok(BTreeMap::from([(ItemId::new("mug"), cells)]))
    }
}

fn text(world: &World) -> String {
    let files = world.sandbox.stripe.feed_files();
    let file = files.iter().rfind(|file| !file.is_error_file).unwrap();
    String::from_utf8(file.content.to_vec()).unwrap()
}

#[tokio::test]
async fn an_upload_is_made_of_the_version_that_it_was_asked_for_with() {
    let world = World::new(Way::ImportSets).await;
    let first = world.import(&catalog(&["cap", "mug"])).await;
    let host = world.host("host_1");
    let id = world.asked(&host).await;
    world.import(&catalog(&["tee"])).await;
    let queue = world.store.feeds();
    assert_eq!(
        versions_in_use(queue.as_ref(), &World::merchant(), CatalogKind::Product)
            .await
            .unwrap(),
        [first]
    );
    let upload = world.until_over(&host, &id).await;
    assert_eq!((upload.version, upload.counts.sent), (first, 2));
    assert_eq!(
        versions_in_use(queue.as_ref(), &World::merchant(), CatalogKind::Product)
            .await
            .unwrap(),
        [first]
    );
    let sent = text(&world);
    assert!(
        sent.contains("\ncap,") && sent.contains("\nmug,") && !sent.contains("tee"),
        "{sent}"
    );
}

#[tokio::test]
async fn counted_stock_takes_the_place_of_that_of_the_catalog() {
    let world = World::new(Way::ImportSets).await;
    world.import(&catalog(&["cap", "mug"])).await;
    let host = world.host("host_1").with_counted(Arc::new(TwoMugs));
    let id = world.asked(&host).await;
    world.until_over(&host, &id).await;
    let sent = text(&world);
    let mut csv = csv::Reader::from_reader(sent.as_bytes());
    let at = csv
        .headers()
        .unwrap()
        .iter()
        .position(|name| name == "inventory_quantity")
        .unwrap();
    let stock: Vec<_> = csv.records().map(|row| row.unwrap()[at].to_owned()).collect();
    assert_eq!(stock, ["5", "2"]);
}

#[tokio::test]
async fn an_increment_has_its_rows_only_and_the_columns_of_its_feed() {
    let world = World::new(Way::CatalogImports).await;
    world.import(&catalog(&["cap", "mug"])).await;
    assert_eq!(world.uploaded().await.status, FeedStatus::Succeeded);
    let host = world.host("host_1");
    let row = |id: &str, quantity: &str| IncrementRow {
        id: ItemId::new(id),
        cells: vec![
            ("availability".to_owned(), "in_stock".to_owned()),
            ("inventory_quantity".to_owned(), quantity.to_owned()),
        ],
    };
    let rows = vec![row("mug", "3"), row("cap", "4")];
    let asked = host
        .ask_increment(&World::merchant(), STRIPE, &FeedType::Inventory, rows, "increments")
        .await;
    let upload = world.until_over(&host, &asked.unwrap().id).await;
    assert_eq!(upload.status, FeedStatus::Succeeded, "{upload:?}");
    assert_eq!(upload.rows, None, "they are of no use any more");
    let sent = text(&world);
    let lines: Vec<_> = sent.lines().collect();
    assert!(lines[0].starts_with("id,") && !lines[0].contains("price"), "{sent}");
    assert!(
        lines[1].starts_with("cap,") && lines[2].starts_with("mug,") && lines.len() == 3,
        "{sent}"
    );
}
