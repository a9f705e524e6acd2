//! Reads an API key from the `Authorization` header.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::incoming_request::IncomingRequest;

/// The token of `Bearer …`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<String> {
    let (scheme, token) = credentials(headers)?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.to_owned())
}

/// The token of `Bearer …` of a request that was read already.
pub(crate) fn bearer_of(request: &IncomingRequest) -> Option<String> {
    let (scheme, token) = request.header("authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

/// The user name of `Basic …`, where Stripe's clients send the secret key (`-u sk_…:`).
pub(crate) fn basic_user(headers: &HeaderMap) -> Option<String> {
    let (scheme, encoded) = credentials(headers)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(BASE64.decode(encoded).ok()?).ok()?;
    Some(decoded.split_once(':')?.0.to_owned())
}

fn credentials(headers: &HeaderMap) -> Option<(&str, &str)> {
    let (scheme, rest) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    Some((scheme, rest.trim()))
}
