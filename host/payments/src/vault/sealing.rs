//! XChaCha20-Poly1305 with a random nonce of 24 bytes in front of the ciphertext
//! (<https://datatracker.ietf.org/doc/html/draft-irtf-cfrg-xchacha>): so many random nonces never repeat.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::keys::{VaultKey, VaultKeys};
use super::randomness::Randomness;

/// Bytes of a nonce.
const NONCE: usize = 24;

/// Why something was not sealed or not opened. Says nothing of what is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum SealError {
    #[error("the operating system has no randomness: {0}")]
    NoRandomness(String),
    #[error(
        "it is sealed with vault key {0}, which is not configured; keep a key as long as there are cards sealed with it"
    )]
    UnknownKey(String),
    #[error("it does not open with vault key {0}: the key or the store was changed")]
    Changed(String),
}

/// Seal data together with what it belongs to.
pub(super) fn seal(
    key: &VaultKey,
    randomness: &dyn Randomness,
    data: &[u8],
    belongs_to: &[u8],
) -> Result<Vec<u8>, SealError> {
    let mut nonce = [0; NONCE];
    randomness
        .fill(&mut nonce)
        .map_err(|error| SealError::NoRandomness(error.to_string()))?;
    let payload = Payload {
        msg: data,
        aad: belongs_to,
    };
    let sealed = cipher(key).encrypt(&XNonce::from(nonce), payload);
    let sealed = sealed.map_err(|_| SealError::Changed(key.id().to_owned()))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// Open what was sealed.
pub(super) fn open(
    keys: &VaultKeys,
    id: &str,
    sealed: &[u8],
    belongs_to: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let key = keys.get(id).ok_or_else(|| SealError::UnknownKey(id.to_owned()))?;
    let changed = || SealError::Changed(id.to_owned());
    let (nonce, data) = sealed.split_first_chunk::<NONCE>().ok_or_else(changed)?;
    let payload = Payload {
        msg: data,
        aad: belongs_to,
    };
    let opened = cipher(key).decrypt(&XNonce::from(*nonce), payload);
    opened.map(Zeroizing::new).map_err(|_| changed())
}

fn cipher(key: &VaultKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(*key.sealing()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::tests::{CountedBytes, key};

    #[test]
    fn what_was_sealed_opens_with_its_key_and_with_what_it_belongs_to_only() {
        let (one, randomness) = (
            VaultKeys::new(key("one", 1), vec![key("two", 2)]),
            CountedBytes::default(),
        );
        let sealed = seal(one.current(), &randomness, b"4242424242424242", b"row").unwrap();
        assert!(!sealed.windows(4).any(|bytes| bytes == b"4242"));
        assert_eq!(*open(&one, "one", &sealed, b"row").unwrap(), b"4242424242424242");
        assert_eq!(
            open(&one, "one", &sealed, b"other"),
            Err(SealError::Changed("one".into()))
        );
        assert_eq!(
            open(&one, "two", &sealed, b"row"),
            Err(SealError::Changed("two".into()))
        );
        assert_eq!(
            open(&one, "old", &sealed, b"row"),
            Err(SealError::UnknownKey("old".into()))
        );
        let mut broken = sealed.clone();
        *broken.last_mut().unwrap() ^= 1;
        assert!(open(&one, "one", &broken, b"row").is_err());
        assert!(open(&one, "one", &sealed[..10], b"row").is_err());
        let again = seal(one.current(), &randomness, b"4242424242424242", b"row").unwrap();
        assert_ne!(again, sealed, "each has a nonce of its own");
    }
}
