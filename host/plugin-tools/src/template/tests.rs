use serde_json::Value;

use super::*;
use tillhouse_runtime::Manifest;

fn template(chosen: &[Capability], is_minimal: bool) -> Template {
    Template::new(Name::parse("acme-shop").unwrap(), chosen, is_minimal, Source::Release).unwrap()
}

fn text(files: &[File], path: &str) -> String {
    let file = files.iter().find(|file| file.path == path);
    file.unwrap_or_else(|| panic!("no {path}")).text.clone()
}

#[test]
fn nothing_is_left_to_be_filled_in() {
    for capabilities in [&[Capability::Pricing][..], Capability::ALL] {
        for file in template(capabilities, false).files() {
            // A placeholder begins with a name; escaped braces of `format!` do not.
            let left = file
                .text
                .split("{{")
                .skip(1)
                .find(|rest| rest.starts_with(char::is_alphabetic));
            assert_eq!(left, None, "{}", file.path);
            assert!(
                file.text.ends_with('\n') && !file.text.ends_with("\n\n"),
                "{}:\n{}",
                file.path,
                file.text
            );
        }
    }
}

#[test]
fn the_manifest_is_one_and_provides_what_was_chosen() {
    for capability in Capability::ALL.iter().filter(|it| **it != Capability::Lifecycle) {
        let template = template(&[*capability], false);
        let manifest = Manifest::parse(&text(&template.files(), "plugin.toml")).unwrap();
        assert_eq!(manifest.provides, Some(template.capabilities));
        assert_eq!(manifest.id.as_str(), "acme-shop");
        let charges = template.capabilities.contains(Capability::Payments);
        assert_eq!(manifest.upstreams.len(), usize::from(charges));
    }
}

#[test]
fn a_refund_comes_with_the_charge() {
    let template = template(&[Capability::PaymentsRefund], false);
    assert!(template.capabilities.contains(Capability::Payments));
    let lib = text(&template.files(), "src/lib.rs");
    assert!(lib.contains("export!(Shop: payments, payments_refund);"), "{lib}");
}

#[test]
fn a_whole_quote_comes_with_every_decision_that_it_is_made_of() {
    let template = template(&[Capability::Quoting], false);
    for part in Capability::QUOTED {
        assert!(template.capabilities.contains(part), "{part}");
    }
    let lib = text(&template.files(), "src/lib.rs");
    assert!(
        lib.contains("export!(Shop: pricing, inventory, fulfillment, tax, quoting);"),
        "{lib}"
    );
}

#[test]
fn a_plugin_without_a_configuration_says_so_in_its_files() {
    let files = template(&[Capability::Sessions], false).files();
    let config: toml::Table = text(&files, "default-config.toml").parse().unwrap();
    let schema: Value = serde_json::from_str(&text(&files, "config.schema.json")).unwrap();
    assert!(config.is_empty());
    assert_eq!(schema["properties"], Value::Object(serde_json::Map::new()));
}

#[test]
fn the_configuration_of_all_of_them_keeps_to_the_schema_of_all_of_them() {
    let files = template(Capability::ALL, false).files();
    let schema: Value = serde_json::from_str(&text(&files, "config.schema.json")).unwrap();
    let config: toml::Table = text(&files, "default-config.toml").parse().unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    validator.validate(&serde_json::to_value(&config).unwrap()).unwrap();
    let properties = schema["properties"].as_object().unwrap();
    assert!(config.keys().all(|key| properties.contains_key(key)));
    assert!(config.len() >= 10, "{config:?}");
}

#[test]
fn the_readme_has_six_commands_that_work_as_they_are_written() {
    for capability in Capability::ALL.iter().filter(|it| **it != Capability::Lifecycle) {
        let files = template(&[*capability], false).files();
        let readme = text(&files, "README.md");
        let commands: Vec<&str> = readme
            .lines()
            .filter(|line| line.starts_with("tillhouse plugin "))
            .collect();
        assert_eq!(commands.len(), 6, "{readme}");
        let call = commands
            .iter()
            .find_map(|line| line.strip_prefix("tillhouse plugin run "))
            .unwrap();
        let charges = capability.name().starts_with("payments");
        match call.split_once(" --input ") {
            // `payments.charge` needs an upstream and a secret, so the README calls `payments.profile`.
            None => assert!(charges && call == "--function payments.profile", "{call}"),
            Some((_, input)) => assert!(!charges && files.iter().any(|file| file.path == input), "{call}"),
        }
        let is_measured = !charges && !matches!(capability, Capability::OrdersNotices | Capability::Sessions);
        assert_eq!(readme.contains("plugin bench"), is_measured, "{readme}");
    }
}

