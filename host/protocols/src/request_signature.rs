//! Signatures of ACP requests: the headers `Signature` and `Timestamp`.
//!
//! ACP names the headers and leaves the rest to agent and merchant (`OpenAPI` `Signature`, `Timestamp`). Here the signed text is the
//! value of `Timestamp`, a full stop, and the raw body; the signature is HMAC-SHA256 or Ed25519, in base64url. Method, path,
//! release and idempotency key are not signed: a signature is remembered with those that it was first sent with, and is good for no
//! others.

mod replay;
#[cfg(test)]
mod tests;

use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, KeyInit, Mac};
use ring::signature::{ED25519, UnparsedPublicKey};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::error_response::ErrorResponse;
use super::settings::RequestSigning;
use super::signature::TOLERANCE_S;
use tillhouse_checkout::time::Timestamp;

pub(crate) use replay::{SignedRequest, remember};

const SIGNATURE: &str = "signature";
const TIMESTAMP: &str = "timestamp";

/// Base64url, with or without padding.
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a signature is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RequestSignatureError {
    #[error("this key's requests must be signed; send the headers Signature and Timestamp")]
    Missing,
    #[error("Signature and Timestamp belong together; send both headers")]
    Incomplete,
    #[error("the Timestamp header must be an RFC 3339 time such as 2026-04-17T10:30:00.250Z")]
    MalformedTimestamp,
    #[error("the Signature header must be base64url")]
    MalformedSignature,
    #[error("the Timestamp header is more than {TOLERANCE_S} seconds away from this host's clock")]
    Stale,
    #[error("the Signature header does not match Timestamp and body")]
    Mismatch,
    #[error(
        "this Signature was used before; sign again with a new Timestamp, or retry the same request under the same Idempotency-Key"
    )]
    Replayed,
}

impl RequestSignatureError {
    const fn code(self) -> &'static str {
        match self {
            Self::Missing | Self::Incomplete => "missing_signature",
            Self::MalformedTimestamp | Self::MalformedSignature | Self::Mismatch => "invalid_signature",
            Self::Stale => "signature_expired",
            Self::Replayed => "signature_replayed",
        }
    }
}

impl From<RequestSignatureError> for ErrorResponse {
    fn from(error: RequestSignatureError) -> Self {
        Self::request(StatusCode::UNAUTHORIZED, error.code(), error.to_string()).not_recorded()
    }
}

/// What a verified signature covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VerifiedSignature {
    /// HMAC or Ed25519 signature, decoded.
    bytes: Vec<u8>,
}

/// Verify the signature of a request against the keys of the agent that sent it. `None` if it has no signature and needs none.
///
/// # Errors
/// When a demanded signature is missing, or the one that was sent is not valid now.
pub(crate) fn verify(
    headers: &HeaderMap,
    body: &[u8],
    signing: &RequestSigning,
    now: Timestamp,
) -> Result<Option<VerifiedSignature>, RequestSignatureError> {
    let (signature, time) = match (headers.get(SIGNATURE), headers.get(TIMESTAMP)) {
        (None, _) if signing.demanded => return Err(RequestSignatureError::Missing),
        (None, _) => return Ok(None),
        (Some(_), None) => return Err(RequestSignatureError::Incomplete),
        (Some(signature), Some(time)) => (signature, time),
    };
    let time = time.to_str().map_err(|_| RequestSignatureError::MalformedTimestamp)?;
    let signed: jiff::Timestamp = time.parse().map_err(|_| RequestSignatureError::MalformedTimestamp)?;
    let signed_ms = u64::try_from(signed.as_millisecond()).map_err(|_| RequestSignatureError::Stale)?;
    if signed_ms.abs_diff(now.0) > TOLERANCE_S * 1000 {
        return Err(RequestSignatureError::Stale);
    }
    let bytes = BASE64_URL
        .decode(signature.as_bytes())
        .map_err(|_| RequestSignatureError::MalformedSignature)?;
    // The body may have a card number.
    let text = Zeroizing::new([time.as_bytes(), b".", body].concat());
    if is_signed_by(signing, &text, &bytes) {
        Ok(Some(VerifiedSignature { bytes }))
    } else {
        Err(RequestSignatureError::Mismatch)
    }
}

/// Tries every key, whichever matches: the response time does not tell which.
fn is_signed_by(signing: &RequestSigning, text: &[u8], signature: &[u8]) -> bool {
    let by_secret = signing.hmac_secrets.iter().map(|secret| {
        Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes())
            .is_ok_and(|mac| mac.chain_update(text).verify_slice(signature).is_ok())
    });
    let by_key = signing
        .ed25519_keys
        .iter()
        .map(|key| UnparsedPublicKey::new(&ED25519, key).verify(text, signature).is_ok());
    by_secret.chain(by_key).fold(false, |found, matches| found | matches)
}
