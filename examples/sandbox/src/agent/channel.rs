//! The agent's connection to one shop: base URL, credentials, idempotency keys.

use axum::body::Bytes;
use axum::http::Method;
use serde_json::Value;

use super::error::AgentError;
use super::exchange::{Exchange, Step};
use super::http::{Http, Outgoing};
use super::request_signature;
use crate::clock::Clock;
use crate::secret::Secret;
use crate::stripe::signature;

/// How a request is authenticated.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// API key in `Authorization: Bearer …`.
    Bearer(Secret),
    /// `Stripe-Signature` over the raw body, with a timestamp of this clock; a GET signs the empty body.
    StripeSignature {
        /// The endpoint secret (`whsec_…`).
        secret: Secret,
        /// Clock for the timestamp `t`.
        clock: Clock,
    },
    /// API key in `Authorization: Bearer …`, with a `Signature` over `Timestamp` and the raw body.
    SignedBearer {
        /// API key of the agent.
        key: Secret,
        /// The secret that the shop verifies signatures with.
        signing_secret: Secret,
        /// Clock that `Timestamp` is read from.
        clock: Clock,
    },
    /// No credentials, to test that a request is refused.
    None,
}

/// A connection to one shop; clones share its HTTP connections.
#[derive(Clone, Debug)]
pub struct Channel {
    http: Http,
    credentials: Credentials,
    api_version: Option<&'static str>,
}

impl Channel {
    /// # Errors
    /// [`AgentError::BaseUrl`] unless `base_url` is a plain http URL with a host.
    pub(crate) fn new(
        base_url: &str,
        credentials: Credentials,
        api_version: Option<&'static str>,
    ) -> Result<Self, AgentError> {
        Ok(Self {
            http: Http::new(base_url)?,
            credentials,
            api_version,
        })
    }

    /// The same connection with other credentials.
    #[must_use]
    pub fn with_credentials(&self, credentials: Credentials) -> Self {
        Self {
            credentials,
            ..self.clone()
        }
    }

    /// Posts `body` to `path` below the base URL, with a new idempotency key. Null sends an empty body.
    ///
    /// # Errors
    /// [`AgentError::NoAnswer`]; an answer with an error status is `Ok`.
    pub async fn post(&self, step: Step, path: &str, body: &Value) -> Result<Exchange, AgentError> {
        self.post_with_key(step, path, body, Some(&uuid::Uuid::new_v4().to_string()))
            .await
    }

    /// Like [`Channel::post`], with the caller's idempotency key or without one.
    ///
    /// # Errors
    /// [`AgentError::NoAnswer`]; an answer with an error status is `Ok`.
    pub async fn post_with_key(
        &self,
        step: Step,
        path: &str,
        body: &Value,
        key: Option<&str>,
    ) -> Result<Exchange, AgentError> {
        let raw = if body.is_null() {
            Bytes::new()
        } else {
            body.to_string().into()
        };
        let mut headers = self.headers(&raw);
        if !body.is_null() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        if let Some(key) = key {
            headers.push(("idempotency-key", key.to_owned()));
        }
        let shown = (!body.is_null()).then(|| body.clone());
        let path = path.to_owned();
        self.http
            .send(Outgoing {
                step,
                method: Method::POST,
                path,
                headers,
                body: raw,
                shown,
            })
            .await
    }

    /// Reads `path` below the base URL.
    ///
    /// # Errors
    /// [`AgentError::NoAnswer`]; an answer with an error status is `Ok`.
    pub async fn get(&self, step: Step, path: &str) -> Result<Exchange, AgentError> {
        let headers = self.headers(b"");
        let path = path.to_owned();
        self.http
            .send(Outgoing {
                step,
                method: Method::GET,
                path,
                headers,
                body: Bytes::new(),
                shown: None,
            })
            .await
    }

    fn headers(&self, body: &[u8]) -> Vec<(&'static str, String)> {
        let mut headers = vec![("accept", "application/json".to_owned())];
        match &self.credentials {
            Credentials::Bearer(key) => headers.push(("authorization", format!("Bearer {}", key.reveal()))),
            Credentials::StripeSignature { secret, clock } => {
                headers.push((signature::HEADER, signature::sign(secret, clock.now(), body)));
            }
            Credentials::SignedBearer {
                key,
                signing_secret,
                clock,
            } => {
                let timestamp = request_signature::timestamp(clock);
                headers.push((
                    request_signature::SIGNATURE,
                    request_signature::sign(signing_secret, &timestamp, body),
                ));
                headers.push((request_signature::TIMESTAMP, timestamp));
                headers.push(("authorization", format!("Bearer {}", key.reveal())));
            }
            Credentials::None => {}
        }
        if let Some(version) = self.api_version {
            headers.push(("api-version", version.to_owned()));
        }
        headers
    }
}
