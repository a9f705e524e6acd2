//! How the requests of an agent are signed.

use std::fmt;

use tillhouse_checkout::secret::Secret;

/// Signing keys of one agent, for the headers `Signature` and `Timestamp` of ACP requests. A signature by any of them is enough.
#[derive(Default)]
pub struct RequestSigning {
    /// Whether a request without a signature is refused. Otherwise one without is accepted, and one with a wrong signature is not.
    pub demanded: bool,
    /// Secrets of HMAC-SHA256: the bytes of their UTF-8 text.
    pub hmac_secrets: Vec<Secret>,
    /// Public keys of Ed25519 ([RFC 8032](https://www.rfc-editor.org/rfc/rfc8032)).
    pub ed25519_keys: Vec<[u8; 32]>,
}

impl fmt::Debug for RequestSigning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestSigning")
            .field("demanded", &self.demanded)
            .field("hmac_secrets", &self.hmac_secrets.len())
            .field("ed25519_keys", &self.ed25519_keys.len())
            .finish()
    }
}
