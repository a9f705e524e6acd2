//! Conversion of JSON to component-model values, by the types that a function declares.
//!
//! Names are those of the contract in snake case (`line_one`). A missing list is empty, a missing option is `none`, a missing
//! `bool` is false, a missing record within another has these defaults if all of its fields have one; every other field is
//! required. Errors name the path of the value.

use serde_json::{Map, Value};
use wasmtime::component::{Type, Val};

/// Why a JSON value does not have the declared type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct ArgumentError {
    /// Path of the value, e.g. `cart.lines[0].quantity`.
    pub path: String,
    /// What is wrong and what was expected, e.g. `is -1; expected an integer of 32 bits, 0 or greater`.
    pub problem: String,
}

impl ArgumentError {
    pub(super) fn new(path: &str, problem: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            problem: problem.into(),
        }
    }
}

/// Convert JSON to a value of this type.
pub(super) fn to_val(path: &str, json: &Value, ty: &Type) -> Result<Val, ArgumentError> {
    let wants = |what: &str| ArgumentError::new(path, format!("is {}; expected {what}", kind(json)));
    Ok(match ty {
        Type::Bool => Val::Bool(json.as_bool().ok_or_else(|| wants("true or false"))?),
        Type::U8 => Val::U8(unsigned(path, json)?),
        Type::U16 => Val::U16(unsigned(path, json)?),
        Type::U32 => Val::U32(unsigned(path, json)?),
        Type::U64 => Val::U64(unsigned(path, json)?),
        Type::S32 => Val::S32(signed(path, json)?),
        Type::S64 => Val::S64(signed(path, json)?),
        Type::String => Val::String(json.as_str().ok_or_else(|| wants("a string"))?.to_owned()),
        Type::List(list) if matches!(list.ty(), Type::U8) && json.is_string() => {
            Val::List(json.as_str().unwrap_or_default().bytes().map(Val::U8).collect())
        }
        Type::List(list) => {
            let items = json.as_array().ok_or_else(|| wants("a list"))?.iter().enumerate();
            let item = |(index, item): (usize, &Value)| to_val(&format!("{path}[{index}]"), item, &list.ty());
            Val::List(items.map(item).collect::<Result<_, _>>()?)
        }
        Type::Record(record) => {
            let fields: Vec<(&str, Type)> = record.fields().map(|field| (field.name, field.ty)).collect();
            let object = json.as_object().ok_or_else(|| wants("an object"))?;
            Val::Record(fields_of(path, object, &fields)?)
        }
        Type::Tuple(tuple) => {
            let items = json.as_array().ok_or_else(|| wants("a list"))?;
            let types: Vec<Type> = tuple.types().collect();
            if items.len() != types.len() {
                return Err(wants(&format!("a list of {}", types.len())));
            }
            let both = items.iter().zip(&types).enumerate();
            let item = |(index, (item, ty)): (usize, (&Value, &Type))| to_val(&format!("{path}[{index}]"), item, ty);
            Val::Tuple(both.map(item).collect::<Result<_, _>>()?)
        }
        Type::Option(_) if json.is_null() => Val::Option(None),
        Type::Option(option) => Val::Option(Some(Box::new(to_val(path, json, &option.ty())?))),
        Type::Enum(names) => {
            let known: Vec<&str> = names.names().collect();
            let given = json.as_str().ok_or_else(|| wants(&one_of(&known)))?;
            let name = known.iter().find(|name| snake(name) == given);
            Val::Enum((*name.ok_or_else(|| wants(&one_of(&known)))?).to_owned())
        }
        Type::Variant(variant) => {
            let cases: Vec<(&str, Option<Type>)> = variant.cases().map(|case| (case.name, case.ty)).collect();
            to_variant(path, json, &cases)?
        }
        _ => return Err(ArgumentError::new(path, "has a type that cannot be written as JSON")),
    })
}

/// Convert a variant: `"absent"` for a case without payload, `{"found": …}` for a case with one.
fn to_variant(path: &str, json: &Value, cases: &[(&str, Option<Type>)]) -> Result<Val, ArgumentError> {
    let names: Vec<&str> = cases.iter().map(|(name, _)| *name).collect();
    let wants = || ArgumentError::new(path, format!("is {}; expected {}", kind(json), one_of(&names)));
    let none = Value::Null;
    let (given, payload) = match json {
        Value::String(given) => (given.as_str(), &none),
        Value::Object(object) if object.len() == 1 => object
            .iter()
            .next()
            .map(|(given, payload)| (given.as_str(), payload))
            .ok_or_else(wants)?,
        _ => return Err(wants()),
    };
    let case = cases.iter().find(|(name, _)| snake(name) == given);
    let (name, ty) = case.ok_or_else(wants)?;
    let payload = ty
        .as_ref()
        .map(|ty| to_val(&format!("{path}.{given}"), payload, ty))
        .transpose()?;
    Ok(Val::Variant((*name).to_owned(), payload.map(Box::new)))
}

