//! The agent's HTTP client: hyper over plain http.
//!
//! Not reqwest, which needs a TLS provider even for a client that only uses loopback.

use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::http::{Method, Request, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use super::error::AgentError;
use super::exchange::{Exchange, Step};

/// Timeout for one answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Maximum size of an answer.
const MAX_ANSWER: usize = 8 * 1024 * 1024;

/// A client bound to one base URL; clones share its connections.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    base: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// One request that is not sent yet.
pub(crate) struct Outgoing {
    pub(crate) step: Step,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
    /// The body for the transcript.
    pub(crate) shown: Option<Value>,
}

impl Http {
    /// # Errors
    /// `base` is not an absolute http URL without query.
    pub(crate) fn new(base: &str) -> Result<Self, AgentError> {
        let refuse = |reason: &str| AgentError::BaseUrl {
            url: base.to_owned(),
            reason: reason.to_owned(),
        };
        let uri: Uri = base
            .parse()
            .map_err(|error: axum::http::uri::InvalidUri| refuse(&error.to_string()))?;
        if uri.scheme_str() != Some("http") {
            return Err(refuse("only plain http is supported"));
        }
        if uri.host().is_none() || uri.query().is_some() {
            return Err(refuse("a host is required and a query is not allowed"));
        }
        let client = Client::builder(TokioExecutor::new())
            .retry_canceled_requests(false)
            .build_http();
        Ok(Self {
            base: base.trim_end_matches('/').to_owned(),
            client,
        })
    }

    pub(crate) async fn send(&self, outgoing: Outgoing) -> Result<Exchange, AgentError> {
        let step = outgoing.step;
        let no_answer = |reason: String| AgentError::NoAnswer { step, reason };
        match tokio::time::timeout(TIMEOUT, self.exchange(outgoing)).await {
            Ok(Ok(exchange)) => Ok(exchange),
            Ok(Err(error)) => Err(no_answer(chain(error.as_ref()))),
            Err(_) => Err(no_answer(format!("timed out after {TIMEOUT:?}"))),
        }
    }

    async fn exchange(&self, outgoing: Outgoing) -> Result<Exchange, Box<dyn std::error::Error + Send + Sync>> {
        let Outgoing {
            step,
            method,
            path,
            headers,
            body,
            shown,
        } = outgoing;
        let uri: Uri = format!("{}{path}", self.base).parse()?;
        let path = uri.path().to_owned();
        let mut request = Request::builder()
            .method(&method)
            .uri(uri)
            .header(header::USER_AGENT, super::USER_AGENT);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(body))?;
        let began = Instant::now();
        let response = self.client.request(request).await?;
        let (head, body) = response.into_parts();
        let bytes = Limited::new(body, MAX_ANSWER).collect().await?.to_bytes();
        Ok(Exchange {
            step,
            title: step.title(),
            method: if method == Method::GET { "GET" } else { "POST" },
            path,
            request: shown,
            status: head.status.as_u16(),
            replayed: head
                .headers
                .get("idempotent-replayed")
                .is_some_and(|value| value == "true"),
            response: read(&bytes),
            elapsed: began.elapsed(),
        })
    }
}

/// The body as JSON, or as text if it is not JSON.
fn read(bytes: &[u8]) -> Value {
    if bytes.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(bytes).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(bytes)))
}

/// An error and its sources; the specific reason of a hyper error is at the end.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