#[test]
fn a_minimal_one_has_three_files() {
    let files = template(&[Capability::Pricing, Capability::Tax], true).files();
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["Cargo.toml", "plugin.toml", "src/lib.rs"]);
    assert!(!text(&files, "src/lib.rs").contains("cfg(test)"));
    assert!(!text(&files, "plugin.toml").contains("[config]"));
}

#[test]
fn one_capability_is_one_file_and_several_are_one_each() {
    let one = template(&[Capability::Tax], false).files();
    assert!(text(&one, "src/lib.rs").contains("impl Tax for Shop") && text(&one, "src/lib.rs").contains("mod tests"));
    let two = template(&[Capability::Tax, Capability::Risk], false).files();
    assert!(text(&two, "src/tax.rs").contains("impl Tax for Shop"));
    assert!(text(&two, "src/lib.rs").contains("mod risk;\nmod tax;"));
}

#[test]
fn lifecycle_alone_decides_nothing() {
    let alone = Template::new(
        Name::parse("a").unwrap(),
        &[Capability::Lifecycle],
        false,
        Source::Release,
    );
    assert!(matches!(alone, Err(TemplateError::DecidesNothing(names)) if names.contains("pricing")));
}

#[test]
fn a_name_is_a_package_a_folder_and_an_id() {
    for good in ["a", "acme-shop", "shop2"] {
        assert!(Name::parse(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "Acme",
        "2shop",
        "-shop",
        "shop-",
        "a_b",
        "a/b",
        "..",
        &"a".repeat(65),
    ] {
        assert!(matches!(Name::parse(bad), Err(NameError::InvalidForm(_))), "{bad}");
    }
    assert!(matches!(Name::parse("test"), Err(NameError::Reserved(_))));
}

#[test]
fn no_word_of_the_language_is_a_name() {
    // Keyword lists of the Rust reference for the edition 2024: strict, then reserved. `Self` is not lower-case.
    let strict = "as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod \
                  move mut pub ref return self static struct super trait true type unsafe use where while";
    let reserved = "abstract become box do final gen macro override priv try typeof unsized virtual yield";
    for word in strict.split_whitespace().chain(reserved.split(' ')) {
        assert!(matches!(Name::parse(word), Err(NameError::Reserved(_))), "{word}");
    }
}

#[test]
fn the_name_of_a_tillhouse_crate_is_reserved_and_that_of_another_is_not() {
    for reserved in [
        "tillhouse",
        "tillhouse-plugin",
        "tillhouse-harness",
        "tillhouse-sandbox",
        "serde-json",
    ] {
        assert!(
            matches!(Name::parse(reserved), Err(NameError::Dependency(_))),
            "{reserved}"
        );
    }
    for free in ["serde", "proptest", "tillhouses", "yielding"] {
        assert!(Name::parse(free).is_ok(), "{free}");
    }
}

#[test]
fn every_file_that_is_written_is_named() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let checkout = root.join("checkout");
    fs::create_dir_all(checkout.join("plugins/sdk")).unwrap();
    fs::write(checkout.join("plugins/sdk/Cargo.toml"), "").unwrap();
    fs::write(checkout.join("Cargo.lock"), "version = 4\n").unwrap();
    let source = Source::checkout(&checkout).unwrap();
    let template = Template::new(Name::parse("acme").unwrap(), &[Capability::Tax], true, source).unwrap();
    let named: Vec<String> = template
        .write(&root.join("acme"))
        .unwrap()
        .into_iter()
        .map(|file| file.path)
        .collect();
    let written = fs::read_to_string(root.join("acme/Cargo.lock")).unwrap();
    assert_eq!(named, ["Cargo.toml", "plugin.toml", "src/lib.rs", "Cargo.lock"]);
    assert_eq!(written, "version = 4\n");
}

#[test]
fn the_version_is_the_releases() {
    let cargo = text(&template(&[Capability::Payments], false).files(), "Cargo.toml");
    assert!(cargo.contains("tillhouse-plugin = \"0.2\"\n"), "{cargo}");
    assert!(
        cargo.contains("[dev-dependencies]\ntillhouse-harness = \"0.2\"\n"),
        "{cargo}"
    );
    assert!(cargo.contains("serde_json = \"1\"\n"), "{cargo}");
}
