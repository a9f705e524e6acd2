//! Masking of card numbers and API keys in text.

use std::ops::Range;

/// Possible lengths of a card number in digits (ISO/IEC 7812).
const DIGITS: Range<usize> = 13..20;
/// Digits of a card number that name its bank.
const IIN_DIGITS: usize = 6;
/// Digits of a card number that its owner knows it by.
const LAST_DIGITS: usize = 4;

/// Prefixes of Stripe's keys and tokens. Keys of other payment services have no prefix to find them by.
const KEY_MARKS: [&str; 6] = ["sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_", "spt_"];

/// The text with every card number replaced by `[card]`, and the rest of every key by `[redacted]`.
///
/// A card number is 13 to 19 digits, single spaces and dashes between them allowed, that start with 2 to 6 (the card
/// networks; times in milliseconds start with 1) and pass the Luhn check.
#[must_use]
pub fn mask(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (shown, skipped) = if let Some(length) = card(rest) {
            ("[card]", length)
        } else if let Some((mark, length)) = key(rest) {
            masked.push_str(mark);
            ("[redacted]", length)
        } else {
            other(rest)
        };
        masked.push_str(shown);
        rest = rest.get(skipped..).unwrap_or("");
    }
    masked
}

/// The text with `[card]` in the place of the digits of every card number that tell it from others of its bank.
///
/// Of each, the first six and the last four digits are left, as on a receipt. Everything else stays, so that texts that differ elsewhere
/// are told apart.
///
/// A hash of the text can be kept: of a hash of a whole card number, the number is found by trial.
#[must_use]
pub fn truncate_cards(text: &str) -> String {
    let mut truncated = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(length) = card(rest) {
            let number = rest.get(..length).unwrap_or_default();
            let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
            truncated.extend(digits.iter().take(IIN_DIGITS));
            truncated.push_str("[card]");
            truncated.extend(digits.iter().skip(digits.len().saturating_sub(LAST_DIGITS)));
            rest = rest.get(length..).unwrap_or("");
        } else {
            let (shown, skipped) = other(rest);
            truncated.push_str(shown);
            rest = rest.get(skipped..).unwrap_or("");
        }
    }
    truncated
}

/// Whether a token is a card number or has one in it, however its digits are grouped.
///
/// A token is stored, logged and sent, as a card number must not be. Digits beside a letter belong to an identifier: one in a thousand random
/// hexadecimal tokens has a card number by chance.
#[must_use]
pub fn token_has_card_number(token: &str) -> bool {
    let mut groups = token.split(|c: char| c.is_ascii_alphabetic()).peekable();
    let mut is_first = true;
    while let Some(group) = groups.next() {
        let mut apart = group;
        if !is_first {
            apart = apart.trim_start_matches(|c: char| c.is_ascii_digit());
        }
        if groups.peek().is_some() {
            apart = apart.trim_end_matches(|c: char| c.is_ascii_digit());
        }
        is_first = false;
        let joined: String = apart.chars().filter(char::is_ascii_digit).collect();
        if mask(apart).contains("[card]") || mask(&joined).contains("[card]") {
            return true;
        }
    }
    false
}

/// What the text begins with if that is neither a card number nor a key, and its length in bytes. Other runs of digits are taken as a
/// whole, so that their tail is not taken for a card number.
fn other(text: &str) -> (&str, usize) {
    let letter = text.chars().next().map_or(0, char::len_utf8);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let length = digits.max(letter);
    (text.get(..length).unwrap_or(text), length)
}

