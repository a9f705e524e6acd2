//! Which shapes each release uses, and what a release costs: `SHAPES.md`, generated from the `use` declarations of the releases and
//! shapes. `UPDATE=1` writes it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use super::super::Release;
use crate::testing::acp_requests::RELEASES;

/// The folder of the code of ACP.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/acp")
}

/// The name of the module of a release: `v2026_04_17`.
fn module(release: Release) -> String {
    format!("v{}", release.date().replace('-', "_"))
}

/// The identifiers right after each occurrence of a path: of `shape::` in `shape::item::…` it is `item`. Of a list in braces, all.
fn followers<'a>(text: &'a str, path: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let after = text.split(path).skip(1);
    after.map(move |rest| {
        let end = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
        rest.split_at(end)
    })
}

/// The files of shapes and of other releases that a file names.
fn named(text: &str) -> BTreeSet<String> {
    let mut files = BTreeSet::new();
    for (object, rest) in followers(text, "shape::") {
        files.insert(format!("shape/{object}.rs"));
        let list = rest.strip_prefix("::").unwrap_or_default();
        let list = match list.strip_prefix('{') {
            Some(braced) => braced.split('}').next().unwrap(),
            None => list.split([':', ';', '<', '(', ' ']).next().unwrap(),
        };
        for shape in list.split(',').map(str::trim) {
            files.insert(format!("shape/{object}/{}.rs", shape.split("::").next().unwrap()));
        }
    }
    for release in RELEASES.map(module) {
        for (part, _) in followers(text, &format!("{release}::")) {
            files.insert(format!("{release}/{part}.rs"));
        }
    }
    if text.contains("carts::") {
        files.insert("carts/definition.rs".to_owned());
    }
    files
}

/// The files that these files use, and they themselves.
fn reachable(mut open: Vec<String>) -> BTreeMap<String, usize> {
    let mut files = BTreeMap::new();
    while let Some(file) = open.pop() {
        let Ok(text) = fs::read_to_string(folder().join(&file)) else {
            continue;
        };
        if files.insert(file.clone(), text.lines().count()).is_none() {
            let others = named(&text).into_iter();
            open.extend(others.filter(|other| !files.contains_key(other)));
        }
    }
    files
}

/// The files of a release itself.
fn own(release: Release) -> Vec<String> {
    let module = module(release);
    let inside = fs::read_dir(folder().join(&module)).into_iter().flatten().flatten();
    let names = inside.map(|entry| entry.file_name().into_string().unwrap());
    let parts = names.filter(|name| name.ends_with(".rs") && name != "tests.rs");
    let parts = parts.map(|name| format!("{module}/{name}"));
    [format!("{module}.rs")].into_iter().chain(parts).collect()
}

/// The shape of each object in a release, by direction: `("address", "request")` to `2026-04-17`. A shape may be made of another one of
/// its object: it is the newest, but none of a later release if there is another.
fn shapes(release: Release, files: &BTreeMap<String, usize>) -> BTreeMap<(String, &'static str), String> {
    let mut shapes: BTreeMap<_, String> = BTreeMap::new();
    for file in files.keys() {
        let steps: Vec<&str> = file.trim_end_matches(".rs").split('/').collect();
        let ["shape", object, shape] = steps[..] else {
            continue;
        };
        for direction in ["request", "response"] {
            let version = shape.strip_prefix(direction).and_then(|rest| rest.strip_prefix("_v"));
            let Some(version) = version.map(|version| version.replace('_', "-")) else {
                continue;
            };
            // Files are in the order of their names.
            if version.as_str() <= release.date() || !shapes.contains_key(&(object.to_owned(), direction)) {
                shapes.insert((object.to_owned(), direction), version);
            }
        }
    }
    shapes
}

fn table_of_shapes(used: &[BTreeMap<(String, &'static str), String>]) -> String {
    let dates = RELEASES.map(Release::date).join(" | ");
    let mut table = format!("| object | | {dates} |\n|---|---|{}\n", "---|".repeat(RELEASES.len()));
    let all: BTreeSet<_> = used.iter().flat_map(BTreeMap::keys).collect();
    for key in all {
        let mut row = format!("| `{}` | {} |", key.0, key.1);
        let mut before = None;
        for shapes in used {
            let shape = shapes.get(key);
            let cell = match shape {
                Some(shape) if before != Some(shape) => shape.as_str(),
                Some(_) => "=",
                None => "",
            };
            write!(row, " {cell} |").unwrap();
            before = shape;
        }
        writeln!(table, "{row}").unwrap();
    }
    table
}

fn table_of_lines() -> String {
    let mut table = "| release | lines of its own files | new shapes | their lines | lines that it costs | lines that it shares |\n\
        |---|---|---|---|---|---|\n"
        .to_owned();
    let mut known = BTreeSet::new();
    let (mut total, mut count) = (0, 0);
    for release in RELEASES {
        let files = reachable(own(release));
        let lines = |is_wanted: &dyn Fn(&str) -> bool| -> usize {
            let wanted = files.iter().filter(|(file, _)| is_wanted(file));
            wanted.map(|(_, lines)| lines).sum()
        };
        let is_own = |file: &str| file.starts_with(&module(release));
        let is_new = |file: &str| !is_own(file) && !known.contains(file);
        let shapes = files
            .keys()
            .filter(|file| is_new(file) && file.contains("_v20"))
            .count();
        let (own, new) = (lines(&is_own), lines(&is_new));
        let shared = lines(&|file| !is_own(file) && known.contains(file));
        writeln!(
            table,
            "| {} | {own} | {shapes} | {new} | {} | {shared} |",
            release.date(),
            own + new
        )
        .unwrap();
        total += own + new;
        count += shapes;
        known.extend(files.into_keys());
    }
    writeln!(table, "| all | | {count} | | {total} | |").unwrap();
    table
}

/// Lines of the made-up release with two changed shapes and a new member.
fn lines_of_the_sixth_release() -> usize {
    let files = fs::read_dir(folder().join("tests/sixth_release")).unwrap().flatten();
    files
        .map(|file| fs::read_to_string(file.path()).unwrap().lines().count())
        .sum()
}

#[test]
fn the_table_of_shapes_is_that_of_the_code() {
    let used = RELEASES.map(|release| shapes(release, &reachable(own(release))));
    let page = format!(
        "# Shapes of ACP\n\nGenerated by `tests/shapes.rs` from the `use` declarations; `UPDATE=1 cargo test -p tillhouse-protocols shapes` \
         writes it.\n\nA shape is named after the release that brought it. `=` is the shape of the column before; an empty cell: the \
         release has no such object.\n\n{}",
        table_of_shapes(&used)
    );
    let path = folder().join("SHAPES.md");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == page,
        "SHAPES.md is not that of the code; run this test with UPDATE=1"
    );
}

/// Printed with `cargo test -p tillhouse-protocols --lib what_a_release_costs -- --nocapture`.
#[test]
fn what_a_release_costs() {
    let made_up = lines_of_the_sixth_release();
    println!("{}", table_of_lines());
    println!("The made-up sixth release, with two changed shapes and a new member: {made_up} lines.");
    assert!(
        made_up <= 200,
        "{made_up} lines for two changed shapes and a new member"
    );
}
