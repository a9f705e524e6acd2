//! An HTTP client that sends exactly what a test specifies, on a new connection for every request.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use hyper::{HeaderMap, Method};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tillhouse_sandbox::Secret;
use tillhouse_sandbox::adyen::{HMAC_SIGNATURE, PROTOCOL, hmac_signature};
use tillhouse_sandbox::stripe::signature;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::acp::Release;
use crate::clock::TestClock;
use crate::http_response::HttpResponse;
use crate::merchant::Merchant;
use crate::official::{self, RequestedBody};

/// An idempotency key that no request of this process has used.
pub(crate) fn fresh_key() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("key-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A client of one merchant. It has the merchant's credentials; each request decides whether to send them.
#[derive(Clone, Debug)]
pub struct Client {
    address: SocketAddr,
    prefix: String,
    acp_key: String,
    signing_secret: String,
    adyen_hmac_key: String,
    clock: TestClock,
}

impl Client {
    pub(crate) fn new(address: SocketAddr, prefix: &str, merchant: &str, clock: &TestClock) -> Self {
        Self {
            address,
            prefix: prefix.to_owned(),
            acp_key: Merchant::acp_key(merchant),
            signing_secret: Merchant::signing_secret(merchant),
            adyen_hmac_key: Merchant::adyen_hmac_key(merchant),
            clock: clock.clone(),
        }
    }

    /// The same client with another bearer key.
    pub(crate) fn with_acp_key(self, key: &str) -> Self {
        Self {
            acp_key: key.to_owned(),
            ..self
        }
    }

    /// A POST below the merchant's prefix.
    pub fn post(&self, path: &str) -> Request {
        self.request(Method::POST, path)
    }

    /// A GET below the merchant's prefix.
    pub fn get(&self, path: &str) -> Request {
        self.request(Method::GET, path)
    }

    /// A GET of a path outside the merchants' prefixes, such as `/livez`.
    pub(crate) fn at_root(&self, path: &str) -> Request {
        let root = Self {
            prefix: String::new(),
            ..self.clone()
        };
        root.get(path)
    }

    /// A request with any HTTP method, below the merchant's prefix.
    pub fn request(&self, method: Method, path: &str) -> Request {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, text(&self.address.to_string()));
        Request {
            client: self.clone(),
            method,
            target: format!("{}{path}", self.prefix),
            headers,
            body: Bytes::new(),
            signature: None,
        }
    }

    /// Sends raw bytes, and returns what the host sends until it closes the connection.
    pub async fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).await.expect("the host listens");
        // The host may close the connection while the request is still being sent; what it sent before counts.
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }
}

/// An HTTP request that is not sent yet.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct Request {
    client: Client,
    method: Method,
    target: String,
    headers: HeaderMap,
    body: Bytes,
    signature: Option<(Secret, Option<i64>)>,
}

impl Request {
    /// Adds the merchant's bearer key and the release of ACP.
    pub fn acp(self, release: Release) -> Self {
        self.acp_key().header("api-version", release.as_str())
    }

    /// Adds the merchant's bearer key.
    pub fn acp_key(self) -> Self {
        let key = self.client.acp_key.clone();
        self.bearer(&key)
    }

    /// Sends the request to another host of the same merchants.
    pub(crate) fn to(mut self, address: SocketAddr) -> Self {
        self.client.address = address;
        self.host(&address.to_string())
    }

    /// Sends `Authorization: Bearer` with this key.
    pub fn bearer(self, key: &str) -> Self {
        self.header(AUTHORIZATION.as_str(), &format!("Bearer {key}"))
    }

    /// Signs as Stripe does, with the merchant's secret and the current time.
    pub fn signed(self) -> Self {
        let secret = self.client.signing_secret.clone();
        self.signed_with(&secret)
    }

    /// Signs with another secret and the current time.
    pub fn signed_with(mut self, secret: &str) -> Self {
        self.signature = Some((Secret::from(secret), None));
        self
    }

    /// Signs with the merchant's secret and this time, in seconds since the Unix epoch.
    pub fn signed_at(mut self, seconds: i64) -> Self {
        self.signature = Some((Secret::from(self.client.signing_secret.clone()), Some(seconds)));
        self
    }

    /// Signs the body, which must be complete, as Adyen does with the merchant's key.
    pub fn signed_by_adyen(self) -> Self {
        let key = Secret::from(self.client.adyen_hmac_key.clone());
        let signature = hmac_signature(&key, &self.body);
        self.header(HMAC_SIGNATURE, &signature).header(PROTOCOL, "HmacSHA256")
    }

    /// Sends `Idempotency-Key` with this value.
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// Sends the request without `Idempotency-Key`.
    pub fn no_key(self) -> Self {
        self.without("idempotency-key")
    }

    /// Sets the `Host` header.
    pub fn host(self, host: &str) -> Self {
        self.header(HOST.as_str(), host)
    }

    /// Sets a header field, replacing any of the same name.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a valid header name");
        self.headers.insert(name, text(value));
        self
    }

    /// Adds a header field beside any of the same name.
    pub fn append_header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a valid header name");
        self.headers.append(name, text(value));
        self
    }

    /// Removes a header field.
    pub fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    /// Sets a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.body(body.to_string())
    }

    /// Sets a body with the content type `application/json`, whether or not it is JSON.
    pub fn body(self, body: impl Into<Bytes>) -> Self {
        let mut request = self.header(CONTENT_TYPE.as_str(), "application/json");
        request.body = body.into();
        request
    }

    /// The value of `Stripe-Signature` that this request is sent with; `None` if it is not signed.
    #[must_use]
    pub fn signature(&self) -> Option<String> {
        let (secret, seconds) = self.signature.as_ref()?;
        let seconds = seconds.unwrap_or_else(|| self.client.clock.seconds());
        Some(signature::sign(secret, seconds, &self.body))
    }

    /// Sends the request and reads the response.
    ///
    /// # Panics
    /// When the host does not respond.
    pub async fn send(self) -> HttpResponse {
        let target = format!("{} {}", self.method, self.target);
        match self.try_send().await {
            Ok(answer) => answer,
            Err(error) => panic!("no response to {target}: {error}"),
        }
    }

    /// Sends the request and reads the response, if there is one. If the future is dropped half-way, the client closes the
    /// connection.
    ///
    /// # Errors
    /// Why the connection failed.
    pub async fn try_send(mut self) -> Result<HttpResponse, Box<dyn std::error::Error + Send + Sync>> {
        if let Some(signature) = self.signature() {
            self = self.header(signature::HEADER, &signature);
        }
        let release = self
            .headers
            .get("api-version")
            .and_then(|release| release.to_str().ok());
        let requested = RequestedBody::of(&self.target, release);
        let stream = TcpStream::connect(self.client.address).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let mut request = hyper::Request::new(Full::new(self.body));
        *request.method_mut() = self.method;
        *request.uri_mut() = self.target.parse()?;
        *request.headers_mut() = self.headers;
        let (head, body) = sender.send_request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes().to_vec();
        let answer = HttpResponse {
            status: head.status.as_u16(),
            headers: head.headers,
            json: serde_json::from_slice(&body).unwrap_or_default(),
            body,
        };
        if let Some(requested) = requested {
            official::hold(&requested, &answer);
        }
        Ok(answer)
    }
}

fn text(value: &str) -> HeaderValue {
    HeaderValue::from_bytes(value.as_bytes()).expect("a valid header value")
}
