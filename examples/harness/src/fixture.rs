//! Fixtures: arguments as JSON files, with the names of the contract.

mod lenient;

use std::fs;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::env::Env;
use lenient::FixtureError;

impl Env {
    /// Reads `fixtures/NAME` of the plugin's package: one argument as JSON, or the arguments of a call with one
    /// argument, as `tillhouse plugin run` takes them (`{"cart": …}`).
    ///
    /// Names are those of the contract in snake case. A missing list is empty, a missing optional is absent, and a
    /// missing flag is false.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # use tillhouse_plugin::types::Cart;
    /// # async fn test(env: Env) {
    /// let cart: Cart = env.fixture("cart.json");
    /// env.pricing().price(cart).await.unwrap();
    /// # }
    /// ```
    ///
    /// # Panics
    /// When the file is missing, or is not a valid `T`.
    #[must_use]
    #[track_caller]
    pub fn fixture<T: DeserializeOwned>(&self, name: &str) -> T {
        let path = self.plugin().folder.join("fixtures").join(name);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        argument(value).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}

/// Reads the value itself, or the only member inside it.
fn argument<T: DeserializeOwned>(value: Value) -> Result<T, FixtureError> {
    let inside = match &value {
        Value::Object(fields) if fields.len() == 1 => fields.clone().into_iter().next(),
        _ => None,
    };
    let read = lenient::read(value, "");
    match (read, inside) {
        // An error in a known field is reported as it is, and the value is not taken for the arguments of a call.
        (Err(error), Some((name, inside))) if error.is_of_whole(&name) => lenient::read(inside, &name),
        (read, _) => read,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tillhouse_plugin::types::Cart;

    use super::*;

    #[test]
    fn a_fixture_is_an_argument_or_the_arguments_of_a_call() {
        let lines = json!({"lines": [{"id": "l1", "item": "tee", "quantity": 2}]});
        let cart: Cart = argument(lines.clone()).unwrap();
        assert_eq!(argument::<Cart>(json!({ "cart": lines })).unwrap(), cart);
        let wrong = |value| argument::<Cart>(value).unwrap_err().to_string();
        let strange = wrong(json!({"cart": {"line": []}}));
        assert!(strange.starts_with("cart.line is not known"), "{strange}");
        let lines = json!({"lines": [{"id": "l1", "item": "tee"}]});
        assert_eq!(
            wrong(json!({"cart": lines.clone()})),
            "cart.lines[0].quantity is missing"
        );
        assert_eq!(wrong(lines), "lines[0].quantity is missing");
    }
}
