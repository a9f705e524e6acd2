//! ACP's feed at an agent's endpoint: what products it has, that each upload gets there once, and what increments send of it.

mod faults;
mod increments;

use serde_json::{Value, json};
use tillhouse_sandbox::acp_feed::{HostedFeed, Operation};
use tillhouse_tests::{Merchant, TestHost};

const HEADER: &str = "id,title,description,link,image_link,availability,price,sale_price,sale_price_effective_date,inventory_quantity,\
    inventory_not_tracked,brand,gtin,mpn,condition,google_product_category,item_group_id,item_group_title,color,size,additional_image_link,\
    disable_checkout\n";

/// A catalog of two shirts of one group, a mug, and a ticket that agents show and do not sell.
const ROWS: &str = "\
shirt-s,Shirt S,A shirt,https://shop.example/s,https://shop.example/s.png,in_stock,25.00 USD,20.00 USD,,5,,Acme,00012345600012,,new,\
Apparel & Accessories > Clothing,shirt,The Shirt,Red,S,https://shop.example/s2.png,\n\
shirt-l,Shirt L,A shirt,https://shop.example/l,https://shop.example/l.png,out_of_stock,25.00 USD,,,0,,Acme,,M-L,new,\
Apparel & Accessories > Clothing,shirt,The Shirt,Red,L,,\n\
mug,Mug,A mug,https://shop.example/mug,https://shop.example/mug.png,in_stock,15.00 USD,,,7,,Acme,,M-MUG,new,Home & Garden,,,,,,\n\
ticket,Ticket,A seat,https://shop.example/t,https://shop.example/t.png,in_stock,40.00 USD,,,,true,Acme,,M-T,new,Media,,,,,,true\n";

fn catalog() -> String {
    format!("{HEADER}{ROWS}")
}

/// A merchant whose feed goes to the sandbox's agent.
fn merchant(settings: &str) -> Merchant {
    Merchant::named("demo").catalog(&catalog()).acp_feed("agent", settings)
}

async fn start(settings: &str) -> TestHost {
    TestHost::builder().merchant(merchant(settings)).start().await
}

/// The only feed of the sandbox's agent.
fn feed(host: &TestHost) -> HostedFeed {
    let mut feeds = host.sandbox.acp_feed.feeds();
    assert_eq!(feeds.len(), 1, "{feeds:#?}");
    feeds.remove(0)
}

fn variant(host: &TestHost, id: &str) -> Value {
    let feed = feed(host);
    feed.variant(id).unwrap_or_else(|| panic!("{id}: {feed:#?}")).clone()
}

#[tokio::test]
async fn items_of_a_group_are_variants_of_one_product() {
    let host = start("target_country = \"US\"\nseller = \"Acme\"\nseller_links = [{ type = \"faq\", url = \"https://shop.example/faq\" }]").await;
    let upload = host.feeds("agent").upload_well().await;
    let feed = feed(&host);
    assert_eq!(feed.target_country.as_deref(), Some("US"));
    assert_eq!(feed.products.len(), 3, "{feed:#?}");
    assert_eq!(
        (upload.counts.sent, upload.counts.taken, upload.counts.refused),
        (3, Some(3), Some(0))
    );
    assert_eq!(upload.remote.file.as_ref(), Some(&feed.id));
    let shirt = feed.product("shirt").unwrap();
    assert_eq!(shirt["title"], "The Shirt");
    assert_eq!(
        shirt["variants"][1],
        json!({
            "id": "shirt-s",
            "title": "Shirt S",
            "description": {"plain": "A shirt"},
            "url": "https://shop.example/s",
            "barcodes": [{"type": "GTIN", "value": "00012345600012"}],
            "price": {"amount": 2000, "currency": "USD"},
            "list_price": {"amount": 2500, "currency": "USD"},
            "availability": {"available": true, "status": "in_stock"},
            "categories": [{"value": "Apparel & Accessories > Clothing", "taxonomy": "google_product_category"}],
            "condition": ["new"],
            "variant_options": [{"name": "Color", "value": "Red"}, {"name": "Size", "value": "S"}],
            "media": [{"type": "image", "url": "https://shop.example/s.png"}, {"type": "image", "url": "https://shop.example/s2.png"}],
            "seller": {"name": "Acme", "links": [{"type": "faq", "url": "https://shop.example/faq"}]},
        })
    );
    let shown = |id: &str| feed.variant(id).unwrap()["availability"].clone();
    assert_eq!(shown("shirt-l"), json!({"available": false, "status": "out_of_stock"}));
    assert_eq!(
        shown("ticket"),
        json!({"available": false, "status": "in_stock"}),
        "shown, and not sold"
    );
    let mug = feed.product("mug").unwrap();
    assert_eq!(
        (&mug["title"], &mug["variants"][0]["id"]),
        (&json!("Mug"), &json!("mug"))
    );
}

#[tokio::test]
async fn the_feed_is_made_once_and_its_id_is_remembered() {
    let mut host = start("").await;
    let first = host.feeds("agent").upload_well().await;
    host.restart().await;
    let second = host.feeds("agent").upload_well().await;
    assert_eq!(host.sandbox.acp_feed.received(Operation::CreateFeed), 1);
    assert_eq!(first.remote.file, second.remote.file);
    assert_eq!(feed(&host).upserts.len(), 2);
}

#[tokio::test]
async fn products_are_sent_in_batches_under_keys_of_their_own() {
    let host = start("batch_products = 2").await;
    host.sandbox.acp_feed.assign_update_ids();
    let upload = host.feeds("agent").upload_well().await;
    let feed = feed(&host);
    let sizes: Vec<usize> = feed.upserts.iter().map(|upsert| upsert.products.len()).collect();
    assert_eq!(sizes, [2, 1]);
    let keys: Vec<String> = feed.upserts.iter().filter_map(|upsert| upsert.key.clone()).collect();
    assert_eq!(keys, [format!("{}-0-2", upload.id), format!("{}-2-1", upload.id)]);
    let last = feed.product(&feed.upserts[1].products[0]).unwrap();
    assert_eq!(
        upload.remote.import.as_deref(),
        last["last_update_id"].as_str(),
        "the id of the last update"
    );
}

#[tokio::test]
async fn an_item_that_is_gone_is_discontinued_and_a_group_is_sent_without_it() {
    let mut host = start("").await;
    host.feeds("agent").upload_well().await;
    let without = |ids: &[&str]| {
        let rows = ROWS.lines().filter(|row| !ids.iter().any(|id| row.starts_with(id)));
        rows.fold(HEADER.to_owned(), |all, row| format!("{all}{row}\n"))
    };
    host.restart_as(merchant("").catalog(&without(&["mug", "shirt-l"])))
        .await;
    host.feeds("agent").upload_well().await;
    let gone = json!({"available": false, "status": "discontinued"});
    assert_eq!(variant(&host, "mug")["availability"], gone);
    assert_eq!(variant(&host, "shirt-l")["availability"], gone);
    assert_eq!(variant(&host, "shirt-s")["availability"]["available"], true);
    host.feeds("agent").upload_well().await;
    let shirt = feed(&host).product("shirt").unwrap().clone();
    assert_eq!(shirt["variants"].as_array().unwrap().len(), 1, "said once: {shirt:#}");
}
