//! A serde deserializer from a parsed body to the types of a release; errors carry the path of the field.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, Expected, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;

use super::{BodyError, BodyErrorKind, JsonValue};
use tillhouse_checkout::text::TextForm;

/// Maximum characters of a text in a body: that of `order_notes`, the longest text that a schema allows.
const MAX_TEXT: usize = 5000;

/// How `null` in place of an optional field is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nulls {
    /// Refused: the schema does not allow it, and in an update it could be meant as a deletion.
    Refused,
    /// Accepted. Only a [`Nullable`](crate::fields::Nullable) field tells it from a missing field.
    Accepted,
}

/// Name of the newtype structs whose text may have several lines.
pub(crate) const LINES: &str = "Lines";
/// Name of the newtype structs whose text is compared and sent on exactly as it is.
pub(crate) const EXACT: &str = "Exact";

/// Deserialize a body as a type. A text is one line ([`TextForm::Line`]), unless it is inside a newtype struct named [`LINES`] or
/// [`EXACT`]: a new field can forget neither.
///
/// # Errors
/// When the body does not match the type, and when a text in it, read or not, has characters that its form does not allow. The
/// error has the path of the field.
pub(crate) fn read<T: DeserializeOwned>(value: &JsonValue, nulls: Nulls) -> Result<T, BodyError> {
    let members = Members::OfType;
    T::deserialize(Reader::inside(Rules { nulls, members }, value))
}

/// The same, for a protocol whose requests may have members that the type does not define: they are ignored, whatever the type does with
/// them otherwise.
///
/// # Errors
/// As for [`read`], but for members that are not defined.
pub(crate) fn read_ignoring_unknown<T: DeserializeOwned>(value: &JsonValue, nulls: Nulls) -> Result<T, BodyError> {
    let members = Members::Known;
    T::deserialize(Reader::inside(Rules { nulls, members }, value))
}

/// Which members of an object a type gets to see.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Members {
    /// All of them: the type says what happens to those that it does not define.
    OfType,
    /// Only those that it defines.
    Known,
}

#[derive(Clone, Copy)]
struct Rules {
    nulls: Nulls,
    members: Members,
}

#[derive(Clone, Copy)]
struct Reader<'de> {
    value: &'de JsonValue,
    rules: Rules,
    form: TextForm,
}

impl<'de> Reader<'de> {
    /// A reader of a value inside this one.
    const fn inside(rules: Rules, value: &'de JsonValue) -> Self {
        Self {
            value,
            rules,
            form: TextForm::Line,
        }
    }

    fn read_text<V: Visitor<'de>>(self, text: &'de str, visitor: V) -> Result<V::Value, BodyError> {
        if text.chars().count() > MAX_TEXT {
            return Err(BodyError::invalid(format!(
                "must not be longer than {MAX_TEXT} characters"
            )));
        }
        match self.form.read(text) {
            Ok(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            Ok(Cow::Owned(text)) => visitor.visit_string(text),
            Err(error) => Err(BodyError::invalid(error.to_string())),
        }
    }
}

