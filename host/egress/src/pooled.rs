//! Requests on pooled connections, for what may be repeated under its idempotency key.
//!
//! A pool hides what was written: every failure after connecting counts as "may have arrived".

#[cfg(feature = "crash-points")]
pub(super) mod observed_exchange;

use std::error::Error as StdError;
use std::time::Duration;

use hyper::body::Bytes;

use super::client::{CONNECT_TIMEOUT, ClientError};
use super::error::{EgressError, EgressErrorKind};
use super::request::{HttpRequest, HttpResponse};
use super::request_checks::{self, USER_AGENT};
use super::resolver::{LookupError, Resolver};
use super::response_reader::{self, ResponseReader};
use super::upstream::Upstream;
use tillhouse_checkout::attempt::WireEvidence;
use tillhouse_crash_points::crash_point;

/// Idle connections per host. As many as a busy host has requests in progress to Stripe at once: with fewer, each request above
/// that costs a later one a TCP and a TLS handshake (0.6 connects per purchase at 64 clients, with 8). Idle connections are
/// closed after [`IDLE`] anyway.
const IDLE_PER_HOST: usize = 128;
/// How long an idle connection is kept open.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// A client per address rule, because reqwest has one resolver per client.
#[derive(Clone, Debug)]
pub(super) struct PooledClient {
    public: reqwest::Client,
    private: reqwest::Client,
}

impl PooledClient {
    pub(super) fn new(tls: &rustls::ClientConfig) -> Result<Self, ClientError> {
        Ok(Self {
            public: build(tls, false)?,
            private: build(tls, true)?,
        })
    }

    /// The client with the address rule of this upstream.
    pub(super) const fn for_upstream(&self, upstream: &Upstream) -> &reqwest::Client {
        if upstream.allow_private {
            &self.private
        } else {
            &self.public
        }
    }

    /// Sends a request and reads the whole response.
    pub(super) async fn send(&self, upstream: &Upstream, request: HttpRequest) -> Result<HttpResponse, EgressError> {
        let client = self.for_upstream(upstream);
        let max_body = request.max_response_bytes;
        #[cfg(feature = "crash-points")]
        let exchange = observed_exchange::ObservedExchange::new(upstream, &request);
        let mut builder = client
            .request(request_checks::method(request.method), request.url)
            .headers(request_checks::headers(&request.headers)?)
            .timeout(request.timeout.min(upstream.timeout));
        if let Some(body) = request.body {
            builder = builder.body(crash_point!(body exchange, Bytes::from_owner(body)));
        }
        let read_error = |error: reqwest::Error| classify(upstream, &error);
        crash_point!("before_connect" in exchange);
        let mut response = crash_point!(sending exchange, builder.send()).map_err(read_error)?;
        crash_point!("before_read" in exchange);
        let announced = response.content_length().unwrap_or(0);
        let mut reader = ResponseReader::begin(upstream, max_body, response.status(), response.headers(), announced)?;
        while !reader.skips_body()
            && let Some(chunk) = response.chunk().await.map_err(read_error)?
        {
            reader.append(&chunk)?;
        }
        crash_point!("after_read" in exchange);
        Ok(reader.finish())
    }
}

fn build(tls: &rustls::ClientConfig, allow_private: bool) -> Result<reqwest::Client, ClientError> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .user_agent(USER_AGENT)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .referer(false)
        .http1_only()
        .http1_max_headers(response_reader::MAX_HEADERS)
        .tcp_nodelay(true)
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_max_idle_per_host(IDLE_PER_HOST)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .dns_resolver(Resolver { allow_private })
        .build()
        .map_err(|error| ClientError(error.to_string()))
}

pub(super) fn classify(upstream: &Upstream, error: &reqwest::Error) -> EgressError {
    if matches!(cause::<LookupError>(error), Some(LookupError::Refused)) {
        return request_checks::address_refused(upstream);
    }
    let (kind, wire, what) = if error.is_builder() {
        let kind = EgressErrorKind::Invalid;
        (kind, WireEvidence::NothingSent, "the request is malformed")
    } else if error.is_connect() {
        let kind = EgressErrorKind::NotConnected;
        (kind, WireEvidence::NotConnected, "connection failed or timed out")
    } else if error.is_timeout() {
        let kind = EgressErrorKind::Timeout;
        (kind, WireEvidence::SomeBytesWritten, "the request timed out")
    } else {
        let (kind, what) = response_reader::classify_hyper_error(cause::<hyper::Error>(error));
        (kind, WireEvidence::SomeBytesWritten, what)
    };
    EgressError::for_upstream(upstream, kind, wire, what)
}

fn cause<'e, E: StdError + 'static>(error: &'e (dyn StdError + 'static)) -> Option<&'e E> {
    std::iter::successors(Some(error), |error| (*error).source()).find_map(<dyn StdError + 'static>::downcast_ref)
}
