//! Arguments of a call, from JSON.

use std::io::Read;

use serde_json::{Map, Value};

use crate::cli::plugin::error::VerbError;
use tillhouse_runtime::trial::Exported;

/// Read the JSON of a file, or of standard input (`-`). Without a name there are no arguments.
pub(super) fn read_json(input: Option<&str>) -> Result<Value, VerbError> {
    let text = match input {
        None => return Ok(Value::Object(Map::new())),
        Some("-") => {
            let mut text = String::new();
            let read = std::io::stdin().lock().read_to_string(&mut text);
            read.map_err(|error| VerbError::Usage(format!("standard input: {error}")))?;
            text
        }
        Some(file) => std::fs::read_to_string(file).map_err(|error| VerbError::Usage(format!("{file}: {error}")))?,
    };
    let name = input.filter(|name| *name != "-").unwrap_or("standard input");
    serde_json::from_str(&text).map_err(|error| VerbError::Plugin(format!("{name} is not JSON: {error}")))
}

/// An object by parameter name stays as it is; any other value is that of the only parameter without a default.
pub(super) fn arguments(exported: &Exported, input: Value) -> Map<String, Value> {
    let takes = |key: &String| exported.parameters.iter().any(|parameter| parameter.name == *key);
    let mut own = exported.required();
    match (input, own.next(), own.next()) {
        (Value::Object(object), _, _) if object.keys().all(takes) => object,
        (bare, Some(only), None) => Map::from_iter([(only.to_owned(), bare)]),
        // The type check that follows reports the valid names.
        (Value::Object(object), _, _) => object,
        (other, _, _) => Map::from_iter([("input".to_owned(), other)]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use tillhouse_runtime::function::Function;
    use tillhouse_runtime::trial::Parameter;

    fn takes(names: &[(&str, bool)]) -> Exported {
        let parameter = |(name, made_up): &(&str, bool)| Parameter {
            name: (*name).to_owned(),
            generated: *made_up,
        };
        Exported {
            function: Function::Charge,
            parameters: names.iter().map(parameter).collect(),
        }
    }

    #[test]
    fn an_object_is_by_name_or_the_only_parameter_itself() {
        let charge = takes(&[("op", true), ("order", false), ("credential", true)]);
        let bare = json!({"session": "cs", "order": "ord_1"});
        assert_eq!(Value::Object(arguments(&charge, bare.clone())), json!({"order": bare}));
        let named = json!({"op": {"attempt": 2}, "order": bare});
        assert_eq!(Value::Object(arguments(&charge, named.clone())), named);
        let check = takes(&[("ctx", true), ("lines", false)]);
        assert_eq!(Value::Object(arguments(&check, json!([]))), json!({"lines": []}));
        let profile = takes(&[]);
        assert_eq!(Value::Object(arguments(&profile, json!({}))), json!({}));
    }
}
