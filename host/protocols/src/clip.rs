//! Truncation of text from unauthenticated clients before it is logged, so that one request cannot flood the log.

use std::borrow::Cow;

/// Maximum number of bytes of such a text in the log.
const MAX_BYTES: usize = 256;

/// The text, or its first 256 bytes followed by `…` and its full length.
#[must_use]
pub(crate) fn clip(text: &str) -> Cow<'_, str> {
    if text.len() <= MAX_BYTES {
        return Cow::Borrowed(text);
    }
    let kept = text.get(..text.floor_char_boundary(MAX_BYTES)).unwrap_or_default();
    Cow::Owned(format!("{kept}… ({} bytes)", text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_at_a_character_and_says_so() {
        for (text, kept) in [
            ("a".repeat(256), None),
            ("a".repeat(257), Some(256)),
            ("\u{20ac}".repeat(100), Some(255)),
            ("a".repeat(8000), Some(256)),
            (String::new(), None),
        ] {
            let clipped = clip(&text);
            match kept {
                None => assert_eq!(clipped, text),
                Some(bytes) => assert_eq!(clipped, format!("{}… ({} bytes)", &text[..bytes], text.len())),
            }
        }
    }
}
