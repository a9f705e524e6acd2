//! Shared by the unit tests: sessions that use every feature, a scripted checkout service, and the official schemas.
#![allow(clippy::unwrap_used, reason = "tests")]

pub(crate) mod acp_requests;
pub(crate) mod adyen;
pub(crate) mod fake_vault;
pub(crate) mod inclusive;
pub(crate) mod leaves;
pub(crate) mod orders;
mod outline;
pub(crate) mod rendering;
pub(crate) mod schemas;
pub(crate) mod scripted;
pub(crate) mod sessions;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, Response};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use super::settings::{
    AcpPaymentProvider, AcpServices, AcpSettings, AdyenSettings, BearerKey, Limits, MerchantSettings, PaymentHandler,
    StripeAcsAuth, StripeAcsSettings, StripeEventSettings, StripeHookNames, StripeHookSettings, TaxAuthority,
};
use super::state::AppState;
use scripted::ScriptedCheckouts;
use tillhouse_checkout::decision::Link;
use tillhouse_checkout::ids::{IdGenerator, MerchantId};
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::outside_payment::AmountDifference;
use tillhouse_checkout::secret::Secret;

pub(crate) const KEY: &str = "tk_agent";
pub(crate) const STRIPE_SECRET: &str = "whsec_test";
pub(crate) const HOOK_SECRET: &str = "whsec_hooks";
pub(crate) const EVENT_SECRET: &str = "whsec_events";

#[derive(Debug)]
pub(crate) struct FixedIds;

impl IdGenerator for FixedIds {
    fn next(&self, prefix: &str) -> String {
        format!("{prefix}_fixed")
    }

    fn idempotency_key(&self) -> String {
        "k".repeat(36)
    }
}

pub(crate) fn handler() -> PaymentHandler {
    PaymentHandler::tokenized_card("acct_mer")
}

/// The settings of the protocol for an agent and another one, with every payment handler.
pub(crate) fn acp_settings() -> AcpSettings {
    AcpSettings {
        keys: vec![
            BearerKey::new("agent", &Secret::new(KEY.into())),
            BearerKey::new("other", &Secret::new("tk_other".into())),
        ],
        handlers: vec![handler()],
        provider: AcpPaymentProvider::Stripe,
        services: AcpServices {
            mcp_origins: vec!["https://agent.example".to_owned()],
            ..AcpServices::default()
        },
    }
}

pub(crate) fn merchant(id: &str, stripe_acs: StripeAcsAuth) -> MerchantSettings {
    MerchantSettings {
        id: MerchantId::new(id),
        hosts: vec![format!("{id}.example")],
        currency: Currency::new("USD").unwrap(),
        links: vec![Link {
            kind: "terms_of_use".into(),
            url: "https://shop.example/terms".into(),
            title: None,
        }],
        acp: Some(Arc::new(acp_settings())),
        stripe_acs: Some(StripeAcsSettings {
            auth: stripe_acs,
            single_item: id == "bear",
            committing: "in_progress",
        }),
        adyen: Some(Arc::new(adyen::settings())),
        stripe_events: Some(StripeEventSettings {
            secrets: vec![
                Secret::new(EVENT_SECRET.into()),
                Secret::new("whsec_events_next".into()),
            ],
            livemode: false,
        }),
        stripe_hooks: Some(Arc::new(hook_settings())),
    }
}

pub(crate) fn hook_settings() -> StripeHookSettings {
    StripeHookSettings {
        secrets: vec![Secret::new(HOOK_SECRET.into()), Secret::new("whsec_hooks_next".into())],
        livemode: false,
        hold: Duration::from_secs(900),
        pending_hold: Duration::from_secs(7 * 86_400),
        difference: AmountDifference::Refuse,
        tax: TaxAuthority::Plugin,
        reports_unknown: true,
        names: StripeHookNames::default(),
    }
}

/// A host with the merchants `mer` (Stripe by signature), `bear` (Stripe by bearer key) and `mute` (no protocol).
pub(crate) fn host(service: Arc<ScriptedCheckouts>) -> (Router, AppState) {
    host_within(service, Limits::default())
}

/// A host whose merchant `mer` has these settings of Adyen.
pub(crate) fn host_of(service: Arc<ScriptedCheckouts>, settings: AdyenSettings) -> (Router, AppState) {
    let merchant = MerchantSettings {
        adyen: Some(Arc::new(settings)),
        ..merchant("mer", StripeAcsAuth::Bearer(Vec::new()))
    };
    let state = AppState::new(vec![merchant], service, Arc::new(FixedIds), Limits::default());
    (super::router(state.clone()), state)
}

pub(crate) fn host_within(service: Arc<ScriptedCheckouts>, limits: Limits) -> (Router, AppState) {
    let signed = StripeAcsAuth::Signature(vec![Secret::new(STRIPE_SECRET.into())]);
    let bearer = StripeAcsAuth::Bearer(vec![BearerKey::new("stripe", &Secret::new("tk_stripe".into()))]);
    let mute = MerchantSettings {
        acp: None,
        adyen: None,
        stripe_acs: None,
        stripe_events: None,
        stripe_hooks: None,
        ..merchant("mute", StripeAcsAuth::Bearer(Vec::new()))
    };
    let state = AppState::new(
        vec![merchant("mer", signed), merchant("bear", bearer), mute],
        service,
        Arc::new(FixedIds),
        limits,
    );
    (super::router(state.clone()), state)
}

/// Status, headers and parsed body of a response.
#[derive(Debug)]
pub(crate) struct TestResponse {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl TestResponse {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    pub(crate) fn param(&self) -> &str {
        self.body["param"].as_str().unwrap_or_default()
    }
}

pub(crate) async fn send(router: &Router, request: Request<Body>) -> TestResponse {
    test_response(router.clone().oneshot(request).await.unwrap()).await
}

async fn test_response(response: Response<Body>) -> TestResponse {
    let (head, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    TestResponse {
        status: head.status.as_u16(),
        headers: head.headers,
        body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
    }
}

/// A valid ACP 2026-04-17 request, which a test may then change.
pub(crate) fn acp(method: &str, path: &str, key: &str, body: impl Into<Body>) -> Request<Body> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "mer.example:8080")
        .header("authorization", format!("Bearer {KEY}"))
        .header("api-version", "2026-04-17")
        .header("content-type", "application/json");
    let request = if key.is_empty() {
        request
    } else {
        request.header("idempotency-key", key)
    };
    request.body(body.into()).unwrap()
}

pub(crate) fn with(mut request: Request<Body>, name: &'static str, value: &str) -> Request<Body> {
    request.headers_mut().insert(name, value.parse().unwrap());
    request
}

pub(crate) fn without(mut request: Request<Body>, name: &str) -> Request<Body> {
    request.headers_mut().remove(name);
    request
}
