//! Checks that every public item for plugin authors has an example in its documentation.

use super::source::{Breach, Source, sources};
use super::{finds, holds};

/// The crates that plugins depend on.
const CRATES: [&str; 3] = ["plugins/sdk/src", "examples/harness/src", "examples/harness/macros/src"];

/// Generated files, which need no examples.
const GENERATED: [&str; 1] = ["plugins/sdk/src/bindings.rs"];

/// Public functions, types, traits and macros whose documentation has no code block.
///
/// Hidden items, and items inside functions or trait implementations, are left out: plugin authors cannot name them.
fn everything_public_has_an_example(sources: &[Source]) -> Vec<Breach> {
    let written = sources
        .iter()
        .filter(|source| !source.of_tests && !source.lies_in(&GENERATED));
    written.flat_map(silent).collect()
}

fn silent(source: &Source) -> Vec<Breach> {
    let (text, code): (Vec<&str>, Vec<&str>) = (source.text.lines().collect(), source.code.lines().collect());
    let mut breaches = Vec::new();
    for (index, line) in code.iter().enumerate() {
        let Some(item) = public(line) else { continue };
        let above = above(&text[..index]);
        let has = |what: &str| above.iter().any(|line| line.contains(what));
        let exported = item != "macro_rules!" || has("#[macro_export]");
        if exported && !has("#[doc(hidden)]") && !has("/// ```") {
            let breach = source.breach(format!("`{}` has no example", line.trim()));
            breaches.push(Breach {
                line: index + 1,
                ..breach
            });
        }
    }
    breaches
}

/// The kind of public item that a line begins; `None` if it does not begin one.
fn public(line: &str) -> Option<&'static str> {
    let line = line.trim_start();
    if line.starts_with("macro_rules! ") {
        return Some("macro_rules!");
    }
    let rest = line.strip_prefix("pub ")?;
    let rest = ["const ", "async ", "unsafe "]
        .iter()
        .fold(rest, |rest, word| rest.strip_prefix(word).unwrap_or(rest));
    ["fn", "struct", "enum", "trait", "union"]
        .into_iter()
        .find(|kind| rest.strip_prefix(kind).is_some_and(|name| name.starts_with(' ')))
}

/// The doc comments and attributes directly above a line.
fn above<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let mut depth = 0;
    let belongs = |line: &&&str| {
        let line = line.trim();
        // An attribute of several lines; lines are read from the bottom.
        depth += i32::from(line == ")]") - i32::from(depth > 0 && line.starts_with("#["));
        line.starts_with("///") || line.starts_with("#[") || line == ")]" || depth > 0
    };
    lines.iter().rev().take_while(belongs).copied().collect()
}

#[test]
fn everything_that_an_author_names_has_an_example() {
    let rule = everything_public_has_an_example;
    finds(rule, "plugins/sdk/src/x.rs", 2, "/// Adds.\npub const fn add() {}\n");
    finds(
        rule,
        "plugins/sdk/src/x.rs",
        3,
        "/// A rate.\n#[derive(Debug)]\npub struct Rate(u32);\n",
    );
    finds(
        rule,
        "plugins/sdk/src/x.rs",
        3,
        "/// Exports.\n#[macro_export]\nmacro_rules! export {}\n",
    );
    let attribute = "/// Adds.\n#[cfg_attr(\n    x,\n    allow(y)\n)]\n    pub fn add() {}\n";
    finds(rule, "plugins/sdk/src/x.rs", 6, attribute);
    let good = "/// Adds.\n/// ```\n/// add();\n/// ```\n#[must_use]\npub fn add() {}\npub(crate) fn own() {}\nmacro_rules! own {}\n";
    holds(&rule(&[Source::new("plugins/sdk/src/x.rs", good)]));
    holds(&rule(&sources(&CRATES)));
}