/// The length in bytes of the card number at the start of the text, if there is one.
fn card(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    if !matches!(bytes.first(), Some(b'2'..=b'6')) {
        return None;
    }
    let mut digits = Vec::with_capacity(DIGITS.end);
    let mut found = None;
    for (at, byte) in bytes.iter().enumerate() {
        let next_is_digit = bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        match byte {
            b'0'..=b'9' => digits.push(byte - b'0'),
            b' ' | b'-' if next_is_digit => continue,
            _ => break,
        }
        if digits.len() >= DIGITS.end {
            break;
        }
        // Only at the end of a group of digits: the first digits of a longer number are not a card number.
        if !next_is_digit && DIGITS.contains(&digits.len()) && passes_luhn(&digits) {
            found = Some(at + 1);
        }
    }
    found
}

pub(crate) fn passes_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => digit * 2 - 9,
            (_, digit) => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The prefix of the key at the start of the text, and the length in bytes of the whole key.
fn key(text: &str) -> Option<(&'static str, usize)> {
    let mark = KEY_MARKS.into_iter().find(|mark| text.starts_with(mark))?;
    let secret = text
        .bytes()
        .skip(mark.len())
        .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        .count();
    (secret > 0).then_some((mark, mark.len() + secret))
}

#[cfg(test)]
mod tests {
    use super::{mask, token_has_card_number, truncate_cards};

    #[test]
    fn card_numbers_are_masked_wherever_they_stand() {
        for (text, masked) in [
            ("4242424242424242", "[card]"),
            ("pan=4242 4242 4242 4242, next", "pan=[card], next"),
            ("\"5555-5555-5555-4444\"", "\"[card]\""),
            ("378282246310005", "[card]"),
            ("6304000000000000000", "[card]"),
            ("x4000056655665556y4242424242424242", "x[card]y[card]"),
            ("4242424242424242 12", "[card] 12"),
            ("naïve 4242424242424242 €", "naïve [card] €"),
        ] {
            assert_eq!(mask(text), masked, "{text}");
        }
    }

    #[test]
    fn other_numbers_stay() {
        for text in [
            "",
            "4242424242424241",
            "1700000000000",
            "42424242424242424242",
            "2026-11-21T19:09:23.123456Z",
            "424242424242",
            "total 45.98 USD, 3 lines",
        ] {
            assert_eq!(mask(text), text);
        }
    }

    #[test]
    fn keys_are_masked_after_their_mark() {
        assert_eq!(mask("key sk_live_abc_123, ok"), "key sk_live_[redacted], ok");
        assert_eq!(mask("whsec_Zm9v"), "whsec_[redacted]");
        assert_eq!(mask("sk_live_ alone"), "sk_live_ alone");
    }

    #[test]
    fn only_cards_are_truncated() {
        for (text, truncated) in [
            ("4242424242424242", "424242[card]4242"),
            ("pan 4242 4242-4242 4242, next", "pan 424242[card]4242, next"),
            ("378282246310005", "378282[card]0005"),
            (
                "spt_123 and 42424242424242424242 stay, é",
                "spt_123 and 42424242424242424242 stay, é",
            ),
            ("", ""),
        ] {
            assert_eq!(truncate_cards(text), truncated, "{text}");
        }
    }

    #[test]
    fn a_card_number_is_found_in_a_token_however_it_is_written() {
        for token in [
            "4111111111111111",
            " 4111 1111 1111 1111",
            "4111-1111-1111-1111",
            "4111.1111.1111.1111",
            "4111_1111_1111_1111",
            "4111  1111  1111  1111",
            "tok_4111/1111/1111/1111",
            "acp_tok_378282246310005",
        ] {
            assert!(token_has_card_number(token), "{token}");
        }
        for token in [
            "acp_tok_Ab1cDeF2GhI",
            "psp_tok_Ab7xQfN2YwR...",
            "4111111111111112",
            "vt_0123456789abcdef",
            "cs_01a22cfc3ee57221b1153e1d94ded388",
            "spt_4242424242424242cfc3ee57221b1153",
            "spt_01a22cfc3ee5722a4242424242424242",
            "spt_01a2c4242424242424242fc3ee57221b",
        ] {
            assert!(!token_has_card_number(token), "{token}");
        }
    }
}
