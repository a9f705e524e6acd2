//! Codes of countries, ISO 3166-1 alpha-2.

use std::fmt;
use std::str::FromStr;

use country_code_enum::CountryCode;

/// Codes that are not assigned, but in use for a country that has another one: the United Kingdom in ordinary language, Greece in
/// the European Union (<https://publications.europa.eu/code/en/en-370100.htm>).
const ALIASES: [(&str, CountryCode); 2] = [("EL", CountryCode::GR), ("UK", CountryCode::GB)];

/// A country by its code: one of the 249 that ISO 3166-1 assigns, or `XK`.
///
/// `XK` is Kosovo in the part of the standard that users may assign. It counts, because carriers, banks and Stripe use it for
/// addresses there, and there is no other code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country {
    code: CountryCode,
    alias: Option<&'static str>,
}

/// The text is neither a code of a country nor a known alias of one. Its message says what is expected, and does not repeat the
/// text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownCountry;

impl Country {
    /// The code in upper case: `GB`.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.code.into()
    }

    /// The unassigned code that was read for this country, in upper case: `UK`. `None` if it was read by its own.
    #[must_use]
    pub const fn alias(self) -> Option<&'static str> {
        self.alias
    }

    /// English name: `United Kingdom`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.code.name()
    }
}

impl Country {
    /// Read a code of a configuration, which must be spelled as addresses have it: assigned, and in upper case. Under another one,
    /// an entry would apply to no address.
    ///
    /// # Errors
    /// What to write instead.
    pub fn configured(code: &str) -> Result<Self, String> {
        match code.parse::<Self>() {
            Ok(country) if country.code() == code => Ok(country),
            Ok(country) => Err(format!(
                "addresses in {} have the country {}, not `{code}`",
                country.name(),
                country.code()
            )),
            Err(unknown) => Err(format!("`{code}` {unknown}")),
        }
    }
}

impl FromStr for Country {
    type Err = UnknownCountry;

    /// Read a code or an alias in any case. Spaces around it do not count.
    fn from_str(text: &str) -> Result<Self, UnknownCountry> {
        let text = text.trim();
        let alias = ALIASES.iter().find(|(alias, _)| text.eq_ignore_ascii_case(alias));
        if let Some(&(alias, code)) = alias {
            return Ok(Self {
                code,
                alias: Some(alias),
            });
        }
        let assigned = CountryCode::ALL
            .into_iter()
            .find(|code| text.eq_ignore_ascii_case((*code).into()));
        assigned.map_or(Err(UnknownCountry), |code| Ok(Self { code, alias: None }))
    }
}

impl fmt::Display for UnknownCountry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be a two-letter country code that is assigned (ISO 3166-1 alpha-2), such as US or GB")
    }
}

impl std::error::Error for UnknownCountry {}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(&'static str, Option<&'static str>)> {
        let country = text.parse::<Country>().ok()?;
        Some((country.code(), country.alias()))
    }

    #[test]
    fn every_assigned_code_and_kosovo_are_countries_in_any_case() {
        assert_eq!(CountryCode::ALL.len(), 249 + 1);
        for code in CountryCode::ALL {
            let code: &str = code.into();
            assert_eq!(read(code), Some((code, None)));
            assert_eq!(read(&format!(" {} ", code.to_lowercase())), Some((code, None)));
        }
        assert_eq!(read("XK"), Some(("XK", None)));
    }

    #[test]
    fn the_usual_aliases_are_read_as_the_country_that_they_stand_for() {
        for (text, code, alias) in [("UK", "GB", "UK"), ("uk", "GB", "UK"), (" El", "GR", "EL")] {
            assert_eq!(read(text), Some((code, Some(alias))), "{text}");
        }
    }

    #[test]
    fn codes_that_were_withdrawn_reserved_or_never_assigned_are_no_countries() {
        for text in [
            "AN",
            "CS",
            "SU",
            "YU",
            "ZR",
            "TP",
            "BU",
            "DD",
            "FX",
            "EU",
            "UN",
            "XI",
            "XN",
            "XX",
            "ZZ",
            "QQ",
            "AA",
            "AC",
            "TA",
            "IC",
            "EA",
            "EZ",
            "KO",
            "EN",
            "JA",
            "USA",
            "GBR",
            "840",
            "U",
            "",
            "  ",
            "U S",
            "United States",
            "ＵＳ",
            "ÜS",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
