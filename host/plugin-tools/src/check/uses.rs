//! Imports that nobody serves, and where in the plugin's own sources they may come from.

use std::collections::BTreeMap;
use std::path::Path;

use crate::finding::at;
use crate::{Candidate, Finding, TARGET};
use tillhouse_runtime::PackageError;

/// What drags in a package of WASI: in words, and as it is written in Rust.
struct Origin {
    words: &'static str,
    written: &'static [&'static str],
}

const HTTP: Origin = Origin {
    words: " (an HTTP client, such as reqwest or ureq, is among its dependencies)",
    written: &["reqwest::", "ureq::", "hyper::", "wasi::http"],
};
const SOCKETS: Origin = Origin {
    words: " (std::net is used, by it or by a dependency)",
    written: &["std::net", "std::{net", "TcpStream", "UdpSocket"],
};
const FILES: Origin = Origin {
    words: " (std::fs is used, by it or by a dependency)",
    written: &["std::fs", "std::{fs", "File::open", "File::create"],
};
const UNKNOWN: Origin = Origin {
    words: "",
    written: &[],
};

/// One finding for each package: a single call into std imports all the interfaces of its package.
pub(super) fn imports(candidate: &Candidate, file: &str, imports: &[PackageError]) -> Vec<Finding> {
    let mut by_package: BTreeMap<&str, (Vec<&str>, &str)> = BTreeMap::new();
    for problem in imports {
        if let PackageError::UnknownImport { import, remedy } = problem {
            let package = import.split('/').next().unwrap_or_default();
            by_package.entry(package).or_insert((Vec::new(), remedy)).0.push(import);
        }
    }
    let finding = |(package, (imports, remedy)): (&str, (Vec<&str>, &str))| {
        let origin = origin(package);
        let what = format!(
            "it imports {}, which no host serves{}",
            imports.join(", "),
            origin.words
        );
        let find = match written_at(candidate, origin.written) {
            Some(place) => format!("it is used at {place}"),
            None => format!("find the crate with: cargo tree --edges normal --target {TARGET}"),
        };
        Finding::wrong(file, what, format!("{remedy}\n{find}"))
    };
    by_package.into_iter().map(finding).collect()
}

fn origin(package: &str) -> Origin {
    match package {
        "wasi:http" => HTTP,
        "wasi:sockets" => SOCKETS,
        "wasi:filesystem" => FILES,
        _ => UNKNOWN,
    }
}

/// Where one of these is written in the plugin's own sources, which a bare component has not.
pub(super) fn written_at(candidate: &Candidate, words: &[&str]) -> Option<String> {
    let is_package = candidate.folder.join("Cargo.toml").is_file();
    let sources = is_package.then(|| candidate.folder.join("src"))?;
    seen_in(&sources, words)
}

/// The first line of the sources that one of these is written in: `src/pricing.rs:17`.
fn seen_in(sources: &Path, written: &[&str]) -> Option<String> {
    let mut entries: Vec<_> = std::fs::read_dir(sources).ok()?.flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    entries.iter().find_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let inside = sources.file_name()?.to_str()?;
        if entry.path().is_dir() {
            return seen_in(&entry.path(), written).map(|place| format!("{inside}/{place}"));
        }
        let text = std::fs::read_to_string(entry.path())
            .ok()
            .filter(|_| name.ends_with(".rs"))?;
        let is_code = |line: &str| !line.trim_start().starts_with("//");
        let line = text
            .lines()
            .position(|line| is_code(line) && written.iter().any(|word| line.contains(word)))?;
        Some(at(&format!("{inside}/{name}"), Some(line + 1)))
    })
}
