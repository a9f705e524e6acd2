//! A plain HTTP client, and a running sandbox.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Method, Request};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tillhouse_sandbox::{AcquirerConfig, AdyenConfig, Clock, Sandbox, SandboxConfig};
use url::form_urlencoded;

/// 2026-11-21, when the test cards of 2030 are valid.
pub(crate) const NOW: u64 = 1_795_219_200;

pub(crate) async fn sandbox() -> Sandbox {
    let acquirer = AcquirerConfig {
        slow_card_delay: Duration::ZERO,
        ..AcquirerConfig::default()
    };
    let adyen = AdyenConfig {
        slow_card_delay: Duration::ZERO,
        // Tests repeat calls themselves.
        retry_delay: Duration::from_secs(3_600),
        ..AdyenConfig::default()
    };
    Sandbox::start(SandboxConfig {
        acquirer,
        adyen,
        clock: Clock::fixed(NOW),
        ..SandboxConfig::default()
    })
    .await
    .unwrap()
}

#[derive(Debug, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) replayed: bool,
    pub(crate) body: Value,
}

impl Reply {
    pub(crate) fn error(&self) -> &Value {
        &self.body["error"]
    }
}

#[derive(Clone)]
pub(crate) struct Raw {
    base: String,
    authorization: String,
    version: Option<&'static str>,
    release: Option<&'static str>,
    api_key: Option<String>,
    http: Client<HttpConnector, Full<Bytes>>,
}

impl Raw {
    pub(crate) fn new(base: String, authorization: &str) -> Self {
        let http = Client::builder(TokioExecutor::new())
            .retry_canceled_requests(false)
            .build_http();
        Self {
            base,
            authorization: authorization.to_owned(),
            version: None,
            release: None,
            api_key: None,
            http,
        }
    }

    pub(crate) fn stripe(sandbox: &Sandbox) -> Self {
        Self::new(
            sandbox.stripe.url(),
            &format!("Bearer {}", sandbox.stripe.secret_key().reveal()),
        )
    }

    /// The same client, with this `Stripe-Version`.
    pub(crate) fn version(&self, version: &'static str) -> Self {
        Self {
            version: Some(version),
            ..self.clone()
        }
    }

    /// A client of the provider of authentications.
    pub(crate) fn authentication(sandbox: &Sandbox) -> Self {
        let key = sandbox.authentication.api_key().reveal();
        Self {
            release: Some("2026-04-17"),
            ..Self::new(sandbox.authentication.url(), &format!("Bearer {key}"))
        }
    }

    /// The same client, with this `API-Version` of ACP.
    pub(crate) fn release(&self, release: Option<&'static str>) -> Self {
        Self {
            release,
            ..self.clone()
        }
    }

    /// A merchant at Adyen's Checkout API.
    pub(crate) fn checkout(sandbox: &Sandbox) -> Self {
        let key = sandbox.adyen.config().checkout_key.reveal().to_owned();
        Self {
            api_key: Some(key),
            ..Self::new(sandbox.adyen.url(), "")
        }
    }

    pub(crate) fn acquirer(sandbox: &Sandbox) -> Self {
        Self::new(
            sandbox.acquirer.url(),
            &format!("Bearer {}", sandbox.acquirer.api_key().reveal()),
        )
    }

    /// `Err` when the connection ended without an answer.
    pub(crate) async fn try_send(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: String,
    ) -> Result<Reply, String> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        if !self.authorization.is_empty() {
            request = request.header("authorization", &self.authorization);
        }
        if let Some(key) = &self.api_key {
            request = request.header("x-api-key", key);
        }
        if let Some(version) = self.version {
            request = request.header("stripe-version", version);
        }
        if let Some(release) = self.release {
            request = request.header("api-version", release);
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let response = self
            .http
            .request(request.body(Full::from(body)).unwrap())
            .await
            .map_err(|e| e.to_string())?;
        let status = response.status().as_u16();
        let replayed = response
            .headers()
            .get("idempotent-replayed")
            .is_some_and(|value| value == "true");
        let bytes = response
            .into_body()
            .collect()
            .await
            .map_err(|e| e.to_string())?
            .to_bytes();
        Ok(Reply {
            status,
            replayed,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        })
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.try_send(Method::GET, path, None, String::new()).await.unwrap()
    }

    pub(crate) async fn form(&self, path: &str, key: Option<&str>, pairs: &[(&str, &str)]) -> Reply {
        self.try_send(Method::POST, path, key, encode(pairs)).await.unwrap()
    }

    pub(crate) async fn json(&self, path: &str, key: &str, body: Value) -> Reply {
        self.try_send(Method::POST, path, Some(key), body.to_string())
            .await
            .unwrap()
    }
}

pub(crate) fn encode(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

pub(crate) const ISSUE: &str = "/v1/test_helpers/shared_payment/granted_tokens";

/// Issues a token of 46.00 USD on this payment method and gives its id.
pub(crate) async fn issue(stripe: &Raw, payment_method: &str) -> String {
    let expires_at = (NOW + 3_600).to_string();
    let reply = stripe
        .form(
            ISSUE,
            None,
            &[
                ("payment_method", payment_method),
                ("usage_limits[currency]", "usd"),
                ("usage_limits[max_amount]", "4600"),
                ("usage_limits[expires_at]", &expires_at),
            ],
        )
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.body["id"].as_str().unwrap().to_owned()
}

pub(crate) fn resolve_path(token: &str) -> String {
    format!("/v1/shared_payment/granted_tokens/{token}/resolve")
}

pub(crate) fn charge_body(number: &str, amount: i64, reference: &str) -> Value {
    json!({
        "amount": amount,
        "currency": "usd",
        "reference": reference,
        "capture": true,
        "statement": null,
        "card": {
            "number": number,
            "exp_month": "12",
            "exp_year": "2030",
            "cryptogram": "AgAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "cryptogram_type": "TAVV",
            "eci": "07",
        },
    })
}
