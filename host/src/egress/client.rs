//! The client. One for the whole process.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use rustls::client::danger::ServerCertVerifier;
use zeroize::Zeroizing;

use super::address;
use super::error::{EgressError, EgressErrorKind};
use super::request::{Connection, HttpRequest, HttpResponse, Method};
use super::resolver::{AddressRefused, Resolver};
use super::upstream::Upstream;
use crate::checkout::attempt::WireEvidence;

/// Longest wait for a connection, name lookup and TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Most headers of an answer; hyper refuses an answer with more.
const MAX_RESPONSE_HEADERS: usize = 64;
/// Most bytes of header names and values of an answer.
const MAX_RESPONSE_HEADER_BYTES: usize = 32 << 10;
/// Headers that belong to the connection, or would tell the upstream what it must not know (RFC 9110 §7.6.1).
const RESERVED_HEADERS: [&str; 16] = [
    // Nothing compressed and nothing partial: the answer has to be scrubbed.
    "accept-encoding",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
];

/// The client cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("HTTP client: {0}")]
pub struct ClientError(String);

/// Sends requests to upstreams. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    public: Lanes,
    private: Lanes,
}

/// A client per kind of connection, because reqwest decides reuse by client.
#[derive(Clone, Debug)]
struct Lanes {
    fresh: reqwest::Client,
    pooled: reqwest::Client,
}

impl Client {
    /// The client, with the certificates that this machine trusts.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new() -> Result<Self, ClientError> {
        let tls = tls_config()?;
        Ok(Self {
            public: Lanes::new(&tls, false)?,
            private: Lanes::new(&tls, true)?,
        })
    }

    /// Send a request and read the whole answer.
    ///
    /// # Errors
    /// When the upstream's grants forbid it, nothing answered, or the answer is no plain HTTP answer within the limits. The
    /// error says whether the upstream may have seen the request.
    pub async fn send(&self, upstream: &Upstream, request: HttpRequest) -> Result<HttpResponse, EgressError> {
        check_destination(upstream, &request)?;
        let cap = request.max_response_bytes;
        let lanes = if upstream.allow_private {
            &self.private
        } else {
            &self.public
        };
        let client = match request.connection {
            Connection::Fresh => &lanes.fresh,
            Connection::Pooled => &lanes.pooled,
        };
        let timeout = request.timeout.min(upstream.timeout);
        let mut builder = client
            .request(method(request.method), request.url)
            .headers(headers(&request.headers)?)
            .timeout(timeout);
        if let Some(body) = request.body {
            builder = builder.body(Bytes::from_owner(body));
        }
        let response = builder.send().await.map_err(|error| classify(upstream, &error))?;
        receive(upstream, response, cap).await
    }
}

impl Lanes {
    fn new(tls: &rustls::ClientConfig, allow_private: bool) -> Result<Self, ClientError> {
        Ok(Self {
            fresh: build(tls, allow_private, 0)?,
            pooled: build(tls, allow_private, 8)?,
        })
    }
}

fn build(tls: &rustls::ClientConfig, allow_private: bool, idle: usize) -> Result<reqwest::Client, ClientError> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .user_agent(concat!("tillhouse/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .referer(false)
        .http1_only()
        .http1_max_headers(MAX_RESPONSE_HEADERS)
        .tcp_nodelay(true)
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_max_idle_per_host(idle)
        .pool_idle_timeout(Duration::from_secs(20))
        .dns_resolver(Resolver { allow_private })
        .build()
        .map_err(|error| ClientError(error.to_string()))
}

/// TLS with the ring provider passed by hand: nothing depends on which provider another crate made the process default.
fn tls_config() -> Result<rustls::ClientConfig, ClientError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| ClientError(error.to_string()))?;
    match rustls_platform_verifier::Verifier::new(provider) {
        Ok(verifier) => {
            let verifier: Arc<dyn ServerCertVerifier> = Arc::new(verifier);
            Ok(builder
                .dangerous()
                .with_custom_certificate_verifier(verifier)
                .with_no_client_auth())
        }
        Err(error) => {
            // Better than not to start: whatever needs TLS fails closed, and a simulator on loopback needs none.
            tracing::warn!(%error, "this machine trusts no certificates; every https request will fail");
            Ok(builder
                .with_root_certificates(rustls::RootCertStore::empty())
                .with_no_client_auth())
        }
    }
}

fn check_destination(upstream: &Upstream, request: &HttpRequest) -> Result<(), EgressError> {
    let name = upstream.name();
    if !upstream.covers(&request.url) {
        return Err(EgressError::denied(format!(
            "upstream {name}: the URL is not below its base URL"
        )));
    }
    if request.url.scheme() != "https" && !upstream.allow_http {
        return Err(EgressError::denied(format!(
            "upstream {name}: plain http is not granted; use https, or set allow_http for this upstream"
        )));
    }
    if upstream
        .literal()
        .is_some_and(|address| !address::allowed(address, upstream.allow_private))
    {
        return Err(address_refused(upstream));
    }
    Ok(())
}

