//! The layout and layering of design §2, proven from the sources: a layer that names what it must not fails here. Which crate knows
//! which is proven by cargo, and held against one table in `tidy/crates.rs`.
//!
//! Each rule is a function from sources to breaches, and each has a snippet beside it that breaks it, so that a rule that
//! can no longer fail fails.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "tidy/breaks.rs"]
mod breaks;
#[path = "tidy/contract.rs"]
mod contract;
#[path = "tidy/crates.rs"]
mod crates;
#[path = "tidy/examples.rs"]
mod examples;
#[path = "tidy/operators.rs"]
mod operators;
#[path = "tidy/readme.rs"]
mod readme;
#[path = "tidy/source.rs"]
mod source;

use source::{Breach, Source, sources};

/// What some folders must not name. Tests of a layer keep to it as well: they drive the layer through its own words.
fn must_not_name(sources: &[Source], folders: &[&str], names: &[&str]) -> Vec<Breach> {
    let inside = sources.iter().filter(|source| source.lies_in(folders));
    inside
        .flat_map(|source| names.iter().flat_map(|name| source.names(name)))
        .collect()
}

/// What only some folders may name.
fn only_in(sources: &[Source], folders: &[&str], name: &str) -> Vec<Breach> {
    let outside = sources.iter().filter(|source| !source.lies_in(folders));
    outside.flat_map(|source| source.names(name)).collect()
}

fn holds(breaches: &[Breach]) {
    let list: Vec<String> = breaches.iter().map(ToString::to_string).collect();
    assert!(breaches.is_empty(), "\n{}\n", list.join("\n"));
}

/// The rule can fail: it finds this snippet in this file, on this line.
fn finds(rule: impl Fn(&[Source]) -> Vec<Breach>, path: &str, line: usize, snippet: &str) {
    let found = rule(&[Source::new(path, snippet)]);
    let places: Vec<(&str, usize)> = found.iter().map(|b| (b.path.as_str(), b.line)).collect();
    assert_eq!(places, [(path, line)], "the rule did not find {snippet:?}");
}

fn host() -> Vec<Source> {
    sources(&["host"])
}

/// Beside `api` and `imports`: discovery and the linker, which are given the generated interfaces, and the two places that
/// call an export whose answer has an error of its own.
const BINDINGS: [&str; 6] = [
    "host/runtime/src/api",
    "host/runtime/src/guest/imports",
    "host/runtime/src/component/exports",
    "host/runtime/src/component/linker",
    "host/runtime/src/call/ask",
    "host/runtime/src/payments/charge",
];

fn generated_types_stay_at_the_boundary(sources: &[Source]) -> Vec<Breach> {
    only_in(sources, &BINDINGS, "api::bindings")
}

#[test]
fn types_generated_from_wit_stay_at_the_boundary() {
    let snippet = "use super::api::bindings::tillhouse;\n";
    finds(
        generated_types_stay_at_the_boundary,
        "host/runtime/src/merchant/routes.rs",
        1,
        snippet,
    );
    holds(&generated_types_stay_at_the_boundary(&host()));
}

fn wire_meets_domain_in_two_files(sources: &[Source]) -> Vec<Breach> {
    let own = |source: &&Source| {
        !["/wire.rs", "/from_wire.rs", "/to_wire.rs"]
            .iter()
            .any(|f| source.path.ends_with(f))
    };
    let apart = |source: &&Source| {
        !["/wire/", "/from_wire/", "/to_wire/"]
            .iter()
            .any(|f| source.path.contains(f))
    };
    let edges = sources.iter().filter(|source| source.lies_in(&["host/protocols/src"]));
    let others = edges.filter(|source| !source.of_tests).filter(own).filter(apart);
    others
        .flat_map(|source| {
            let declared = |breach: &Breach| source.code.lines().nth(breach.line - 1) == Some("mod wire;");
            source.names("wire").into_iter().filter(move |breach| !declared(breach))
        })
        .collect()
}

/// A wire type named across protocols, or across the releases of one.
fn wire_of_another_protocol(sources: &[Source]) -> Vec<Breach> {
    let edges = sources.iter().filter(|source| source.lies_in(&["host/protocols/src"]));
    edges
        .flat_map(|source| source.lines(|line| line.contains("::wire") && line.contains("crate::")))
        .map(|breach| breach.says("wire types of another protocol"))
        .collect()
}

#[test]
fn wire_types_meet_the_domain_only_on_their_way_in_and_out() {
    let path = "host/protocols/src/stripe_acs/handlers.rs";
    finds(
        wire_meets_domain_in_two_files,
        path,
        1,
        "fn f(checkout: wire::Checkout<'_>) {}\n",
    );
    let path = "host/protocols/src/stripe_acs/to_wire.rs";
    let snippet = "use crate::acp::v2026_04_17::wire::Order;\n";
    finds(wire_of_another_protocol, path, 1, snippet);
    holds(&wire_meets_domain_in_two_files(&host()));
    holds(&wire_of_another_protocol(&host()));
}

/// Where compiled code is loaded: the one place that may, once (design §2).
const UNSAFE: &str = "host/runtime/src/component/cache/sealed.rs";

fn nothing_unsafe(sources: &[Source]) -> Vec<Breach> {
    let allowed = |source: &Source| usize::from(source.lies_in(&[UNSAFE]));
    sources
        .iter()
        .flat_map(|source| source.names("unsafe").into_iter().skip(allowed(source)))
        .collect()
}

