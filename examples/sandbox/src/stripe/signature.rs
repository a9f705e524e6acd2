//! Stripe's webhook signature: `Stripe-Signature: t=<unix>,v1=<hex>`, HMAC-SHA256 of `{t}.{raw body}`.
//!
//! See <https://docs.stripe.com/webhooks/signature>.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::secret::Secret;

/// Name of the signature header, in lower case.
pub const HEADER: &str = "stripe-signature";

/// The value of `Stripe-Signature` for `body` sent at `timestamp` (unix seconds).
///
/// The whole secret is the key, including `whsec_`. A request without a body signs the empty body.
#[must_use]
pub fn sign(secret: &Secret, timestamp: i64, body: &[u8]) -> String {
    format!("t={timestamp},v1={}", hex::encode(mac(secret, timestamp, body)))
}

/// Maximum difference between the timestamp of a signature and the clock, in seconds.
const TOLERANCE_SECS: u64 = 300;

/// Whether one of the header's `v1` signatures is valid for this secret and body, and its timestamp is near `now`.
pub(crate) fn verify(header: &str, secret: &Secret, now: i64, body: &[u8]) -> bool {
    let field = |name: &str| {
        let fields = header.split(',').filter_map(|field| field.trim().split_once('='));
        fields
            .filter(move |(found, _)| *found == name)
            .map(|(_, value)| value)
            .collect::<Vec<_>>()
    };
    let Some(timestamp) = field("t").first().and_then(|text| text.parse::<i64>().ok()) else {
        return false;
    };
    let expected = hex::encode(mac(secret, timestamp, body));
    timestamp.abs_diff(now) <= TOLERANCE_SECS && field("v1").contains(&expected.as_str())
}

fn mac(secret: &Secret, timestamp: i64, body: &[u8]) -> impl AsRef<[u8]> {
    // HMAC accepts keys of any length, so the empty key is never used.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()).unwrap_or_else(|_| empty_key());
    mac.update(timestamp.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.finalize().into_bytes()
}

fn empty_key() -> Hmac<Sha256> {
    Hmac::<Sha256>::new(&Default::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with `printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac whsec_test`.
    #[test]
    fn matches_a_vector_computed_elsewhere() {
        let header = sign(&"whsec_test".into(), 1_700_000_000, br#"{"a":1}"#);
        assert_eq!(
            header,
            "t=1700000000,v1=38877139021993b830af32feea6e18a8da83eb2f6e49ee50bd9e4cf4ca4d3789"
        );
    }

    #[test]
    fn one_valid_signature_within_the_tolerance_is_enough() {
        let (secret, body) = (Secret::from("new"), b"{}".as_slice());
        let good = sign(&secret, 1_000, body);
        let both = format!("{},{}", sign(&"old".into(), 1_000, body), good.replace("t=1000,", ""));
        assert!(verify(&good, &secret, 1_300, body) && verify(&both, &secret, 700, body));
        assert!(!verify(&good, &secret, 1_301, body) && !verify(&good, &secret, 699, body));
        assert!(!verify(&good, &secret, 1_000, b"{ }") && !verify(&good, &"old".into(), 1_000, body));
        assert!(!verify("", &secret, 0, body) && !verify("t=1000", &secret, 1_000, body));
    }

    #[test]
    fn an_empty_body_is_signed_too() {
        let header = sign(&"whsec_test".into(), 1_700_000_000, b"");
        assert_eq!(
            header,
            "t=1700000000,v1=5967f3c560522fa40cf2876ebc3c3a08551dd6959aaade3b413460591895bdcc"
        );
    }
}
