//! `plugin new`: the files that it creates, and the arguments that it refuses.

use libtest_mimic::Trial;
use tillhouse_tests::{TestFolder, workspace};

use crate::author::Author;
use crate::trial;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("new::a_plugin_is_written_outside_of_the_repository", outside),
        trial("new::a_folder_that_exists_is_left_alone", existing),
        trial("new::a_bad_name_is_refused_with_the_rule", bad_name),
        trial(
            "new::an_unknown_capability_is_refused_with_the_list",
            unknown_capability,
        ),
        trial("new::a_folder_that_is_not_a_checkout_is_refused", no_checkout),
        trial("new::a_minimal_one_has_three_files", minimal),
        trial("new::a_command_that_is_not_understood_is_a_document_too", misunderstood),
    ]
}

fn outside() {
    let folder = TestFolder::new();
    let author = Author::at(folder.path().to_owned());
    let output = author
        .run(&["plugin", "new", "acme-shop", "--capability", "pricing,tax", "--json"])
        .expect_exit(0);
    assert_eq!(output.json["capabilities"], serde_json::json!(["pricing", "tax"]));
    for file in output.json["files"].as_array().unwrap() {
        assert!(!author.read(&format!("acme-shop/{}", file.as_str().unwrap())).is_empty());
    }
    assert!(
        author
            .read("acme-shop/Cargo.toml")
            .contains("tillhouse-plugin = \"0.2\"")
    );
    assert!(author.read("acme-shop/tests/component.rs").contains("conformance!()"));
}

fn existing() {
    let author = Author::of("existing");
    author.write("acme-shop/notes.txt", "mine");
    let output = author.run(&["plugin", "new", "acme-shop"]).expect_exit(2);
    assert!(output.text.contains("acme-shop exists"), "{}", output.text);
    assert_eq!(std::fs::read_dir(author.folder().join("acme-shop")).unwrap().count(), 1);
}

fn bad_name() {
    let author = Author::of("bad-name");
    for name in [
        "Acme",
        "acme_shop",
        "2shop",
        "../acme",
        "match",
        "yield",
        "tillhouse-harness",
    ] {
        let output = author.run(&["plugin", "new", name, "--json"]).expect_exit(2);
        let message = output.json["error"]["message"].as_str().unwrap();
        assert!(message.contains("as in acme-"), "{message}");
    }
    assert_eq!(std::fs::read_dir(author.folder()).unwrap().count(), 0);
}

fn unknown_capability() {
    let author = Author::of("unknown-capability");
    let output = author
        .run(&["plugin", "new", "acme", "--capability", "prices"])
        .expect_exit(2);
    assert!(
        output.text.contains("`prices`") && output.text.contains("pricing, pricing-redemption"),
        "{}",
        output.text
    );
    let output = author
        .run(&["plugin", "new", "acme", "--capability", "lifecycle"])
        .expect_exit(2);
    assert!(
        output.text.contains("lifecycle decides nothing by itself"),
        "{}",
        output.text
    );
}

fn no_checkout() {
    let author = Author::of("no-checkout");
    let output = author.run(&["plugin", "new", "acme", "--path", "."]).expect_exit(2);
    assert!(
        output.text.contains("not a Tillhouse checkout") && output.text.contains("plugins/sdk"),
        "{}",
        output.text
    );
}

fn minimal() {
    let author = Author::of("minimal");
    let repository = workspace();
    let words = [
        "plugin",
        "new",
        "acme",
        "--minimal",
        "--json",
        "--path",
        repository.to_str().unwrap(),
    ];
    let output = author.run(&words).expect_exit(0);
    // The lock file is copied from the checkout, for the same versions.
    assert_eq!(
        output.json["files"],
        serde_json::json!(["Cargo.toml", "plugin.toml", "src/lib.rs", "Cargo.lock"])
    );
}

fn misunderstood() {
    let author = Author::of("misunderstood");
    let cases: [(&[&str], &str); 4] = [
        (&["plugin", "new", "--json"], "<NAME>"),
        (&["plugin", "run", "--json"], "--function"),
        (&["plugin", "diff", ".", "--json"], "<NEW>"),
        (&["plugin", "check", "--json", "--colour"], "--colour"),
    ];
    for (words, needle) in cases {
        let output = author.run(words).expect_exit(2);
        assert_eq!(output.json["ok"], false, "{}", output.text);
        assert_eq!(output.json["error"]["kind"], "usage", "{}", output.text);
        let message = output.json["error"]["message"].as_str().unwrap();
        assert!(message.contains(needle) && !message.starts_with("error"), "{message}");
    }
    let words = author
        .run(&["plugin", "test", "--colour", "--", "--json"])
        .expect_exit(2);
    assert!(
        words.json.is_null(),
        "arguments after `--` are for cargo, so the output is not JSON: {}",
        words.text
    );
    let help = author.run(&["plugin", "check", "--json", "--help"]).expect_exit(0);
    assert!(help.json.is_null() && help.text.contains("Usage:"), "{}", help.text);
}
