//! The `OpenAPI` documents of a release.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tillhouse_tests::Release;
use yaml_rust2::{Yaml, YamlLoader};

pub(crate) const CHECKOUT: &str = "openapi.agentic_checkout.yaml";

/// Their folder, within the folder of all releases.
pub(crate) fn folder_of(folder: &Path, release: Release) -> PathBuf {
    folder.join(release.as_str()).join("openapi")
}

/// A document as JSON.
pub(crate) fn read(file: &Path) -> Value {
    let text = std::fs::read_to_string(file).expect("the specification is readable");
    // Defect: one of them is indented with a tab, which YAML forbids.
    let documents = YamlLoader::load_from_str(&text.replace('\t', "  ")).expect("the specification is YAML");
    json_of(&documents[0])
}

/// Convert YAML to JSON. Features that JSON lacks, such as aliases, are not used by the specifications.
fn json_of(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Boolean(flag) => json!(flag),
        Yaml::Integer(number) => json!(number),
        Yaml::Real(text) => json!(text.parse::<f64>().expect("a number")),
        Yaml::String(text) => json!(text),
        Yaml::Array(items) => items.iter().map(json_of).collect(),
        Yaml::Hash(fields) => {
            let name = |key: &Yaml| key.as_str().map_or_else(|| json_of(key).to_string(), str::to_owned);
            fields.iter().map(|(key, value)| (name(key), json_of(value))).collect()
        }
        Yaml::Null => Value::Null,
        Yaml::Alias(_) | Yaml::BadValue => panic!("unsupported YAML: alias or bad value"),
    }
}
