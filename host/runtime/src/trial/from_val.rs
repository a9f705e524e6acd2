//! Conversion of component-model values to JSON.

use serde_json::{Map, Value};
use wasmtime::component::Val;

use super::to_val::snake;

/// How the names of variant and enum cases are written. Names of fields are always in snake case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseStyle {
    /// Snake case, e.g. `too_late`; bytes that are UTF-8 are a string. For command-line output and other programs.
    Snake,
    /// Camel case, e.g. `TooLate`; bytes are numbers. As serde deserializes the types of the SDK.
    Rust,
}

impl CaseStyle {
    fn case(self, name: &str) -> String {
        match self {
            Self::Snake => snake(name),
            Self::Rust => name.split('-').map(capitalised).collect(),
        }
    }
}

/// Convert a value to JSON. Resource handles become `null`.
pub(super) fn from_val(val: &Val, case_style: CaseStyle) -> Value {
    let inner = |val: &Val| from_val(val, case_style);
    let payload = |val: &Option<Box<Val>>| val.as_ref().map_or(Value::Null, |val| from_val(val, case_style));
    match val {
        Val::Bool(value) => (*value).into(),
        Val::S8(value) => (*value).into(),
        Val::U8(value) => (*value).into(),
        Val::S16(value) => (*value).into(),
        Val::U16(value) => (*value).into(),
        Val::S32(value) => (*value).into(),
        Val::U32(value) => (*value).into(),
        Val::S64(value) => (*value).into(),
        Val::U64(value) => (*value).into(),
        Val::Float32(value) => (*value).into(),
        Val::Float64(value) => (*value).into(),
        Val::Char(value) => value.to_string().into(),
        Val::String(value) => value.as_str().into(),
        Val::List(items) | Val::FixedLengthList(items) => {
            match text(items).filter(|_| case_style == CaseStyle::Snake) {
                Some(text) => text.into(),
                None => items.iter().map(inner).collect(),
            }
        }
        Val::Tuple(items) => items.iter().map(inner).collect(),
        Val::Record(fields) => {
            let fields = fields.iter().map(|(name, value)| (snake(name), inner(value)));
            Value::Object(fields.collect())
        }
        Val::Variant(name, Some(value)) => tagged(case_style.case(name), inner(value)),
        Val::Variant(name, None) | Val::Enum(name) => case_style.case(name).into(),
        Val::Option(value) => payload(value),
        Val::Result(Ok(value)) => tagged(case_style.case("ok"), payload(value)),
        Val::Result(Err(value)) => tagged(case_style.case("err"), payload(value)),
        Val::Flags(set) => set.iter().map(|name| case_style.case(name)).collect(),
        Val::Map(pairs) => pairs
            .iter()
            .map(|(key, value)| Value::Array(vec![inner(key), inner(value)]))
            .collect(),
        Val::Resource(_) | Val::Future(_) | Val::Stream(_) | Val::ErrorContext(_) => Value::Null,
    }
}

fn tagged(name: String, value: Value) -> Value {
    Value::Object(Map::from_iter([(name, value)]))
}

/// The bytes as a string, if they are not empty and valid UTF-8.
fn text(items: &[Val]) -> Option<String> {
    let bytes: Option<Vec<u8>> = items
        .iter()
        .map(|item| match item {
            Val::U8(byte) => Some(*byte),
            _ => None,
        })
        .collect();
    bytes
        .filter(|bytes| !bytes.is_empty())
        .and_then(|bytes| String::from_utf8(bytes).ok())
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_named_for_people_or_for_serde() {
        let late = Val::Variant("too-late".into(), None);
        assert_eq!(from_val(&late, CaseStyle::Snake), "too_late");
        assert_eq!(from_val(&late, CaseStyle::Rust), "TooLate");
        let fields = Val::Record(vec![(
            "line-one".into(),
            Val::Option(Some(Box::new(Val::String("x".into())))),
        )]);
        assert_eq!(from_val(&fields, CaseStyle::Rust), serde_json::json!({"line_one": "x"}));
    }

    #[test]
    fn bytes_that_are_text_read_as_text() {
        let bytes = Val::List(b"hi".map(Val::U8).to_vec());
        assert_eq!(from_val(&bytes, CaseStyle::Snake), "hi");
        assert_eq!(from_val(&bytes, CaseStyle::Rust), serde_json::json!([104, 105]));
        let broken = Val::List(vec![Val::U8(0xff)]);
        assert_eq!(from_val(&broken, CaseStyle::Snake), serde_json::json!([255]));
    }
}
