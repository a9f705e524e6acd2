//! `plugin build` and `plugin test`: their output, and their diagnostics for plugins that do not build.

use libtest_mimic::Trial;
use tillhouse_tests::workspace;

use crate::author::{Author, diagnostic};
use crate::trial;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "build::packages_of_a_workspace_are_built_by_name_and_by_folder",
            by_name,
        ),
        trial("build::a_path_without_a_plugin_is_a_usage_error", nothing_there),
        trial(
            "build::a_package_without_a_component_is_an_error_with_help",
            no_component,
        ),
        trial("build::an_unsupported_import_is_named_with_the_reason", wrong_import),
        trial("build::a_compile_error_is_reported_as_by_the_compiler", no_build),
        trial(
            "build::an_error_in_a_component_is_reported_before_its_tests_run",
            wrong_before_tests,
        ),
        trial("build::a_test_that_fails_fails_the_command", failing_test),
        trial(
            "build::an_unavailable_dependency_is_an_error_with_help",
            no_such_dependency,
        ),
        trial(
            "build::a_plugin_called_as_a_dependency_of_its_own_is_built",
            called_as_a_dependency,
        ),
        trial(
            "build::an_unreadable_package_is_the_same_error_in_every_verb",
            unreadable,
        ),
        trial("build::a_missing_manifest_is_the_same_error_in_every_verb", no_manifest),
    ]
}

fn wrong_before_tests() {
    let author = Author::with_plugin("decides-nothing", &[]);
    author.write("src/lib.rs", "//! Nothing.\n");
    let output = author.run(&["plugin", "test", "--json"]).expect_exit(1);
    let what = output.json["problems"][0]["what"].as_str().unwrap();
    assert!(what.contains("exports no capability"), "{}", output.text);
    assert!(!output.text.contains("Running unittests"), "{}", output.text);
}

