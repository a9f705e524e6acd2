//! Unsupported imports, and where in the plugin's sources they may come from.

use std::collections::BTreeMap;
use std::path::Path;

use crate::{Artifact, TARGET, code};
use tillhouse_checkout::diagnostic::{Diagnostic, DiagnosticPlace};
use tillhouse_runtime::PackageError;

/// Probable cause of a WASI import: a description, and patterns to search for in Rust sources.
struct Origin {
    description: &'static str,
    patterns: &'static [&'static str],
}

const HTTP: Origin = Origin {
    description: " (an HTTP client, such as reqwest or ureq, is among the plugin's dependencies)",
    patterns: &["reqwest::", "ureq::", "hyper::", "wasi::http"],
};
const SOCKETS: Origin = Origin {
    description: " (std::net is used by the plugin or a dependency)",
    patterns: &["std::net", "std::{net", "TcpStream", "UdpSocket"],
};
const FILES: Origin = Origin {
    description: " (std::fs is used by the plugin or a dependency)",
    patterns: &["std::fs", "std::{fs", "File::open", "File::create"],
};
const UNKNOWN: Origin = Origin {
    description: "",
    patterns: &[],
};

/// Returns one diagnostic per WASI package, because a single call into std imports all interfaces of the package.
pub(super) fn imports(artifact: &Artifact, file: &str, imports: &[PackageError]) -> Vec<Diagnostic> {
    let mut by_package: BTreeMap<&str, (Vec<&str>, &str)> = BTreeMap::new();
    for problem in imports {
        if let PackageError::UnknownImport { import, remedy } = problem {
            let package = import.split('/').next().unwrap_or_default();
            by_package.entry(package).or_insert((Vec::new(), remedy)).0.push(import);
        }
    }
    let diagnostic = |(package, (imports, remedy)): (&str, (Vec<&str>, &str))| {
        let origin = origin(package);
        let what = format!("unsupported import: {}{}", imports.join(", "), origin.description);
        let find = match find_in_sources(artifact, origin.patterns) {
            Some(place) => format!("used at {place}"),
            None => format!("find the crate with: cargo tree --edges normal --target {TARGET}"),
        };
        Diagnostic::error(code::COMPONENT, file, what).with_help(format!("{remedy}\n{find}"))
    };
    by_package.into_iter().map(diagnostic).collect()
}

fn origin(package: &str) -> Origin {
    match package {
        "wasi:http" => HTTP,
        "wasi:sockets" => SOCKETS,
        "wasi:filesystem" => FILES,
        _ => UNKNOWN,
    }
}

/// Searches the plugin's sources for one of these patterns; `None` if there are no sources or no match.
pub(super) fn find_in_sources(artifact: &Artifact, patterns: &[&str]) -> Option<DiagnosticPlace> {
    let is_package = artifact.folder.join("Cargo.toml").is_file();
    let sources = is_package.then(|| artifact.folder.join("src"))?;
    let (file, line) = first_match(&sources, patterns)?;
    Some(DiagnosticPlace::of(file).with_line(Some(line)))
}

/// Returns file and line number of the first line that contains one of these patterns.
fn first_match(sources: &Path, patterns: &[&str]) -> Option<(String, usize)> {
    let mut entries: Vec<_> = std::fs::read_dir(sources).ok()?.flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    entries.iter().find_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let inside = sources.file_name()?.to_str()?;
        if entry.path().is_dir() {
            return first_match(&entry.path(), patterns).map(|(file, line)| (format!("{inside}/{file}"), line));
        }
        let text = std::fs::read_to_string(entry.path())
            .ok()
            .filter(|_| name.ends_with(".rs"))?;
        let is_code = |line: &str| !line.trim_start().starts_with("//");
        let line = text
            .lines()
            .position(|line| is_code(line) && patterns.iter().any(|pattern| line.contains(pattern)))?;
        Some((format!("{inside}/{name}"), line + 1))
    })
}
