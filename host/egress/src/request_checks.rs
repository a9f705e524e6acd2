//! Checks of a request before it is sent.

use hyper::header::{HeaderMap, HeaderName, HeaderValue};

use super::address;
use super::error::EgressError;
use super::request::{HeaderText, HttpRequest, Method};
use super::upstream::Upstream;

/// Value of the `user-agent` header.
pub(super) const USER_AGENT: &str = concat!("tillhouse/", env!("CARGO_PKG_VERSION"));

/// Headers that belong to the connection, or would reveal the client or buyer to the upstream (RFC 9110 §7.6.1).
const RESERVED_HEADERS: [&str; 16] = [
    // No compression and no partial content: the response must be scrubbed.
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

/// Checks that the upstream's grants allow the destination, as far as that is known before the DNS lookup.
pub(super) fn check_destination(upstream: &Upstream, request: &HttpRequest) -> Result<(), EgressError> {
    let name = upstream.name();
    if !upstream.covers(&request.url) {
        return Err(EgressError::denied(format!(
            "upstream {name}: the URL is not below its base URL"
        )));
    }
    if request.url.scheme() != "https" && !upstream.allow_http {
        return Err(EgressError::denied(format!(
            "upstream {name}: plain http is not allowed; use https, or set allow_http for this upstream"
        )));
    }
    if upstream
        .ip_literal()
        .is_some_and(|address| !address::is_allowed(address, upstream.allow_private))
    {
        return Err(address_refused(upstream));
    }
    Ok(())
}

/// The error for an upstream whose address is not allowed.
pub(super) fn address_refused(upstream: &Upstream) -> EgressError {
    EgressError::denied(format!(
        "upstream {}: its address is not allowed; for loopback or a private network set allow_loopback for this upstream",
        upstream.name()
    ))
}

pub(super) const fn method(method: Method) -> hyper::Method {
    match method {
        Method::Get => hyper::Method::GET,
        Method::Post => hyper::Method::POST,
        Method::Put => hyper::Method::PUT,
        Method::Patch => hyper::Method::PATCH,
        Method::Delete => hyper::Method::DELETE,
    }
}

/// The headers of a request. Secrets are marked as sensitive, so that no debug output shows them.
pub(super) fn headers(list: &[(String, HeaderText)]) -> Result<HeaderMap, EgressError> {
    let mut map = HeaderMap::with_capacity(list.len());
    for (name, value) in list {
        let lower = name.to_ascii_lowercase();
        if RESERVED_HEADERS.contains(&lower.as_str()) || lower.starts_with("proxy-") {
            return Err(EgressError::invalid(format!("header {lower} is reserved for the host")));
        }
        let header = HeaderName::from_bytes(lower.as_bytes())
            .map_err(|_| EgressError::invalid(format!("invalid header name {lower:?}")))?;
        let mut text = HeaderValue::from_str(value.text())
            .map_err(|_| EgressError::invalid(format!("header {lower}: invalid characters in the value")))?;
        text.set_sensitive(matches!(value, HeaderText::Secret(_)));
        map.append(header, text);
    }
    Ok(map)
}
