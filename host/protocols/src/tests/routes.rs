use axum::http::HeaderValue;

use super::{CREATE, create, get};
use crate::testing::scripted::ScriptedCheckouts;
use crate::testing::{KEY, acp, host, send, with, without};

#[tokio::test]
async fn only_a_key_of_the_merchant_opens_a_route() {
    let service = ScriptedCheckouts::then([]);
    let (router, _) = host(service.clone());
    for request in [
        without(create(CREATE), "authorization"),
        with(create(CREATE), "authorization", "Bearer wrong"),
        with(create(CREATE), "authorization", &format!("Basic {KEY}")),
        without(get("/checkout_sessions/cs_1"), "authorization"),
        // Authentication is checked before the release and the body.
        without(without(create("{"), "authorization"), "api-version"),
    ] {
        let got = send(&router, request).await;
        assert_eq!((got.status, got.code()), (401, "unauthorized"));
        assert_eq!(got.header("www-authenticate"), Some("Bearer"));
    }
    assert_eq!(service.count(), 0);
    assert_eq!(send(&router, create(CREATE)).await.status, 201);
    assert_eq!(service.count(), 1);
}

#[tokio::test]
async fn a_merchant_is_found_by_host_or_by_prefix() {
    let (router, _) = host(ScriptedCheckouts::then([]));
    let path = "/checkout_sessions/cs_1";
    assert_eq!(send(&router, get(path)).await.status, 200);
    assert_eq!(send(&router, with(get(path), "host", "MER.example")).await.status, 200);
    let by_prefix = with(get(&format!("/m/mer{path}")), "host", "127.0.0.1:3000");
    assert_eq!(send(&router, by_prefix).await.status, 200);
    for request in [
        with(get(path), "host", "unknown.example"),
        without(get(path), "host"),
        get(&format!("/m/unknown{path}")),
        get("/m/mer"),
        get("/m/mute/checkout_sessions/cs_1"),
        get("/nothing"),
        // The session of another merchant gets the same response as one that does not exist.
        get(&format!("/m/bear{path}")),
        get("/checkout_sessions/cs_2"),
        get("/checkout_sessions/%ff"),
        get("/checkout_sessions/%00"),
    ] {
        let uri = request.uri().clone();
        let got = send(&router, request).await;
        assert_eq!((got.status, got.code()), (404, "not_found"), "{uri}");
    }
}

#[tokio::test]
async fn a_request_is_for_one_host() {
    let (router, _) = host(ScriptedCheckouts::then([]));
    let path = "/checkout_sessions/cs_1";
    for second in ["mer.example:8080", "mute.example"] {
        for path in [path, "/m/mer/checkout_sessions/cs_1"] {
            let mut twice = get(path);
            twice.headers_mut().append("host", second.parse().unwrap());
            let got = send(&router, twice).await;
            assert_eq!((got.status, got.code()), (400, "invalid"), "{second} {path}");
        }
    }
    let absolute = |host: &str| with(get(&format!("http://{host}{path}")), "host", "mute.example");
    assert_eq!(send(&router, absolute("mer.example")).await.status, 200);
    let field_is_no_say = with(get(&format!("http://mute.example{path}")), "host", "mer.example");
    assert_eq!(send(&router, field_is_no_say).await.status, 404);
}

#[tokio::test]
async fn a_head_shows_nothing() {
    let service = ScriptedCheckouts::then([]);
    let (router, _) = host(service.clone());
    let path = "/checkout_sessions/cs_1";
    let head = send(&router, acp("HEAD", path, "", "")).await;
    assert_eq!((head.status, *service.shown.lock().unwrap()), (200, 0));
    assert_eq!(send(&router, get(path)).await.status, 200);
    assert_eq!(*service.shown.lock().unwrap(), 1);
}

#[tokio::test]
async fn methods_that_a_route_does_not_know_are_405_with_allow() {
    let (router, _) = host(ScriptedCheckouts::then([]));
    for (method, path, allow) in [
        ("DELETE", "/checkout_sessions/cs_1", "GET,HEAD,POST"),
        ("GET", "/checkout_sessions", "POST"),
        ("PUT", "/agentic/checkouts/cs_1/confirm", "POST"),
    ] {
        let got = send(&router, acp(method, path, "", "")).await;
        assert_eq!((got.status, got.code()), (405, "method_not_allowed"));
        assert_eq!(got.header("allow"), Some(allow));
    }
}

#[tokio::test]
async fn a_request_is_named_in_its_answer() {
    let (router, _) = host(ScriptedCheckouts::then([]));
    let named = with(get("/checkout_sessions/cs_1"), "request-id", "req_mine");
    assert_eq!(send(&router, named).await.header("request-id"), Some("req_mine"));
    let unnamed = send(&router, get("/nothing")).await;
    assert_eq!(unnamed.header("request-id"), Some("req_fixed"));
    for odd in [&b"a\tb"[..], b"\x9b[31m", b"\xc2\x9b"] {
        let mut request = get("/checkout_sessions/cs_1");
        request
            .headers_mut()
            .insert("request-id", HeaderValue::from_bytes(odd).unwrap());
        let named = send(&router, request).await;
        assert_eq!(
            named.header("request-id"),
            Some("req_fixed"),
            "an id with control characters is not echoed"
        );
    }
}
