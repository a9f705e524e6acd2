//! Which credentials are accepted, and which are not.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Bytes, HttpBody};
use hyper::body::Frame;

use super::*;
use crate::settings::BearerKey;

const BODY: &str = r#"{"items":[{"id":"01","quantity":1}]}"#;
const KEY: &str = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056";
const OTHER_KEY: &str = "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF";

fn key(text: &str) -> Arc<AdyenHmacKey> {
    Arc::new(AdyenHmacKey::from_hex(&Secret::new(text.into())).unwrap())
}

fn signed(with: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(&hex::decode(with).unwrap()).unwrap();
    mac.update(body.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.insert(*name, value.parse().unwrap());
    }
    headers
}

async fn is_admitted(auth: &AdyenMerchantAuth, headers: &HeaderMap, body: &str) -> bool {
    let read = read_authenticated(auth, headers, Body::from(body.to_owned()), &Limits::default()).await;
    match read {
        Ok(read) => {
            assert_eq!(read, body.as_bytes());
            true
        }
        Err(refused) => {
            assert_eq!((refused.status, refused.recordable), (StatusCode::UNAUTHORIZED, false));
            false
        }
    }
}

#[tokio::test]
async fn a_signature_of_any_of_the_keys_over_the_raw_body_is_accepted() {
    let auth = AdyenMerchantAuth::Hmac(vec![key(KEY), key(OTHER_KEY)]);
    for with in [KEY, OTHER_KEY] {
        let signature = signed(with, BODY);
        for protocol in [None, Some("HmacSHA256"), Some("hmacsha256"), Some("HMACSHA256")] {
            let mut fields = vec![("hmacsignature", signature.as_str())];
            fields.extend(protocol.map(|name| ("protocol", name)));
            assert!(is_admitted(&auth, &headers(&fields), BODY).await, "{protocol:?}");
        }
    }
    let empty = signed(KEY, "");
    assert!(
        is_admitted(&auth, &headers(&[("hmacsignature", &empty)]), "").await,
        "an empty body is signed too"
    );
}

#[test]
fn a_signature_computed_with_another_implementation_is_accepted() {
    // printf %s "$BODY" | openssl dgst -sha256 -mac HMAC -macopt hexkey:$KEY -binary | base64
    assert_eq!(signed(KEY, BODY), "zmMBEivxwHCw+9oHiPlFInMNrlaGZe1esDDGKfpgb6A=");
}

#[tokio::test]
async fn any_other_signature_is_refused() {
    let auth = AdyenMerchantAuth::Hmac(vec![key(KEY)]);
    let good = signed(KEY, BODY);
    let in_hex = hex::encode(STANDARD.decode(&good).unwrap());
    let reserialised = signed(KEY, r#"{"items": [{"id": "01", "quantity": 1}]}"#);
    for (what, fields) in [
        ("none", vec![]),
        ("empty", vec![("hmacsignature", "")]),
        ("hex", vec![("hmacsignature", in_hex.as_str())]),
        ("no base64", vec![("hmacsignature", "%%%")]),
        ("short", vec![("hmacsignature", "AAAA")]),
        (
            "of a re-serialised body",
            vec![("hmacsignature", reserialised.as_str())],
        ),
        (
            "another algorithm",
            vec![("hmacsignature", good.as_str()), ("protocol", "HmacSHA1")],
        ),
        ("no algorithm", vec![("hmacsignature", good.as_str()), ("protocol", "")]),
    ] {
        assert!(!is_admitted(&auth, &headers(&fields), BODY).await, "{what}");
    }
    let rotated_away = signed(OTHER_KEY, BODY);
    assert!(!is_admitted(&auth, &headers(&[("hmacsignature", &rotated_away)]), BODY).await);
    for bit in 0..BODY.len() * 8 {
        let mut flipped = BODY.as_bytes().to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let keys = [key(KEY)];
        let signature = STANDARD.decode(&good).unwrap().try_into().unwrap();
        assert!(
            !verifies(keys.iter().map(AsRef::as_ref), &flipped, &signature),
            "bit {bit}"
        );
    }
}

#[tokio::test]
async fn a_user_is_known_by_name_and_password() {
    let user = |password: &str| BearerKey::new("adyen", &Secret::new(format!("adyen:{password}")));
    let auth = AdyenMerchantAuth::Basic(vec![user("old"), user("n:w")]);
    let credentials = |text: &str| format!("Basic {}", STANDARD.encode(text));
    for (value, admitted) in [
        (credentials("adyen:old"), true),
        (credentials("adyen:n:w"), true),
        (credentials("adyen:older"), false),
        (credentials("Adyen:old"), false),
        (credentials(""), false),
        ("Basic adyen:old".to_owned(), false),
        ("Basic".to_owned(), false),
        ("Bearer adyen:old".to_owned(), false),
    ] {
        let found = is_admitted(&auth, &headers(&[("authorization", &value)]), BODY).await;
        assert_eq!(found, admitted, "{value}");
    }
    assert!(!is_admitted(&auth, &HeaderMap::new(), BODY).await);
}

#[tokio::test]
async fn a_bearer_key_is_one_of_the_merchants() {
    let key = |text: &str| BearerKey::new("adyen", &Secret::new(text.into()));
    let auth = AdyenMerchantAuth::Bearer(vec![key("old"), key("new")]);
    for (value, admitted) in [
        ("Bearer old", true),
        ("bearer new", true),
        ("Bearer other", false),
        ("old", false),
    ] {
        let found = is_admitted(&auth, &headers(&[("authorization", value)]), BODY).await;
        assert_eq!(found, admitted, "{value}");
    }
    let signature = signed(KEY, BODY);
    assert!(!is_admitted(&auth, &headers(&[("hmacsignature", &signature)]), BODY).await);
}

/// A body that nothing may be read of.
struct Unread;

impl HttpBody for Unread {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        panic!("the body was read");
    }
}

#[tokio::test]
async fn the_body_of_a_caller_without_credentials_is_not_read() {
    for auth in [
        AdyenMerchantAuth::Basic(Vec::new()),
        AdyenMerchantAuth::Bearer(Vec::new()),
        AdyenMerchantAuth::Hmac(vec![key(KEY)]),
    ] {
        let refused = read_authenticated(&auth, &HeaderMap::new(), Body::new(Unread), &Limits::default()).await;
        assert_eq!(refused.unwrap_err().status, StatusCode::UNAUTHORIZED);
    }
}