#[test]
fn there_is_no_unsafe_code_in_the_host_but_where_compiled_code_is_loaded() {
    finds(
        nothing_unsafe,
        "host/src/x.rs",
        3,
        "// unsafe\nfn f() {\n    unsafe { g(\"unsafe\") }\n}\n",
    );
    finds(
        nothing_unsafe,
        UNSAFE,
        2,
        "fn f() { unsafe { g() } }\nfn h() { unsafe { g() } }\n",
    );
    holds(&nothing_unsafe(&host()));
}

fn nothing_unwrapped(sources: &[Source]) -> Vec<Breach> {
    let real = sources.iter().filter(|source| !source.of_tests);
    real.flat_map(|source| {
        let breaches = source.lines(|line| line.contains(".unwrap()") || line.contains(".expect("));
        breaches
            .into_iter()
            .map(|breach| breach.says("unwrap or expect outside tests"))
    })
    .collect()
}

#[test]
fn nothing_is_unwrapped_outside_tests() {
    let snippet = "fn f() { g().unwrap(); }\n#[cfg(test)]\nmod tests {\n    fn t() { g().unwrap(); }\n}\n";
    finds(nothing_unwrapped, "host/src/x.rs", 1, snippet);
    finds(
        nothing_unwrapped,
        "plugins/p/src/x.rs",
        1,
        "fn f() { g().expect(\"there\"); }\n",
    );
    let folders = [
        "host",
        "plugins/sdk/src",
        "plugins/reference-shop/src",
        "plugins/sandbox-processor/src",
        "plugins/tax-table/src",
    ];
    holds(&nothing_unwrapped(&sources(&folders)));
}

/// What looks at the terminal.
const TERMINAL: [&str; 2] = ["host/console/src/output", "host/plugin-tools/src/messages"];

/// What runs cargo, or is run by it.
const BUILDS: [&str; 3] = [
    "host/console/build",
    "host/console/src/bundled/sources",
    "host/src/cli/bench",
];

fn environment_is_configuration(sources: &[Source]) -> Vec<Breach> {
    let outside = sources
        .iter()
        .filter(|source| !source.lies_in(&["host/server/src/config"]));
    // `NO_COLOR` (no-color.org) is a matter of the terminal, not of the host.
    let terminal = |source: &&Source| !source.lies_in(&TERMINAL);
    // Cargo's folders and program are a matter of builds.
    let builds = |source: &&Source| !source.lies_in(&BUILDS);
    let named = |source: &Source| source.lines(|line| line.contains("env::var"));
    outside
        .filter(terminal)
        .filter(builds)
        .filter(|source| !source.of_tests)
        .flat_map(named)
        .map(|b| b.says("std::env::var"))
        .collect()
}

#[test]
fn only_the_configuration_reads_the_environment() {
    finds(
        environment_is_configuration,
        "host/store/src/x.rs",
        1,
        "fn f() { std::env::var_os(\"HOME\"); }\n",
    );
    holds(&environment_is_configuration(&host()));
    for source in host().iter().filter(|source| source.lies_in(&TERMINAL)) {
        let mut read = source.text.lines().filter(|line| line.contains("env::var"));
        assert!(
            read.all(|line| line.contains("\"NO_COLOR\"")),
            "{} reads more than NO_COLOR",
            source.path
        );
    }
}

/// Files past 400 lines, to be split by noun when they next grow.
const LONG: [&str; 1] = ["host/protocols/src/tests/surface.rs"];

fn files_are_short_rule(sources: &[Source]) -> Vec<Breach> {
    let judge = |source: &Source| {
        let lines = source.text.lines().count();
        let known = LONG.contains(&source.path.as_str());
        match lines {
            601.. => Some(source.breach(format!("{lines} lines; 600 is the most"))),
            401..=600 if !known => Some(source.breach(format!("{lines} lines; split it by noun"))),
            ..=400 if known => Some(source.breach("is short again; take it off the list of long files")),
            _ => None,
        }
    };
    sources.iter().filter_map(judge).collect()
}

#[test]
fn files_are_short() {
    finds(files_are_short_rule, "host/src/x.rs", 1, &"// x\n".repeat(401));
    finds(files_are_short_rule, LONG[0], 1, &"// x\n".repeat(601));
    finds(files_are_short_rule, LONG[0], 1, "// x\n");
    holds(&files_are_short_rule(&sources(&[
        "host", "plugins", "examples", "tests",
    ])));
}

fn modules_say_what_they_are(sources: &[Source]) -> Vec<Breach> {
    let told = |source: &&Source| !source.of_tests && !source.text.starts_with("//!");
    let silent = sources.iter().filter(told);
    silent.map(|source| source.breach("does not begin with //!")).collect()
}

#[test]
fn every_module_begins_with_what_it_is() {
    finds(modules_say_what_they_are, "host/src/x.rs", 1, "use std::fmt;\n");
    let folders = ["host", "plugins", "examples/sandbox/src", "tests"];
    holds(&modules_say_what_they_are(&sources(&folders)));
    holds(&modules_say_what_they_are(&sources(&["examples/harness"])));
}

fn no_mod_rs(sources: &[Source]) -> Vec<Breach> {
    let named = sources.iter().filter(|source| source.path.ends_with("/mod.rs"));
    named
        .map(|source| source.breach("modules are foo.rs and foo/"))
        .collect()
}

#[test]
fn modules_are_named_after_themselves() {
    finds(no_mod_rs, "host/src/x/mod.rs", 1, "//! x\n");
    holds(&no_mod_rs(&sources(&["host", "plugins", "examples", "tests"])));
}
