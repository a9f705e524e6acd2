//! Who may call, and where.

use hyper::Method;
use serde_json::json;
use tillhouse_tests::{Merchant, Request, TestHost};

use super::{ITEM, creation, host, in_dialect, is_untouched, merchant, plan, refused};

/// Every operation, about this session, without a key.
fn operations(host: &TestHost, session: &str) -> Vec<Request> {
    let agent = host.adyen();
    let of_session = |below: &str| agent.path(&format!("/{session}{below}"));
    let post = |path: &str| agent.client.post(path);
    vec![
        post(&agent.path("")).json(&creation()),
        agent.client.get(&of_session("")),
        post(&of_session("")).json(&json!({})),
        post(&of_session("/complete")).json(&super::completion("acp_tok_1")),
        post(&of_session("/cancel")),
    ]
}

#[tokio::test]
async fn only_a_key_of_this_merchant_and_dialect_in_the_header_opens_anything() {
    let host = host().await;
    let session = host.adyen().ready(ITEM).await;
    let mut texts = Vec::new();
    for operation in operations(host, session.id()) {
        for (what, credential) in [
            ("no credential", None),
            (
                "a key of another merchant",
                Some(format!("Bearer {}", Merchant::adyen_key("acme"))),
            ),
            ("a key of ACP", Some(format!("Bearer {}", Merchant::acp_key("demo")))),
            (
                "a key of the merchant's side",
                Some(format!("Bearer {}", Merchant::adyen_hmac_key("demo"))),
            ),
            (
                "the key with more",
                Some(format!("Bearer {}x", Merchant::adyen_key("demo"))),
            ),
            (
                "the key in another scheme",
                Some(format!("Basic {}", Merchant::adyen_key("demo"))),
            ),
            ("the bare key", Some(Merchant::adyen_key("demo"))),
            ("an empty key", Some("Bearer ".to_owned())),
        ] {
            let request = operation.clone();
            let request = match &credential {
                Some(credential) => request.header("authorization", credential),
                None => request,
            };
            let answer = refused(request.send().await, 401, "UNAUTHORIZED", "", what);
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{what}");
            texts.push(answer.text());
        }
        let answer = operation.header("x-api-key", &Merchant::adyen_key("demo")).send().await;
        texts.push(refused(answer, 401, "UNAUTHORIZED", "", "another header").text());
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:#?}");
    is_untouched(host, &session, "strangers").await;
}

#[tokio::test]
async fn a_key_in_the_query_is_none() {
    let host = host().await;
    let agent = host.adyen();
    let key = Merchant::adyen_key("demo");
    for name in ["api_key", "access_token", "key", "Authorization"] {
        let path = agent.path(&format!("?{name}={key}"));
        let answer = agent.client.post(&path).json(&creation()).send().await;
        let answer = refused(answer, 401, "UNAUTHORIZED", "", name);
        assert!(!answer.text().contains(&key));
    }
}

#[tokio::test]
async fn two_credentials_are_none() {
    let host = host().await;
    let agent = host.adyen();
    let other = format!("Bearer {}", Merchant::adyen_key("acme"));
    let answer = agent
        .post("")
        .append_header("authorization", &other)
        .json(&creation())
        .send()
        .await;
    in_dialect(&answer);
    assert!([400, 401].contains(&answer.status), "{}", answer.text());
}

#[tokio::test]
async fn a_key_of_acp_that_is_listed_here_too_is_a_caller_of_its_own() {
    let listed = merchant("demo").set(r#"adyen.agent.keys = [{ name = "second", secret = "key_demo" }]"#);
    let host = TestHost::builder().merchant(listed).start().await;
    let agent = host.adyen().with_key(&Merchant::acp_key("demo"));
    let session = agent.ready(ITEM).await;
    let other = host.adyen().retrieve(session.id()).await;
    let _ = refused(other, 404, "NOT_FOUND", "", "the session of another key");
    let _ = agent.retrieve(session.id()).await.expect(200);
}

#[tokio::test]
async fn another_account_is_not_there() {
    let host = host().await;
    let agent = host.adyen();
    let session = agent.ready(ITEM).await;
    let account = host.sandbox.adyen.config().company_account.clone();
    let (lower, merchant_account) = (account.to_lowercase(), &host.sandbox.adyen.config().merchant_account);
    for other in [
        "Other",
        &lower,
        merchant_account,
        &format!("..%2f{account}"),
        &format!("{account}%2f"),
        &format!("{account}%00"),
        &format!("%20{account}"),
        &format!("{account}%ff"),
        "%00",
        ".",
        "x".repeat(300).as_str(),
    ] {
        for operation in ["", "/complete", "/cancel"] {
            let path = agent
                .path(&format!("/{}{operation}", session.id()))
                .replace(&account, other);
            let request = agent.client.post(&path).bearer(&Merchant::adyen_key("demo"));
            let _ = refused(request.send().await, 404, "NOT_FOUND", "", &path);
        }
    }
    is_untouched(host, &session, "other accounts").await;
}

#[tokio::test]
async fn a_merchant_without_adyen_has_no_such_paths() {
    let host = TestHost::start().await;
    let answer = host.adyen().post("").json(&creation()).send().await;
    let _ = refused(answer, 404, "NOT_FOUND", "", "a merchant of other protocols");
}

#[tokio::test]
async fn an_api_version_means_nothing() {
    let agent = host().await.adyen();
    for version in ["2026-04-17", "2025-09-29", "1999-01-01", "no version"] {
        let request = agent.post("").header("api-version", version).json(&creation());
        in_dialect(&request.send().await.expect(201));
    }
}

#[tokio::test]
async fn another_method_is_told_which_there_are() {
    let host = host().await;
    let agent = host.adyen();
    let session = agent.ready(ITEM).await;
    let id = session.id();
    for (method, below, allowed) in [
        (Method::GET, String::new(), "POST"),
        (Method::PUT, String::new(), "POST"),
        (Method::DELETE, String::new(), "POST"),
        (Method::PUT, format!("/{id}"), "POST"),
        (Method::PATCH, format!("/{id}"), "POST"),
        (Method::DELETE, format!("/{id}"), "POST"),
        (Method::GET, format!("/{id}/complete"), "POST"),
        (Method::GET, format!("/{id}/cancel"), "POST"),
        (Method::DELETE, format!("/{id}/cancel"), "POST"),
    ] {
        let request = agent.client.request(method.clone(), &agent.path(&below));
        let answer = request.bearer(&Merchant::adyen_key("demo")).send().await;
        let answer = refused(answer, 405, "METHOD_NOT_ALLOWED", "", &format!("{method} {below}"));
        assert!(answer.header("allow").unwrap().contains(allowed), "{method} {below}");
    }
    for below in ["/pay", "/complete/", "/cancel/x"] {
        let answer = agent.post(&format!("/{id}{below}")).send().await;
        let _ = refused(answer, 404, "NOT_FOUND", "", below);
    }
    is_untouched(host, &session, "other methods").await;
}

/// A head or a body of which half arrives. The rest is waited for as long as the configuration says.
#[tokio::test]
async fn a_request_that_does_not_arrive_is_not_waited_for() {
    let host = plan()
        .set("server.header_timeout_ms = 100\nserver.body_timeout_ms = 100")
        .start()
        .await;
    let agent = host.adyen();
    let head = format!("POST {} HTTP/1.1\r\nhost: 127.0.0.1\r\n", agent.path(""));
    let answer = agent.client.raw(head.as_bytes()).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    let key = Merchant::adyen_key("demo");
    let rest = "content-type: application/json\r\ncontent-length: 50\r\n\r\n{\"currency\":";
    let slow = format!("{head}authorization: Bearer {key}\r\n{rest}");
    let answer = agent.client.raw(slow.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains(r#""messages":[{"code":"TIMEOUT""#), "{answer}");
    assert_eq!(host.rows_in("session"), 0);
}
