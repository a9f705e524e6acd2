//! The crates of the host: their dependencies on each other, and which of them may depend on each framework. Cargo enforces that
//! no other crate is used.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::source::root;
use super::{Breach, Source, finds, holds, host, only_in};

/// The crates from bottom to top, each with the host crates that it may depend on.
const GRAPH: [(&str, &[&str]); 17] = [
    ("amounts", &[]),
    ("places", &[]),
    ("checkout", &["amounts", "places"]),
    ("catalog", &["checkout", "places"]),
    ("crash-points", &["checkout"]),
    ("private-files", &[]),
    ("egress", &["checkout", "crash-points"]),
    ("feeds", &["catalog", "checkout", "egress"]),
    ("store", &["checkout", "crash-points", "private-files"]),
    ("protocols", &["checkout"]),
    ("payments", &["checkout", "egress"]),
    ("runtime", &["catalog", "checkout", "egress", "private-files"]),
    ("plugin-protocol", &[]),
    ("plugin-tools", &["checkout", "runtime"]),
    (
        "server",
        &[
            "catalog",
            "checkout",
            "egress",
            "feeds",
            "payments",
            "private-files",
            "protocols",
            "runtime",
            "store",
        ],
    ),
    ("console", &["plugin-tools", "runtime", "server"]),
    (
        "bench",
        &["catalog", "checkout", "console", "runtime", "server", "store"],
    ),
];

/// Frameworks, each with the crates that may depend on it.
const FRAMEWORKS: [(&str, &[&str]); 7] = [
    ("reqwest", &["egress"]),
    ("wasmtime", &["runtime"]),
    ("wasmparser", &["runtime"]),
    // The benchmark compares the import of a catalog with a bare insertion.
    ("rusqlite", &["bench", "store"]),
    ("tokio-postgres", &["bench", "store"]),
    // The benchmark serves the baselines that the host is compared with: a bare echo, and the shop as a remote service.
    ("axum", &["bench", "protocols"]),
    ("jsonschema", &["plugin-tools"]),
];

/// The dependencies of a crate, without its dev-dependencies.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let manifest: toml::Table = manifest.parse().unwrap();
    let table = manifest.get("dependencies").and_then(toml::Value::as_table);
    table.map(|table| table.keys().cloned().collect()).unwrap_or_default()
}

fn crates() -> BTreeMap<String, BTreeSet<String>> {
    let folders = fs::read_dir(root().join("host")).unwrap();
    let read = |entry: fs::DirEntry| {
        let manifest = fs::read_to_string(entry.path().join("Cargo.toml")).ok()?;
        Some((entry.file_name().into_string().unwrap(), dependencies(&manifest)))
    };
    let crates = folders.filter_map(|entry| read(entry.unwrap()));
    // Contains no code, and any crate may depend on it.
    crates.filter(|(name, _)| name != "shared-features").collect()
}

/// The dependencies that are crates of the host, by the names of their folders.
fn of_the_host(dependencies: &BTreeSet<String>) -> BTreeSet<&str> {
    let ours = dependencies.iter().filter_map(|name| name.strip_prefix("tillhouse-"));
    ours.filter(|name| GRAPH.iter().any(|(known, _)| known == name))
        .collect()
}

#[test]
fn each_crate_of_the_host_knows_those_below_it_and_no_other() {
    let known: BTreeMap<&str, BTreeSet<&str>> = GRAPH
        .iter()
        .map(|(name, below)| (*name, below.iter().copied().collect()))
        .collect();
    let crates = crates();
    let found: BTreeMap<&str, BTreeSet<&str>> = crates
        .iter()
        .map(|(name, dependencies)| (name.as_str(), of_the_host(dependencies)))
        .collect();
    assert_eq!(
        found, known,
        "the dependencies have changed: update the table GRAPH and ARCHITECTURE.md"
    );
}

#[test]
fn the_table_of_crates_reads_from_bottom_to_top() {
    for (index, (name, below)) in GRAPH.iter().enumerate() {
        for dependency in *below {
            let at = GRAPH.iter().position(|(known, _)| known == dependency);
            assert!(at < Some(index), "{name} is listed before its dependency {dependency}");
        }
    }
}

#[test]
fn each_framework_is_known_by_one_layer() {
    let crates = crates();
    for (framework, allowed) in FRAMEWORKS {
        let users: BTreeSet<&str> = crates
            .iter()
            .filter(|(_, dependencies)| dependencies.contains(framework))
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(users, allowed.iter().copied().collect(), "{framework}");
    }
    let verbs = dependencies(&fs::read_to_string(root().join("host/Cargo.toml")).unwrap());
    assert!(FRAMEWORKS.iter().all(|(framework, _)| !verbs.contains(*framework)));
}

/// The place that opens connections sets the options that every connection needs.
fn connections_are_opened_in_one_place(sources: &[Source]) -> Vec<Breach> {
    only_in(sources, &["host/store/src/sqlite/connection"], "open_with_flags")
}

#[test]
fn connections_to_sqlite_are_opened_in_one_place() {
    finds(
        connections_are_opened_in_one_place,
        "host/store/src/sqlite/x.rs",
        1,
        "fn f() { Connection::open_with_flags(file, flags); }\n",
    );
    holds(&connections_are_opened_in_one_place(&host()));
}
