//! Scrubs filled values from responses.
//!
//! Best effort against an upstream that echoes; the real control is that card data is sent only to configured upstreams.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// Text that replaces a filled value.
pub const REDACTED: &str = "[redacted]";

/// Shorter values (a month, an ECI) reveal nothing by themselves, and replacing each of their digits everywhere would corrupt
/// amounts.
const MIN_BYTES: usize = 6;

/// Bytes by which needles are told apart in a search; each has at least [`MIN_BYTES`].
const PREFIX: usize = 4;

/// The values to look for, in every encoding in which they might come back.
#[derive(Default)]
pub struct Redactor {
    /// By their first bytes: a search compares what follows a byte with hardly ever more than one needle.
    needles: BTreeMap<[u8; PREFIX], Vec<Needle>>,
}

type Needle = Zeroizing<Vec<u8>>;

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redactor")
            .field("needles", &self.forms().count())
            .finish()
    }
}

impl Redactor {
    /// Adds a value: as it is, percent-encoded, in base64, JSON-escaped, and, if it is a card number, in groups of four.
    pub fn add(&mut self, value: &str) {
        if value.len() < MIN_BYTES {
            return;
        }
        let encoded: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
        let mut forms = vec![
            value.to_owned(),
            encoded.replace('+', "%20"),
            encoded,
            STANDARD.encode(value),
            STANDARD_NO_PAD.encode(value),
            URL_SAFE_NO_PAD.encode(value),
            escape_json(value),
        ];
        if value.bytes().all(|byte| byte.is_ascii_digit()) {
            forms.extend([grouped(value, ' '), grouped(value, '-')]);
        }
        for form in forms.into_iter().map(|form| Zeroizing::new(form.into_bytes())) {
            let Some(prefix) = form.first_chunk() else { continue };
            let alike = self.needles.entry(*prefix).or_default();
            if !alike.contains(&form) {
                alike.push(form);
                // The longest first, so that a padded form does not leave its padding behind.
                alike.sort_by_key(|needle| std::cmp::Reverse(needle.len()));
            }
        }
    }

    /// Every encoded form that is looked for.
    pub fn forms(&self) -> impl Iterator<Item = &[u8]> {
        self.needles.values().flatten().map(|needle| needle.as_slice())
    }

    /// Copies the bytes with every needle replaced by [`REDACTED`].
    #[must_use]
    pub fn scrub(&self, bytes: &[u8]) -> Vec<u8> {
        let mut clean = Vec::with_capacity(bytes.len());
        let mut rest = bytes;
        while let Some((first, tail)) = rest.split_first() {
            if let Some(found) = self.found_at(rest) {
                clean.extend_from_slice(REDACTED.as_bytes());
                rest = rest.get(found.len()..).unwrap_or_default();
            } else {
                clean.push(*first);
                rest = tail;
            }
        }
        clean
    }

    /// The longest needle that the bytes begin with.
    fn found_at(&self, bytes: &[u8]) -> Option<&Needle> {
        let alike = self.needles.get(bytes.first_chunk::<PREFIX>()?)?;
        alike.iter().find(|needle| bytes.starts_with(needle))
    }

    /// Copies the text with every needle replaced by [`REDACTED`].
    #[must_use]
    pub fn scrub_text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.scrub(text.as_bytes())).into_owned()
    }
}

/// The value escaped as inside a JSON string, without the quotes.
pub(super) fn escape_json(value: &str) -> String {
    let quoted = serde_json::Value::String(value.to_owned()).to_string();
    quoted
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or_default()
        .to_owned()
}

fn grouped(digits: &str, separator: char) -> String {
    let mut text = String::with_capacity(digits.len() * 2);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && index % 4 == 0 {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echoed_card_number_is_scrubbed_in_every_form() {
        let mut redactor = Redactor::default();
        redactor.add("4242424242424242");
        for echo in [
            "4242424242424242",
            "4242 4242 4242 4242",
            "4242-4242-4242-4242",
            "NDI0MjQyNDI0MjQyNDI0Mg==",
            "NDI0MjQyNDI0MjQyNDI0Mg",
        ] {
            let answer = format!("{{\"card\":\"{echo}\",\"amount\":4242}}");
            assert_eq!(
                redactor.scrub_text(&answer),
                "{\"card\":\"[redacted]\",\"amount\":4242}",
                "{echo}"
            );
        }
    }

    #[test]
    fn an_echoed_cryptogram_is_scrubbed_when_escaped() {
        let mut redactor = Redactor::default();
        redactor.add("AgAA/b+c\"=");
        for echo in ["AgAA%2Fb%2Bc%22%3D", "AgAA/b+c\\\"=", "AgAA/b+c\"="] {
            assert_eq!(redactor.scrub_text(echo), REDACTED, "{echo}");
        }
    }

    /// Signatures differ in their first bytes, and so a byte of a response is compared with hardly any of them.
    #[test]
    fn many_values_are_told_apart_by_their_first_bytes() {
        let mut redactor = Redactor::default();
        for value in 0..300_u32 {
            redactor.add(&hex::encode(value.wrapping_mul(2_654_435_761).to_be_bytes().repeat(8)));
        }
        let most = redactor.needles.values().map(Vec::len).max();
        assert!(most <= Some(4), "{most:?} needles begin alike");
        let last = hex::encode(299_u32.wrapping_mul(2_654_435_761).to_be_bytes().repeat(8));
        assert_eq!(redactor.scrub_text(&format!("a{last}b")), "a[redacted]b");
    }

    #[test]
    fn a_month_is_left_alone() {
        let mut redactor = Redactor::default();
        redactor.add("12");
        assert_eq!(redactor.scrub_text("1299"), "1299");
    }
}
