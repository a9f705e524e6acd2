//! Authentication with bearer keys.

use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use super::settings::BearerKey;

/// The token of an `Authorization: Bearer` header, if there is one.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// The key that matches the token; `None` if none does.
///
/// Compares with every key, in constant time: the response time reveals neither how much of a token matched nor which key.
pub(crate) fn known_key<'a>(token: &str, keys: &'a [BearerKey]) -> Option<&'a BearerKey> {
    let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
    let mut found = Choice::from(0);
    let mut place = 0_u64;
    for (index, key) in (0_u64..).zip(keys) {
        let same = digest.ct_eq(key.digest());
        place.conditional_assign(&index, same);
        found |= same;
    }
    let key = keys.get(usize::try_from(place).ok()?)?;
    bool::from(found).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tillhouse_checkout::secret::Secret;

    fn key(name: &str, text: &str) -> BearerKey {
        BearerKey::new(name, &Secret::new(text.into()))
    }

    #[test]
    fn a_key_is_known_by_its_name_wherever_it_stands() {
        let keys = [key("old", "k1"), key("new", "k2"), key("other", "k3")];
        let name = |token| known_key(token, &keys).map(BearerKey::name);
        assert_eq!(name("k1"), Some("old"));
        assert_eq!(name("k3"), Some("other"));
        assert_eq!(name("k4"), None);
        assert!(known_key("k1", &[]).is_none());
    }

    #[test]
    fn only_a_bearer_header_carries_a_token() {
        for (value, token) in [
            ("Bearer abc", Some("abc")),
            ("bearer  abc", Some("abc")),
            ("Bearer ", None),
            ("Bearer", None),
            ("Basic abc", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            assert_eq!(bearer(&headers), token, "{value}");
        }
        assert_eq!(bearer(&HeaderMap::new()), None);
    }
}
