//! What is refused before a call is read, in the form of the dialect: under a merchant's prefix and at its own host.

use serde_json::{Value, json};
use tillhouse_sandbox::adyen::MerchantCall;
use tillhouse_tests::{Client, HttpResponse, Merchant, TestHost, merchant_call};

use super::cart;

const HOST: &str = "shop.example";
const PATHS: [&str; 3] = [
    "/agentic/sessions/ad_1",
    "/agentic/sessions/ad_1/commit",
    "/agentic/sessions/ad_1/finalize",
];

async fn start() -> TestHost {
    let merchant = Merchant::of_the_document().at_host(HOST);
    TestHost::builder().merchant(merchant).start().await
}

fn assert_refused(answer: &HttpResponse, status: u16, code: &str, why: &str) {
    assert_eq!(answer.status, status, "{why}: {}", answer.text());
    let messages = answer["messages"].as_array().expect(why);
    assert_eq!(messages.len(), 1, "{why}");
    assert_eq!(messages[0]["code"], code, "{why}");
    assert_eq!(
        (&messages[0]["type"], &messages[0]["content_type"]),
        (&json!("error"), &json!("plain"))
    );
    assert!(
        answer.json.get("code").is_none() && answer.json.get("message").is_none(),
        "{why}"
    );
}

/// The head of a request, as it is on the wire.
fn head(prefix: &str, path: &str, fields: &str) -> Vec<u8> {
    format!("POST {prefix}{path} HTTP/1.1\r\nhost: {HOST}\r\nconnection: close\r\n{fields}\r\n").into_bytes()
}

async fn raw(client: &Client, bytes: &[u8]) -> (u16, Value) {
    let answer = client.raw(bytes).await;
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let body = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"));
    (status.expect("a status"), body)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_has_the_form_of_the_dialect() {
    let host = start().await;
    let client = host.client();
    for path in PATHS {
        let body = cart(1).to_string();
        let signed = || client.post(path).body(body.clone()).signed_by_adyen();
        let text = signed().header("content-type", "text/plain").send().await;
        assert_refused(&text, 415, "UNSUPPORTED_MEDIA_TYPE", path);
        let packed = signed().header("content-encoding", "gzip").send().await;
        assert_refused(&packed, 415, "UNSUPPORTED_MEDIA_TYPE", path);
        for method in ["GET", "PUT", "DELETE", "PATCH"] {
            let answer = client.request(method.parse().unwrap(), path).send().await;
            assert_refused(&answer, 405, "METHOD_NOT_ALLOWED", method);
            assert_eq!(answer.header("allow"), Some("POST"), "{method} {path}");
        }
        for body in ["{", "[]", "null", "1", "{\"items\": [], \"items\": []}", "\u{feff}{}"] {
            let answer = client.post(path).body(body).signed_by_adyen().send().await;
            assert_refused(&answer, 400, "INVALID_REQUEST", body);
        }
        let key = signed().key(&"k".repeat(256)).send().await;
        assert_refused(&key, 400, "INVALID_IDEMPOTENCY_KEY", path);
    }
    assert_eq!(host.rows_in("session"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_of_the_transport_are_told_in_the_dialect_under_either_address() {
    let host = start().await;
    let client = host.client();
    for prefix in ["", "/m/document"] {
        for path in PATHS {
            let long = format!("{path}?{}", "q".repeat(9000));
            let many: String = (0..200).map(|index| format!("x-{index}: 1\r\n")).collect();
            for (request, status, code) in [
                (head(prefix, &long, "content-length: 0\r\n"), 414, "URI_TOO_LONG"),
                (head(prefix, path, &many), 431, "HEADERS_TOO_LARGE"),
                (
                    head(prefix, path, "content-length: 999999999\r\n"),
                    413,
                    "BODY_TOO_LARGE",
                ),
                (
                    head(
                        prefix,
                        path,
                        "hmacsignature: a\r\nhmacsignature: b\r\ncontent-length: 0\r\n",
                    ),
                    400,
                    "INVALID_REQUEST",
                ),
                (
                    head(
                        prefix,
                        path,
                        "protocol: HmacSHA256\r\nprotocol: HmacSHA1\r\ncontent-length: 0\r\n",
                    ),
                    400,
                    "INVALID_REQUEST",
                ),
                (head(prefix, path, "content-length: 0\r\n"), 401, "UNAUTHORIZED"),
            ] {
                let (answered, body) = raw(&client, &request).await;
                assert_eq!(
                    (answered, &body["messages"][0]["code"]),
                    (status, &json!(code)),
                    "{prefix}{path}"
                );
            }
        }
    }
}

/// Replayed answers have the bytes of the first, and a key of one session is none of another.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_of_one_session_and_one_operation() {
    let host = start().await;
    let client = host.client();
    let send = |call, session: &str, body: &Value| merchant_call(&client, call, session, body).key("k1").send();
    let first = send(MerchantCall::Session, "ad_1", &cart(1)).await.expect(200);
    let again = send(MerchantCall::Session, "ad_1", &cart(1)).await.expect(200);
    assert!(again.is_replay() && again.body == first.body);
    let other = send(MerchantCall::Session, "ad_1", &cart(2)).await;
    assert_refused(&other, 422, "IDEMPOTENCY_CONFLICT", "another body");
    let another = send(MerchantCall::Session, "ad_2", &cart(2)).await.expect(200);
    assert!(!another.is_replay());
    let commit = send(MerchantCall::Commit, "ad_1", &Value::Null).await.expect(200);
    assert_eq!(commit["status"], "in_progress");
    for replayed in [false, true] {
        let finalized = send(MerchantCall::Finalize, "ad_1", &super::paid("P1"))
            .await
            .expect(204);
        assert_eq!((finalized.is_replay(), finalized.body.len()), (replayed, 0));
        assert_eq!(finalized.header("content-type"), None);
    }
    let refused = send(MerchantCall::Cancel, "ad_1", &Value::Null).await;
    assert_refused(&refused, 409, "INVALID_STATE", "completed");
}
