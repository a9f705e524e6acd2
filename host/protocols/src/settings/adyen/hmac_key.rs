//! A key with which Adyen signs its calls.

use std::fmt;

use zeroize::Zeroizing;

use tillhouse_checkout::secret::Secret;

/// Fewest bytes of a key; those that Adyen makes have 32.
const MIN_BYTES: usize = 16;
/// Most bytes of a key: a longer one is hashed first by HMAC-SHA256, and is not stronger.
const MAX_BYTES: usize = 64;

/// A key of HMAC-SHA256, which Adyen shows in hex
/// (<https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures>).
pub struct AdyenHmacKey(Zeroizing<Vec<u8>>);

/// The text of a key is not one. The message does not repeat it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a key: {MIN_BYTES} to {MAX_BYTES} bytes in hex")]
pub struct AdyenHmacKeyError;

impl AdyenHmacKey {
    /// Read a key in hex, in any case.
    ///
    /// # Errors
    /// When the text is not hex, or too short or too long for a key.
    pub fn from_hex(text: &Secret) -> Result<Self, AdyenHmacKeyError> {
        let bytes = hex::decode(text.reveal().trim()).map_err(|_| AdyenHmacKeyError)?;
        let bytes = Zeroizing::new(bytes);
        if (MIN_BYTES..=MAX_BYTES).contains(&bytes.len()) {
            Ok(Self(bytes))
        } else {
            Err(AdyenHmacKeyError)
        }
    }

    /// The bytes that HMAC is made with.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for AdyenHmacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_hex_of_a_sensible_length_and_never_shown() {
        let read = |text: &str| AdyenHmacKey::from_hex(&Secret::new(text.into()));
        let key = read("44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056").unwrap();
        assert_eq!(key.bytes().len(), 32);
        assert_eq!(format!("{key:?}"), "[redacted]");
        for text in ["", "44782DEF", "not hex", &"0".repeat(33), &"0".repeat(130)] {
            assert_eq!(read(text).err(), Some(AdyenHmacKeyError), "{text}");
        }
    }
}
