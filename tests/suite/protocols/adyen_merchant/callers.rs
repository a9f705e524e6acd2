//! Who may call, in each of the three ways that Adyen may authenticate; and which ids a session may have.

use std::time::Duration;

use hyper::header::AUTHORIZATION;
use serde_json::json;
use tillhouse_sandbox::Secret;
use tillhouse_sandbox::adyen::{HMAC_SIGNATURE, PROTOCOL, hmac_signature};
use tillhouse_tests::{Client, HttpResponse, Merchant, Request, TestHost};
use tokio::time::timeout;

const BODY: &str = r#"{"currency": "USD", "items": [{"id": "tee-classic", "quantity": 1}]}"#;
/// Two keys while one of them is replaced.
const KEYS: [&str; 2] = [
    "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056",
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
];
/// A key that was replaced.
const OLD_KEY: &str = "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100";

fn merchant(name: &str, auth: &str) -> Merchant {
    Merchant::named(name).set(&format!(
        "adyen = {{ company_account = \"C\", merchant_account = \"M\", merchant = {{ {auth} }} }}"
    ))
}

async fn start() -> TestHost {
    let keys = KEYS.join("\", \"");
    TestHost::builder()
        .merchant(merchant(
            "basic",
            r#"auth = "basic", users = [{ name = "adyen", password = "p:w: ü" }, { name = "next", password = "other" }]"#,
        ))
        .merchant(merchant(
            "bearer",
            r#"auth = "bearer", keys = [{ name = "adyen", secret = "key_of_adyen" }]"#,
        ))
        .merchant(merchant("hmac", &format!("hmac_keys = [\"{keys}\"]")))
        .start()
        .await
}

fn call(client: &Client) -> Request {
    client.post("/agentic/sessions/ad_1").body(BODY)
}

