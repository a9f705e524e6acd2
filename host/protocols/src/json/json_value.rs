//! The JSON tree of a parsed body, with exact numbers.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use zeroize::Zeroize;

use super::{BodyError, BodyErrorKind, Decimal};

/// Maximum nesting depth of a body; the deepest schema of the protocols needs 6.
const MAX_DEPTH: usize = 32;

/// A JSON value with exact numbers and without repeated keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum JsonValue {
    Null,
    Bool(bool),
    Number(Decimal),
    Text(String),
    List(Vec<JsonValue>),
    Object(BTreeMap<String, JsonValue>),
}

impl JsonValue {
    /// The JSON type with its article, for error messages.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "an array",
            Self::Object(_) => "an object",
        }
    }
}

impl JsonValue {
    /// Wipe every text in it, and every number.
    pub(crate) fn wipe(&mut self) {
        match self {
            Self::Null | Self::Bool(_) => {}
            Self::Number(number) => number.wipe(),
            Self::Text(text) => text.zeroize(),
            Self::List(values) => values.iter_mut().for_each(Self::wipe),
            Self::Object(fields) => fields.values_mut().for_each(Self::wipe),
        }
    }
}

/// Parse a body.
///
/// # Errors
/// When it is not UTF-8, not JSON, nested too deeply, or an object repeats a key.
pub(crate) fn parse(body: &[u8]) -> Result<JsonValue, BodyError> {
    let malformed = |message: String| BodyError::new(BodyErrorKind::Malformed, message);
    let text = std::str::from_utf8(body).map_err(|_| malformed("the body is not UTF-8".into()))?;
    let raw: &RawValue = serde_json::from_str(text).map_err(|error| malformed(describe(&error)))?;
    parse_raw(raw, 0)
}

fn describe(error: &serde_json::Error) -> String {
    format!("the body is not JSON: line {}, column {}", error.line(), error.column())
}

/// Parse level by level, so that each number is read from its own text: serde's data model would round it to a float.
fn parse_raw(raw: &RawValue, depth: usize) -> Result<JsonValue, BodyError> {
    let text = raw.get();
    let malformed = |_| BodyError::new(BodyErrorKind::Malformed, "the body is not JSON");
    match text.as_bytes().first() {
        Some(b'{' | b'[') if depth == MAX_DEPTH => Err(BodyError::new(
            BodyErrorKind::Malformed,
            format!("the body is nested deeper than {MAX_DEPTH} levels"),
        )),
        Some(b'{') => object(serde_json::from_str(text).map_err(malformed)?, depth),
        Some(b'[') => {
            let parts: Vec<&RawValue> = serde_json::from_str(text).map_err(malformed)?;
            let values = parts.into_iter().enumerate();
            values
                .map(|(index, part)| parse_raw(part, depth + 1).map_err(|error| error.at_index(index)))
                .collect::<Result<_, _>>()
                .map(JsonValue::List)
        }
        Some(b'"') => serde_json::from_str(text).map(JsonValue::Text).map_err(malformed),
        Some(b't') => Ok(JsonValue::Bool(true)),
        Some(b'f') => Ok(JsonValue::Bool(false)),
        Some(b'n') => Ok(JsonValue::Null),
        _ => Decimal::parse(text)
            .map(JsonValue::Number)
            .ok_or_else(|| BodyError::new(BodyErrorKind::Malformed, "the number is out of range")),
    }
}

fn object(Members(members): Members<'_>, depth: usize) -> Result<JsonValue, BodyError> {
    let mut fields = BTreeMap::new();
    for (key, raw) in members {
        let value = parse_raw(raw, depth + 1).map_err(|error| error.in_field(&key))?;
        if fields.insert(key.clone(), value).is_some() {
            return Err(BodyError::new(BodyErrorKind::Malformed, "duplicate field: send it once").in_field(&key));
        }
    }
    Ok(JsonValue::Object(fields))
}

/// The members of an object in order, duplicate keys included.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        from.deserialize_map(Collect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body_error(body: &str) -> BodyError {
        parse(body.as_bytes()).unwrap_err()
    }

    #[test]
    fn a_repeated_key_is_refused_at_any_depth_and_however_it_is_escaped() {
        assert_eq!(body_error(r#"{"a":1,"a":1}"#).path(), "$.a");
        assert_eq!(body_error(r#"{"x":[{"b":1,"\u0062":2}]}"#).path(), "$.x[0].b");
    }

    #[test]
    fn deep_nesting_is_refused_without_recursion() {
        let deepest = format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
        assert!(parse(deepest.as_bytes()).is_ok());
        for depth in [MAX_DEPTH + 1, 100_000] {
            let deep = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
            assert!(body_error(&deep).message.contains("deeper than 32"));
        }
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for body in [
            "",
            " ",
            "{",
            "{\"a\":}",
            "[1,]",
            "nul",
            "01",
            "1 2",
            "{'a':1}",
            "NaN",
            "\"\\ud800\"",
            "// x\n1",
        ] {
            assert_eq!(body_error(body).kind, BodyErrorKind::Malformed, "{body}");
        }
        assert_eq!(parse(b"\"\xff\"").unwrap_err().message, "the body is not UTF-8");
    }

    #[test]
    fn whitespace_around_and_inside_is_allowed() {
        assert!(matches!(parse(b" \n{ \"a\" : [ 1 , 2 ] } "), Ok(JsonValue::Object(_))));
    }
}
