use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use ring::signature::{Ed25519KeyPair, KeyPair};
use sha2::Sha256;

use super::RequestSignatureError::{Incomplete, MalformedSignature, MalformedTimestamp, Mismatch, Missing, Stale};
use super::{RequestSignatureError, verify};
use crate::settings::RequestSigning;
use tillhouse_checkout::secret::Secret;
use tillhouse_checkout::time::Timestamp;

const SIGNED_AT: &str = "2026-04-17T10:30:00.250Z";
const NOW: Timestamp = Timestamp(1_776_421_800_250);
const BODY: &[u8] = br#"{"line_items":[{"id":"tee"}]}"#;
const SECRET: &str = "a secret of the agent";

fn key_pair() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
}

fn signing(demanded: bool) -> RequestSigning {
    RequestSigning {
        demanded,
        hmac_secrets: vec![Secret::new("an older secret".into()), Secret::new(SECRET.into())],
        ed25519_keys: vec![key_pair().public_key().as_ref().try_into().unwrap()],
    }
}

fn text(time: &str, body: &[u8]) -> Vec<u8> {
    [time.as_bytes(), b".", body].concat()
}

fn by_secret(secret: &str, time: &str, body: &[u8]) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.chain_update(text(time, body)).finalize().into_bytes().to_vec()
}

fn by_key(time: &str, body: &[u8]) -> Vec<u8> {
    key_pair().sign(&text(time, body)).as_ref().to_vec()
}

fn headers(signature: Option<&str>, time: Option<&str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in [("signature", signature), ("timestamp", time)] {
        if let Some(value) = value {
            headers.insert(name, value.parse().unwrap());
        }
    }
    headers
}

fn outcome(signature: Option<&str>, time: Option<&str>, demanded: bool) -> Result<bool, RequestSignatureError> {
    let verified = verify(&headers(signature, time), BODY, &signing(demanded), NOW)?;
    Ok(verified.is_some())
}

#[test]
fn a_signature_by_any_key_of_the_agent_is_accepted_with_and_without_padding() {
    for made in [by_secret(SECRET, SIGNED_AT, BODY), by_key(SIGNED_AT, BODY)] {
        for encoded in [URL_SAFE.encode(&made), URL_SAFE_NO_PAD.encode(&made)] {
            assert_eq!(outcome(Some(&encoded), Some(SIGNED_AT), true), Ok(true));
        }
    }
}

#[test]
fn a_vector_computed_with_another_implementation_is_accepted() {
    // printf '2026-04-17T10:30:00.250Z.{"line_items":[{"id":"tee"}]}' | openssl dgst -sha256 -hmac 'a secret of the agent' -binary | basenc --base64url
    let vector = "2OVhfkLLa6Bh3UGkj0R83K_LuIqnckUqEJllqx9wLv0=";
    assert_eq!(outcome(Some(vector), Some(SIGNED_AT), true), Ok(true));
}

#[test]
fn what_was_not_signed_by_the_agent_is_refused_whether_signatures_are_demanded_or_not() {
    let cut = URL_SAFE.encode(by_secret(SECRET, SIGNED_AT, BODY).split_at(31).0);
    let of_another = URL_SAFE.encode(by_secret("another secret", SIGNED_AT, BODY));
    let of_another_body = URL_SAFE.encode(by_key(SIGNED_AT, b"{}"));
    let of_another_time = URL_SAFE.encode(by_key("2026-04-17T10:30:01Z", BODY));
    for demanded in [false, true] {
        for (signature, expected) in [
            (cut.as_str(), Mismatch),
            (&of_another, Mismatch),
            (&of_another_body, Mismatch),
            (&of_another_time, Mismatch),
            ("", Mismatch),
            ("ZXltZX...", MalformedSignature),
            ("a b", MalformedSignature),
        ] {
            let seen = outcome(Some(signature), Some(SIGNED_AT), demanded);
            assert_eq!(seen, Err(expected), "{signature}");
        }
    }
}

#[test]
fn only_a_demanded_signature_may_not_be_missing_and_half_of_one_never_is_enough() {
    assert_eq!(outcome(None, None, false), Ok(false));
    assert_eq!(outcome(None, Some(SIGNED_AT), false), Ok(false));
    assert_eq!(outcome(None, None, true), Err(Missing));
    assert_eq!(outcome(None, Some(SIGNED_AT), true), Err(Missing));
    assert_eq!(outcome(Some("AAAA"), None, false), Err(Incomplete));
}

#[test]
fn a_signature_is_good_for_five_minutes_around_its_time() {
    for (time, expected) in [
        ("2026-04-17T10:25:00.250Z", Ok(true)),
        ("2026-04-17T12:35:00.250+02:00", Ok(true)),
        ("2026-04-17T10:25:00.249Z", Err(Stale)),
        ("2026-04-17T10:35:00.251Z", Err(Stale)),
        ("2001-01-01T00:00:00Z", Err(Stale)),
        ("1901-01-01T00:00:00Z", Err(Stale)),
        ("1776421800", Err(MalformedTimestamp)),
        ("2026-04-17", Err(MalformedTimestamp)),
        ("2026-04-17T10:30:00", Err(MalformedTimestamp)),
    ] {
        let signature = URL_SAFE.encode(by_secret(SECRET, time, BODY));
        assert_eq!(outcome(Some(&signature), Some(time), true), expected, "{time}");
    }
}