/// Asserts a 401 in Adyen's form, under which there is no session.
fn assert_unauthorized(answer: &HttpResponse, challenge: Option<&str>, why: &str) {
    assert_eq!(answer.status, 401, "{why}: {}", answer.text());
    assert_eq!(answer["messages"][0]["code"], "UNAUTHORIZED", "{why}");
    assert_eq!(answer.header("www-authenticate"), challenge, "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_known_by_name_and_password() {
    let host = start().await;
    let client = host.client_of("basic");
    for (header, why) in [
        ("", "empty"),
        ("Basic", "only the scheme"),
        ("Basic ", "no credentials"),
        ("Basic YWR5ZW4=", "only the name"),
        ("Basic YWR5ZW46", "no password"),
        ("Basic YWR5ZW46cDp3", "a part of the password"),
        ("Basic YWR5ZW46b3RoZXI=", "the password of the other user"),
        ("Basic YWR5ZW46cDp3OiDDvA", "without padding"),
        ("Bearer YWR5ZW46cDp3OiDDvA==", "another scheme"),
        ("Basic adyen:p:w: u", "not base64"),
    ] {
        let answer = call(&client).header(AUTHORIZATION.as_str(), header).send().await;
        assert_unauthorized(&answer, Some("Basic realm=\"adyen\""), why);
    }
    let signed = call(&client).signed_by_adyen().send().await;
    assert_unauthorized(&signed, Some("Basic realm=\"adyen\""), "signed");
    for header in [
        "Basic YWR5ZW46cDp3OiDDvA==",
        "bAsIc YWR5ZW46cDp3OiDDvA==",
        "BASIC bmV4dDpvdGhlcg==",
    ] {
        let _ = call(&client)
            .header(AUTHORIZATION.as_str(), header)
            .send()
            .await
            .expect(200);
    }
    let twice = call(&client)
        .header(AUTHORIZATION.as_str(), "Basic YWR5ZW46cDp3OiDDvA==")
        .append_header(AUTHORIZATION.as_str(), "Basic bmV4dDpvdGhlcg==");
    let _ = twice.send().await.expect(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bearer_key_is_that_of_adyen_alone() {
    let host = start().await;
    let client = host.client_of("bearer");
    assert_unauthorized(&call(&client).send().await, Some("Bearer"), "none");
    for (key, why) in [
        ("key_bearer", "an agent's key"),
        ("key_of_adyen_", "more"),
        ("key_of_adye", "less"),
        ("KEY_OF_ADYEN", "other case"),
    ] {
        assert_unauthorized(&call(&client).bearer(key).send().await, Some("Bearer"), why);
    }
    let query = client.post("/agentic/sessions/ad_1?access_token=key_of_adyen&api_key=key_of_adyen");
    assert_unauthorized(&query.body(BODY).send().await, Some("Bearer"), "in the query");
    let of_adyen = call(&client).header(AUTHORIZATION.as_str(), "bearer key_of_adyen");
    let _ = of_adyen.send().await.expect(200);
}

fn signature(key: &str, body: &str) -> String {
    hmac_signature(&Secret::from(key), body.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_is_of_these_bytes_with_one_of_the_keys() {
    let host = start().await;
    let client = host.client_of("hmac");
    let [key, next] = KEYS;
    let good = signature(key, BODY);
    let flipped = BODY.replace(": 1}", ": 2}");
    let spaced = BODY.replace(": ", ":");
    let hex: String = {
        use base64::Engine as _;
        let bytes = base64::engine::general_purpose::STANDARD.decode(&good).unwrap();
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    };
    for (signature, why) in [
        (String::new(), "empty"),
        (signature(key, &spaced), "written anew"),
        (signature(key, &flipped), "another body"),
        (hex, "in hex"),
        (signature(OLD_KEY, BODY), "a key that was replaced"),
        (good.trim_end_matches('=').to_owned(), "without padding"),
        (format!("{good}, {good}"), "a list"),
        (signature(key, ""), "of the empty body"),
    ] {
        let answer = call(&client).header(HMAC_SIGNATURE, &signature).send().await;
        assert_unauthorized(&answer, None, why);
    }
    assert_unauthorized(&call(&client).send().await, None, "none");
    let sha1 = call(&client).header(HMAC_SIGNATURE, &good).header(PROTOCOL, "HmacSHA1");
    assert_unauthorized(&sha1.send().await, None, "another algorithm");
    for protocol in [None, Some("HmacSHA256"), Some("hmacsha256"), Some("HMACSHA256")] {
        let signed = call(&client).header(HMAC_SIGNATURE, &good);
        let signed = match protocol {
            Some(protocol) => signed.header(PROTOCOL, protocol),
            None => signed,
        };
        let _ = signed.send().await.expect(200);
    }
    let with_next = call(&client).header(HMAC_SIGNATURE, &signature(next, BODY));
    let _ = with_next.send().await.expect(200);
    let twice = call(&client).header(HMAC_SIGNATURE, &good);
    let twice = twice.append_header(HMAC_SIGNATURE, &signature(next, BODY));
    let _ = twice.send().await.expect(400);
}

/// A caller without credentials is refused though its body never arrives.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_read_of_a_caller_without_credentials() {
    let host = start().await;
    for name in ["basic", "bearer", "hmac"] {
        let head = format!(
            "POST /m/{name}/agentic/sessions/ad_1 HTTP/1.1\r\nhost: shop.example\r\ncontent-type: application/json\r\n\
             content-length: 1000\r\nconnection: close\r\n\r\n"
        );
        let client = host.client_of(name);
        let answer = timeout(Duration::from_secs(4), client.raw(head.as_bytes())).await;
        let answer = answer.expect("an answer without the body");
        assert!(answer.starts_with("HTTP/1.1 401 "), "{name}: {answer}");
        assert!(answer.contains(r#""code":"UNAUTHORIZED""#), "{name}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_without_an_id_is_unknown() {
    let host = start().await;
    let client = host.client_of("bearer");
    let post = |path: &str| client.post(path).body(BODY).bearer("key_of_adyen").send();
    let long = "a".repeat(257);
    for id in ["..", ".", "%2e%2e", "%00", "a%0Ab", "%ff", long.as_str()] {
        for operation in ["", "/commit", "/finalize", "/cancel", "/payment"] {
            let answer = post(&format!("/agentic/sessions/{id}{operation}")).await;
            assert_eq!(answer.status, 404, "{id}{operation}: {}", answer.text());
            assert_eq!(answer["messages"][0]["code"], "NOT_FOUND", "{id}{operation}");
        }
    }
    for path in [
        "",
        "/",
        "//commit",
        "/ad_1/",
        "/ad_1/commit/",
        "/ad_1/unknown",
        "/ad_1/COMMIT",
    ] {
        let answer = post(&format!("/agentic/sessions{path}")).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
        assert_eq!(answer["messages"][0]["code"], "NOT_FOUND", "{path}");
    }
    for (id, text) in [
        ("%F0%9F%9B%92", "\u{1F6D2}"),
        ("a%2Fb", "a/b"),
        (&long[1..], &long[1..]),
        ("...", "..."),
    ] {
        let created = post(&format!("/agentic/sessions/{id}")).await.expect(200);
        assert_eq!(created["id"], json!(text));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_id_at_another_merchant_is_another_session() {
    let host = TestHost::builder()
        .merchant(Merchant::named("one").adyen())
        .merchant(Merchant::named("two").adyen())
        .start()
        .await;
    let post = |name: &str, below: &str, body: &serde_json::Value| {
        let request = host.client_of(name).post(&format!("/agentic/sessions/ad_1{below}"));
        request.json(body).signed_by_adyen().send()
    };
    let cart = |quantity| json!({"currency": "USD", "items": [{"id": "tee-classic", "quantity": quantity}]});
    let _ = post("one", "", &cart(1)).await.expect(200);
    let unknown = post("two", "/cancel", &json!({})).await.expect(404);
    assert_eq!(unknown["messages"][0]["code"], "NOT_FOUND");
    let _ = post("two", "", &cart(2)).await.expect(200);
    let _ = post("two", "/cancel", &json!({})).await.expect(200).is("canceled");
    let untouched = post("one", "", &json!({})).await.expect(200);
    assert_eq!(untouched["line_items"][0]["item"]["quantity"], 1);
    assert_ne!(untouched["status"], "canceled");
    // What one merchant's key signs is nothing at another.
    let request = host.client_of("one").post("/agentic/sessions/ad_1").json(&json!({}));
    let signed_by_two = signature(&Merchant::adyen_hmac_key("two"), "{}");
    let crossed = request.header(HMAC_SIGNATURE, &signed_by_two).send().await;
    assert_unauthorized(&crossed, None, "signed for another merchant");
}
