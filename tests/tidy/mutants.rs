//! Checks that the patches of `tests/mutants` apply to the sources. The normal test run does not apply them, so this keeps them up
//! to date.

use std::collections::BTreeSet;

use tillhouse_tests::mutants::patches;

use super::source::root;

#[test]
fn every_mutant_applies_to_the_sources() {
    for patch in patches(&root()).unwrap() {
        let patched = patch.applied_to(&root());
        let files = patched.unwrap_or_else(|error| panic!("{}: {error}", patch.name));
        assert!(!files.is_empty(), "{} changes no file", patch.name);
        for path in files.keys() {
            assert!(
                path.starts_with("host/"),
                "{} changes {path}, which is outside host/",
                patch.name
            );
        }
    }
}

#[test]
fn every_mutant_names_tests_that_exist() {
    for patch in patches(&root()).unwrap() {
        for trial in &patch.noticed_by {
            assert!(
                trial.is_written(&root()),
                "{}: the test {trial} does not exist",
                patch.name
            );
        }
    }
}

/// Names in the rows of the table of mutants: `` | `name` | what | noticed by | ``.
fn rows(page: &str) -> BTreeSet<&str> {
    let names = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    names.map(|(name, _)| name).collect()
}

#[test]
fn the_readme_of_the_tests_lists_every_mutant() {
    let page = std::fs::read_to_string(root().join("tests/README.md")).unwrap();
    let section = page.split("## Mutants").nth(1).unwrap_or_default();
    let section = section.split("\n## ").next().unwrap_or_default();
    let patches = patches(&root()).unwrap();
    let names: BTreeSet<&str> = patches.iter().map(|patch| patch.name.as_str()).collect();
    assert_eq!(rows(section), names);
    for trial in patches.iter().flat_map(|patch| &patch.noticed_by) {
        let function = trial.name.rsplit("::").next().unwrap_or_default();
        assert!(
            section.contains(&format!("`{function}`")),
            "tests/README.md does not name {trial}"
        );
    }
}
