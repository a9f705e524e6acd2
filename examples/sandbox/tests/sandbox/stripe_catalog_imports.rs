//! Product feeds by the newer way: imports of a catalog, whose files are put to links that expire.

use axum::http::Method;
use serde_json::{Value, json};
use tillhouse_sandbox::stripe::Operation;
use tillhouse_sandbox::stripe::feeds::{ErrorFileShape, ImportFailure, ImportStatus};
use tillhouse_sandbox::{Fault, Sandbox};

use crate::client::{Raw, Reply, sandbox};
use crate::stripe_feeds::{PURPOSE, feed, send, try_send, upload};

const PREVIEW: &str = "2025-12-15.preview";

/// Begins an import of a catalog.
pub(crate) async fn begin(sandbox: &Sandbox, feed: &str, mode: &str) -> Reply {
    let body = json!({"feed_type": feed, "mode": mode, "metadata": {"file_name": "feed.csv"}});
    let stripe = Raw::stripe(sandbox).version(PREVIEW);
    stripe
        .json("/v2/commerce/product_catalog/imports", &format!("{feed}-{mode}"), body)
        .await
}

async fn read_import(sandbox: &Sandbox, id: &str) -> Value {
    let path = format!("/v2/commerce/product_catalog/imports/{id}");
    Raw::stripe(sandbox).version(PREVIEW).get(&path).await.body
}

pub(crate) fn upload_url(import: &Value) -> String {
    let url = &import["status_details"]["awaiting_upload"]["upload_url"]["url"];
    url.as_str().unwrap().to_owned()
}

pub(crate) async fn put(url: &str, content: &str) -> u16 {
    send(Method::PUT, url, &[("content-type", "text/csv")], content.to_owned())
        .await
        .0
}

#[tokio::test]
async fn an_import_of_a_catalog_waits_for_its_file_and_says_what_failed() {
    let sandbox = sandbox().await;
    let begun = begin(&sandbox, "product", "upsert").await;
    assert_eq!(
        (begun.status, &begun.body["status"]),
        (200, &json!("awaiting_upload")),
        "{}",
        begun.body
    );
    let id = begun.body["id"].as_str().unwrap();
    sandbox.stripe.fail_next_rows(&[("mug", "Not in this season.")]);
    assert_eq!(put(&upload_url(&begun.body), &feed(&["mug", "cup"])).await, 200);
    sandbox.stripe.imports_settled(1).await;
    let ended = read_import(&sandbox, id).await;
    let details = &ended["status_details"]["succeeded_with_errors"];
    assert_eq!(
        (&details["error_count"], &details["success_count"]),
        (&json!("1"), &json!("1")),
        "{ended}"
    );
    let sample = json!({"id": "mug", "row": "1", "field": "id", "error_message": "Not in this season."});
    assert_eq!(details["samples"], json!([sample]));
    let link = details["error_file"]["download_url"]["url"].as_str().unwrap();
    let (status, report) = send(Method::GET, link, &[], "").await;
    assert!(status == 200 && report.starts_with(b"stripe_error_message,id,"));
    sandbox.stripe.expire_links();
    assert_eq!(send(Method::GET, link, &[], "").await.0, 403);
    sandbox.stripe.show_error_files(ErrorFileShape::Guide);
    let again = read_import(&sandbox, id).await;
    let link = again["status_details"]["succeeded_with_errors"]["error_file"]["url"]
        .as_str()
        .unwrap();
    assert_eq!(send(Method::GET, link, &[], "").await.0, 200);
}

