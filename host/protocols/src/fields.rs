//! Field types shared by the protocols. Each validates itself while it is deserialized, so that its error carries the field path.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};

use tillhouse_checkout::cart::MAX_QUANTITY;
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::time::Timestamp;

/// A quantity: a whole number from 1. `2.0` counts as whole, as in JSON Schema.
///
/// The schema of ACP 2025-09-29 was later changed to allow fractions; they are refused here in every release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quantity(pub(crate) u32);

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Whole;
        impl Visitor<'_> for Whole {
            type Value = Quantity;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a whole number from 1 to {MAX_QUANTITY}")
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Quantity, E> {
                match u32::try_from(value) {
                    Ok(units @ 1..=MAX_QUANTITY) => Ok(Quantity(units)),
                    _ => Err(E::invalid_value(Unexpected::Signed(value), &self)),
                }
            }
        }
        from.deserialize_i64(Whole)
    }
}

/// A number of points or pieces: a whole number from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count(pub(crate) u64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Whole;
        impl Visitor<'_> for Whole {
            type Value = Count;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number, 0 or greater")
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Count, E> {
                u64::try_from(value)
                    .map(Count)
                    .map_err(|_| E::invalid_value(Unexpected::Signed(value), &self))
            }
        }
        from.deserialize_i64(Whole)
    }
}

macro_rules! checked_text {
    ($($(#[$doc:meta])* $name:ident($holds:ty) = $check:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
        #[serde(try_from = "String")]
        pub(crate) struct $name(pub(crate) $holds);

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                let check: fn(String) -> Result<$holds, String> = $check;
                check(text).map(Self)
            }
        }
    )+};
}

checked_text! {
    /// An id that the merchant or the host assigned: 1 to 256 characters without control characters.
    Id(String) = |text| {
        if (1..=256).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
            Ok(text)
        } else {
            Err("must be 1 to 256 characters, without control characters".into())
        }
    };
    /// An email address, checked for its syntax only: at most 254 bytes, one `@`, no whitespace.
    Email(String) = |text| {
        if is_email(&text) { Ok(text) } else { Err("must be an email address: name@example.com".into()) }
    };
    /// A country code (ISO 3166-1 alpha-2), accepted in any case and stored in upper case.
    Country(String) = |text| {
        if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            Ok(text.to_ascii_uppercase())
        } else {
            Err("must be a two-letter country code (ISO 3166-1 alpha-2): US".into())
        }
    };
    /// A currency code (ISO 4217), accepted in any case.
    CurrencyCode(Currency) = |text| {
        Currency::new(&text).map_err(|_| "must be a three-letter currency code (ISO 4217): usd".into())
    };
    /// A time in RFC 3339 format, not before 1970.
    DateTime(Timestamp) = |text| {
        let at = text.parse::<jiff::Timestamp>().ok();
        let millis = at.and_then(|at| u64::try_from(at.as_millisecond()).ok());
        millis
            .map(Timestamp)
            .ok_or_else(|| "must be a time in RFC 3339 format, not before 1970: 2027-12-31T23:59:59Z".into())
    };
    /// A payment token: 1 to 256 letters, digits, `_` or `-`, so that it is safe as a segment of a URL path.
    Token(String) = |text| {
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        if plain && (1..=256).contains(&text.len()) {
            Ok(text)
        } else {
            Err("must be 1 to 256 letters, digits, underscores or hyphens".into())
        }
    };
    /// A discount code as the buyer typed it: 1 to 100 characters without control characters.
    Code(String) = |text| {
        if (1..=100).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
            Ok(text)
        } else {
            Err("must be 1 to 100 characters, without control characters".into())
        }
    };
}

fn is_email(text: &str) -> bool {
    let Some((name, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let clean =
        |part: &str| !part.is_empty() && !part.chars().any(|letter| letter.is_whitespace() || letter.is_control());
    text.len() <= 254 && clean(name) && clean(domain) && !name.contains('@')
}

/// Maximum number of entries in free-form metadata.
const MAX_ENTRIES: usize = 50;
/// Maximum bytes of a metadata key or value; longer entries are dropped.
const MAX_ENTRY: usize = 256;

/// Free-form metadata: scalar values are kept as text; `null`, arrays and objects are dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Metadata(pub(crate) BTreeMap<String, String>);

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let entries = BTreeMap::<String, Scalar>::deserialize(from)?;
        if entries.len() > MAX_ENTRIES {
            return Err(D::Error::custom(format!(
                "must not have more than {MAX_ENTRIES} entries"
            )));
        }
        let texts = entries
            .into_iter()
            .filter_map(|(key, Scalar(value))| value.map(|value| (key, value)));
        let short = texts.filter(|(key, value)| key.len() <= MAX_ENTRY && value.len() <= MAX_ENTRY);
        Ok(Self(short.collect()))
    }
}

/// A metadata value; `None` unless it is a scalar.
struct Scalar(Option<String>);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Scalar;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_bool<E>(self, value: bool) -> Result<Scalar, E> {
                Ok(Scalar(Some(value.to_string())))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
                Ok(Scalar(Some(value.to_string())))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Scalar, E> {
                Ok(Scalar(Some(value.to_string())))
            }

            fn visit_str<E>(self, value: &str) -> Result<Scalar, E> {
                Ok(Scalar(Some(value.to_owned())))
            }

            fn visit_unit<E>(self) -> Result<Scalar, E> {
                Ok(Scalar(None))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Scalar, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Scalar(None))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Scalar(None))
            }
        }
        from.deserialize_any(Any)
    }
}
