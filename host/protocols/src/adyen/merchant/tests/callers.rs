//! Who may call, and what is called.

use super::*;
use crate::settings::BearerKey;
use crate::testing::with;

fn basic() -> AdyenMerchantAuth {
    AdyenMerchantAuth::Basic(vec![BearerKey::new("adyen", &Secret::new("adyen:secret".into()))])
}

fn bearer() -> AdyenMerchantAuth {
    AdyenMerchantAuth::Bearer(vec![BearerKey::new("adyen", &Secret::new("tk_adyen".into()))])
}

const OPERATIONS: [&str; 6] = [
    "s1",
    "s1/commit",
    "s1/finalize",
    "s1/cancel",
    "s1/payment",
    "s1/nothing",
];

#[tokio::test]
async fn without_credentials_nothing_is_done_and_nothing_is_said() {
    for (auth, challenge) in [
        (basic(), Some("Basic realm=\"adyen\"")),
        (bearer(), Some("Bearer")),
        (settings().auth, None),
    ] {
        let service = ScriptedCheckouts::then([]);
        let (router, _) = host_with(service.clone(), AdyenMerchantSettings { auth, ..settings() });
        for path in OPERATIONS {
            let answer = send(&router, unsigned(path, "{}")).await;
            assert_eq!(
                (answer.status, adyen::first_message(&answer).0),
                (401, "UNAUTHORIZED"),
                "{path}"
            );
            assert_eq!(answer.header("www-authenticate"), challenge);
            adyen::assert_dialect(&answer);
        }
        assert_eq!(service.count(), 0);
    }
}

#[tokio::test]
async fn each_way_of_authentication_admits_its_own_credentials() {
    let user = format!("Basic {}", STANDARD.encode("adyen:secret"));
    for (auth, value) in [(basic(), user.as_str()), (bearer(), "Bearer tk_adyen")] {
        let service = ScriptedCheckouts::then([]);
        let (router, _) = host_with(service.clone(), AdyenMerchantSettings { auth, ..settings() });
        let answer = send(
            &router,
            with(unsigned("s1", &cart().to_string()), "authorization", value),
        )
        .await;
        assert_eq!((answer.status, service.count()), (200, 1));
        let signed = send(&router, call("s1", "{}")).await;
        assert_eq!(signed.status, 401, "a signature does not count here");
    }
}

#[tokio::test]
async fn a_key_is_sent_once() {
    let router = host(&ScriptedCheckouts::then([]));
    let mut twice = call("s1", "{}");
    twice.headers_mut().append("hmacsignature", "AAAA".parse().unwrap());
    let answer = send(&router, twice).await;
    assert_eq!(answer.status, 400);
    adyen::assert_dialect(&answer);
}

#[tokio::test]
async fn an_id_is_text_of_at_most_256_characters() {
    let service = ScriptedCheckouts::then([]);
    let router = host(&service);
    let long = "a".repeat(257);
    for path in [
        long.as_str(),
        "%00",
        "%2E%2E",
        "..",
        ".",
        "%20",
        "%FF",
        "s1/unknown",
        "s1/commit/x",
        "",
    ] {
        let answer = send(&router, call(path, "{}")).await;
        assert_eq!(
            (answer.status, adyen::first_message(&answer).0),
            (404, "NOT_FOUND"),
            "{path}"
        );
        adyen::assert_dialect(&answer);
    }
    assert_eq!(service.count(), 0);
    let longest = "a".repeat(256);
    for (path, id) in [
        (longest.as_str(), longest.as_str()),
        ("%F0%9F%9B%92", "🛒"),
        ("adyen_1", "adyen_1"),
        ("a%2Fcommit", "a/commit"),
    ] {
        assert_eq!(
            send(&router, call(path, &cart().to_string())).await.status,
            200,
            "{path}"
        );
        let RecordedCall::Upsert(request) = service.last() else {
            panic!("{path}: {:?}", service.last());
        };
        assert_eq!(request.id.unwrap().as_str(), id);
    }
}

#[tokio::test]
async fn only_posts_are_answered_and_in_this_dialect() {
    let router = host(&ScriptedCheckouts::then([]));
    for method in ["GET", "PUT", "PATCH", "DELETE"] {
        for path in ["s1", "s1/commit"] {
            let mut request = call(path, "");
            *request.method_mut() = method.parse().unwrap();
            let answer = send(&router, request).await;
            assert_eq!(
                (answer.status, answer.header("allow")),
                (405, Some("POST")),
                "{method} {path}"
            );
            adyen::assert_dialect(&answer);
        }
    }
}

#[tokio::test]
async fn the_hooks_of_stripe_keep_their_paths_and_their_errors() {
    let router = host(&ScriptedCheckouts::then([]));
    let mut request = call("s1", "{}");
    *request.uri_mut() = "/agentic/checkouts".parse().unwrap();
    let answer = send(&router, request).await;
    assert_eq!((answer.status, answer.code()), (401, "unauthorized"));
}

#[tokio::test]
async fn a_merchant_without_these_calls_has_none() {
    let service = ScriptedCheckouts::then([]);
    let (router, _) = crate::testing::host(service);
    for path in OPERATIONS {
        let answer = send(&router, call(path, "{}")).await;
        assert_eq!(answer.status, 404, "{path}");
    }
}

#[tokio::test]
async fn all_sessions_are_adyens_whatever_its_key() {
    let RecordedCall::Upsert(request) = taken("s1", &cart()).await else {
        panic!();
    };
    assert_eq!(
        (request.caller.protocol.as_str(), request.caller.principal),
        ("adyen_merchant", None)
    );
}
