//! Assembles the sources of a plugin from the modules of its capabilities.

use std::collections::BTreeSet;

use super::capability_template::CapabilityTemplate;
use super::{File, Name};
use tillhouse_runtime::Capability;

/// Rust module, split into its parts.
#[derive(Debug)]
struct Module<'a> {
    /// Lines of the module's doc comment, without `//!`.
    doc: Vec<&'a str>,
    /// `use` declarations of other crates.
    uses: Vec<&'a str>,
    /// Items of the module.
    body: &'a str,
    /// The items from `#[cfg(test)] mod tests` on.
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
            // Items of the crate itself are in the same file.
            uses: uses.copied().filter(|line| !line.starts_with("use crate::")).collect(),
            body: code.get(length..).unwrap_or_default().trim(),
            tests: tests.trim(),
        }
    }
}

/// Generates the files below `src/`.
pub(super) fn files(name: &Name, templates: &[CapabilityTemplate], is_minimal: bool) -> Vec<File> {
    let lib = |text| File {
        path: "src/lib.rs".to_owned(),
        text,
    };
    match templates {
        [only] if !is_minimal => vec![lib(single_file(name, only))],
        _ if is_minimal => vec![lib(combined_file(name, templates))],
        _ => {
            let module = |template: &CapabilityTemplate| File {
                path: format!("src/{}.rs", template.module()),
                text: template.shop.to_owned(),
            };
            let modules = templates.iter().map(module);
            [lib(separate_modules(name, templates))]
                .into_iter()
                .chain(modules)
                .collect()
        }
    }
}

/// Generates `src/lib.rs` for one capability, including its unit tests.
fn single_file(name: &Name, template: &CapabilityTemplate) -> String {
    let module = Module::of(template.shop);
    let tests = module.tests;
    format!("{}\n{tests}\n", combined_file(name, &[*template]))
}

/// Generates `src/lib.rs` with all capabilities in one file, without tests.
fn combined_file(name: &Name, templates: &[CapabilityTemplate]) -> String {
    let modules: Vec<Module<'_>> = templates.iter().map(|template| Module::of(template.shop)).collect();
    let docs: Vec<String> = modules
        .iter()
        .flat_map(|module| &module.doc)
        .map(|line| doc(line))
        .collect();
    let uses: BTreeSet<&str> = modules.iter().flat_map(|module| &module.uses).copied().collect();
    let uses: Vec<&str> = uses.into_iter().collect();
    let bodies: Vec<&str> = modules.iter().map(|module| module.body).collect();
    format!(
        "//! {name}.\n//!\n{}\n\n{}\n\n/// The plugin.\n#[derive(Debug)]\npub struct Shop;\n\n{}\n\n{}",
        docs.join("\n"),
        uses.join("\n"),
        bodies.join("\n\n"),
        export(templates),
    )
}

/// Generates `src/lib.rs` for several capabilities, each in its own module.
fn separate_modules(name: &Name, templates: &[CapabilityTemplate]) -> String {
    let mut modules: Vec<String> = templates
        .iter()
        .map(|template| format!("mod {};", template.module()))
        .collect();
    modules.sort_unstable();
    format!(
        "//! {name}: each module implements one capability.\n\n{}\n\n/// The plugin.\n#[derive(Debug)]\npub struct Shop;\n\n{}",
        modules.join("\n"),
        export(templates),
    )
}

fn doc(line: &str) -> String {
    format!("//! {line}").trim_end().to_owned()
}

/// Generates the `export!` call, on one line if it fits, as rustfmt formats it.
fn export(templates: &[CapabilityTemplate]) -> String {
    let names: Vec<String> = templates.iter().map(CapabilityTemplate::module).collect();
    let line = format!("tillhouse_plugin::export!(Shop: {});\n", names.join(", "));
    if line.len() <= 100 {
        return line;
    }
    let names: Vec<String> = names.iter().map(|name| format!("    {name},\n")).collect();
    format!("tillhouse_plugin::export!(\n    Shop:\n{});\n", names.concat())
}

/// Generates `tests/component.rs` from the tests of each capability.
pub(super) fn component(templates: &[CapabilityTemplate]) -> String {
    let modules: Vec<Module<'_>> = templates
        .iter()
        .filter(|template| !template.component.is_empty())
        .map(|template| Module::of(template.component))
        .collect();
    let uses: BTreeSet<&str> = modules.iter().flat_map(|module| &module.uses).copied().collect();
    let uses: Vec<&str> = uses.into_iter().collect();
    let bodies: Vec<&str> = modules.iter().map(|module| module.body).collect();
    let charges = templates
        .iter()
        .any(|template| template.capability == Capability::Payments);
    // The conformance suite charges cards, and needs a processor that approves the charges.
    let setup = if charges { "approving" } else { "" };
    format!(
        "{COMPONENT}\n{}\n\n{CONFORMANCE}({setup});\n\n{}\n",
        uses.join("\n"),
        bodies.join("\n\n")
    )
}

const COMPONENT: &str =
    "//! Tests of the component in the host's runtime, with its linker, its limits and its HTTP client.\n";
const CONFORMANCE: &str = "// Rules that every plugin must follow.\ntillhouse_harness::conformance!";

/// Generates `default-config.toml`. Tables come last, because a key after a table would belong to it.
pub(super) fn configuration(templates: &[CapabilityTemplate]) -> String {
    let has_table = |text: &&str| text.lines().any(|line| line.starts_with('['));
    let texts = || {
        templates
            .iter()
            .map(|template| template.config)
            .filter(|text| !text.is_empty())
    };
    let plain = texts().filter(|text| !has_table(text));
    let tables = texts().filter(has_table);
    let all: Vec<&str> = plain.chain(tables).collect();
    if all.is_empty() {
        return "# This plugin needs no configuration.\n".to_owned();
    }
    all.join("\n")
}

/// Generates `config.schema.json` from the properties of each capability.
pub(super) fn schema(name: &Name, templates: &[CapabilityTemplate]) -> String {
    let inside = |template: &CapabilityTemplate| {
        let lines: Vec<&str> = template.schema.lines().collect();
        let properties = lines.get(1..lines.len().checked_sub(1)?)?;
        let indented: Vec<String> = properties.iter().map(|line| format!("  {line}")).collect();
        Some(indented.join("\n"))
    };
    let properties: Vec<String> = templates
        .iter()
        .filter_map(inside)
        .filter(|text| !text.is_empty())
        .collect();
    let properties = match properties.as_slice() {
        [] => "{}".to_owned(),
        some => format!("{{\n{}\n  }}", some.join(",\n")),
    };
    format!(
        "{{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n  \"title\": \"Configuration of {name}\",\n  \
         \"type\": \"object\",\n  \"properties\": {properties},\n  \"additionalProperties\": false\n}}\n"
    )
}
