//! Configuration of the shipped plugins: the `config.schema.json` of each must accept the same keys as its code.
//!
//! The plugins run natively against the SDK's test host; their schemas are checked with the same configurations.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod literals;
mod schema;
mod shipped;

use shipped::Shipped;

#[test]
fn the_default_configuration_is_valid_by_schema_and_code() {
    for plugin in Shipped::all() {
        let wrong = plugin.schema.errors(&plugin.defaults);
        assert!(wrong.is_empty(), "{}: {wrong:#?}", plugin.name);
        assert_eq!(plugin.problems(None), [] as [String; 0], "{}", plugin.name);
    }
}

/// Tries every string literal of a plugin's sources as a key of every table of its configuration: keys that the code reads must
/// be in the schema, and keys that it refuses must not be.
#[test]
fn schema_and_code_accept_the_same_keys() {
    for plugin in Shipped::all() {
        let mut known = 0;
        for key in plugin.keys() {
            let (by_code, by_schema) = (plugin.code_accepts(&key), plugin.schema.accepts(&plugin.defaults, &key));
            assert_eq!(by_code, by_schema, "{}: `{key}`: code, schema", plugin.name);
            known += usize::from(by_code);
        }
        assert!(
            known >= plugin.min_keys,
            "{}: only {known} keys are accepted",
            plugin.name
        );
    }
}

#[test]
fn a_secret_is_not_accepted_as_configuration() {
    for plugin in Shipped::all() {
        for key in ["api_key", "secrets.api_key"] {
            assert!(!plugin.schema.accepts(&plugin.defaults, key), "{}: {key}", plugin.name);
        }
    }
}
