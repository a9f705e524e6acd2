//! The layout and layering of the host, checked from the sources: a layer that names something it must not depend on fails here.
//! Dependencies between crates are enforced by cargo and compared with one table in `tidy/crates.rs`.
//!
//! Each rule is a function from sources to breaches. Each is first run on a snippet that breaks it, so that a rule that stopped
//! detecting anything fails.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "tidy/adyen_document.rs"]
mod adyen_document;
#[path = "tidy/contract.rs"]
mod contract;
#[path = "tidy/crates.rs"]
mod crates;
#[path = "tidy/examples.rs"]
mod examples;
#[path = "tidy/mutants.rs"]
mod mutants;
#[path = "tidy/operators.rs"]
mod operators;
#[path = "tidy/readme.rs"]
mod readme;
#[path = "tidy/source.rs"]
mod source;
#[path = "tidy/words.rs"]
mod words;

use source::{Breach, Source, sources};

/// Names that some folders must not use. The tests of a layer follow the rule too: they drive the layer through its own types.
fn must_not_name(sources: &[Source], folders: &[&str], names: &[&str]) -> Vec<Breach> {
    let inside = sources.iter().filter(|source| source.lies_in(folders));
    inside
        .flat_map(|source| names.iter().flat_map(|name| source.names(name)))
        .collect()
}

/// Breaches of a rule that only some folders may use a name.
fn only_in(sources: &[Source], folders: &[&str], name: &str) -> Vec<Breach> {
    let outside = sources.iter().filter(|source| !source.lies_in(folders));
    outside.flat_map(|source| source.names(name)).collect()
}

fn holds(breaches: &[Breach]) {
    let list: Vec<String> = breaches.iter().map(ToString::to_string).collect();
    assert!(breaches.is_empty(), "\n{}\n", list.join("\n"));
}

/// Asserts that the rule reports exactly this snippet, in this file and on this line.
fn finds(rule: impl Fn(&[Source]) -> Vec<Breach>, path: &str, line: usize, snippet: &str) {
    let found = rule(&[Source::new(path, snippet)]);
    let places: Vec<(&str, usize)> = found.iter().map(|b| (b.path.as_str(), b.line)).collect();
    assert_eq!(places, [(path, line)], "the rule does not report {snippet:?}");
}

fn host() -> Vec<Source> {
    sources(&["host"])
}

/// Allowed beside `api` and `imports`: discovery and the linker, which take the generated interfaces as parameters, and the two
/// places that call an export whose response has an error type of its own.
const BINDINGS: [&str; 6] = [
    "host/runtime/src/api",
    "host/runtime/src/guest/imports",
    "host/runtime/src/component/exports",
    "host/runtime/src/component/linker",
    "host/runtime/src/call/export_call",
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

/// Uses of a wire type of another protocol. Releases of one protocol share the shapes of its objects.
fn wire_of_another_protocol(sources: &[Source]) -> Vec<Breach> {
    let of = |protocol: &str, types: &str| {
        let folder = format!("host/protocols/src/{protocol}");
        let edges = sources.iter().filter(|source| source.lies_in(&["host/protocols/src"]));
        let others = edges.filter(move |source| !source.lies_in(&[folder.as_str()]));
        let path = format!("{protocol}::{types}");
        let uses = others.flat_map(move |source| source.lines(|line| line.contains(&path)));
        uses.map(|breach| breach.says("wire types of another protocol"))
            .collect::<Vec<_>>()
    };
    let all = [of("acp", "shape"), of("acp", "v20"), of("stripe_acs", "wire")];
    all.into_iter().flatten().collect()
}

/// Where the shapes of ACP meet the domain: in their own files, in the bodies that are made of them, and in what renders both.
const SHAPES_MEET_THE_DOMAIN: [&str; 4] = [
    "host/protocols/src/acp/shape",
    "host/protocols/src/acp/carts",
    "host/protocols/src/acp/delegate_payment",
    "host/protocols/src/acp/rendering",
];

fn shapes_meet_the_domain_in_bodies(sources: &[Source]) -> Vec<Breach> {
    let of_release = |source: &Source| source.path.starts_with("host/protocols/src/acp/v20");
    let acp = sources
        .iter()
        .filter(|source| source.lies_in(&["host/protocols/src/acp"]));
    acp.filter(|source| !source.of_tests && !of_release(source) && !source.lies_in(&SHAPES_MEET_THE_DOMAIN))
        .flat_map(|source| source.lines(|line| line.contains("shape::")))
        .map(|breach| breach.says("shapes outside of bodies"))
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
    let path = "host/protocols/src/acp/call.rs";
    let snippet = "use super::shape::item::request_v2025_09_29::Item;\n";
    finds(shapes_meet_the_domain_in_bodies, path, 1, snippet);
    holds(&wire_meets_domain_in_two_files(&host()));
    holds(&shapes_meet_the_domain_in_bodies(&host()));
}

#[test]
fn no_protocol_uses_wire_types_of_another() {
    for (path, snippet) in [
        (
            "host/protocols/src/stripe_acs/to_wire.rs",
            "use crate::acp::shape::order::response_v2026_04_17::Order;\n",
        ),
        (
            "host/protocols/src/stripe_acs/from_wire.rs",
            "use crate::acp::v2026_04_17::requests;\n",
        ),
        (
            "host/protocols/src/acp/shape/item/request_v2025_09_29.rs",
            "use crate::stripe_acs::wire::LineItemIn;\n",
        ),
    ] {
        finds(wire_of_another_protocol, path, 1, snippet);
    }
    holds(&wire_of_another_protocol(&host()));
}

/// The one file that may contain unsafe code: it loads compiled code, which wasmtime declares `unsafe`.
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
        "plugins/adyen-processor/src",
        "plugins/tax-table/src",
    ];
    holds(&nothing_unwrapped(&sources(&folders)));
}

/// Sources that run cargo or that cargo runs.
const BUILDS: [&str; 3] = [
    "host/console/build",
    "host/console/src/bundled/sources",
    "host/src/cli/bench",
];

fn environment_is_configuration(sources: &[Source]) -> Vec<Breach> {
    let outside = sources
        .iter()
        .filter(|source| !source.lies_in(&["host/server/src/config"]));
    // Cargo's folders and program concern builds.
    let builds = |source: &&Source| !source.lies_in(&BUILDS);
    let named = |source: &Source| source.lines(|line| line.contains("env::var"));
    outside
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
}

/// Files of more than 400 lines, to be split when they next grow.
const LONG: [&str; 1] = ["host/protocols/src/tests/surface.rs"];

fn files_are_short_rule(sources: &[Source]) -> Vec<Breach> {
    let judge = |source: &Source| {
        let lines = source.text.lines().count();
        let known = LONG.contains(&source.path.as_str());
        match lines {
            601.. => Some(source.breach(format!("{lines} lines; the maximum is 600"))),
            401..=600 if !known => Some(source.breach(format!("{lines} lines; the limit is 400: split it by topic"))),
            ..=400 if known => Some(source.breach("has at most 400 lines again: remove it from the list LONG")),
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
    silent
        .map(|source| source.breach("does not begin with a module comment (//!)"))
        .collect()
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
        .map(|source| source.breach("module files are foo.rs and foo/, not foo/mod.rs"))
        .collect()
}

#[test]
fn modules_are_named_after_themselves() {
    finds(no_mod_rs, "host/src/x/mod.rs", 1, "//! x\n");
    holds(&no_mod_rs(&sources(&["host", "plugins", "examples", "tests"])));
}
