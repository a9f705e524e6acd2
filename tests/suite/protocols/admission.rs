//! Authentication, selection of the merchant, and selection of the release.

use serde_json::json;
use tillhouse_tests::{Release, Request, fixtures};

use crate::protocols::host;

async fn create() -> Request {
    let cart = fixtures::cart(Release::V2026_04_17, &[("tee-classic", 1)]);
    host()
        .await
        .acp(Release::V2026_04_17)
        .post("/checkout_sessions")
        .json(&cart)
}

#[tokio::test]
async fn without_a_key_of_this_merchant_there_is_nothing_but_401() {
    for request in [
        create().await.without("authorization"),
        create().await.bearer("wrong"),
        create().await.bearer("key_acme"),
        create().await.header("authorization", "Basic a2V5X2RlbW86"),
    ] {
        let refused = request.send().await.refused(401, "unauthorized");
        assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
    }
}

#[tokio::test]
async fn each_merchant_has_keys_of_its_own() {
    let acme = host().await.acp_at("acme", Release::V2026_04_17);
    let cart = fixtures::cart(acme.release, &[("tee-classic", 1)]);
    for (key, status) in [("key_acme", 201), ("key_second", 201), ("key_demo", 401)] {
        let _ = acme
            .post("/checkout_sessions")
            .bearer(key)
            .json(&cart)
            .send()
            .await
            .expect(status);
    }
}

#[tokio::test]
async fn a_merchant_is_found_by_host_name_and_by_prefix() {
    let host = host().await;
    let session = host
        .acp_at("acme", Release::V2026_04_17)
        .open(&[("tee-classic", 1)])
        .await;
    let path = format!("/checkout_sessions/{}", session.id());
    let by_name = host.acp(Release::V2026_04_17).get(&path).bearer("key_acme");
    for name in ["acme.example", "ACME.example", "acme.example:8443"] {
        let found = by_name.clone().host(name).send().await.expect(200);
        assert_eq!(found.id(), session.id());
    }
    let _ = by_name.send().await.expect(401);
}

#[tokio::test]
async fn an_unknown_merchant_is_404_and_says_no_more() {
    let get = host()
        .await
        .client()
        .get("/checkout_sessions/x")
        .acp(Release::V2026_04_17);
    let by_name = get.host("unknown.example").send().await.refused(404, "not_found");
    let unknown = host().await.client_of("unknown").get("/checkout_sessions/x");
    let by_prefix = unknown.acp(Release::V2026_04_17).send().await.refused(404, "not_found");
    assert_eq!(by_name.json, by_prefix.json);
}

#[tokio::test]
async fn a_path_that_is_not_there_is_404_and_a_method_that_is_not_allowed_is_405() {
    let client = host().await.client();
    let _ = client.get("/agentic").send().await.refused(404, "not_found");
    let refused = client
        .request("DELETE".parse().unwrap(), "/checkout_sessions")
        .send()
        .await;
    assert_eq!(refused.refused(405, "method_not_allowed").header("allow"), Some("POST"));
}

#[tokio::test]
async fn a_release_must_be_named_and_known() {
    let supported = json!(["2026-04-17", "2026-01-30", "2026-01-16", "2025-12-12", "2025-09-29"]);
    let missing = create()
        .await
        .without("api-version")
        .send()
        .await
        .refused(400, "missing_api_version");
    assert_eq!(missing["supported_versions"], supported);
    for version in ["2099-01-01", "2026-04", "", "latest"] {
        let refused = create().await.header("api-version", version).send().await;
        assert_eq!(
            refused.refused(400, "unsupported_api_version")["supported_versions"],
            supported
        );
    }
}

#[tokio::test]
async fn the_key_comes_before_the_release() {
    let _ = create()
        .await
        .without("api-version")
        .bearer("wrong")
        .send()
        .await
        .refused(401, "unauthorized");
}

#[tokio::test]
async fn request_ids_and_idempotency_keys_are_echoed() {
    let named = create()
        .await
        .header("request-id", "req-from-agent")
        .key("echo-1")
        .send()
        .await
        .expect(201);
    assert_eq!(named.header("request-id"), Some("req-from-agent"));
    assert_eq!(named.header("idempotency-key"), Some("echo-1"));
    let unnamed = create().await.send().await.expect(201);
    assert!(unnamed.header("request-id").is_some_and(|id| id.starts_with("req_")));
    assert_eq!(unnamed.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn fields_of_the_other_release_are_refused() {
    for (release, field, value) in [
        (Release::V2025_09_29, "discounts", json!({"codes": ["SAVE10"]})),
        (Release::V2025_09_29, "currency", json!("usd")),
        (Release::V2025_09_29, "capabilities", json!({})),
        (Release::V2026_04_17, "items", json!([])),
        (Release::V2026_04_17, "fulfillment_address", fixtures::address()),
    ] {
        let body = fixtures::with(fixtures::cart(release, &[("tee-classic", 1)]), &json!({field: value}));
        let refused = host().await.acp(release).create(&body).await.refused(400, "invalid");
        let _ = refused.about(&format!("$.{field}"));
    }
}

#[tokio::test]
async fn required_fields_are_required() {
    for (release, field) in [
        (Release::V2025_09_29, "items"),
        (Release::V2026_04_17, "line_items"),
        (Release::V2026_04_17, "currency"),
        (Release::V2026_04_17, "capabilities"),
    ] {
        let mut body = fixtures::cart(release, &[("tee-classic", 1)]);
        body.as_object_mut().unwrap().remove(field);
        let refused = host().await.acp(release).create(&body).await;
        let _ = refused
            .refused(400, "missing_required_field")
            .about(&format!("$.{field}"));
    }
}

#[tokio::test]
async fn health_and_readiness_need_no_key() {
    for path in ["/healthz", "/readyz"] {
        let _ = host().await.client().get(path).send().await.expect(200);
    }
}

/// If a header with a single value is sent twice, a proxy in front may have used the other value.
#[tokio::test]
async fn a_header_of_one_value_that_is_given_twice_is_refused_over_every_protocol() {
    let host = host().await;
    let agent = host.acp(Release::V2026_04_17);
    let body = fixtures::cart(Release::V2026_04_17, &[("tee-classic", 1)]);
    for (name, another) in [
        ("authorization", "Bearer key_other"),
        ("idempotency-key", "another"),
        ("api-version", "2025-09-29"),
        ("content-type", "application/json"),
    ] {
        let twice = agent
            .post("/checkout_sessions")
            .json(&body)
            .append_header(name, another);
        let refused = twice.send().await.refused(400, "invalid");
        assert!(refused.text().contains(name), "{}", refused.text());
    }
    let stripe = host.stripe_acs();
    let signed = stripe
        .post("/agentic/checkouts")
        .json(&fixtures::checkout(&[("tee-classic", 1)]));
    let event = host
        .client()
        .post("/webhooks/stripe")
        .body("{}")
        .header("stripe-signature", "t=1,v1=00");
    for twice in [
        signed
            .append_header("content-encoding", "identity")
            .append_header("content-encoding", "gzip"),
        event.append_header("stripe-signature", "t=2,v1=00"),
    ] {
        let refused = twice.send().await.refused(400, "invalid");
        assert!(refused.text().contains("repeated"), "{}", refused.text());
    }
}
