//! Free-form metadata: key-value pairs of the agent.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::json::LINES;

/// Maximum number of entries.
const MAX_ENTRIES: usize = 50;
/// Maximum bytes of a key or value; longer entries are dropped.
const MAX_ENTRY: usize = 256;

/// Metadata of any depth: scalar values are kept as text; `null`, arrays and objects are dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Metadata(pub(crate) BTreeMap<String, String>);

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let texts = entries::<MetadataValue, D>(from)?
            .into_iter()
            .filter_map(|(key, MetadataValue(value))| value.map(|value| (key, value)));
        let short = texts.filter(|(key, value)| key.len() <= MAX_ENTRY && value.len() <= MAX_ENTRY);
        Ok(Self(short.collect()))
    }
}

/// Metadata whose schema allows texts, numbers and booleans only; anything else is refused under its key. Validated and then
/// discarded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FlatMetadata;

impl<'de> Deserialize<'de> for FlatMetadata {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        entries::<Scalar, D>(from).map(|_| Self)
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

    fn visit_f64<E>(self, value: f64) -> Result<Scalar, E> {
        Ok(Scalar(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Scalar, E> {
        Ok(Scalar(value.to_owned()))
    }
}

/// A value of any type; `None` unless it is a scalar.
struct MetadataValue(Option<String>);

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

    fn visit_bool<E: Error>(self, value: bool) -> Result<MetadataValue, E> {
        scalar(ScalarVisitor.visit_bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<MetadataValue, E> {
        scalar(ScalarVisitor.visit_i64(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<MetadataValue, E> {
        scalar(ScalarVisitor.visit_f64(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<MetadataValue, E> {
        scalar(ScalarVisitor.visit_str(value))
    }

    fn visit_unit<E>(self) -> Result<MetadataValue, E> {
        Ok(MetadataValue(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<MetadataValue, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(MetadataValue(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<MetadataValue, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(MetadataValue(None))
    }
}

fn scalar<E>(value: Result<Scalar, E>) -> Result<MetadataValue, E> {
    value.map(|Scalar(text)| MetadataValue(Some(text)))
}
