//! Product feeds: files, import sets, imports of a catalog, and their events.

use axum::body::Bytes;
use axum::http::{Method, Request};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tillhouse_sandbox::stripe::Operation;
use tillhouse_sandbox::stripe::feeds::{ErrorFileShape, ImportFailure, ImportStatus};
use tillhouse_sandbox::{Fault, ImportId, Sandbox};

use crate::client::{Raw, Reply, sandbox};

pub(crate) const BETA: &str = "2025-09-30.clover;udap_beta=v1";
const PREVIEW: &str = "2025-12-15.preview";
const HEADER: &str = "id,title,description,link,image_link,availability,inventory_quantity,price,delete";

/// A feed of good rows, one for each id.
pub(crate) fn feed(rows: &[&str]) -> String {
    let lines = rows.iter().map(|row| match row.contains(',') {
        true => (*row).to_owned(),
        false => good(row, "15.00 USD"),
    });
    [HEADER.to_owned()]
        .into_iter()
        .chain(lines)
        .map(|line| line + "\n")
        .collect()
}

fn good(id: &str, price: &str) -> String {
    format!("{id},Mug,A mug,https://shop.example/{id},https://shop.example/{id}.png,in_stock,5,{price},")
}

/// Sends any request, and gives status and body.
async fn send(method: Method, url: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> (u16, Bytes) {
    try_send(method, url, headers, body).await.unwrap()
}

/// `None` when the connection ended without an answer.
async fn try_send(method: Method, url: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Option<(u16, Bytes)> {
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let http = Client::builder(TokioExecutor::new())
        .retry_canceled_requests(false)
        .build_http();
    let response = http.request(request.body(Full::new(body.into())).unwrap()).await.ok()?;
    let status = response.status().as_u16();
    Some((status, response.into_body().collect().await.ok()?.to_bytes()))
}

/// Uploads a file by the Files API.
pub(crate) async fn upload(
    sandbox: &Sandbox,
    content_type: &str,
    purpose: &str,
    key: &str,
    content: &str,
) -> (u16, Value) {
    let body = format!(
        "--x\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n{purpose}\r\n\
         --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"feed.csv\"\r\n\
         Content-Type: {content_type}\r\n\r\n{content}\r\n--x--\r\n"
    );
    let authorization = format!("Bearer {}", sandbox.stripe.secret_key().reveal());
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "multipart/form-data; boundary=x"),
        ("idempotency-key", key),
    ];
    let (status, body) = send(
        Method::POST,
        &format!("{}/v1/files", sandbox.stripe.url()),
        &headers,
        body,
    )
    .await;
    (status, serde_json::from_slice(&body).unwrap())
}

const PURPOSE: &str = "data_management_manual_upload";

async fn uploaded(sandbox: &Sandbox, content: &str) -> String {
    let key = format!("file-{}", sandbox.stripe.feed_files().len());
    let (status, file) = upload(sandbox, "text/csv", PURPOSE, &key, content).await;
    assert_eq!(status, 200, "{file}");
    file["id"].as_str().unwrap().to_owned()
}

async fn import_set(sandbox: &Sandbox, file: &str) -> Reply {
    let form = [("file", file), ("standard_data_format", "product_catalog_feed")];
    let stripe = Raw::stripe(sandbox).version(BETA);
    stripe.form("/v1/data_management/import_sets", None, &form).await
}

/// Uploads a feed and begins its import.
pub(crate) async fn imported(sandbox: &Sandbox, content: &str) -> ImportId {
    let file = uploaded(sandbox, content).await;
    let begun = import_set(sandbox, &file).await;
    assert_eq!(
        (begun.status, &begun.body["status"]),
        (200, &json!("pending")),
        "{}",
        begun.body
    );
    begun.body["id"].as_str().unwrap().into()
}

async fn read_set(sandbox: &Sandbox, id: &ImportId) -> Value {
    let path = format!("/v1/data_management/import_sets/{id}");
    Raw::stripe(sandbox).version(BETA).get(&path).await.body
}

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
async fn a_file_is_stored_once_under_its_key_and_comes_back_as_it_was() {
    let sandbox = sandbox().await;
    let content = feed(&["mug"]);
    let (status, file) = upload(&sandbox, "text/csv", PURPOSE, "k", &content).await;
    assert_eq!(status, 200, "{file}");
    assert_eq!(
        upload(&sandbox, "text/csv", PURPOSE, "k", &content).await,
        (200, file.clone())
    );
    let (conflict, error) = upload(&sandbox, "text/csv", PURPOSE, "k", "id\nother\n").await;
    assert_eq!((conflict, &error["error"]["type"]), (400, &json!("idempotency_error")));
    let basic = Raw::new(sandbox.stripe.url(), "Basic c2tfdGVzdF9zYW5kYm94Og==");
    let path = format!("/v1/files/{}", file["id"].as_str().unwrap());
    assert_eq!(basic.get(&path).await.body, file);
    let (_, back) = send(
        Method::GET,
        file["url"].as_str().unwrap(),
        &[("authorization", "Bearer sk_test_sandbox")],
        "",
    )
    .await;
    assert_eq!(back, content.as_bytes());
    assert_eq!(sandbox.stripe.feed_files().len(), 1);
}

