//! The calls of Adyen to the merchant, over HTTP and with a scripted checkout service.

mod answers;
mod bodies;
mod callers;
mod payments;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::settings::{
    AdyenFlow, AdyenHmacKey, AdyenMerchantAuth, AdyenMerchantSettings, AdyenNames, AdyenSettings, Limits,
    MerchantSettings, StripeAcsAuth,
};
use crate::state::AppState;
use crate::testing::scripted::{RecordedCall, ScriptedCheckouts, ScriptedResult};
use crate::testing::{FixedIds, TestResponse, adyen, send};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::secret::Secret;

const HMAC_KEY: &str = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056";

fn settings() -> AdyenMerchantSettings {
    let key = AdyenHmacKey::from_hex(&Secret::new(HMAC_KEY.into())).unwrap();
    AdyenMerchantSettings {
        auth: AdyenMerchantAuth::Hmac(vec![Arc::new(key)]),
        flow: AdyenFlow::Both,
        token_route: "payment".into(),
        hold: Duration::from_secs(900),
        budget: Duration::from_secs(5),
        finalizes_without_result: true,
        names: AdyenNames::default(),
    }
}

fn host_with(service: Arc<ScriptedCheckouts>, settings: AdyenMerchantSettings) -> (Router, AppState) {
    let adyen = AdyenSettings {
        merchant: Some(Arc::new(settings)),
        ..adyen::settings()
    };
    let merchant = MerchantSettings {
        adyen: Some(Arc::new(adyen)),
        ..crate::testing::merchant("mer", StripeAcsAuth::Bearer(Vec::new()))
    };
    let state = AppState::new(vec![merchant], service, Arc::new(FixedIds), Limits::default());
    (crate::router(state.clone()), state)
}

fn host(service: &Arc<ScriptedCheckouts>) -> Router {
    host_with(Arc::clone(service), settings()).0
}

fn unsigned(path: &str, body: &str) -> Request<Body> {
    let request = Request::builder()
        .method("POST")
        .uri(format!("/agentic/sessions/{path}"))
        .header("host", "mer.example")
        .header("content-type", "application/json");
    request.body(Body::from(body.to_owned())).unwrap()
}

/// A call as Adyen sends it.
fn call(path: &str, body: &str) -> Request<Body> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&hex::decode(HMAC_KEY).unwrap()).unwrap();
    mac.update(body.as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    let mut request = unsigned(path, body);
    request
        .headers_mut()
        .insert("hmacsignature", signature.parse().unwrap());
    request
}

async fn post(router: &Router, path: &str, body: &Value) -> TestResponse {
    send(router, call(path, &body.to_string())).await
}

/// The answer to a call that the service refuses.
async fn refused(path: &str, body: &Value, error: CheckoutError) -> TestResponse {
    let service = ScriptedCheckouts::then([ScriptedResult::Fail(error)]);
    let answer = post(&host(&service), path, body).await;
    adyen::assert_dialect(&answer);
    answer
}

/// What reached the service with this body.
async fn taken(path: &str, body: &Value) -> RecordedCall {
    let service = ScriptedCheckouts::then([]);
    let answer = post(&host(&service), path, body).await;
    assert!(answer.status < 300, "{path}: {answer:?}");
    service.last()
}

fn cart() -> Value {
    json!({"currency": "USD", "items": [{"id": "01", "quantity": 1}]})
}