#[tokio::test]
async fn an_upload_url_works_for_five_minutes_and_without_the_key() {
    let sandbox = sandbox().await;
    let begun = begin(&sandbox, "product", "replace").await.body;
    let url = upload_url(&begun);
    let csv = ("content-type", "text/csv");
    let keyed = send(Method::PUT, &url, &[csv, ("authorization", "Bearer sk")], "id\n").await;
    assert_eq!(keyed.0, 400);
    assert_eq!(
        send(Method::PUT, &url, &[("content-type", "application/json")], "id\n")
            .await
            .0,
        400
    );
    sandbox.advance(std::time::Duration::from_secs(300));
    assert_eq!(put(&url, &feed(&["mug"])).await, 403);
    let id = begun["id"].as_str().unwrap();
    let fresh = upload_url(&read_import(&sandbox, id).await);
    sandbox.stripe.fail_next(Operation::PutFeed, Fault::LoseAnswer);
    assert!(try_send(Method::PUT, &fresh, &[csv], feed(&["mug"])).await.is_none());
    assert_eq!(
        put(&fresh, &feed(&["mug"])).await,
        200,
        "a second PUT is taken, and counted"
    );
    sandbox.stripe.imports_settled(1).await;
    assert_eq!(sandbox.stripe.feed_imports()[0].uploads, 2);
    sandbox.advance(std::time::Duration::from_secs(1));
    let late = begin(&sandbox, "product", "upsert").await.body;
    sandbox.advance(std::time::Duration::from_secs(3_601));
    let failed = read_import(&sandbox, late["id"].as_str().unwrap()).await;
    assert_eq!(failed["status_details"]["failed"]["code"], "file_not_found");
}

#[tokio::test]
async fn increments_change_what_is_there_and_a_replacement_removes_the_rest() {
    let sandbox = sandbox().await;
    let run = async |feed: &str, mode: &str, content: &str, count: usize| {
        let begun = begin(&sandbox, feed, mode).await;
        assert_eq!(put(&upload_url(&begun.body), content).await, 200);
        sandbox.stripe.imports_settled(count).await;
        sandbox.stripe.feed_imports().pop().unwrap().status
    };
    run("product", "upsert", &feed(&["mug", "cup"]), 1).await;
    let stock = "id,availability,inventory_quantity\nmug,out_of_stock,0\nbowl,in_stock,1\n";
    let status = run("inventory", "upsert", stock, 2).await;
    assert!(matches!(status, ImportStatus::Ended { successes: 1, ref errors, .. } if errors[0].item == "bowl"));
    run("pricing", "upsert", "id,price\nmug,9.00 USD\n", 3).await;
    let mug = &sandbox.stripe.catalog().items["mug"];
    let cells =
        ["availability", "inventory_quantity", "price", "title"].map(|name| mug.column(name).unwrap().to_owned());
    assert_eq!(cells, ["out_of_stock", "0", "9.00 USD", "Mug"]);
    assert_eq!(begin(&sandbox, "pricing", "replace").await.status, 400);
    run("product", "replace", &feed(&["cup"]), 4).await;
    assert_eq!(sandbox.stripe.catalog().items.keys().collect::<Vec<_>>(), ["cup"]);
}

#[tokio::test]
async fn each_step_can_fail_and_an_import_can_have_a_wrong_name() {
    let sandbox = sandbox().await;
    let content = feed(&["mug"]);
    sandbox.stripe.fail_next(Operation::UploadFile, Fault::Status(429));
    assert_eq!(upload(&sandbox, "text/csv", PURPOSE, "a", &content).await.0, 429);
    assert_eq!(
        upload(&sandbox, "text/csv", PURPOSE, "a", &content).await.0,
        200,
        "429 is not stored under the key"
    );
    sandbox
        .stripe
        .fail_next(Operation::CreateCatalogImport, Fault::Status(500));
    assert_eq!(begin(&sandbox, "product", "upsert").await.status, 500);
    sandbox.stripe.misname_next_import();
    let begun = begin(&sandbox, "product", "upsert").await;
    assert_eq!(begun.status, 200, "v2 executes a failed request again");
    let path = format!(
        "/v2/commerce/product_catalog/imports/{}",
        begun.body["id"].as_str().unwrap()
    );
    let stripe = Raw::stripe(&sandbox);
    assert_eq!(stripe.version(PREVIEW).get(&path).await.status, 404);
    assert_eq!(stripe.get(&path).await.status, 400, "v2 has no default version");
    let failure = ImportFailure {
        code: "internal_error",
        message: "Try again.".to_owned(),
        is_transient: true,
    };
    sandbox.stripe.fail_next_import(failure);
    assert_eq!(put(&upload_url(&begun.body), &content).await, 200);
    sandbox.stripe.imports_settled(1).await;
    let id = sandbox.stripe.feed_imports()[0].id.clone();
    let failed = read_import(&sandbox, id.as_str()).await;
    assert_eq!(failed["status_details"]["failed"]["type"], "transient_failure");
}
