//! Diagnostics from cargo's own errors: an unavailable dependency, an invalid Cargo.toml.

use std::path::Path;

use anstream::adapter::strip_str;

use super::code;
use tillhouse_checkout::diagnostic::{Diagnostic, DiagnosticPlace};

/// Place of an error that cargo reports without a place.
const CARGO: &str = "Cargo.toml";

/// Tillhouse crates that plugins depend on, with their folders in a checkout.
const TILLHOUSE_CRATES: [(&str, &str); 2] = [
    ("tillhouse-plugin", "plugins/sdk"),
    ("tillhouse-harness", "examples/harness"),
];

/// Prefixes of cargo's errors about a dependency; the name of the dependency follows.
const DEPENDENCY_ERRORS: [&str; 6] = [
    "no matching package named `",
    "failed to get `",
    "failed to load manifest for dependency `",
    "failed to load source for dependency `",
    "failed to select a version for the requirement `",
    "failed to select a version for `",
];

/// Extracts the first error that cargo wrote to standard error about the package of a folder.
pub(super) fn from_stderr(stderr: &str, folder: &Path) -> Option<Diagnostic> {
    let cargo = std::fs::read_to_string(folder.join(CARGO)).unwrap_or_default();
    first_error(stderr, &cargo)
}

fn first_error(stderr: &str, cargo: &str) -> Option<Diagnostic> {
    let stderr = plain_text(stderr);
    let mut lines = stderr.lines().skip_while(|line| !line.starts_with("error: "));
    let begin = lines.next()?.strip_prefix("error: ")?;
    let more: Vec<&str> = lines
        .take_while(|line| !line.starts_with("error: ") && !line.starts_with("warning: "))
        .collect();
    if let Some((place, text)) = with_place(begin, &more) {
        return Some(Diagnostic::error(code::CARGO, place, text).with_help("fix the TOML syntax there"));
    }
    let name = dependency(begin);
    let line = name.and_then(|name| line_of(cargo, name));
    let text = join_lines(begin, &more);
    Some(
        Diagnostic::error(code::CARGO, DiagnosticPlace::of(CARGO).with_line(line), text.trim_end())
            .with_help(help_for(name)),
    )
}

/// Removes ANSI escape sequences, and puts each update of the progress bar on its own line.
fn plain_text(stderr: &str) -> String {
    strip_str(stderr).to_string().replace('\r', "\n")
}

/// Splits an error that is followed by its place: ` --> Cargo.toml:1:5`.
fn with_place(first: &str, more: &[&str]) -> Option<(DiagnosticPlace, String)> {
    let at = more.iter().position(|line| line.trim_start().starts_with("--> "))?;
    let place = more.get(at)?.trim_start().strip_prefix("--> ")?;
    let (place, _column) = place.rsplit_once(':')?;
    let (file, line) = place.rsplit_once(':')?;
    let place = DiagnosticPlace::of(file).with_line(line.parse().ok());
    Some((place, join_lines(first, more.get(..at)?)))
}

fn join_lines(first: &str, more: &[&str]) -> String {
    let all: Vec<&str> = std::iter::once(first).chain(more.iter().copied()).collect();
    all.join("\n")
}

/// Returns the name of the dependency that an error is about.
fn dependency(first: &str) -> Option<&str> {
    let name = DEPENDENCY_ERRORS.iter().find_map(|begin| first.strip_prefix(begin))?;
    name.split(['`', ' ']).next()
}

/// Returns the line number of a dependency in Cargo.toml.
fn line_of(cargo: &str, name: &str) -> Option<usize> {
    let is_of = |line: &str| {
        let rest = line.strip_prefix(name).map(str::trim_start);
        rest.is_some_and(|rest| rest.starts_with(['=', '.'])) || line.ends_with(&format!("dependencies.{name}]"))
    };
    Some(cargo.lines().map(str::trim).position(is_of)? + 1)
}

fn help_for(dependency: Option<&str>) -> String {
    let Some(name) = dependency else {
        return "see cargo's output above".to_owned();
    };
    match TILLHOUSE_CRATES.iter().find(|(crate_name, _)| *crate_name == name) {
        Some((_, place)) => format!(
            "no release of {name} is available here; use a Tillhouse checkout:\n{name} = {{ path = \"CHECKOUT/{place}\" }}\nor \
             create a plugin that does so: tillhouse plugin new --path CHECKOUT NAME"
        ),
        None => format!("fix the dependency on {name}, or remove it"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn help(diagnostic: &Diagnostic) -> &str {
        diagnostic.help.as_deref().unwrap_or_default()
    }

    #[test]
    fn an_unavailable_crate_of_tillhouse_has_a_help() {
        let cargo = "[package]\nname = \"rel\"\n\n[dependencies]\ntillhouse-plugin = \"0.2\"\n";
        let stderr = "    Updating index\nerror: no matching package named `tillhouse-plugin` found\nlocation searched: \
                    crates.io index\nrequired by package `rel v0.1.0 (/rel)`\n";
        let diagnostic = first_error(stderr, cargo).unwrap();
        assert_eq!(diagnostic.place.to_string(), "Cargo.toml:5");
        assert!(
            diagnostic
                .message
                .starts_with("no matching package named `tillhouse-plugin` found\nlocation"),
            "{diagnostic}"
        );
        assert!(
            help(&diagnostic).contains("tillhouse-plugin = { path = \"CHECKOUT/plugins/sdk\" }"),
            "{diagnostic}"
        );
        assert!(help(&diagnostic).contains("plugin new --path CHECKOUT"), "{diagnostic}");
    }

    #[test]
    fn another_dependency_is_named_with_its_line() {
        let cargo = "[dependencies.gone]\npath = \"../gone\"\n[dev-dependencies]\nold = \"9\"\n";
        let of = |stderr: &str| first_error(stderr, cargo).unwrap();
        let gone = of("error: failed to load manifest for dependency `gone`\n\nCaused by:\n  failed to read\n");
        assert_eq!(gone.place.to_string(), "Cargo.toml:1");
        assert!(
            gone.message.ends_with("Caused by:\n  failed to read") && help(&gone).contains("on gone"),
            "{gone}"
        );
        let old = of("error: failed to select a version for the requirement `old = \"^9\"`\nwarning: more\n");
        assert_eq!(
            (old.place.to_string().as_str(), old.message.contains("more")),
            ("Cargo.toml:4", false)
        );
    }

    #[test]
    fn a_place_that_cargo_gives_is_the_place() {
        let stderr = "error: extra `=`, expected nothing\n --> Cargo.toml:1:5\n  |\n1 | x = = 1\n  |     ^\n";
        let diagnostic = first_error(stderr, "").unwrap();
        assert_eq!(
            (diagnostic.place.to_string().as_str(), diagnostic.message.as_str()),
            ("Cargo.toml:1", "extra `=`, expected nothing")
        );
    }

    #[test]
    fn colors_and_progress_are_ignored() {
        let stderr = "\u{1b}[1m\u{1b}[36m Building\u{1b}[0m [==>   ] 1/2: shop\r\u{1b}[K\u{1b}[1m\u{1b}[91merror\u{1b}[0m: it \
                    broke\n";
        assert_eq!(first_error(stderr, "").unwrap().message, "it broke");
        assert_eq!(first_error("   Compiling shop\n", ""), None);
    }
}
