//! Authentication of Adyen's calls to the merchant.
//!
//! Adyen documents none for these calls. What it documents for its webhooks is accepted: user and password, a bearer key, or a
//! signature, which is the HMAC-SHA256 of the raw body under a key that is shown in hex, in base64
//! (<https://docs.adyen.com/development-resources/webhooks/secure-webhooks>). Each has two secrets while one is replaced.

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

use crate::auth::{bearer, known_key};
use crate::error_response::ErrorResponse;
use crate::request::read_body;
use crate::settings::{AdyenHmacKey, AdyenMerchantAuth, Limits};
use tillhouse_checkout::secret::Secret;

const SIGNATURE: &str = "hmacsignature";
/// Names the algorithm of the signature; not every call has it.
const PROTOCOL: &str = "protocol";
/// The only value of [`PROTOCOL`], in any case.
const HMAC_SHA256: &str = "HmacSHA256";
const DIGEST_BYTES: usize = 32;

/// Read the body of an authenticated call. Without a signature, the caller is known before anything of the body is read.
///
/// # Errors
/// 401 without valid credentials, and the errors of reading a body.
pub(crate) async fn read_authenticated(
    auth: &AdyenMerchantAuth,
    headers: &HeaderMap,
    body: Body,
    limits: &Limits,
) -> Result<Vec<u8>, ErrorResponse> {
    match auth {
        AdyenMerchantAuth::Basic(users) => {
            let user = basic(headers).and_then(|credentials| known_key(credentials.reveal(), users));
            user.ok_or_else(|| {
                refused("the Authorization header must carry a user of this merchant: Basic <credentials>")
            })?;
            read_body(body, limits).await
        }
        AdyenMerchantAuth::Bearer(keys) => {
            let key = bearer(headers).and_then(|token| known_key(token, keys));
            key.ok_or_else(ErrorResponse::unauthorized)?;
            read_body(body, limits).await
        }
        AdyenMerchantAuth::Hmac(keys) => {
            let signature = signature(headers).ok_or_else(bad_signature)?;
            let body = read_body(body, limits).await?;
            let keys = keys.iter().map(AsRef::as_ref);
            if verifies(keys, &body, &signature) {
                Ok(body)
            } else {
                Err(bad_signature())
            }
        }
    }
}

/// The `WWW-Authenticate` of a refusal (RFC 9110 §11.6.1); `None` for a signature, which is not a registered scheme.
pub(crate) const fn challenge(auth: &AdyenMerchantAuth) -> Option<&'static str> {
    match auth {
        AdyenMerchantAuth::Basic(_) => Some("Basic realm=\"adyen\""),
        AdyenMerchantAuth::Bearer(_) => Some("Bearer"),
        AdyenMerchantAuth::Hmac(_) => None,
    }
}

/// `user:password` of a Basic header (RFC 7617).
fn basic(headers: &HeaderMap) -> Option<Secret> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credentials) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let credentials = STANDARD.decode(credentials.trim()).ok()?;
    String::from_utf8(credentials).ok().map(Secret::new)
}

/// The signature of a request; `None` if it has none, or one of another form or algorithm.
fn signature(headers: &HeaderMap) -> Option<[u8; DIGEST_BYTES]> {
    let algorithm = headers.get(PROTOCOL);
    if algorithm.is_some_and(|name| !name.as_bytes().eq_ignore_ascii_case(HMAC_SHA256.as_bytes())) {
        return None;
    }
    STANDARD.decode(headers.get(SIGNATURE)?).ok()?.try_into().ok()
}

/// Whether any of the keys makes this signature. The body is hashed with every key, and compared in constant time.
fn verifies<'k>(keys: impl Iterator<Item = &'k AdyenHmacKey>, body: &[u8], signature: &[u8; DIGEST_BYTES]) -> bool {
    let mut matched = Choice::from(0);
    for key in keys {
        if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.bytes()) {
            mac.update(body);
            matched |= mac.finalize().into_bytes().as_slice().ct_eq(signature);
        }
    }
    matched.into()
}

fn refused(message: &str) -> ErrorResponse {
    ErrorResponse::request(StatusCode::UNAUTHORIZED, "unauthorized", message).not_recorded()
}

fn bad_signature() -> ErrorResponse {
    refused("the HmacSignature header must be the HMAC-SHA256 of the body with a key of this merchant, in base64")
}

#[cfg(test)]
mod tests;
