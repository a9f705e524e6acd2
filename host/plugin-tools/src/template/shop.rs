//! The sources of a plugin, put together from the modules of its capabilities.

use std::collections::BTreeSet;

use super::parts::Parts;
use super::{File, Name};
use tillhouse_runtime::Capability;

/// A module of Rust, taken apart.
#[derive(Debug)]
struct Module<'a> {
    /// What the module is, without `//!`.
    doc: Vec<&'a str>,
    /// `use` of other crates.
    uses: Vec<&'a str>,
    /// What is declared.
    body: &'a str,
    /// `#[cfg(test)] mod tests`.
    tests: &'a str,
}

impl<'a> Module<'a> {
    fn of(text: &'a str) -> Self {
        let (code, tests) = match text.find("#[cfg(test)]") {
            Some(at) => text.split_at(at),
            None => (text, ""),
        };
        let is_head = |line: &&str| line.is_empty() || line.starts_with("//!") || line.starts_with("use ");
        let head: Vec<&str> = code.lines().take_while(is_head).collect();
        let length: usize = head.iter().map(|line| line.len() + 1).sum();
        let doc = head.iter().filter_map(|line| line.strip_prefix("//!"));
        let uses = head.iter().filter(|line| line.starts_with("use "));
        Self {
            doc: doc.map(str::trim_start).collect(),
            // What is of the crate itself is in the same file.
            uses: uses.copied().filter(|line| !line.starts_with("use crate::")).collect(),
            body: code.get(length..).unwrap_or_default().trim(),
            tests: tests.trim(),
        }
    }
}

/// `src/`.
pub(super) fn files(name: &Name, parts: &[Parts], is_minimal: bool) -> Vec<File> {
    let lib = |text| File {
        path: "src/lib.rs".to_owned(),
        text,
    };
    match parts {
        [only] if !is_minimal => vec![lib(alone(name, only))],
        _ if is_minimal => vec![lib(together(name, parts))],
        _ => {
            let module = |part: &Parts| File {
                path: format!("src/{}.rs", part.module()),
                text: part.shop.to_owned(),
            };
            let modules = parts.iter().map(module);
            [lib(apart(name, parts))].into_iter().chain(modules).collect()
        }
    }
}

/// One capability: everything in one file, tests included.
fn alone(name: &Name, part: &Parts) -> String {
    let module = Module::of(part.shop);
    let tests = module.tests;
    format!("{}\n{tests}\n", together(name, &[*part]))
}

/// Several in one file, without tests.
fn together(name: &Name, parts: &[Parts]) -> String {
    let modules: Vec<Module<'_>> = parts.iter().map(|part| Module::of(part.shop)).collect();
    let docs: Vec<String> = modules
        .iter()
        .flat_map(|module| &module.doc)
        .map(|line| doc(line))
        .collect();
    let uses: BTreeSet<&str> = modules.iter().flat_map(|module| &module.uses).copied().collect();
    let uses: Vec<&str> = uses.into_iter().collect();
    let bodies: Vec<&str> = modules.iter().map(|module| module.body).collect();
    format!(
        "//! {name}.\n//!\n{}\n\n{}\n\n/// The shop.\n#[derive(Debug)]\npub struct Shop;\n\n{}\n\n{}",
        docs.join("\n"),
        uses.join("\n"),
        bodies.join("\n\n"),
        export(parts),
    )
}

/// Several, each a module.
fn apart(name: &Name, parts: &[Parts]) -> String {
    let mut modules: Vec<String> = parts.iter().map(|part| format!("mod {};", part.module())).collect();
    modules.sort_unstable();
    format!(
        "//! {name}: each module is something that the shop decides.\n\n{}\n\n/// The shop.\n#[derive(Debug)]\npub struct \
         Shop;\n\n{}",
        modules.join("\n"),
        export(parts),
    )
}

fn doc(line: &str) -> String {
    format!("//! {line}").trim_end().to_owned()
}

/// What the host finds: one line where it fits, as rustfmt would leave it.
fn export(parts: &[Parts]) -> String {
    let names: Vec<String> = parts.iter().map(Parts::module).collect();
    let line = format!("tillhouse_plugin::export!(Shop: {});\n", names.join(", "));
    if line.len() <= 100 {
        return line;
    }
    let names: Vec<String> = names.iter().map(|name| format!("    {name},\n")).collect();
    format!("tillhouse_plugin::export!(\n    Shop:\n{});\n", names.concat())
}

/// `tests/component.rs`.
pub(super) fn component(parts: &[Parts]) -> String {
    let modules: Vec<Module<'_>> = parts
        .iter()
        .filter(|part| !part.component.is_empty())
        .map(|part| Module::of(part.component))
        .collect();
    let uses: BTreeSet<&str> = modules.iter().flat_map(|module| &module.uses).copied().collect();
    let uses: Vec<&str> = uses.into_iter().collect();
    let bodies: Vec<&str> = modules.iter().map(|module| module.body).collect();
    let charges = parts.iter().any(|part| part.capability == Capability::Payments);
    // The suite charges, and needs somebody who approves.
    let setup = if charges { "approving" } else { "" };
    format!(
        "{COMPONENT}\n{}\n\n{CONFORMANCE}({setup});\n\n{}\n",
        uses.join("\n"),
        bodies.join("\n\n")
    )
}

const COMPONENT: &str = "//! The component as the host runs it: its linker, its limits, its way of sending requests.\n";
const CONFORMANCE: &str = "// What any plugin must do, whatever it decides.\ntillhouse_harness::conformance!";

/// `default-config.toml`: tables last, because a key after one would be in it.
pub(super) fn configuration(parts: &[Parts]) -> String {
    let has_table = |text: &&str| text.lines().any(|line| line.starts_with('['));
    let texts = || parts.iter().map(|part| part.config).filter(|text| !text.is_empty());
    let plain = texts().filter(|text| !has_table(text));
    let tables = texts().filter(has_table);
    let all: Vec<&str> = plain.chain(tables).collect();
    all.join("\n")
}

/// `config.schema.json`.
pub(super) fn schema(name: &Name, parts: &[Parts]) -> String {
    let inside = |part: &Parts| {
        let lines: Vec<&str> = part.schema.lines().collect();
        let properties = lines.get(1..lines.len().checked_sub(1)?)?;
        let indented: Vec<String> = properties.iter().map(|line| format!("  {line}")).collect();
        Some(indented.join("\n"))
    };
    let properties: Vec<String> = parts
        .iter()
        .filter_map(inside)
        .filter(|text| !text.is_empty())
        .collect();
    format!(
        "{{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n  \"title\": \"Configuration of {name}\",\n  \
         \"type\": \"object\",\n  \"properties\": {{\n{}\n  }},\n  \"additionalProperties\": false\n}}\n",
        properties.join(",\n")
    )
}
