//! Checks `wit/README.md` and `wit/members.md` against the contract and the host.

#[path = "contract/members.rs"]
mod members;
#[path = "contract/numbers.rs"]
mod numbers;
#[path = "contract/quote_rules.rs"]
mod quote_rules;

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use tillhouse_runtime::Limits;
use tillhouse_runtime::function::{Access, Function};

use super::source::{Source, root, sources};

/// Functions of the contract that neither a host nor a trial calls.
const NEVER_CALLED: [&str; 1] = ["lifecycle.describe"];

/// Functions that only trials call yet.
const CALLED_BY_TRIALS: [&str; 2] = ["payments-capture.capture", "payments-capture.lookup-capture"];

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn page() -> String {
    read("wit/README.md")
}

/// The functions of a package as `interface.function`. A method of a resource counts as a function of its interface.
fn declared(package: &str) -> BTreeSet<String> {
    let mut functions = BTreeSet::new();
    for entry in fs::read_dir(root().join("wit").join(package)).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let mut interface = "";
        for line in text.lines().map(str::trim) {
            if let Some(name) = line.strip_prefix("interface ") {
                interface = name.trim_end_matches(" {");
            }
            if let Some((name, _)) = line.split_once(": func(") {
                functions.insert(format!("{interface}.{name}"));
            }
        }
    }
    assert!(!functions.is_empty(), "found no functions in wit/{package}");
    functions
}

/// The text of a chapter, without its heading.
fn chapter<'a>(page: &'a str, name: &str) -> &'a str {
    let heading = format!("\n## {name}\n");
    let begin = page
        .find(&heading)
        .unwrap_or_else(|| panic!("wit/README.md has no chapter {name}"));
    page[begin + heading.len()..].split("\n## ").next().unwrap()
}

/// The functions that a chapter describes, each with its text.
fn described(page: &str, name: &str) -> Vec<(String, String)> {
    let sections = chapter(page, name).split("\n#### `").skip(1);
    sections
        .map(|section| {
            section
                .split_once('`')
                .map(|(name, text)| (name.to_owned(), text.to_owned()))
                .unwrap()
        })
        .collect()
}

fn names(described: &[(String, String)]) -> BTreeSet<String> {
    described.iter().map(|(name, _)| name.clone()).collect()
}

#[test]
fn the_page_describes_every_function_of_the_contract_and_no_other() {
    let page = page();
    for (chapter, package) in [("Exports", "merchant"), ("Imports", "host")] {
        let described = described(&page, chapter);
        assert_eq!(
            names(&described),
            declared(package),
            "{chapter} of wit/README.md, wit/{package}"
        );
        assert_eq!(
            described.len(),
            declared(package).len(),
            "wit/README.md describes a function twice"
        );
    }
    let known: BTreeSet<String> = Function::ALL
        .iter()
        .map(|function| function.name().to_owned())
        .collect();
    let declared = declared("merchant");
    let unknown: Vec<&str> = declared.difference(&known).map(String::as_str).collect();
    assert_eq!(unknown, NEVER_CALLED);
    assert!(
        known.is_subset(&declared),
        "the host knows functions that the contract does not have"
    );
}

#[test]
fn each_function_says_what_there_is_to_say() {
    let labels = |text: &str, labels: &[&str], name: &str| {
        for label in labels {
            assert!(
                text.contains(&format!("\n- **{label}**")),
                "{name}: wit/README.md has no `{label}`"
            );
        }
    };
    for (name, text) in described(&page(), "Exports") {
        labels(&text, &["Decides", "When", "Takes", "Gives", "Again", "Fails"], &name);
        let says = |words: &str| text.contains(words);
        let name = name.as_str();
        assert_eq!(
            says("This host does not call it yet."),
            NEVER_CALLED.contains(&name),
            "{name}"
        );
        assert_eq!(
            says("This host does not call it yet; trials do."),
            CALLED_BY_TRIALS.contains(&name),
            "{name}"
        );
    }
    for (name, text) in described(&page(), "Imports") {
        labels(&text, &["Does", "Limits", "Errors"], &name);
    }
}