fn by_name() {
    let author = Author::at(workspace());
    let output = author
        .run(&[
            "plugin",
            "build",
            "reference-shop",
            "plugins/sandbox-processor",
            "--json",
        ])
        .expect_exit(0);
    let plugins = output.json["plugins"].as_array().unwrap();
    let ids: Vec<&str> = plugins.iter().map(|plugin| plugin["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["reference-shop", "sandbox-processor"]);
    for plugin in plugins {
        let sizes = plugin["sizes"].as_object().unwrap();
        let sum = |names: &[&str]| names.iter().map(|name| sizes[*name].as_u64().unwrap()).sum::<u64>();
        assert_eq!(
            sum(&["code", "data", "names", "other"]),
            plugin["bytes"].as_u64().unwrap()
        );
        assert!(sizes["code"].as_u64() > sizes["data"].as_u64() && sizes["total"].as_u64() < sizes["limit"].as_u64());
    }
    let plain = author.run(&["plugin", "build", "reference-shop"]).expect_exit(0);
    assert!(
        plain.text.contains("of the 32 MiB that a host takes: code"),
        "{}",
        plain.text
    );
    assert!(!plain.text.contains('\x1b'), "colors are for terminals only");
}

fn nothing_there() {
    let author = Author::at(workspace());
    let output = author.run(&["plugin", "build", "flat-rates", "--json"]).expect_exit(2);
    let message = output.json["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("flat-rates is neither") && message.contains("reference-shop"),
        "{message}"
    );
    let output = author.run(&["plugin", "check", "tests/developer"]).expect_exit(2);
    assert!(output.text.contains("not a Cargo package"), "{}", output.text);
    let output = Author::of("nothing")
        .run(&["plugin", "check", "nowhere.wasm"])
        .expect_exit(2);
    assert!(
        output.text.contains("nowhere.wasm could not be read"),
        "{}",
        output.text
    );
}

fn no_component() {
    let author = Author::with_plugin("no-component", &["risk"]);
    author.edit("Cargo.toml", "[\"cdylib\", \"rlib\"]", "[\"rlib\"]");
    let output = author.run(&["plugin", "build"]).expect_exit(1);
    assert!(
        output.text.contains("crate-type = [\"cdylib\", \"rlib\"]"),
        "{}",
        output.text
    );
}

fn wrong_import() {
    let author = Author::with_plugin("wrong-import", &["risk"]);
    author.edit(
        "src/lib.rs",
        "        Ok(Decision::Allow)\n",
        "        let all = std::fs::read_to_string(\"/all\").unwrap_or_default();\n        Ok(Decision::Review(all))\n",
    );
    let output = author.run(&["plugin", "build", "--json"]).expect_exit(1);
    let plugin = &output.json["plugins"][0];
    let filesystem = plugin["problems"].as_array().unwrap().iter().find(|diagnostic| {
        let what = diagnostic["what"].as_str().unwrap();
        what.contains("wasi:filesystem/types@") && what.contains("std::fs is used")
    });
    let fix = filesystem.expect("the import is named")["fix"].as_str().unwrap();
    assert!(
        fix.contains("plugins have no files") && fix.contains("used at src/lib.rs:"),
        "{fix}"
    );
    assert_eq!(
        plugin["problems"].as_array().unwrap().len(),
        1,
        "one call gives one diagnostic: {}",
        output.text
    );
    let checked = author.run(&["plugin", "check", "--json"]).expect_exit(1);
    assert!(
        diagnostic(&checked, "wrong_import.wasm").0.contains("wasi:filesystem"),
        "{}",
        checked.text
    );
}

fn no_such_dependency() {
    let author = Author::of("no-such-dependency");
    let _ = author.run(&["plugin", "new", "rel"]).expect_exit(0);
    let author = Author::at(author.folder().join("rel"));
    let output = author.run(&["plugin", "build", "--json"]).expect_exit(1);
    let diagnostic = &output.json["problems"][0];
    let place = diagnostic["place"].as_str().unwrap();
    let line: usize = place.strip_prefix("Cargo.toml:").unwrap().parse().unwrap();
    let cargo = author.read("Cargo.toml");
    assert!(
        cargo.lines().nth(line - 1).unwrap().starts_with("tillhouse-"),
        "{place}:\n{cargo}"
    );
    let what = diagnostic["what"].as_str().unwrap();
    assert!(what.contains("no matching package named `tillhouse-"), "{what}");
    let fix = diagnostic["fix"].as_str().unwrap();
    assert!(fix.contains("tillhouse plugin new --path CHECKOUT"), "{fix}");
    assert!(fix.contains("{ path = \"CHECKOUT/"), "{fix}");
    let plain = author.run(&["plugin", "build"]).expect_exit(1);
    assert!(
        plain.text.contains("error: no matching package"),
        "the output of cargo is shown: {}",
        plain.text
    );
    assert!(
        plain.text.contains("the build of rel failed; Cargo.toml:"),
        "{}",
        plain.text
    );
}

fn called_as_a_dependency() {
    let author = Author::with_plugin("serde", &["risk"]);
    let output = author.run(&["plugin", "build", "--json"]).expect_exit(0);
    assert_eq!(output.json["plugins"][0]["package"], "serde");
}

/// Every command that takes a plugin's folder and does not start a host.
const VERBS: [&[&str]; 6] = [
    &["plugin", "build", "--json"],
    &["plugin", "check", "--json"],
    &["plugin", "inspect", "--json"],
    &["plugin", "test", "--json"],
    &["plugin", "run", "--list", "--json"],
    &["plugin", "bench", "--json"],
];

fn unreadable() {
    let author = Author::with_plugin("unreadable", &["risk"]);
    let cargo = author.read("Cargo.toml");
    let elsewhere = "[dependencies]\nsomewhere = { path = \"../somewhere\" }";
    for (text, place, needle) in [
        ("x = = 1\n".to_owned(), "Cargo.toml:1", "extra `=`"),
        (cargo.replace("[dependencies]", elsewhere), "Cargo.toml:", "somewhere"),
    ] {
        author.write("Cargo.toml", text);
        for words in VERBS {
            let output = author.run(words).expect_exit(1);
            let diagnostic = &output.json["problems"][0];
            assert!(
                diagnostic["place"].as_str().unwrap().starts_with(place),
                "{words:?}: {}",
                output.text
            );
            assert!(
                diagnostic["what"].as_str().unwrap().contains(needle),
                "{words:?}: {}",
                output.text
            );
            let message = output.json["error"]["message"].as_str().unwrap();
            assert!(!message.contains("not a plugin"), "{words:?}: {message}");
        }
    }
}

fn no_manifest() {
    let author = Author::with_plugin("no-manifest-built", &["risk"]);
    std::fs::remove_file(author.folder().join("plugin.toml")).unwrap();
    for words in VERBS {
        if matches!(words[1], "inspect" | "test") {
            continue;
        }
        let output = author.run(words).expect_exit(1);
        let of = if words[1] == "build" {
            &output.json["plugins"][0]
        } else {
            &output.json
        };
        let diagnostic = &of["problems"][0];
        assert_eq!(diagnostic["place"], "plugin.toml", "{words:?}: {}", output.text);
        let fix = diagnostic["fix"].as_str().unwrap();
        assert!(fix.contains("id = \"no-manifest-built\""), "{words:?}: {fix}");
    }
    let elsewhere = ["plugin", "run", "--list", "--manifest", "nowhere.toml"];
    assert!(
        author
            .run(&elsewhere)
            .expect_exit(2)
            .text
            .contains("nowhere.toml does not exist")
    );
}

fn failing_test() {
    let author = Author::with_plugin("failing-test", &["orders"]);
    let well = author
        .run(&["plugin", "test", "--", "--lib", "no_such_test"])
        .expect_exit(0);
    assert!(well.text.contains("1 filtered out"), "{}", well.text);
    author.edit(
        "src/lib.rs",
        "assert_eq!(identify(\"1\"), identify(\"1\"));",
        "assert_eq!(identify(\"1\"), identify(\"3\"));",
    );
    let output = author.run(&["plugin", "test", "--json", "--", "--lib"]).expect_exit(1);
    assert_eq!(output.json["ok"], false);
    assert!(
        output.text.contains("an_operation_has_one_order ... FAILED"),
        "{}",
        output.text
    );
}

fn no_build() {
    let author = Author::with_plugin("no-build", &["risk"]);
    author.edit(
        "src/lib.rs",
        "        Ok(Decision::Allow)\n",
        "        Ok(Decision::Alow)\n",
    );
    let line = author.read("src/lib.rs").lines().position(|line| line.contains("Alow"));
    let place = format!("src/lib.rs:{}", line.unwrap() + 1);
    for verb in ["build", "check", "inspect"] {
        let output = author.run(&["plugin", verb, "--json"]).expect_exit(1);
        let (what, fix) = diagnostic(&output, &place);
        assert!(what.contains("no variant") && what.contains("`Alow`"), "{what}");
        assert!(fix.contains("similar name"), "{fix}");
        assert!(
            output.text.contains("error[E0599]") && output.text.contains("Ok(Decision::Alow)"),
            "{}",
            output.text
        );
        let message = output.json["error"]["message"].as_str().unwrap();
        assert!(
            message.contains("the build of no-build failed") && message.contains(&place),
            "{message}"
        );
    }

    author.edit("src/lib.rs", "Decision::Alow", "Decision::Allow");
    author.edit("plugin.toml", "tillhouse:merchant@0.2", "tillhouse:merchant@0.3");
    for verb in ["build", "check"] {
        let output = author.run(&["plugin", verb]).expect_exit(1);
        assert!(output.text.contains("plugin.toml:5: plugin.api"), "{}", output.text);
        assert!(
            output
                .text
                .contains("change the line to: api = \"tillhouse:merchant@0.2\""),
            "{}",
            output.text
        );
    }
}
