//! Idempotency keys: one effect per key, and one recorded response.

use super::ids::MerchantId;
use super::time::Timestamp;

/// An HTTP response as it is stored under an idempotency key and sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status code of the response.
    pub status: u16,
    /// Body, byte for byte as sent.
    pub body: Vec<u8>,
}

/// What an idempotency key is unique within: the authenticated caller and the path.
///
/// The source is section 6 of ACP's
/// [RFC of the agentic checkout](https://github.com/agentic-commerce-protocol/agentic-commerce-protocol/blob/main/rfcs/rfc.agentic_checkout.md).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyScope {
    /// Merchant that was called.
    pub merchant: MerchantId,
    /// The caller: the name of its key or signer, never the key itself.
    pub principal: String,
    /// HTTP method and path.
    pub endpoint: String,
    /// The key as sent.
    pub key: String,
}

/// An idempotency key that the response to a request is recorded under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// What the key is unique within.
    pub scope: IdempotencyScope,
    /// SHA-256 of the canonical request body.
    pub fingerprint: [u8; 32],
    /// When the record may be purged.
    pub expires: Timestamp,
}

impl IdempotencyKey {
    /// The record of a response under this key.
    #[must_use]
    pub fn record(&self, reply: Reply) -> IdempotencyRecord {
        IdempotencyRecord {
            scope: self.scope.clone(),
            fingerprint: self.fingerprint,
            reply,
            expires: self.expires,
        }
    }
}

/// The record of an answered request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// What its key is unique within.
    pub scope: IdempotencyScope,
    /// SHA-256 of the canonical request body. The same key with another body is a conflict.
    pub fingerprint: [u8; 32],
    /// The response, replayed to a retry.
    pub reply: Reply,
    /// When the record may be purged.
    pub expires: Timestamp,
}