/// The host calls a function where its code names it; trials call every function by its name.
#[test]
fn the_host_calls_every_function_but_those_that_the_page_names() {
    let callers = [
        "host/runtime/src/call",
        "host/runtime/src/payments",
        "host/runtime/src/plugins",
    ];
    let sources: Vec<Source> = sources(&["host/runtime/src"])
        .into_iter()
        .filter(|source| source.lies_in(&callers) && !source.of_tests)
        .collect();
    for function in Function::ALL {
        let name = format!("Function::{function:?}");
        let is_called = sources.iter().any(|source| !source.names(&name).is_empty());
        assert_ne!(
            is_called,
            CALLED_BY_TRIALS.contains(&function.name()),
            "{}",
            function.name()
        );
    }
}

/// What a function may use, in the wording of wit/README.md and the SDK.
fn uses(function: Function) -> String {
    let data = match function.data() {
        Access::No => "",
        Access::Read => ", `kv` and `counters` to read",
        Access::Write => ", `kv` and `counters`",
    };
    let egress = if function.egress() { ", `egress`" } else { "" };
    let credentials = if function == Function::Charge {
        ", `credentials`"
    } else {
        ""
    };
    format!("`log`, `config`, `catalog`, `clock`{data}{egress}{credentials}")
}

/// The limits of a function, in the wording of wit/README.md and the SDK.
fn limits(function: Function) -> String {
    let all = Limits::default();
    let limits = all.of(function.kind());
    let http = if function.egress() {
        format!("{} HTTP requests", limits.http_calls)
    } else {
        "no HTTP".to_owned()
    };
    let (cpu, memory) = (limits.cpu_ms, mib(limits.memory_bytes));
    format!(
        "{cpu} ms of CPU, {} in all, {memory} of memory, {http}",
        seconds(limits.wall)
    )
}

#[test]
fn the_page_and_the_sdk_say_what_each_function_may_use_and_its_limits() {
    let described = described(&page(), "Exports");
    let sdk = sources(&["plugins/sdk/src"]);
    for function in Function::ALL {
        let (_, text) = described.iter().find(|(name, _)| name == function.name()).unwrap();
        let kind = format!("{:?}", function.kind()).to_lowercase();
        let uses_of_page = format!("\n- **May use**: {}\n", uses(*function));
        let limits_of_page = format!("\n- **Limits** ({kind}): {}\n", limits(*function));
        assert!(
            text.contains(&uses_of_page),
            "{}: wit/README.md needs:{uses_of_page}",
            function.name()
        );
        assert!(
            text.contains(&limits_of_page),
            "{}: wit/README.md needs:{limits_of_page}",
            function.name()
        );

        let doc = doc_in_sdk(&sdk, function.name());
        for line in [
            format!("May use {}.", uses(*function)),
            format!("Limits: {}.", limits(*function)),
        ] {
            assert!(
                doc.contains(&line),
                "{}: its trait in the SDK needs: {line}",
                function.name()
            );
        }
    }
}

/// The doc comment of a function's method in the SDK's trait.
fn doc_in_sdk(sdk: &[Source], name: &str) -> String {
    let (interface, function) = name.split_once('.').unwrap();
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    let of_trait: String = interface.split('-').map(capital).collect();
    let declarations = [format!("\npub trait {of_trait} {{"), format!("\npub trait {of_trait}:")];
    let found = sdk.iter().find_map(|source| {
        let begin = declarations
            .iter()
            .find_map(|declaration| source.text.find(declaration))?;
        Some(&source.text[begin..])
    });
    let text = found.unwrap_or_else(|| panic!("the SDK has no trait {of_trait}"));
    let method = format!("    fn {}(", function.replace('-', "_"));
    let (before, _) = text
        .split_once(&method)
        .unwrap_or_else(|| panic!("{of_trait} of the SDK has no method for {name}"));
    let doc = before.lines().rev().take_while(|line| line.trim().starts_with("///"));
    doc.collect::<Vec<_>>().join("\n")
}

fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs())
}

fn mib(bytes: usize) -> String {
    format!("{} MiB", bytes >> 20)
}