/// Convert the fields of a record. Unknown fields are errors.
pub(super) fn fields_of(
    path: &str,
    object: &Map<String, Value>,
    fields: &[(&str, Type)],
) -> Result<Vec<(String, Val)>, ArgumentError> {
    let inner = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        }
    };
    if let Some(unknown) = object
        .keys()
        .find(|key| fields.iter().all(|(name, _)| snake(name) != **key))
    {
        let known: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
        return Err(ArgumentError::new(
            &inner(unknown),
            format!("unknown field; expected one of: {}", list(&known)),
        ));
    }
    let field = |(name, ty): &(&str, Type)| {
        let key = snake(name);
        let value = match (object.get(&key), ty) {
            (Some(json), ty) => to_val(&inner(&key), json, ty)?,
            (None, Type::Option(_)) => Val::Option(None),
            (None, Type::List(_)) => Val::List(Vec::new()),
            (None, Type::Bool) => Val::Bool(false),
            (None, Type::Record(_)) if !path.is_empty() => {
                let missing = |_| ArgumentError::new(&inner(&key), "is missing");
                to_val(&inner(&key), &Value::Object(Map::new()), ty).map_err(missing)?
            }
            (None, _) => return Err(ArgumentError::new(&inner(&key), "is missing")),
        };
        Ok(((*name).to_owned(), value))
    };
    fields.iter().map(field).collect()
}

fn unsigned<T: TryFrom<u64>>(path: &str, json: &Value) -> Result<T, ArgumentError> {
    let number = json.as_u64().and_then(|number| T::try_from(number).ok());
    number.ok_or_else(|| {
        let bits = size_of::<T>() * 8;
        ArgumentError::new(
            path,
            format!("is {}; expected an integer of {bits} bits, 0 or greater", kind(json)),
        )
    })
}

fn signed<T: TryFrom<i64>>(path: &str, json: &Value) -> Result<T, ArgumentError> {
    let number = json.as_i64().and_then(|number| T::try_from(number).ok());
    number.ok_or_else(|| {
        let bits = size_of::<T>() * 8;
        let problem = format!("is {}; expected an integer of {bits} bits", kind(json));
        ArgumentError::new(path, problem)
    })
}

fn kind(json: &Value) -> String {
    match json {
        Value::Null => "null".to_owned(),
        Value::Bool(_) | Value::Number(_) => json.to_string(),
        Value::String(text) if text.len() <= 40 => format!("{text:?}"),
        Value::String(_) => "a string".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// Convert a name of the contract, which is in kebab case, to snake case.
pub(super) fn snake(name: &str) -> String {
    name.replace('-', "_")
}

fn list(names: &[&str]) -> String {
    names.iter().map(|name| snake(name)).collect::<Vec<_>>().join(", ")
}

fn one_of(names: &[&str]) -> String {
    format!("one of {}", list(names))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wasmtime::Engine;
    use wasmtime::component::Component;
    use wasmtime::component::types::ComponentItem;

    use super::*;

    /// The type of an order with a device, whose fields all have defaults, and totals, whose field has none.
    fn order() -> Type {
        let text = r#"(component (import "types" (instance
            (type $t0 (record (field "ip" (option string)) (field "known" bool)))
            (export "device" (type $device (eq $t0)))
            (type $t1 (record (field "tax" s64)))
            (export "totals" (type $totals (eq $t1)))
            (type $t2 (record (field "device" $device) (field "totals" $totals)))
            (export "order" (type $order (eq $t2)))
            (export "charge" (func (param "order" $order))))))"#;
        let engine = Engine::default();
        let component = Component::new(&engine, wat::parse_str(text).unwrap()).unwrap();
        let ty = component.component_type();
        let ComponentItem::ComponentInstance(types) = ty.get_import(&engine, "types").unwrap().ty else {
            panic!("no instance")
        };
        let ComponentItem::ComponentFunc(charge) = types.get_export(&engine, "charge").unwrap().ty else {
            panic!("no function")
        };
        charge.params().next().unwrap().1
    }

    #[test]
    fn a_missing_record_of_fields_with_defaults_has_these_and_another_is_missing() {
        let order = order();
        let value = to_val("order", &json!({"totals": {"tax": 7}}), &order).unwrap();
        let device = Val::Record(vec![
            ("ip".into(), Val::Option(None)),
            ("known".into(), Val::Bool(false)),
        ]);
        let Val::Record(fields) = value else {
            panic!("{value:?}")
        };
        assert_eq!(fields[0], ("device".to_owned(), device));
        let error = to_val("order", &json!({}), &order).unwrap_err();
        assert_eq!(error.to_string(), "order.totals: is missing");
    }
}
