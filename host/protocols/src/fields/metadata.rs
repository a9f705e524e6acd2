//! Free-form metadata: key-value pairs of the agent.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::json::LINES;
use tillhouse_checkout::metadata as domain;

/// Maximum number of entries.
const MAX_ENTRIES: usize = 50;
/// Metadata of any depth, whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Metadata(pub(crate) domain::Metadata);

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let members = entries::<MetadataValue, D>(from)?.into_iter();
        let members = members.map(|(key, MetadataValue(value))| (key, value)).collect();
        Ok(Self(domain::Metadata(members)))
    }
}

/// Metadata whose schema allows texts, numbers and booleans only; anything else is refused under its key. Values are kept as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FlatMetadata(pub(crate) BTreeMap<String, String>);

impl<'de> Deserialize<'de> for FlatMetadata {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let entries = entries::<Scalar, D>(from)?.into_iter();
        Ok(Self(entries.map(|(key, Scalar(value))| (key, value)).collect()))
    }
}

fn entries<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, T>, D::Error> {
    let entries = BTreeMap::deserialize(from)?;
    if entries.len() > MAX_ENTRIES {
        return Err(D::Error::custom(format!(
            "must not have more than {MAX_ENTRIES} entries"
        )));
    }
    Ok(entries)
}

/// A fraction that reaches the merchant as the agent wrote it.
fn exact<E: Error>(value: f64) -> Result<Number, E> {
    Number::from_f64(value)
        .ok_or_else(|| E::custom("must be a number that a double holds exactly; send it as a string"))
}

/// A text, a number or a boolean, as text.
struct Scalar(String);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_newtype_struct(LINES, ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, a number or a boolean")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, value: D) -> Result<Scalar, D::Error> {
        value.deserialize_any(self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Scalar, E> {
        Ok(Scalar(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
        Ok(Scalar(value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Scalar, E> {
        exact(value).map(|number| Scalar(number.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Scalar, E> {
        Ok(Scalar(value.to_owned()))
    }
}

/// A value of any type.
struct MetadataValue(Value);

impl<'de> Deserialize<'de> for MetadataValue {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_newtype_struct(LINES, MetadataVisitor)
    }
}

struct MetadataVisitor;

impl<'de> Visitor<'de> for MetadataVisitor {
    type Value = MetadataValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, value: D) -> Result<MetadataValue, D::Error> {
        value.deserialize_any(self)
    }

    fn visit_unit<E>(self) -> Result<MetadataValue, E> {
        Ok(MetadataValue(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<MetadataValue, E> {
        Ok(MetadataValue(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<MetadataValue, E> {
        Ok(MetadataValue(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<MetadataValue, E> {
        exact(value).map(|number| MetadataValue(Value::Number(number)))
    }

    fn visit_str<E>(self, value: &str) -> Result<MetadataValue, E> {
        Ok(MetadataValue(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<MetadataValue, A::Error> {
        let mut values = Vec::new();
        while let Some(MetadataValue(value)) = seq.next_element()? {
            values.push(value);
        }
        Ok(MetadataValue(Value::Array(values)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<MetadataValue, A::Error> {
        let mut members = Map::new();
        while let Some((key, MetadataValue(value))) = map.next_entry()? {
            members.insert(key, value);
        }
        Ok(MetadataValue(Value::Object(members)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::json::{BodyError, Nulls, parse, read};

    fn read_as<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, BodyError> {
        read(&parse(text.as_bytes()).unwrap(), Nulls::Refused)
    }

    #[test]
    fn numbers_reach_the_merchant_as_they_were_sent() {
        let text = r#"{"a":0.1,"b":-9223372036854775808,"c":1e19}"#;
        let Metadata(domain::Metadata(whole)) = read_as(text).unwrap();
        assert_eq!(
            Value::Object(whole.into_iter().collect()),
            json!({"a": 0.1, "b": i64::MIN, "c": 1e19})
        );
        let FlatMetadata(flat) = read_as(r#"{"a":0.1,"b":7}"#).unwrap();
        assert_eq!(flat.values().collect::<Vec<_>>(), ["0.1", "7"]);
    }

    #[test]
    fn a_number_that_would_be_changed_is_refused_where_it_is() {
        for number in ["0.10000000000000000555", "18446744073709551617", "1e400"] {
            let nested = read_as::<Metadata>(&format!(r#"{{"order":{{"ids":[1,{number}]}}}}"#)).unwrap_err();
            assert_eq!(nested.path(), "$.order.ids[1]", "{number}");
            let flat = read_as::<FlatMetadata>(&format!(r#"{{"order":{number}}}"#)).unwrap_err();
            assert_eq!(flat.path(), "$.order", "{number}");
        }
    }
}
