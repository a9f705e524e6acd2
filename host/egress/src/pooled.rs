//! Requests on pooled connections, for what may be repeated under its idempotency key.
//!
//! A pool hides what was written: every failure after connecting counts as "may have arrived".

#[cfg(feature = "crash-points")]
mod trip;

use std::error::Error as StdError;
use std::time::Duration;

use hyper::body::Bytes;

use super::answer::{self, Answer};
use super::client::{CONNECT_TIMEOUT, ClientError};
use super::error::{EgressError, EgressErrorKind};
use super::outgoing::{self, USER_AGENT};
use super::request::{HttpRequest, HttpResponse};
use super::resolver::{LookupError, Resolver};
use super::upstream::Upstream;
use tillhouse_checkout::attempt::WireEvidence;
use tillhouse_crash_points::crash_point;

/// Idle connections per host. As many as a busy host has requests in progress to Stripe at once: with fewer, each request above
/// that costs a later one a TCP and a TLS handshake (0.6 connects per purchase at 64 clients, with 8). Idle connections are
/// closed after [`IDLE`] anyway.
const IDLE_PER_HOST: usize = 128;
/// How long an idle connection is kept open.
const IDLE: Duration = Duration::from_secs(20);

/// A client per address rule, because reqwest has one resolver per client.
#[derive(Clone, Debug)]
pub(super) struct Pooled {
    public: reqwest::Client,
    private: reqwest::Client,
}

impl Pooled {
    pub(super) fn new(tls: &rustls::ClientConfig) -> Result<Self, ClientError> {
        Ok(Self {
            public: build(tls, false)?,
            private: build(tls, true)?,
        })
    }

    /// Sends a request and reads the whole response.
    pub(super) async fn send(&self, upstream: &Upstream, request: HttpRequest) -> Result<HttpResponse, EgressError> {
        let client = if upstream.allow_private {
            &self.private
        } else {
            &self.public
        };
        let cap = request.max_response_bytes;
        #[cfg(feature = "crash-points")]
        let trip = trip::Trip::of(upstream, &request);
        let mut builder = client
            .request(outgoing::method(request.method), request.url)
            .headers(outgoing::headers(&request.headers)?)
            .timeout(request.timeout.min(upstream.timeout));
        if let Some(body) = request.body {
            builder = builder.body(crash_point!(body trip, Bytes::from_owner(body)));
        }
        let broke = |error: reqwest::Error| classify(upstream, &error);
        crash_point!("before_connect" of trip);
        let mut response = crash_point!(sending trip, builder.send()).map_err(broke)?;
        crash_point!("before_read" of trip);
        let announced = response.content_length().unwrap_or(0);
        let mut answer = Answer::begin(upstream, cap, response.status(), response.headers(), announced)?;
        while !answer.is_enough()
            && let Some(chunk) = response.chunk().await.map_err(broke)?
        {
            answer.take(&chunk)?;
        }
        crash_point!("after_read" of trip);
        Ok(answer.end())
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
        .http1_max_headers(answer::MAX_HEADERS)
        .tcp_nodelay(true)
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_max_idle_per_host(IDLE_PER_HOST)
        .pool_idle_timeout(IDLE)
        .dns_resolver(Resolver { allow_private })
        .build()
        .map_err(|error| ClientError(error.to_string()))
}

fn classify(upstream: &Upstream, error: &reqwest::Error) -> EgressError {
    if matches!(cause::<LookupError>(error), Some(LookupError::Refused)) {
        return outgoing::address_refused(upstream);
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
        let (kind, what) = answer::failure(cause::<hyper::Error>(error));
        (kind, WireEvidence::SomeBytesWritten, what)
    };
    EgressError::at(upstream, kind, wire, what)
}

fn cause<'e, E: StdError + 'static>(error: &'e (dyn StdError + 'static)) -> Option<&'e E> {
    std::iter::successors(Some(error), |error| (*error).source()).find_map(<dyn StdError + 'static>::downcast_ref)
}
