//! Malicious input. Every test ends with a successful request, which shows that the host still serves.

use serde_json::{Value, json};
use tillhouse_tests::{HttpResponse, Merchant, Release, Request, TestHost, fixtures};

use crate::protocols::{RELEASES, host};

async fn create() -> Request {
    host().await.acp(Release::V2026_04_17).post("/checkout_sessions")
}

async fn still_serves() {
    let _ = host()
        .await
        .acp(Release::V2026_04_17)
        .ready(&[("tee-classic", 1)])
        .await;
}

async fn create_with(fields: &Value) -> HttpResponse {
    let cart = fixtures::cart(Release::V2026_04_17, &[("tee-classic", 1)]);
    create().await.json(&fixtures::with(cart, fields)).send().await
}

#[tokio::test]
async fn a_body_over_the_limit_is_413() {
    let over = format!("{{\"a\":\"{}\"}}", "x".repeat(256 * 1024));
    let _ = create()
        .await
        .body(over.clone())
        .send()
        .await
        .refused(413, "body_too_large");
    let hook = host().await.stripe_acs().post("/agentic/checkouts").body(over);
    let _ = hook.send().await.refused(413, "body_too_large");
    still_serves().await;
}

#[tokio::test]
async fn a_body_that_says_it_is_huge_is_not_waited_for() {
    let head = "POST /checkout_sessions HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer key_demo\r\n\
        api-version: 2026-04-17\r\nidempotency-key: huge\r\ncontent-type: application/json\r\n\
        content-length: 99999999999\r\nconnection: close\r\n\r\n";
    let answer = host().await.client().raw(head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    // The host responds although the client keeps sending.
    let mut bytes = head.as_bytes().to_vec();
    bytes.resize(bytes.len() + 300 * 1024, b' ');
    let answer = host().await.client().raw(&bytes).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    for route in ["/webhooks/stripe", "/webhooks/processor", "/agentic/checkouts"] {
        let head = head.replace("/checkout_sessions", route);
        let answer = host().await.client().raw(head.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{route}: {answer}");
        assert!(answer.contains("262144 bytes"), "{answer}");
    }
    let invited = head.replace("connection: close", "expect: 100-continue");
    let answer = host().await.client().raw(invited.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    still_serves().await;
}

#[tokio::test]
async fn deep_nesting_is_refused_before_it_costs_anything() {
    for body in [
        "[".repeat(100_000),
        format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)),
    ] {
        let _ = create().await.body(body).send().await.refused(400, "invalid");
    }
    let deep = format!("{{\"metadata\":{}1{}}}", "{\"a\":".repeat(50), "}".repeat(50));
    let refused = create().await.body(deep).send().await.refused(400, "invalid");
    assert!(refused["message"].as_str().unwrap().contains("deeper than 32"));
    still_serves().await;
}

#[tokio::test]
async fn what_is_not_json_is_400() {
    for body in [
        "{",
        "nul",
        "{'a':1}",
        "{\"a\":1,}",
        "[1 2]",
        "\"\\ud800\"",
        "NaN",
        "{} {}",
    ] {
        let _ = create().await.body(body).send().await.refused(400, "invalid");
    }
    for body in [&b"\xff\xfe{}"[..], b"{\"a\":\"\xc3\x28\"}", b"\xef\xbb\xbf{}"] {
        let _ = create().await.body(body).send().await.refused(400, "invalid");
    }
    for body in ["", "[]", "7", "null", "\"text\""] {
        assert_eq!(create().await.body(body).send().await.status, 400, "{body}");
    }
    still_serves().await;
}

#[tokio::test]
async fn a_key_given_twice_is_refused_however_it_is_written() {
    for (body, param) in [
        (r#"{"currency":"usd","currency":"eur"}"#, "$.currency"),
        (r#"{"line_items":[{"id":"a","\u0069d":"b"}]}"#, "$.line_items[0].id"),
    ] {
        let _ = create()
            .await
            .body(body)
            .send()
            .await
            .refused(400, "invalid")
            .about(param);
    }
}

#[tokio::test]
async fn a_wrong_type_is_named_by_its_place() {
    let address = |field: &str, value: Value| {
        let address = fixtures::with(fixtures::address(), &json!({field: value}));
        json!({"fulfillment_details": {"address": address}})
    };
    for (fields, param) in [
        (json!({"line_items": {}}), "$.line_items"),
        (json!({"line_items": ["tee"]}), "$.line_items[0]"),
        (json!({"line_items": [{"id": 7}]}), "$.line_items[0].id"),
        (json!({"line_items": [{"id": ""}]}), "$.line_items[0].id"),
        (json!({"line_items": [{"id": "a\u{0}b"}]}), "$.line_items[0].id"),
        (json!({"currency": "dollars"}), "$.currency"),
        (json!({"buyer": {"email": "not an address"}}), "$.buyer.email"),
        (json!({"buyer": {"email": null}}), "$.buyer.email"),
        (json!({"discounts": {"codes": [["SAVE10"]]}}), "$.discounts.codes[0]"),
        (
            address("country", json!("USA")),
            "$.fulfillment_details.address.country",
        ),
        (
            address("postal_code", json!(94105)),
            "$.fulfillment_details.address.postal_code",
        ),
    ] {
        let _ = create_with(&fields).await.refused(400, "invalid").about(param);
    }
}

#[tokio::test]
async fn an_unknown_field_is_refused_at_any_depth_and_not_repeated_at_length() {
    for release in RELEASES {
        let acp = host().await.acp(release);
        let cart = fixtures::cart(release, &[("tee-classic", 1)]);
        let refused = acp.create(&fixtures::with(cart.clone(), &json!({"surprise": 1}))).await;
        let _ = refused.refused(400, "invalid").about("$.surprise");
        let long = "x".repeat(10_000);
        let refused = acp
            .create(&fixtures::with(cart, &json!({long: 1})))
            .await
            .refused(400, "invalid");
        assert!(refused.body.len() < 2_000, "{} bytes", refused.body.len());
    }
    let buyer = fixtures::with(fixtures::buyer(), &json!({"is_admin": true}));
    let _ = create_with(&json!({"buyer": buyer}))
        .await
        .refused(400, "invalid")
        .about("$.buyer.is_admin");
}

#[tokio::test]
async fn text_of_any_kind_is_text() {
    let nasty = "Robert'); DROP TABLE session;-- <script>\u{1f4a9}";
    // U+202E would have what follows shown backwards.
    let buyer = fixtures::with(fixtures::buyer(), &json!({"first_name": format!("{nasty}\u{202e}")}));
    let session = create_with(&json!({"buyer": buyer})).await.expect(201);
    let read = host()
        .await
        .acp(Release::V2026_04_17)
        .retrieve(session.id())
        .await
        .expect(200);
    assert_eq!(read["buyer"]["first_name"], nasty);
}

#[tokio::test]
async fn a_title_of_the_catalog_is_shown_without_what_turns_it_around() {
    let catalog = "id,title,description,price,availability\n\
        tee,\u{202e}Tee\u{202c} \u{1b}[31mred,A\u{2066} shirt,25.00 USD,in_stock\nmug,\u{200b},,5.00 USD,in_stock\n";
    let host = TestHost::builder()
        .merchant(Merchant::named("demo").catalog(catalog))
        .start()
        .await;
    let session = host.acp(Release::V2026_04_17).open(&[("tee", 1), ("mug", 1)]).await;
    let shown = |index: usize| session["line_items"][index]["name"].as_str().unwrap();
    assert_eq!((shown(0), shown(1)), ("Tee [31mred", "mug"));
    assert_eq!(session["line_items"][0]["description"], "A shirt");
}

#[tokio::test]
async fn too_much_of_everything_is_refused() {
    let codes: Vec<String> = (0..1000).map(|n| format!("CODE{n}")).collect();
    let lines: Vec<Value> = (0..1000).map(|n| json!({"id": format!("item-{n}")})).collect();
    for (fields, param) in [
        (json!({"discounts": {"codes": codes}}), "$.discounts.codes"),
        (
            json!({"discounts": {"codes": ["SAVE10", "x".repeat(257)]}}),
            "$.discounts.codes[1]",
        ),
        (json!({"line_items": lines}), "$.line_items"),
        (json!({"line_items": [{"id": "x".repeat(257)}]}), "$.line_items[0].id"),
        (json!({"order_notes": "x".repeat(5001)}), "$.order_notes"),
    ] {
        let _ = create_with(&fields).await.refused(400, "invalid").about(param);
    }
}

#[tokio::test]
async fn a_long_target_is_414_and_long_headers_are_431() {
    let acp = host().await.acp(Release::V2026_04_17);
    let long = acp
        .get(&format!("/checkout_sessions/{}", "x".repeat(9_000)))
        .send()
        .await;
    let _ = long.refused(414, "uri_too_long");
    let wide = acp
        .get("/checkout_sessions/x")
        .header("x-padding", &"x".repeat(17 * 1024))
        .send()
        .await;
    let _ = wide.refused(431, "headers_too_large");
    let mut many = acp.get("/checkout_sessions/x");
    for n in 0..80 {
        many = many.header(&format!("x-{n}"), "y");
    }
    let _ = many.send().await.refused(431, "headers_too_large");
    let absurd = format!("GET /{} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n", "x".repeat(1024 * 1024));
    let answer = host().await.client().raw(absurd.as_bytes()).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    still_serves().await;
}

#[tokio::test]
async fn a_body_that_says_it_is_something_else_is_415() {
    let cart = fixtures::cart(Release::V2026_04_17, &[("tee-classic", 1)]);
    let create = create().await.json(&cart);
    for (name, value) in [
        ("content-type", "text/plain"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("content-type", "application/json-seq"),
        ("content-encoding", "gzip"),
    ] {
        let _ = create
            .clone()
            .header(name, value)
            .send()
            .await
            .refused(415, "unsupported_media_type");
    }
    let _ = create
        .header("content-type", "Application/JSON; charset=utf-8")
        .send()
        .await
        .expect(201);
}

#[tokio::test]
async fn what_is_not_http_is_turned_away() {
    let client = host().await.client();
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /checkout_sessions HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}",
        b"POST /checkout_sessions HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n",
    ] {
        let answer = client.raw(bytes).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
    }
    still_serves().await;
}

#[tokio::test]
async fn a_head_and_a_body_that_do_not_come_are_not_waited_for() {
    let host = TestHost::builder()
        .set("server.header_timeout_ms = 50\nserver.body_timeout_ms = 50")
        .start()
        .await;
    // Neither request is ever finished: without the timeouts the host would wait for ever.
    let closed = host
        .client()
        .raw(b"POST /checkout_sessions HTTP/1.1\r\nhost: 127.0.0.1\r\nx-slow: ")
        .await;
    assert!(closed.is_empty() || closed.starts_with("HTTP/1.1 408"), "{closed}");
    let head = "POST /checkout_sessions HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer key_demo\r\n\
        api-version: 2026-04-17\r\nidempotency-key: slow\r\ncontent-type: application/json\r\n\
        content-length: 100\r\nconnection: close\r\n\r\n{";
    let answer = host.client().raw(head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    let _ = host.acp(Release::V2026_04_17).ready(&[("tee-classic", 1)]).await;
    host.stop().await;
}
