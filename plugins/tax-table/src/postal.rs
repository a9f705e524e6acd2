//! Postal codes, and patterns that match them.

use core::{fmt, str::FromStr};

/// Normalizes a postal code for matching: upper case, letters and digits only.
///
/// A US ZIP+4 code is truncated to its first five digits.
pub(crate) fn plain(country: &str, code: &str) -> String {
    let mut plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    plain.make_ascii_uppercase();
    if country == "US" {
        plain.truncate(5);
    }
    plain
}

/// Pattern that matches postal codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// One code, written `10115`.
    Exactly(String),
    /// All codes with a prefix, written `941*`.
    Prefix(String),
    /// Inclusive range, written `94102..94188`. Only the first characters of a code are compared, as many as the ends have.
    Range(String, String),
}

/// Error: the text is not a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PatternError;

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected 10115, 941*, or 94102..94188 with ends of the same length, the lower one first")
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let code = |text: &str| {
            let known = |c: char| c.is_ascii_alphanumeric() || c == ' ' || c == '-';
            let code = plain("", text);
            (!code.is_empty() && text.chars().all(known))
                .then_some(code)
                .ok_or(PatternError)
        };
        if let Some((first, last)) = text.split_once("..") {
            let (first, last) = (code(first)?, code(last)?);
            return if first.len() == last.len() && first <= last {
                Ok(Self::Range(first, last))
            } else {
                Err(PatternError)
            };
        }
        match text.strip_suffix('*') {
            Some(prefix) => code(prefix).map(Self::Prefix),
            None => code(text).map(Self::Exactly),
        }
    }
}

impl Pattern {
    /// Whether the pattern matches a code, which must be normalized by [`plain`].
    pub(crate) fn has(&self, code: &str) -> bool {
        match self {
            Self::Exactly(exact) => code == exact,
            Self::Prefix(prefix) => code.starts_with(prefix.as_str()),
            Self::Range(first, last) => code
                .get(..first.len())
                .is_some_and(|head| first.as_str() <= head && head <= last.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn has(pattern: &str, country: &str, code: &str) -> bool {
        pattern.parse::<Pattern>().unwrap().has(&plain(country, code))
    }

    #[test]
    fn a_code_is_matched_as_people_write_it() {
        for (pattern, country, code) in [
            ("94105", "US", "94105-1234"),
            ("941*", "US", "94105"),
            ("94102..94188", "US", "94188-0001"),
            ("SW1A 1AA", "GB", "sw1a1aa"),
            ("SW1*", "GB", "SW1A 1AA"),
            ("H2..H3", "CA", "h3a 1b1"),
            ("00-001", "PL", "00001"),
            ("35*", "ES", "35001"),
        ] {
            assert!(has(pattern, country, code), "{pattern} {code}");
        }
    }

    #[test]
    fn other_codes_are_not_matched() {
        for (pattern, country, code) in [
            ("94105", "US", "9410"),
            ("94105", "DE", "941050"),
            ("941*", "US", "94"),
            ("94102..94188", "US", "94101"),
            ("94102..94188", "US", "94189"),
            ("94102..94188", "US", "941"),
            ("10115", "DE", ""),
        ] {
            assert!(!has(pattern, country, code), "{pattern} {code}");
        }
    }

    #[test]
    fn an_invalid_pattern_is_rejected() {
        for text in [
            "",
            "*",
            "..",
            "1..",
            "94188..94102",
            "941..94188",
            "9?1",
            "94105;94107",
            "é",
        ] {
            assert_eq!(text.parse::<Pattern>(), Err(PatternError), "{text:?}");
        }
    }
}
