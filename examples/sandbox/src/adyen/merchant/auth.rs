//! How Adyen's calls to the merchant are authenticated.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::secret::Secret;

/// Name of the header with the signature, in lower case.
pub const HMAC_SIGNATURE: &str = "hmacsignature";
/// Name of the header with the algorithm of the signature, in lower case.
pub const PROTOCOL: &str = "protocol";

/// Credentials of Adyen at the merchant; none of it is in a public document, so that each merchant configures it.
#[derive(Clone, Debug)]
pub enum MerchantAuth {
    /// `Authorization: Basic …` with a user name and a password.
    Basic {
        /// User name of Adyen at the merchant.
        user: String,
        /// Password of Adyen at the merchant.
        password: Secret,
    },
    /// `Authorization: Bearer …` with a key.
    Bearer(Secret),
    /// `HmacSignature` over the raw body with a key in hex, and `Protocol: HmacSHA256`.
    Hmac(Secret),
    /// No credentials, to test that a call is refused.
    None,
}

impl MerchantAuth {
    pub(in crate::adyen) fn headers(&self, body: &[u8]) -> Vec<(&'static str, String)> {
        match self {
            Self::Basic { user, password } => vec![("authorization", basic(user, password))],
            Self::Bearer(key) => vec![("authorization", format!("Bearer {}", key.reveal()))],
            Self::Hmac(key) => vec![
                (HMAC_SIGNATURE, hmac_signature(key, body)),
                (PROTOCOL, "HmacSHA256".to_owned()),
            ],
            Self::None => Vec::new(),
        }
    }
}

/// The value of `Authorization` for a user name and a password.
pub(in crate::adyen) fn basic(user: &str, password: &Secret) -> String {
    format!("Basic {}", BASE64.encode(format!("{user}:{}", password.reveal())))
}

/// Base64 of the HMAC-SHA256 of `text` with a key in hex, as Adyen signs its webhooks.
///
/// See <https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures>.
#[must_use]
pub fn hmac_signature(key: &Secret, text: &[u8]) -> String {
    let key = hex::decode(key.reveal()).unwrap_or_default();
    // HMAC accepts keys of any length, so the empty key is never used.
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap_or_else(|_| Hmac::<Sha256>::new(&Default::default()));
    mac.update(text);
    BASE64.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with `printf '{"a":1}' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0a0b0c -binary | base64`.
    #[test]
    fn signatures_match_a_vector_computed_elsewhere() {
        let signature = hmac_signature(&"0a0b0c".into(), br#"{"a":1}"#);
        assert_eq!(signature, "I0INdAH1lfuK4kE0Sb8c1TxA+vtdPFiCJDWDvTSqUI0=");
    }

    #[test]
    fn each_scheme_has_its_header() {
        let basic = MerchantAuth::Basic {
            user: "adyen".into(),
            password: "secret".into(),
        };
        assert_eq!(
            basic.headers(b""),
            [("authorization", "Basic YWR5ZW46c2VjcmV0".to_owned())]
        );
        let bearer = MerchantAuth::Bearer("key".into());
        assert_eq!(bearer.headers(b""), [("authorization", "Bearer key".to_owned())]);
        assert!(MerchantAuth::None.headers(b"").is_empty());
    }
}
