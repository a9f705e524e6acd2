//! Postal codes, and patterns that match them.

use core::{fmt, str::FromStr};

/// Distinguishing signs of countries in road traffic, which people write before postal codes of digits: `D-27498`
/// (<https://unece.org/sites/default/files/2022-05/Distinguishing_Signs_11-05-2022.pdf>).
const SIGNS: [(&str, &str); 16] = [
    ("AT", "A"),
    ("BE", "B"),
    ("DE", "D"),
    ("ES", "E"),
    ("FI", "FIN"),
    ("FR", "F"),
    ("HU", "H"),
    ("IT", "I"),
    ("LU", "L"),
    ("MC", "F"),
    ("NO", "N"),
    ("PT", "P"),
    ("SE", "S"),
    ("SI", "SLO"),
    ("SM", "I"),
    ("VA", "I"),
];

/// A postal code of an address, normalized for matching: upper case, letters and digits only, which may be full-width. A US ZIP+4
/// code is truncated to its first five digits.
///
/// The country before a code, as in `E-35001` or `ES-35001`, does not count: a pattern that matches the rest matches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostalCode {
    written: String,
    /// Index of the first character after the country.
    country_end: usize,
}

impl PostalCode {
    /// Read the code of an address in a country, which is given by its code in upper case.
    #[must_use]
    pub fn read(country: &str, text: &str) -> Self {
        let mut written = normalized(text);
        let country_end = country_end(country, &written);
        if country == "US" {
            written.truncate(country_end + 5);
        }
        Self { written, country_end }
    }

    /// Whether the address has no code.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.written.is_empty()
    }

    /// The code as it was written, and without the country.
    fn forms(&self) -> impl Iterator<Item = &str> {
        let rest = self.written.get(self.country_end..).filter(|_| self.country_end > 0);
        [Some(self.written.as_str()), rest].into_iter().flatten()
    }
}

/// Number of characters at the start of a code that name its country, if digits follow them.
fn country_end(country: &str, written: &str) -> usize {
    let sign = SIGNS.iter().find(|(code, _)| *code == country).map(|(_, sign)| *sign);
    let digits_after = |prefix: &&str| {
        let rest = written.strip_prefix(prefix);
        rest.is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
    };
    [Some(country), sign]
        .into_iter()
        .flatten()
        .filter(|prefix| !prefix.is_empty())
        .find(digits_after)
        .map_or(0, str::len)
}

fn normalized(text: &str) -> String {
    text.chars()
        .map(half_width)
        .filter(char::is_ascii_alphanumeric)
        .map(|character| character.to_ascii_uppercase())
        .collect()
}

/// The ASCII character of a full-width one (Unicode block "Halfwidth and Fullwidth Forms"), as East Asian keyboards enter it; any
/// other character is itself.
#[must_use]
pub fn half_width(character: char) -> char {
    match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character),
        other => other,
    }
}

/// A pattern that matches postal codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostalPattern {
    /// One code, written `10115`.
    Exactly(String),
    /// All codes with a prefix, written `941*`.
    Prefix(String),
    /// Inclusive range, written `94102..94188`. Only the first characters of a code are compared, as many as the ends have.
    Range(String, String),
}

/// Error: the text is not a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostalPatternError;

impl fmt::Display for PostalPatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected 10115, 941*, or 94102..94188 with ends of the same length, the lower one first")
    }
}

impl FromStr for PostalPattern {
    type Err = PostalPatternError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let code = |text: &str| {
            let known = |c: char| c.is_ascii_alphanumeric() || c == ' ' || c == '-';
            let code = normalized(text);
            (!code.is_empty() && text.chars().all(known))
                .then_some(code)
                .ok_or(PostalPatternError)
        };
        if let Some((first, last)) = text.split_once("..") {
            let (first, last) = (code(first)?, code(last)?);
            return if first.len() == last.len() && first <= last {
                Ok(Self::Range(first, last))
            } else {
                Err(PostalPatternError)
            };
        }
        match text.strip_suffix('*') {
            Some(prefix) => code(prefix).map(Self::Prefix),
            None => code(text).map(Self::Exactly),
        }
    }
}

impl PostalPattern {
    /// Whether the pattern matches a code.
    #[must_use]
    pub fn has(&self, code: &PostalCode) -> bool {
        code.forms().any(|code| match self {
            Self::Exactly(exact) => code == exact,
            Self::Prefix(prefix) => code.starts_with(prefix.as_str()),
            Self::Range(first, last) => code
                .get(..first.len())
                .is_some_and(|head| first.as_str() <= head && head <= last.as_str()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(pattern: &str, country: &str, code: &str) -> bool {
        pattern
            .parse::<PostalPattern>()
            .unwrap()
            .has(&PostalCode::read(country, code))
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
            ("35*", "ES", "E-35001"),
            ("35*", "ES", "ES-35001"),
            ("35*", "ES", "es 35 001"),
            ("35*", "ES", "35001 Las Palmas"),
            ("35*", "ES", "３５００１"),
            ("27498", "DE", "D-27498"),
            ("27498", "DE", "DE27498"),
            ("22*", "FI", "FIN-22100"),
            ("22*", "FI", "FI-22100"),
            ("LV-10*", "LV", "LV-1010"),
            ("10*", "LV", "LV-1010"),
            ("AD500", "AD", "AD500"),
            ("94105", "US", "US-94105-1234"),
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
            ("35*", "ES", "F-35001"),
            ("1A*", "GB", "SW1A 1AA"),
            ("3*", "DE", "H-3A1"),
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
            assert_eq!(text.parse::<PostalPattern>(), Err(PostalPatternError), "{text:?}");
        }
    }
}
