//! Product feeds by the first way: files and import sets.

use axum::body::Bytes;
use axum::http::{Method, Request};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tillhouse_sandbox::{ImportId, Sandbox};

use crate::client::{Raw, Reply, sandbox};

pub(crate) const BETA: &str = "2025-09-30.clover;udap_beta=v1";
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
pub(crate) async fn send(method: Method, url: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> (u16, Bytes) {
    try_send(method, url, headers, body).await.unwrap()
}

/// `None` when the connection ended without an answer.
pub(crate) async fn try_send(
    method: Method,
    url: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Option<(u16, Bytes)> {
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

pub(crate) const PURPOSE: &str = "data_management_manual_upload";

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
