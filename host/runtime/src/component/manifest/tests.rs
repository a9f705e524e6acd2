use super::*;

const HEAD: &str = "[plugin]\nid = \"a\"\nversion = \"1\"\napi = \"tillhouse:merchant@0.2\"\n";

fn errors(text: &str) -> Vec<String> {
    let found = Manifest::parse(text).unwrap_err();
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn a_manifest_names_the_authority_it_asks_for() {
    let manifest = Manifest::parse(
        r#"
        [plugin]
        id = "sandbox-processor"
        version = "0.1.0"
        api = "tillhouse:merchant@0.2"
        [provides]
        capabilities = ["payments", "payments-void"]
        [config]
        schema = "config.schema.json"
        [[upstream]]
        name = "acquirer"
        secrets = ["api_key"]
        credential_slots = ["number", "exp-month"]
        "#,
    )
    .unwrap();
    assert_eq!(manifest.id.as_str(), "sandbox-processor");
    let provided = [Capability::Payments, Capability::PaymentsVoid];
    assert_eq!(manifest.provides, Some(provided.into_iter().collect()));
    assert_eq!(manifest.schema.as_deref(), Some("config.schema.json"));
    let upstream = manifest.upstreams.first().unwrap();
    assert!(upstream.secrets.contains("api_key") && upstream.credential_slots.contains("number"));
}

#[test]
fn every_wrong_value_is_reported_with_its_line() {
    let found = errors(
        "[plugin]\nid = \"A B\"\nversion = \"\"\napi = \"tillhouse:merchant@9\"\n[[upstream]]\nname = \"x\"\n[[upstream]]\nname = \"x\"\ncredential_slots = [\"cvv\"]\n",
    );
    let lines: Vec<&str> = found.iter().map(|it| it.split(": ").next().unwrap()).collect();
    let expected = [2, 3, 4, 8, 9].map(|line| format!("plugin.toml:{line}"));
    assert_eq!(lines, expected, "{found:#?}");
}

#[test]
fn a_key_that_means_nothing_is_refused_with_those_that_there_are() {
    let found = errors(&format!(
        "{HEAD}name = \"a\"\n[limits]\n[[upstream]]\nname = \"x\"\nscopes = []\n"
    ));
    assert_eq!(
        found,
        [
            "plugin.toml:5: plugin.name: is not a known key; expected one of: id, version, api, description",
            "plugin.toml:6: limits: is not a known key; expected one of: plugin, provides, config, upstream",
            "plugin.toml:9: upstream[0].scopes: is not a known key; expected one of: name, description, hosts, secrets, \
             credential_slots",
        ]
    );
}

#[test]
fn a_missing_key_is_an_error_with_an_example() {
    assert_eq!(
        errors("[plugin]\nid = \"a\"\nversion = 1\n"),
        [
            "plugin.toml:1: plugin.api: is missing; add: api = \"tillhouse:merchant@0.2\"",
            "plugin.toml:3: plugin.version: is a whole number; it must be a string in quotes",
        ]
    );
    assert!(errors("")[0].contains("add: [plugin]"));
}

#[test]
fn a_toml_error_has_its_line() {
    let errors = Manifest::parse_file("[plugin]\nid = \n", "acme.toml").unwrap_err();
    assert_eq!(errors[0].place.location(), "acme.toml:2");
}

#[test]
fn a_capability_that_does_not_exist_is_refused_with_those_that_do() {
    let found = errors(&format!("{HEAD}[provides]\ncapabilities = [\"prices\"]\n"));
    assert!(found[0].starts_with("plugin.toml:6:") && found[0].contains("`prices`") && found[0].contains("pricing, "));
}
