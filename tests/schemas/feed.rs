//! What a host tells agents of a merchant's catalog over ACP's Feed API, and as files, against the official schema.

use std::path::Path;

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};
use tillhouse_checkout::feed::FeedType;
use tillhouse_payments::operator::feed_changes::FeedChangeOperations;
use tillhouse_payments::operator::feeds::FeedTarget;
use tillhouse_tests::official::feed::{self, FeedSchema};
use tillhouse_tests::{Merchant, Release, TestFolder, TestHost};
use tokio::runtime::Runtime;

use crate::coverage;

/// Columns of everything that a product of the schema can have, and more.
const CATALOG: &str = "\
id,title,description,link,image_link,additional_image_link,video_link,model_3d_link,availability,availability_date,price,sale_price,\
inventory_quantity,inventory_not_tracked,brand,gtin,mpn,condition,google_product_category,product_category,item_group_id,item_group_title,\
color,size,material,gender,age_group,custom_variant_option_name_1,custom_variant_option_value_1,disable_checkout\n\
shirt-s,Shirt S,A shirt,https://shop.example/s,https://shop.example/s.png,\"https://shop.example/1.png,https://shop.example/2.png\",\
https://shop.example/v.mp4,https://shop.example/m.glb,in_stock,,25.00 USD,20.00 USD,5,,Acme,00012345600012,,new,\
Apparel & Accessories > Clothing,,shirt,The Shirt,Red,S,Cotton,unisex,adult,Neck,Round,\n\
shirt-l,Shirt L,A shirt,https://shop.example/l,https://shop.example/l.png,,,,out_of_stock,,25.00 USD,,0,,Acme,,M-L,used,\
,Clothing,shirt,The Shirt,Red,L,,,,,,\n\
lamp,Lamp,A lamp,https://shop.example/lamp,https://shop.example/lamp.png,,,,preorder,2030-01-01,89.00 USD,,9,,Acme,,M-LAMP,new,\
Home & Garden,,,,,,,,,,,\n\
seat,Seat,A seat,https://shop.example/seat,https://shop.example/seat.png,,,,in_stock,,40.00 USD,,,true,Acme,,M-SEAT,new,\
Media,,,,,,,,,,,true\n";

pub(crate) fn trials(folder: &Path) -> Vec<Trial> {
    let is_absent = !feed::file(folder).is_file();
    let trial = |name: &str, run: fn(FeedSchema) -> Result<(), Failed>| {
        let folder = folder.to_owned();
        let run = move || run(FeedSchema::read(&folder).expect("the schema is readable"));
        Trial::test(format!("feed::{name}"), run).with_ignored_flag(is_absent)
    };
    vec![
        trial("the_schema_can_refuse", the_schema_can_refuse),
        trial("uploads_and_increments", |schema| {
            Runtime::new()?.block_on(uploads_and_increments(&schema))
        }),
        trial("the_demo_catalog_as_files", |schema| {
            Runtime::new()?.block_on(the_demo_catalog_as_files(&schema))
        }),
    ]
}

fn the_schema_can_refuse(schema: FeedSchema) -> Result<(), Failed> {
    let product = |variant: Value| json!({"products": [{"id": "a", "variants": [variant]}]});
    let good = product(json!({"id": "b", "title": "B"}));
    schema.check("UpsertProductsRequest", &good)?;
    for bad in [
        json!({"products": [{"id": "a"}]}),
        product(json!({"id": "b"})),
        product(json!({"id": "b", "title": "B", "stock": 3})),
        product(json!({"id": "b", "title": "B", "price": {"amount": -1, "currency": "USD"}})),
        product(json!({"id": "b", "title": "B", "url": "not a url"})),
    ] {
        assert!(!schema.accepts("UpsertProductsRequest", &bad), "{bad}");
    }
    Ok(())
}

async fn uploads_and_increments(schema: &FeedSchema) -> Result<(), Failed> {
    let settings = "target_country = \"US\"\nseller = \"Acme\"\nbatch_products = 2\n\
        seller_links = [{ type = \"faq\", title = \"Help\", url = \"https://shop.example/faq\" }]";
    let merchant = Merchant::named("demo").catalog(CATALOG).acp_feed("agent", settings);
    let mut host = TestHost::builder().merchant(merchant.clone()).start().await;
    host.feeds("agent").upload_well().await;
    let _ = host.acp(Release::V2026_04_17).buy(&[("shirt-s", 5)]).await;
    host.feeds("agent").upload_changes().await.expect("stock has changed");
    let left: Vec<&str> = CATALOG.lines().filter(|row| !row.starts_with("seat")).collect();
    host.restart_as(merchant.catalog(&(left.join("\n") + "\n"))).await;
    host.feeds("agent").upload_well().await;
    let feeds = host.sandbox.acp_feed.feeds();
    let count = schema.check_requests(&feeds)?;
    // What the simulator answers is the other half of the conversation.
    schema.check("ProductsResponse", &json!({"products": feeds[0].products}))?;
    coverage::saw_feed("requests", count);
    coverage::saw_feed(
        "products",
        feeds[0].upserts.iter().map(|upsert| upsert.products.len()).sum(),
    );
    Ok(())
}

async fn the_demo_catalog_as_files(schema: &FeedSchema) -> Result<(), Failed> {
    let merchant = Merchant::named("demo").acp_feed("agent", "feed_id = \"feed_1\"\ntarget_country = \"US\"");
    let host = TestHost::builder().merchant(merchant).start().await;
    let folder = TestFolder::new();
    let target = FeedTarget {
        merchant: None,
        destination: None,
        feed: FeedType::Product,
    };
    let exported = host.host().feed_changes().export(&target, folder.path()).await;
    let exported = exported.map_err(|error| format!("{error:?}"))?;
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("the file is readable");
    let metadata = serde_json::from_str(&read("metadata.json")).expect("JSON");
    schema.check("FeedMetadata", &metadata)?;
    assert_eq!(
        (&metadata["id"], &metadata["target_country"]),
        (&json!("feed_1"), &json!("US"))
    );
    let lines = read("products.jsonl");
    for line in lines.lines() {
        schema.check("Product", &serde_json::from_str(line).expect("JSON"))?;
    }
    let count = lines.lines().count();
    assert!(
        count > 5 && exported.products == u64::try_from(count).unwrap(),
        "{exported:?}"
    );
    coverage::saw_feed("lines of files", count);
    Ok(())
}
