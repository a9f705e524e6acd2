//! Signatures of requests that have no body: the same bytes are signed for a read and for a cancellation.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::settings::{AcpSettings, BearerKey, Limits, MerchantSettings, RequestSigning, StripeAcsAuth};
use crate::state::AppState;
use crate::testing::scripted::{NOW, ScriptedCheckouts};
use crate::testing::{FixedIds, TestResponse, acp, acp_settings, merchant, send, with};
use tillhouse_checkout::secret::Secret;

const READ: &str = "/checkout_sessions/cs_1";
const CANCEL: &str = "/checkout_sessions/cs_1/cancel";
const SECRET: &str = "what only the agent knows";

fn host(service: Arc<ScriptedCheckouts>) -> Router {
    let signing = RequestSigning {
        demanded: true,
        hmac_secrets: vec![Secret::new(SECRET.into())],
        ed25519_keys: Vec::new(),
    };
    let key = BearerKey::new("agent", &Secret::new(crate::testing::KEY.into()));
    let acp = AcpSettings {
        keys: vec![key.signed_with(signing)],
        ..acp_settings()
    };
    let merchant = MerchantSettings {
        acp: Some(Arc::new(acp)),
        ..merchant("mer", StripeAcsAuth::Bearer(Vec::new()))
    };
    let state = AppState::new(vec![merchant], service, Arc::new(FixedIds), Limits::default());
    crate::router(state)
}

/// A request without a body, signed so many milliseconds ago.
fn signed(method: &str, path: &str, key: &str, milliseconds_ago: u64) -> Request<Body> {
    let at = i64::try_from(NOW.0 - milliseconds_ago).unwrap();
    let time = jiff::Timestamp::from_millisecond(at).unwrap().to_string();
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    let signature = mac.chain_update(format!("{time}.")).finalize().into_bytes();
    let request = with(acp(method, path, key, ""), "signature", &URL_SAFE.encode(signature));
    with(request, "timestamp", &time)
}

fn is_replay(response: &TestResponse) -> bool {
    (response.status, response.code()) == (401, "signature_replayed")
}

#[tokio::test]
async fn the_signature_of_a_read_cancels_nothing() {
    let service = ScriptedCheckouts::then([]);
    let router = host(service.clone());
    assert!(!is_replay(&send(&router, signed("GET", READ, "", 0)).await));
    assert!(is_replay(&send(&router, signed("POST", CANCEL, "k", 0)).await));
    assert_eq!(service.count(), 0);
    assert_eq!(send(&router, signed("POST", CANCEL, "k", 1)).await.status, 200);
}

#[tokio::test]
async fn a_read_may_be_repeated_with_its_signature_and_nothing_else_may_be_read_with_it() {
    let router = host(ScriptedCheckouts::then([]));
    let first = send(&router, signed("GET", READ, "", 0)).await;
    let again = send(&router, signed("GET", READ, "", 0)).await;
    assert_eq!(first.status, again.status);
    assert!(!is_replay(&again));
    assert!(is_replay(
        &send(&router, signed("GET", "/checkout_sessions/cs_2", "", 0)).await
    ));
    assert!(is_replay(&send(&router, signed("GET", "/carts/cs_1", "", 0)).await));
}

#[tokio::test]
async fn the_signature_of_a_write_belongs_to_its_method() {
    let router = host(ScriptedCheckouts::then([]));
    let update = send(&router, signed("POST", READ, "k", 0)).await;
    assert_ne!(update.status, 401);
    assert!(is_replay(&send(&router, signed("GET", READ, "", 0)).await));
}

#[tokio::test]
async fn a_write_may_be_repeated_with_its_signature_in_its_own_release_only() {
    let router = host(ScriptedCheckouts::then([]));
    let in_release = |release: &str| {
        let mut request = signed("POST", CANCEL, "k", 0);
        request.headers_mut().insert("api-version", release.parse().unwrap());
        request
    };
    for (release, replayed) in [("2026-01-30", false), ("2026-01-30", false), ("2025-12-12", true)] {
        assert_eq!(
            is_replay(&send(&router, in_release(release)).await),
            replayed,
            "{release}"
        );
    }
}
