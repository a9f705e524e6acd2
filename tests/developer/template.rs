//! Plugins made from the template are compiled, checked and tested: with each capability alone, with all of them, and with all of
//! them in one file (`--minimal`). Alone are every third capability, and each with `TILLHOUSE_TEMPLATES=all`.

use libtest_mimic::Trial;
use tillhouse_runtime::Capability;
use tillhouse_tests::process::CommandOutput;
use tillhouse_tests::workspace;

use crate::author::{Author, diagnostic_places};
use crate::trial;

pub(crate) fn trials() -> Vec<Trial> {
    let alone = Capability::ALL
        .iter()
        .filter(|capability| **capability != Capability::Lifecycle);
    let is_whole = std::env::var_os("TILLHOUSE_TEMPLATES").is_some_and(|wanted| wanted == "all");
    let selected = alone.step_by(if is_whole { 1 } else { 3 });
    let alone = selected.map(|capability| {
        let name = capability.name();
        let module = name.replace('-', "_");
        let title = format!("template::a_plugin_of_{module}_compiles_and_passes_its_tests");
        trial(&title, move || {
            let _ = works(&format!("new-{name}"), &[name], &["--", "--lib"]);
        })
    });
    let all = || {
        Capability::ALL
            .iter()
            .map(|capability| capability.name())
            .collect::<Vec<_>>()
    };
    let more = [
        trial("template::the_plugin_that_is_written_unasked_passes_every_test", || {
            tested_as_a_component("new-unasked", &["pricing"]);
        }),
        trial("template::a_plugin_of_everything_passes_every_test", move || {
            tested_as_a_component("new-everything", &all());
        }),
        trial("template::a_minimal_plugin_of_everything_compiles", minimal),
    ];
    alone.chain(more).collect()
}

/// Run all tests, including those of the component in the runtime. The plugin with all capabilities covers those of each.
fn tested_as_a_component(name: &str, capabilities: &[&str]) {
    let tested = works(name, capabilities, &[]);
    assert!(
        tested.text.contains("test conformance::totals_add_up ... ok"),
        "{}",
        tested.text
    );
}

fn works(name: &str, capabilities: &[&str], words: &[&str]) -> CommandOutput {
    let author = Author::with_plugin(name, capabilities);
    let checked = author.run(&["plugin", "check", "--json"]).expect_exit(0);
    assert_eq!(diagnostic_places(&checked.json), [""; 0], "{}", checked.text);
    for capability in capabilities {
        let decides = checked.json["capabilities"].as_array().unwrap();
        assert!(decides.iter().any(|it| it == capability), "{}", checked.text);
    }
    let _ = tried(&author);
    let mut test = vec!["plugin", "test"];
    test.extend(words);
    let tested = author.run(&test).expect_exit(0);
    let passed = tested.text.matches(" ... ok").count();
    assert!(passed >= capabilities.len(), "{passed} tests:\n{}", tested.text);
    tested
}

/// Run the first `tillhouse plugin run` command in the plugin's README.
fn tried(author: &Author) -> CommandOutput {
    let readme = author.read("README.md");
    let call = readme
        .lines()
        .find_map(|line| line.strip_prefix("tillhouse plugin run "));
    let mut words = vec!["plugin", "run"];
    words.extend(
        call.expect("the README has a `tillhouse plugin run` command")
            .split_whitespace(),
    );
    author.run(&words).expect_exit(0)
}

fn minimal() {
    let author = Author::of("minimal-everything");
    let names: Vec<&str> = Capability::ALL.iter().map(|capability| capability.name()).collect();
    let (repository, names) = (workspace(), names.join(","));
    let path = repository.to_str().unwrap();
    let words = [
        "plugin",
        "new",
        "min-everything",
        "--minimal",
        "--path",
        path,
        "--capability",
        &names,
    ];
    let _ = author.run(&words).expect_exit(0);
    let checked = author
        .run(&["plugin", "check", "min-everything", "--json"])
        .expect_exit(0);
    // The advice that its whole quote was not compared with the single functions, because a minimal plugin knows no item.
    assert_eq!(
        diagnostic_places(&checked.json),
        ["min_everything.wasm"],
        "{}",
        checked.text
    );
}