/// Check the texts in a value that is not read otherwise.
fn check_ignored(value: &JsonValue) -> Result<(), BodyError> {
    let check = |form: TextForm, text: &str| match form.read(text) {
        Ok(_) => Ok(()),
        Err(error) => Err(BodyError::invalid(error.to_string())),
    };
    match value {
        JsonValue::Null | JsonValue::Bool(_) | JsonValue::Number(_) => Ok(()),
        JsonValue::Text(text) => check(TextForm::Lines, text),
        JsonValue::List(values) => values
            .iter()
            .enumerate()
            .try_for_each(|(index, value)| check_ignored(value).map_err(|error| error.at_index(index))),
        JsonValue::Object(fields) => fields.iter().try_for_each(|(key, value)| {
            let checked = check(TextForm::Exact, key).and_then(|()| check_ignored(value));
            checked.map_err(|error| error.in_field(key))
        }),
    }
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = BodyError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BodyError> {
        match self.value {
            JsonValue::Null => visitor.visit_unit(),
            JsonValue::Bool(value) => visitor.visit_bool(*value),
            JsonValue::Number(number) => match number.whole() {
                Some(whole) => visitor.visit_i64(whole),
                // NaN, which no JSON is, for a number that would be changed: who takes floats refuses it, and the others any float.
                None => visitor.visit_f64(number.float().unwrap_or(f64::NAN)),
            },
            JsonValue::Text(text) => self.read_text(text, visitor),
            JsonValue::List(values) => visitor.visit_seq(Items {
                values: values.iter().enumerate(),
                rules: self.rules,
            }),
            JsonValue::Object(fields) => visitor.visit_map(Fields {
                fields: fields.iter(),
                known: None,
                value: None,
                rules: self.rules,
            }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BodyError> {
        match (self.value, self.rules.nulls) {
            (JsonValue::Null, Nulls::Accepted) => visitor.visit_none(),
            (JsonValue::Null, Nulls::Refused) => {
                Err(BodyError::invalid("must not be null; leave the field out instead"))
            }
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, BodyError> {
        match self.value {
            JsonValue::Text(text) => visitor.visit_enum(StrDeserializer::new(text)),
            other => Err(BodyError::invalid(format!("must be a string, not {}", other.name()))),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, BodyError> {
        let form = match name {
            LINES => TextForm::Lines,
            EXACT => TextForm::Exact,
            _ => self.form,
        };
        visitor.visit_newtype_struct(Self { form, ..self })
    }

    /// Accepts an object only: serde would also accept an array, by position.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, BodyError> {
        match self.value {
            JsonValue::Object(fields) => visitor.visit_map(Fields {
                fields: fields.iter(),
                known: (self.rules.members == Members::Known).then_some(known),
                value: None,
                rules: self.rules,
            }),
            other => Err(BodyError::invalid(format!("must be an object, not {}", other.name()))),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BodyError> {
        check_ignored(self.value)?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier
    }
}

struct Items<'de> {
    values: std::iter::Enumerate<std::slice::Iter<'de, JsonValue>>,
    rules: Rules,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = BodyError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, BodyError> {
        let Some((index, value)) = self.values.next() else {
            return Ok(None);
        };
        seed.deserialize(Reader::inside(self.rules, value))
            .map(Some)
            .map_err(|error| error.at_index(index))
    }
}

struct Fields<'de> {
    fields: std::collections::btree_map::Iter<'de, String, JsonValue>,
    /// The members that are read; `None` for all.
    known: Option<&'static [&'static str]>,
    value: Option<(&'de str, &'de JsonValue)>,
    rules: Rules,
}

impl<'de> Fields<'de> {
    /// The next member that is read. Those that are not are checked as well.
    fn next_known(&mut self) -> Result<Option<(&'de String, &'de JsonValue)>, BodyError> {
        for (key, value) in self.fields.by_ref() {
            if self.known.is_none_or(|known| known.contains(&key.as_str())) {
                return Ok(Some((key, value)));
            }
            let checked = TextForm::Exact
                .read(key)
                .map_err(|error| BodyError::invalid(error.to_string()));
            let checked = checked.and_then(|_| check_ignored(value));
            checked.map_err(|error| error.in_field(key))?;
        }
        Ok(None)
    }
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = BodyError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, BodyError> {
        let Some((key, value)) = self.next_known()? else {
            return Ok(None);
        };
        self.value = Some((key, value));
        TextForm::Exact
            .read(key)
            .map_err(|error| BodyError::invalid(error.to_string()).in_field(key))?;
        let key_text: StrDeserializer<'_, BodyError> = key.as_str().into_deserializer();
        seed.deserialize(key_text)
            .map(Some)
            .map_err(|error| error.in_field(key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, BodyError> {
        let Some((key, value)) = self.value.take() else {
            return Err(BodyError::invalid("has no value"));
        };
        seed.deserialize(Reader::inside(self.rules, value))
            .map_err(|error| error.in_field(key))
    }
}

impl de::Error for BodyError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::invalid(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid(format!("must be {expected}, not {}", name(&found)))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid(format!("must be {expected}"))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::invalid(format!("must be one of: {}", expected.join(", ")))
    }

    fn unknown_field(_: &str, expected: &'static [&'static str]) -> Self {
        let known = expected.join(", ");
        Self::new(
            BodyErrorKind::Unknown,
            format!("is not a field of this release; known fields: {known}"),
        )
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(BodyErrorKind::Missing, "is required").in_field(field)
    }
}

/// The JSON type of a value, without the value: responses do not echo what clients sent.
fn name(found: &Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "a boolean",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "a number",
        Unexpected::Float(_) => "a fraction or a number out of range",
        Unexpected::Str(_) | Unexpected::Char(_) => "a string",
        Unexpected::Unit | Unexpected::Option => "null",
        Unexpected::Seq => "an array",
        Unexpected::Map => "an object",
        _ => "something else",
    }
}
