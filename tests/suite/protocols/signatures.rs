//! Requests of an agent that signs them: `Signature` and `Timestamp`.

use serde_json::{Value, json};
use tillhouse_sandbox::agent::request_signature::{sign, timestamp};
use tillhouse_sandbox::{Clock, Secret};
use tillhouse_tests::{HttpResponse, Merchant, Release, Request, Shared, TestHost, fixtures};

const ITEM: &[(&str, u32)] = &[("tee-classic", 1)];
const RELEASE: Release = Release::V2026_04_17;
const SIGNER: &str = "key_signer";
const SECRET: &str = "what only signer knows";

static HOST: Shared = Shared::of(|| {
    let keys = format!(
        r#"acp.keys = [
            {{ name = "signer", secret = "{SIGNER}", signature = {{ hmac_secrets = ["{SECRET}"] }} }},
            {{ name = "free", secret = "key_free", signature = {{ hmac_secrets = ["{SECRET}"], demanded = false }} }},
        ]"#
    );
    TestHost::builder().merchant(Merchant::named("demo").set(&keys))
});

/// The time of the host, with a fraction of a second of its own.
fn time(host: &TestHost, seconds_ago: i64) -> String {
    let seconds = host.clock.seconds() - seconds_ago;
    timestamp(&Clock::fixed(seconds.try_into().unwrap()))
}

fn signed(request: Request, secret: &str, time: &str, body: &[u8]) -> Request {
    let signature = sign(&Secret::from(secret), time, body);
    request.header("signature", &signature).header("timestamp", time)
}

fn creation(host: &TestHost, key: &str) -> (Request, Vec<u8>) {
    let body = fixtures::cart(RELEASE, ITEM).to_string();
    let request = host.acp(RELEASE).with_key(key).post("/checkout_sessions");
    let request = request.body(body.clone());
    (request, body.into_bytes())
}

fn refused(answer: &HttpResponse, code: &str) {
    assert_eq!(
        (answer.status, &answer["code"]),
        (401, &json!(code)),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn a_signed_create_and_a_signed_read_go_through() {
    let host = HOST.get().await;
    let (request, body) = creation(host, SIGNER);
    let created = signed(request, SECRET, &time(host, 0), &body).send().await.expect(201);
    let path = format!("/checkout_sessions/{}", created.id());
    let read = host.acp(RELEASE).with_key(SIGNER).get(&path);
    let read = signed(read, SECRET, &time(host, 299), b"").send().await.expect(200);
    assert_eq!(read["id"], created["id"]);
    let unsigned = host.acp(RELEASE).with_key(SIGNER).retrieve(created.id()).await;
    refused(&unsigned, "missing_signature");
}

#[tokio::test]
async fn without_a_valid_signature_nothing_is_done() {
    let host = HOST.get().await;
    let now = || time(host, 0);
    let (request, body) = creation(host, SIGNER);
    refused(&request.clone().send().await, "missing_signature");
    for (attempt, code) in [
        (
            signed(request.clone(), "another secret", &now(), &body),
            "invalid_signature",
        ),
        (signed(request.clone(), SECRET, &now(), b"{}"), "invalid_signature"),
        (
            signed(request.clone(), SECRET, &time(host, 301), &body),
            "signature_expired",
        ),
        (
            signed(request.clone(), SECRET, &time(host, -302), &body),
            "signature_expired",
        ),
        (
            signed(request.clone(), SECRET, "2001-01-01T00:00:00Z", &body),
            "signature_expired",
        ),
        (
            request
                .clone()
                .header("signature", "ZXltZX...")
                .header("timestamp", &now()),
            "invalid_signature",
        ),
        (request.clone().header("signature", "AAAA"), "missing_signature"),
    ] {
        refused(&attempt.send().await, code);
    }
    let (free, _) = creation(host, "key_free");
    let _ = free.clone().send().await.expect(201);
    refused(
        &signed(free, "another secret", &now(), &body).send().await,
        "invalid_signature",
    );
}

#[tokio::test]
async fn a_signature_is_good_for_one_request_and_its_retries() {
    let host = HOST.get().await;
    let at = time(host, 0);
    let (request, body) = creation(host, SIGNER);
    let request = signed(request, SECRET, &at, &body);
    let first: Value = request.clone().send().await.expect(201)["id"].clone();
    let retry = request.clone().send().await.expect(201);
    assert_eq!(retry["id"], first, "the same key replays the answer");
    refused(&request.clone().key("another-key").send().await, "signature_replayed");
    let elsewhere = host.acp(RELEASE).with_key(SIGNER).post("/checkout_sessions/cs_other");
    let elsewhere = signed(elsewhere.json(&fixtures::cart(RELEASE, ITEM)), SECRET, &at, &body);
    refused(&elsewhere.send().await, "signature_replayed");
}

#[tokio::test]
async fn the_signature_of_a_read_cancels_nothing() {
    let host = HOST.get().await;
    let (request, body) = creation(host, SIGNER);
    let created = signed(request, SECRET, &time(host, 0), &body).send().await.expect(201);
    let path = format!("/checkout_sessions/{}", created.id());
    let at = time(host, 0);
    let read = signed(host.acp(RELEASE).with_key(SIGNER).get(&path), SECRET, &at, b"");
    let _ = read.clone().send().await.expect(200);
    let _ = read.send().await.expect(200);
    let cancel = host.acp(RELEASE).with_key(SIGNER).post(&format!("{path}/cancel"));
    refused(&signed(cancel, SECRET, &at, b"").send().await, "signature_replayed");
}
