//! The keys of the vault. They come from the configuration, and are never stored.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use tillhouse_checkout::secret::Secret;

/// Bytes of a key.
const KEY_BYTES: usize = 32;
/// Bytes of a block of SHA-256.
const BLOCK_BYTES: usize = 64;

/// A key that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultKeyError {
    /// Not 32 bytes in hex.
    #[error("is not a key: give 64 hex digits, as `openssl rand -hex 32` prints")]
    NotHex,
    /// The same byte again and again.
    #[error("is not random: make one with `openssl rand -hex 32`")]
    NotRandom,
}

/// A key, from which one is derived for each purpose.
pub struct VaultKey {
    id: String,
    sealing: Zeroizing<[u8; KEY_BYTES]>,
    fingerprints: Zeroizing<[u8; KEY_BYTES]>,
    cards: Zeroizing<[u8; KEY_BYTES]>,
}

impl VaultKey {
    /// The key with this id, given as 64 hex digits.
    ///
    /// # Errors
    /// If that is not 32 bytes in hex, or obviously not random.
    pub fn new(id: impl Into<String>, secret: &Secret) -> Result<Self, VaultKeyError> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        hex::decode_to_slice(secret.reveal().trim(), &mut *bytes).map_err(|_| VaultKeyError::NotHex)?;
        if bytes.windows(2).all(|pair| pair.first() == pair.last()) {
            return Err(VaultKeyError::NotRandom);
        }
        Ok(Self {
            id: id.into(),
            sealing: derived(&bytes, b"tillhouse vault: sealing"),
            fingerprints: derived(&bytes, b"tillhouse vault: fingerprints of requests"),
            cards: derived(&bytes, b"tillhouse vault: fingerprints of cards"),
        })
    }

    /// Its id, by which a card in the store names it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn sealing(&self) -> &[u8; KEY_BYTES] {
        &self.sealing
    }

    /// The fingerprint of a request, from its plain one.
    pub(super) fn fingerprint(&self, merchant: &str, plain: &[u8]) -> [u8; 32] {
        authenticated(&self.fingerprints, &[merchant.as_bytes(), plain])
    }

    /// The fingerprint of a card, the same for each merchant's card with the same number, as long as the key is the current one.
    pub(super) fn card_fingerprint(&self, merchant: &str, number: &str) -> String {
        let whole = authenticated(&self.cards, &[merchant.as_bytes(), number.as_bytes()]);
        hex::encode(whole.get(..16).unwrap_or_default())
    }
}

impl fmt::Debug for VaultKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VaultKey({}: [redacted])", self.id)
    }
}

/// The key that cards are sealed with, and the earlier ones that cards in the store may be sealed with.
#[derive(Debug)]
pub struct VaultKeys {
    current: VaultKey,
    earlier: Vec<VaultKey>,
}

impl VaultKeys {
    /// Keys with ids that differ.
    #[must_use]
    pub const fn new(current: VaultKey, earlier: Vec<VaultKey>) -> Self {
        Self { current, earlier }
    }

    pub(super) const fn current(&self) -> &VaultKey {
        &self.current
    }

    /// The key with this id; `None` if it is no longer configured.
    pub(super) fn get(&self, id: &str) -> Option<&VaultKey> {
        std::iter::once(&self.current)
            .chain(&self.earlier)
            .find(|key| key.id == id)
    }
}

fn derived(key: &[u8; KEY_BYTES], purpose: &[u8]) -> Zeroizing<[u8; KEY_BYTES]> {
    Zeroizing::new(authenticated(key, &[purpose]))
}

/// HMAC-SHA256 of parts, each with its length. A key is filled up to a block with zeros (RFC 2104 §2).
fn authenticated(key: &[u8; KEY_BYTES], parts: &[&[u8]]) -> [u8; 32] {
    let mut block = Zeroizing::new([0; BLOCK_BYTES]);
    block.iter_mut().zip(key).for_each(|(byte, of_key)| *byte = *of_key);
    let mut mac = Hmac::<Sha256>::new(&(*block).into());
    for part in parts {
        mac.update(&(part.len() as u64).to_le_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: &str, digits: &str) -> Result<VaultKey, VaultKeyError> {
        VaultKey::new(id, &Secret::new(digits.repeat(32)))
    }

    #[test]
    fn a_key_is_32_random_bytes_in_hex_and_shows_nothing_of_them() {
        assert_eq!(key("k", "a").err(), Some(VaultKeyError::NotHex));
        assert_eq!(key("k", "zz").err(), Some(VaultKeyError::NotHex));
        assert_eq!(key("k", "00").err(), Some(VaultKeyError::NotRandom));
        let text = "0123456789abcdef".repeat(4);
        let key = VaultKey::new("2026-11", &Secret::new(text)).unwrap();
        assert_eq!(format!("{key:?}"), "VaultKey(2026-11: [redacted])");
    }

    #[test]
    fn each_purpose_has_a_key_of_its_own() {
        let key = VaultKey::new("k", &Secret::new("0123456789abcdef".repeat(4))).unwrap();
        assert_ne!(key.sealing, key.fingerprints);
        assert_ne!(key.sealing, key.cards);
        assert_ne!(key.fingerprint("acme", b"x"), key.fingerprint("bear", b"x"));
    }
}