#[tokio::test]
async fn a_file_that_is_no_feed_is_refused() {
    let sandbox = sandbox().await;
    sandbox.stripe.limit_files(100, 100);
    let long = feed(&["mug"]);
    let cases = [
        ("text/csv", "dispute_evidence", "id\nmug\n", "purpose"),
        ("application/pdf", PURPOSE, "id\nmug\n", "file"),
        ("text/csv", PURPOSE, "id\ttitle\nmug\tMug\n", "file"),
        ("text/tab-separated-values", PURPOSE, "id,title\nmug,Mug\n", "file"),
        ("text/csv", PURPOSE, "", "file"),
        ("text/csv", PURPOSE, &long, "file"),
    ];
    for (content_type, purpose, content, param) in cases {
        let (status, error) = upload(&sandbox, content_type, purpose, "k", content).await;
        assert_eq!(
            (status, &error["error"]["param"]),
            (400, &json!(param)),
            "{content_type} {purpose} {error}"
        );
    }
    assert!(sandbox.stripe.feed_files().is_empty());
}

#[tokio::test]
async fn an_import_set_ends_with_the_rows_that_failed() {
    let sandbox = sandbox().await;
    let held = sandbox.stripe.hold_imports();
    let bad = good("cup", "15 dollars").replace("A mug", "\"A cup,\nblue\"");
    let id = imported(&sandbox, &feed(&["mug", &bad, "mug"])).await;
    held.arrived(1).await;
    assert_eq!(read_set(&sandbox, &id).await["result"], Value::Null);
    held.release();
    sandbox.stripe.imports_settled(1).await;
    let set = read_set(&sandbox, &id).await;
    assert_eq!(set["status"], "succeeded_with_errors");
    assert_eq!(set["result"]["rows_processed"], 3);
    assert_eq!(set["result"]["successes"], json!({"row_count": 1}));
    let errors = &set["result"]["errors"];
    assert_eq!(errors["row_count"], 2);
    let url = format!(
        "{}/v1/files/{}/contents",
        sandbox.stripe.url(),
        errors["file"].as_str().unwrap()
    );
    let (_, report) = send(Method::GET, &url, &[("authorization", "Bearer sk_test_sandbox")], "").await;
    let report = String::from_utf8(report.to_vec()).unwrap();
    assert!(
        report.starts_with(&format!("stripe_error_message,{HEADER}\n'15 dollars' is not a price")),
        "{report}"
    );
    assert!(
        report.contains("\"A cup,\nblue\"") && report.contains("\nDuplicate id 'mug' in this file.,mug,"),
        "{report}"
    );
    assert_eq!(sandbox.stripe.catalog().items.keys().collect::<Vec<_>>(), ["mug"]);
}

#[tokio::test]
async fn a_later_import_that_ends_first_is_overwritten_by_the_earlier() {
    let sandbox = sandbox().await;
    let _held = sandbox.stripe.hold_imports();
    let first = imported(&sandbox, &feed(&[&good("mug", "15.00 USD")])).await;
    let second = imported(&sandbox, &feed(&[&good("mug", "12.00 USD")])).await;
    sandbox.stripe.finish_import(&second).await;
    assert_eq!(sandbox.stripe.catalog().items["mug"].column("price"), Some("12.00 USD"));
    sandbox.stripe.finish_import(&first).await;
    assert_eq!(sandbox.stripe.catalog().items["mug"].column("price"), Some("15.00 USD"));
    let order: Vec<_> = sandbox
        .stripe
        .feed_imports()
        .iter()
        .map(|import| import.applied)
        .collect();
    assert_eq!(order, [Some(2), Some(1)]);
}

#[tokio::test]
async fn a_row_that_deletes_counts_wherever_it_is() {
    let sandbox = sandbox().await;
    imported(&sandbox, &feed(&["mug", "cup"])).await;
    sandbox.stripe.imports_settled(1).await;
    let id = imported(&sandbox, &feed(&["mug,,,,,,,,true", "mug"])).await;
    sandbox.stripe.imports_settled(2).await;
    assert_eq!(read_set(&sandbox, &id).await["status"], "succeeded");
    assert_eq!(sandbox.stripe.catalog().items.keys().collect::<Vec<_>>(), ["cup"]);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_fails_as_a_whole() {
    let sandbox = sandbox().await;
    let id = imported(&sandbox, "sku,title\nmug,Mug\n").await;
    sandbox.stripe.imports_settled(1).await;
    let set = read_set(&sandbox, &id).await;
    assert_eq!(
        (&set["status"], &set["failed_reason"]),
        (&json!("failed"), &json!("The file has no column 'id'."))
    );
    let unknown = import_set(&sandbox, "file_unknown").await;
    assert_eq!((unknown.status, &unknown.error()["param"]), (404, &json!("file")));
    let released = Raw::stripe(&sandbox).version("2025-09-30.clover");
    let path = format!("/v1/data_management/import_sets/{id}");
    assert_eq!(released.get(&path).await.status, 404, "import sets are in a preview");
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
