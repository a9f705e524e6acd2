//! A request as it is written to the connection.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{self, HeaderValue};
use hyper::{Request, Uri};
use url::{Position, Url};

use crate::error::EgressError;
use crate::request::{HttpRequest, Method};
use crate::request_checks::{self, USER_AGENT};

/// A request as hyper writes it, and the length of its body. Has no `Debug`: it holds card data.
pub(super) struct WireRequest {
    pub(super) request: Request<Full<Bytes>>,
    pub(super) body_length: usize,
}

impl WireRequest {
    /// Adds the headers of the connection.
    ///
    /// Sends `connection: close`, as a client must that does not reuse the connection (RFC 9112 §9.6).
    pub(super) fn new(request: HttpRequest) -> Result<Self, EgressError> {
        let HttpRequest {
            method,
            url,
            headers,
            body,
            ..
        } = request;
        let mut headers = request_checks::headers(&headers)?;
        headers.insert(header::HOST, host_header(&url)?);
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        for (name, value) in [(header::USER_AGENT, USER_AGENT), (header::ACCEPT, "*/*")] {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        }
        let body = body.map(Bytes::from_owner).unwrap_or_default();
        if !body.is_empty() || matches!(method, Method::Post | Method::Put | Method::Patch) {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        }
        let body_length = body.len();
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = request_checks::method(method);
        *request.uri_mut() = request_target(&url)?;
        *request.headers_mut() = headers;
        Ok(Self { request, body_length })
    }
}

/// The origin form: path and query (RFC 9112 §3.2.1).
fn request_target(url: &Url) -> Result<Uri, EgressError> {
    url[Position::BeforePath..Position::AfterQuery]
        .parse()
        .map_err(|_| EgressError::invalid("invalid characters in the path or query"))
}

/// The host, with its port unless that is the default of the scheme.
fn host_header(url: &Url) -> Result<HeaderValue, EgressError> {
    let host = url.host_str().unwrap_or_default();
    let text = url
        .port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    HeaderValue::from_str(&text).map_err(|_| EgressError::invalid("invalid characters in the host"))
}
