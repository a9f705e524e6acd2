//! Field types shared by the protocols. Each validates itself while it is deserialized, so that its error carries the field path.

mod metadata;

use std::fmt;

use axum::http::Uri;
use serde::Deserialize;
use serde::de::{Deserializer, Error, Unexpected, Visitor};

use crate::json::{EXACT, LINES};
pub(crate) use metadata::{FlatMetadata, Metadata};
use tillhouse_checkout::cart::{Change, MAX_QUANTITY};
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::places;
use tillhouse_checkout::secret::Secret;
use tillhouse_checkout::text::{TextForm, is_blank};
use tillhouse_checkout::time::Timestamp;

/// A quantity: a whole number from 1. `2.0` counts as whole, as in JSON Schema.
///
/// The schema of ACP 2025-09-29 was later changed to allow fractions. They are refused here in every release: the plugin contract
/// counts units, so that no merchant can say that an item is sold by measure.
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

            fn visit_f64<E: Error>(self, value: f64) -> Result<Quantity, E> {
                if value.fract() == 0.0 || !value.is_finite() {
                    return Err(E::invalid_value(Unexpected::Float(value), &self));
                }
                Err(E::custom(format_args!(
                    "must be a whole number from 1 to {MAX_QUANTITY}: this merchant sells in whole units, not by measure; ask the buyer \
                     for a whole number of units"
                )))
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

/// A text of several lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lines(pub(crate) String);

impl<'de> Deserialize<'de> for Lines {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        text_of(LINES, from).map(Self)
    }
}

/// A text inside a newtype struct of this name, by which [`read`](crate::json::read) knows its form.
fn text_of<'de, D: Deserializer<'de>>(name: &'static str, from: D) -> Result<String, D::Error> {
    struct Newtype;
    impl<'de> Visitor<'de> for Newtype {
        type Value = String;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_newtype_struct<D: Deserializer<'de>>(self, text: D) -> Result<String, D::Error> {
            String::deserialize(text)
        }
    }
    from.deserialize_newtype_struct(name, Newtype)
}

/// A field that the agent may take away again with `null`, which differs from leaving it out (ACP RFC agentic checkout §6.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Nullable<T> {
    /// Not in the request: it stays as it is.
    #[default]
    Absent,
    /// `null`: it is taken away.
    Null,
    /// A value, which replaces the old one.
    Given(T),
}

impl<T> Nullable<T> {
    /// The change that the field asks for.
    pub(crate) fn into_change(self) -> Change<T> {
        match self {
            Self::Absent => Change::Keep,
            Self::Null => Change::Clear,
            Self::Given(value) => Change::Set(value),
        }
    }

    /// The list that replaces the old one: an empty one for `null`. `None` leaves it as it is.
    pub(crate) fn into_list(self) -> Option<T>
    where
        T: Default,
    {
        match self {
            Self::Absent => None,
            Self::Null => Some(T::default()),
            Self::Given(list) => Some(list),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Nullable<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(from)?.map_or(Self::Null, Self::Given))
    }
}

/// An optional field that a request gives or leaves out: `null` is refused as a value of another type is.
pub(crate) fn not_null<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// A text that is wiped when it is dropped, and never shown.
#[derive(Debug)]
pub(crate) struct SecretText(pub(crate) Secret);

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        text_of(EXACT, from).map(Secret::new).map(Self)
    }
}

macro_rules! checked_text {
    ($($(#[$doc:meta])* $name:ident($holds:ty) = $check:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub(crate) struct $name(pub(crate) $holds);

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                let check: fn(String) -> Result<$holds, String> = $check;
                check(text).map(Self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                Self::try_from(text_of(EXACT, from)?).map_err(D::Error::custom)
            }
        }
    )+};
}

checked_text! {
    /// An id that the merchant or the host assigned: 1 to 256 characters without control characters.
    Id(String) = |text| {
        TextForm::Exact.read(&text).map_err(|error| error.to_string())?;
        if (1..=256).contains(&text.chars().count()) && !is_blank(&text) {
            Ok(text)
        } else {
            Err("must be 1 to 256 characters, some of them visible".into())
        }
    };
    /// An email address, checked for its syntax only: at most 254 bytes, one `@`, no whitespace.
    Email(String) = |text| {
        if is_email(&text) { Ok(text) } else { Err("must be an email address: name@example.com".into()) }
    };
    /// A country by its code (ISO 3166-1 alpha-2) or an alias of it, in any case. Kept as it was written: the cart has the code.
    Country(String) = |text| match text.parse::<places::Country>() {
        Ok(_) => Ok(text),
        Err(unknown) => Err(unknown.to_string()),
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
    /// An absolute URL, whatever its scheme.
    Url(String) = |text| {
        let is_absolute = text.parse::<Uri>().is_ok_and(|url| url.scheme().is_some());
        if is_absolute { Ok(text) } else { Err("must be an absolute URL: https://example.com/page".into()) }
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
    /// A payment token of which only its issuer knows more: 1 to 512 printable characters of ASCII. Adyen names no alphabet, and the
    /// examples of its document have dots.
    OpaqueToken(String) = |text| {
        let is_printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if is_printable && (1..=512).contains(&text.len()) {
            Ok(text)
        } else {
            Err("must be 1 to 512 printable characters of ASCII".into())
        }
    };
    /// A discount code as the buyer typed it: 1 to 100 characters.
    Code(String) = |text| {
        if (1..=100).contains(&text.chars().count()) && !is_blank(&text) {
            Ok(text)
        } else {
            Err("must be 1 to 100 characters, some of them visible".into())
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