fn address_refused(upstream: &Upstream) -> EgressError {
    EgressError::denied(format!(
        "upstream {}: its address may not be reached; for loopback or a private network set allow_private for this upstream",
        upstream.name()
    ))
}

fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    }
}

fn headers(list: &[(String, super::HeaderText)]) -> Result<HeaderMap, EgressError> {
    let mut map = HeaderMap::with_capacity(list.len());
    for (name, value) in list {
        let lower = name.to_ascii_lowercase();
        if RESERVED_HEADERS.contains(&lower.as_str()) || lower.starts_with("proxy-") {
            return Err(EgressError::invalid(format!("header {lower} belongs to the host")));
        }
        let header = HeaderName::from_bytes(lower.as_bytes())
            .map_err(|_| EgressError::invalid(format!("header {lower:?} is not a header name")))?;
        let mut text = HeaderValue::from_str(value.text())
            .map_err(|_| EgressError::invalid(format!("header {lower}: the value holds characters a header cannot")))?;
        text.set_sensitive(matches!(value, super::HeaderText::Secret(_)));
        map.append(header, text);
    }
    Ok(map)
}

async fn receive(
    upstream: &Upstream,
    mut response: reqwest::Response,
    cap: usize,
) -> Result<HttpResponse, EgressError> {
    let status = response.status();
    if status.is_redirection() {
        return Err(after_answer(
            upstream,
            EgressErrorKind::Refused,
            "answered with a redirect",
        ));
    }
    let headers = read_headers(response.headers())
        .ok_or_else(|| after_answer(upstream, EgressErrorKind::TooLarge, "headers over 32 KiB"))?;
    let announced = usize::try_from(response.content_length().unwrap_or(0)).unwrap_or(usize::MAX);
    if announced > cap {
        return Err(too_large(upstream, cap));
    }
    let mut body = Zeroizing::new(Vec::with_capacity(announced.min(64 << 10)));
    while let Some(chunk) = response.chunk().await.map_err(|error| classify(upstream, &error))? {
        if body.len().saturating_add(chunk.len()) > cap {
            return Err(too_large(upstream, cap));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(HttpResponse {
        status: status.as_u16(),
        headers,
        body,
    })
}

fn read_headers(map: &HeaderMap) -> Option<Vec<(String, String)>> {
    let bytes: usize = map.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    (bytes <= MAX_RESPONSE_HEADER_BYTES).then(|| {
        map.iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect()
    })
}

fn too_large(upstream: &Upstream, cap: usize) -> EgressError {
    after_answer(
        upstream,
        EgressErrorKind::TooLarge,
        &format!("body over the limit of {cap} bytes"),
    )
}

/// An answer began but is no use: the request was seen, and what became of it is not known.
fn after_answer(upstream: &Upstream, kind: EgressErrorKind, what: &str) -> EgressError {
    EgressError {
        kind,
        wire: WireEvidence::MaybeSent,
        message: format!("upstream {}: {what}", upstream.name()),
    }
}

fn classify(upstream: &Upstream, error: &reqwest::Error) -> EgressError {
    if caused_by::<AddressRefused>(error) {
        return address_refused(upstream);
    }
    let (kind, wire, what) = if error.is_builder() {
        (
            EgressErrorKind::Invalid,
            WireEvidence::NothingSent,
            "the request is malformed",
        )
    } else if error.is_connect() {
        (
            EgressErrorKind::NotConnected,
            WireEvidence::NotConnected,
            "no connection",
        )
    } else if error.is_timeout() {
        (EgressErrorKind::Timeout, WireEvidence::MaybeSent, "no answer in time")
    } else if is_parse_error(error) {
        (
            EgressErrorKind::Refused,
            WireEvidence::MaybeSent,
            "the answer is not HTTP",
        )
    } else {
        (
            EgressErrorKind::Interrupted,
            WireEvidence::MaybeSent,
            "the connection broke",
        )
    };
    EgressError {
        kind,
        wire,
        message: format!("upstream {}: {what}", upstream.name()),
    }
}

fn causes<'e>(error: &'e (dyn StdError + 'static)) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error: &&'e (dyn StdError + 'static)| (*error).source())
}

fn caused_by<E: StdError + 'static>(error: &(dyn StdError + 'static)) -> bool {
    causes(error).any(<dyn StdError + 'static>::is::<E>)
}

fn is_parse_error(error: &(dyn StdError + 'static)) -> bool {
    causes(error)
        .filter_map(|cause| cause.downcast_ref::<hyper::Error>())
        .any(hyper::Error::is_parse)
}

#[cfg(test)]
mod tests;
