//! Verification of `Stripe-Signature`: HMAC-SHA256 over timestamp and raw body.
//!
//! See <https://docs.stripe.com/webhooks/signature>.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

use tillhouse_checkout::secret::Secret;
use tillhouse_checkout::time::Timestamp;

/// Maximum difference between the signature's timestamp and the host's clock, in seconds, in either direction.
pub(crate) const TOLERANCE_S: u64 = 300;

/// Maximum number of signatures of one header that are compared. Stripe sends one per active secret: two during a rotation.
const MAX_SIGNATURES: usize = 8;
/// Length of an HMAC-SHA256 in hexadecimal digits.
const DIGITS: usize = 64;

/// Why a signature was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SignatureError {
    /// No timestamp, or no signature of scheme `v1`.
    #[error("the Stripe-Signature header is missing or malformed")]
    Malformed,
    /// The timestamp is too old or too far in the future.
    #[error("the Stripe-Signature timestamp is outside the tolerance of {TOLERANCE_S} seconds")]
    Stale,
    /// None of the secrets produces this signature.
    #[error("the Stripe-Signature header does not match the request body")]
    Mismatch,
}

/// Verify a `Stripe-Signature` header against the raw body.
///
/// Schemes other than `v1` and `v1` values of the wrong length are ignored; a match of any of the first eight signatures with any
/// secret is enough. The caller is not authenticated yet, so the work is bounded: the body is hashed once per secret, whatever
/// the header contains.
///
/// # Errors
/// When the header has no signature, its timestamp is outside the tolerance, or no secret matches.
pub(crate) fn verify(header: &str, body: &[u8], secrets: &[Secret], now: Timestamp) -> Result<(), SignatureError> {
    let SignatureHeader { time, candidates } = SignatureHeader::parse(header);
    let time = time.ok_or(SignatureError::Malformed)?;
    let signed: u64 = time.parse().map_err(|_| SignatureError::Malformed)?;
    if candidates.is_empty() {
        return Err(SignatureError::Malformed);
    }
    if signed.abs_diff(now.seconds()) > TOLERANCE_S {
        return Err(SignatureError::Stale);
    }
    let mut matched = Choice::from(0);
    for made in secrets.iter().filter_map(|secret| sign(secret, time, body)) {
        for candidate in &candidates {
            matched |= made.ct_eq(candidate);
        }
    }
    if bool::from(matched) {
        Ok(())
    } else {
        Err(SignatureError::Mismatch)
    }
}

/// The parsed header: timestamp and `v1` signatures.
struct SignatureHeader<'h> {
    time: Option<&'h str>,
    candidates: Vec<[u8; DIGITS / 2]>,
}

impl<'h> SignatureHeader<'h> {
    fn parse(header: &'h str) -> Self {
        let mut parts = Self {
            time: None,
            candidates: Vec::new(),
        };
        for (name, value) in header.split(',').filter_map(|part| part.trim().split_once('=')) {
            match name {
                "t" => parts.time = Some(value),
                "v1" if value.len() == DIGITS && parts.candidates.len() < MAX_SIGNATURES => {
                    let mut candidate = [0; DIGITS / 2];
                    if hex::decode_to_slice(value, &mut candidate).is_ok() {
                        parts.candidates.push(candidate);
                    }
                }
                _ => {}
            }
        }
        parts
    }
}

fn sign(secret: &Secret, time: &str, body: &[u8]) -> Option<[u8; DIGITS / 2]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()).ok()?;
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(mac.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn secret(text: &str) -> Secret {
        Secret::new(text.into())
    }

    fn signed(key: &str, time: u64, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
        mac.update(format!("{time}.").as_bytes());
        mac.update(body);
        hex::encode(mac.finalize().into_bytes())
    }

    #[test]
    fn a_vector_computed_with_another_implementation_is_accepted() {
        // printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac whsec_test
        let header = "t=1700000000,v1=38877139021993b830af32feea6e18a8da83eb2f6e49ee50bd9e4cf4ca4d3789";
        assert_eq!(verify(header, br#"{"a":1}"#, &[secret("whsec_test")], NOW), Ok(()));
    }

    #[test]
    fn any_v1_with_any_secret_is_enough() {
        let good = signed("new", 1_700_000_000, b"x");
        let header = format!("t=1700000000,v0=00,v1={},v1={good}", "00".repeat(32));
        let secrets = [secret("old"), secret("new")];
        assert_eq!(verify(&header, b"x", &secrets, NOW), Ok(()));
        assert_eq!(verify(&header, b"x", &secrets[..1], NOW), Err(SignatureError::Mismatch));
    }

    #[test]
    fn time_may_be_off_by_five_minutes_either_way() {
        for (time, expected) in [
            (1_700_000_000 - 300, Ok(())),
            (1_700_000_000 + 300, Ok(())),
            (1_700_000_000 - 301, Err(SignatureError::Stale)),
            (1_700_000_000 + 301, Err(SignatureError::Stale)),
        ] {
            let header = format!("t={time},v1={}", signed("k", time, b""));
            assert_eq!(verify(&header, b"", &[secret("k")], NOW), expected);
        }
    }

    #[test]
    fn one_flipped_bit_is_refused() {
        let body = b"{\"quantity\":1}".to_vec();
        let header = format!("t=1700000000,v1={}", signed("k", 1_700_000_000, &body));
        for bit in 0..body.len() * 8 {
            let mut flipped = body.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(
                verify(&header, &flipped, &[secret("k")], NOW),
                Err(SignatureError::Mismatch)
            );
        }
    }

    #[test]
    fn what_is_not_a_signature_is_malformed() {
        for header in [
            "",
            "t=1",
            "v1=00",
            "t=x,v1=00",
            "t=1700000000,v1=zz",
            "t=1700000000,v0=00",
            ",,=",
        ] {
            assert_eq!(
                verify(header, b"", &[secret("k")], NOW),
                Err(SignatureError::Malformed),
                "{header}"
            );
        }
    }

    /// The content of an unauthenticated header must not increase the number of hashes or comparisons.
    #[test]
    fn at_most_eight_candidates_of_the_right_length_are_looked_at() {
        let good = signed("k", 1_700_000_000, b"x");
        let wrong = "00".repeat(32);
        for (before, filler, accepted) in [
            (7, wrong.as_str(), true),
            (8, wrong.as_str(), false),
            (2600, "0a", true),
            (2600, "", true),
            (100, &"zz".repeat(32), true),
            (500, &"00".repeat(33), true),
            (2600, wrong.as_str(), false),
        ] {
            let header = format!("t=1700000000{},v1={good}", format!(",v1={filler}").repeat(before));
            assert!(SignatureHeader::parse(&header).candidates.len() <= MAX_SIGNATURES);
            let expected = if accepted {
                Ok(())
            } else {
                Err(SignatureError::Mismatch)
            };
            assert_eq!(
                verify(&header, b"x", &[secret("k")], NOW),
                expected,
                "{before} of {filler:?}"
            );
        }
    }
}
