//! Signatures of ACP requests: the headers `Signature` and `Timestamp`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha2::Sha256;

use crate::clock::Clock;
use crate::secret::Secret;

/// Name of the header with the signature, in lower case.
pub const SIGNATURE: &str = "signature";
/// Name of the header with the time of the signature, in lower case.
pub const TIMESTAMP: &str = "timestamp";

/// The value of `Signature`: base64url of the HMAC-SHA256 of the timestamp, a full stop and the raw body.
#[must_use]
pub fn sign(secret: &Secret, timestamp: &str, body: &[u8]) -> String {
    // HMAC accepts keys of any length, so the empty key is never used.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes())
        .unwrap_or_else(|_| Hmac::<Sha256>::new(&Default::default()));
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

/// The value of `Timestamp`, RFC 3339. Its fraction of a second is random: a signature is good for one request, and requests of one
/// second may have the same body.
#[must_use]
pub fn timestamp(clock: &Clock) -> String {
    let nanos = uuid::Uuid::new_v4().as_u128() % 1_000_000_000;
    let nanos = i32::try_from(nanos).unwrap_or_default();
    Timestamp::new(clock.now(), nanos).unwrap_or_default().to_string()
}
