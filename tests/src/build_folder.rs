//! A separate build folder that starts with the dependencies already built in the workspace, but without the workspace's own
//! crates.
//!
//! A copy of the workspace has the same names and hashes as the workspace, and a package elsewhere that depends on our crates has
//! nearly the same: in one folder each would pick up what the other has built. Dependencies from a registry are the same wherever
//! they are used, so they are linked or copied; otherwise everything would be built again.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Where cargo puts the builds for this machine and for plugins, below its target folder.
const PROFILES: [&str; 3] = ["debug", "guest", "wasm32-wasip2/guest"];

/// The folders of each profile and how their entries are transferred; fingerprints last, because they mark the rest as complete.
const FOLDERS: [(&str, Take); 3] = [
    // Gigabytes, and never modified in place: cargo itself hard-links them to where they are used.
    ("deps", fs::hard_link::<PathBuf, PathBuf>),
    ("build", copy),
    (".fingerprint", copy),
];

type Take = fn(PathBuf, PathBuf) -> io::Result<()>;

/// Opens or creates the build folder of this name below the target folder of the workspace. Adds what the workspace has built
/// since the last time.
///
/// # Errors
/// When cargo does not report its target folder, or the build folder cannot be filled.
pub fn build_folder(workspace: &Path, name: &str) -> Result<PathBuf, String> {
    let metadata = metadata(workspace)?;
    let target = metadata["target_directory"].as_str().map(PathBuf::from);
    let target = target.ok_or("the output of cargo metadata has no target_directory")?;
    let folder = target.join(name);
    let own = crates(&metadata);
    let filled = alone(&folder).and_then(|_alone| {
        let mut profiles = PROFILES.iter();
        profiles.try_for_each(|profile| fill(&target.join(profile), &folder.join(profile), &own))
    });
    filled.map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

/// Takes an exclusive lock, and waits for another process that is filling the folder.
fn alone(folder: &Path) -> io::Result<File> {
    fs::create_dir_all(folder)?;
    let lock = File::create(folder.join("filling"))?;
    lock.lock()?;
    Ok(lock)
}

fn metadata(workspace: &Path) -> Result<Value, String> {
    let mut cargo = Command::new("cargo");
    cargo.args(["metadata", "--no-deps", "--format-version", "1"]);
    let output = cargo.current_dir(workspace).output();
    let output = output.map_err(|error| format!("could not start cargo: {error}"))?;
    serde_json::from_slice(&output.stdout).map_err(|error| format!("invalid output of cargo metadata: {error}"))
}

/// The names of our own packages and of all their targets, as they appear in file names.
fn crates(metadata: &Value) -> BTreeSet<String> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let packages = list(&metadata["packages"]);
    let targets = packages.iter().flat_map(|package| list(&package["targets"]));
    let named = packages.iter().cloned().chain(targets);
    let names = named.filter_map(|it| it["name"].as_str().map(|name| name.replace('-', "_")));
    names.filter(|name| name != "build_script_build").collect()
}

/// Copies to `to` everything from `from` that it lacks, except for the crates named in `own`.
fn fill(from: &Path, to: &Path, own: &BTreeSet<String>) -> io::Result<()> {
    for (folder, take) in FOLDERS {
        let source = from.join(folder);
        if source.is_dir() {
            take_all(&source, &to.join(folder), take, &|name| !is_of(name, own))?;
        }
    }
    Ok(())
}

/// Whether a file belongs to one of these crates: `libtillhouse-0123456789abcdef.rlib` and `tillhouse-0123456789abcdef` belong to
/// `tillhouse`.
fn is_of(name: &str, crates: &BTreeSet<String>) -> bool {
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    let stem = stem.rsplit_once('-').map_or(stem, |(stem, _)| stem).replace('-', "_");
    crates.contains(&stem) || stem.strip_prefix("lib").is_some_and(|stem| crates.contains(stem))
}

/// Transfers the wanted entries of a folder. Existing files are kept: they may have been built there.
fn take_all(from: &Path, to: &Path, take: Take, wanted: &dyn Fn(&str) -> bool) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if target.exists() || !entry.file_name().to_str().is_some_and(wanted) {
            continue;
        }
        // Written under a temporary name, so that an incomplete file is never used.
        let taking = to.join("taking");
        if source.is_dir() {
            let _ = fs::remove_dir_all(&taking);
            take_all(&source, &taking, take, &|_| true)?;
        } else {
            let _ = fs::remove_file(&taking);
            take(source, taking.clone())?;
        }
        fs::rename(taking, target)?;
    }
    Ok(())
}

/// Copies a file with its modification time: cargo rebuilds what is older than its inputs.
fn copy(from: PathBuf, to: PathBuf) -> io::Result<()> {
    fs::copy(&from, &to)?;
    let modified = fs::metadata(from)?.modified()?;
    File::options().write(true).open(to)?.set_modified(modified)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TestFolder;

    fn own() -> BTreeSet<String> {
        BTreeSet::from(["tillhouse".to_owned(), "tillhouse_tests".to_owned()])
    }

    #[test]
    fn the_crates_of_the_workspace_are_recognized() {
        for name in [
            "libtillhouse-0123456789abcdef.rlib",
            "tillhouse-0123456789abcdef",
            "tillhouse-tests-0123456789abcdef",
            "tillhouse_tests-0123456789abcdef.d",
        ] {
            assert!(is_of(name, &own()), "{name}");
        }
        for name in ["libserde-0123456789abcdef.rlib", "tokio-util-0123456789abcdef"] {
            assert!(!is_of(name, &own()), "{name}");
        }
    }

    #[test]
    fn what_is_built_later_is_added_and_what_is_there_is_left_alone() {
        let folder = TestFolder::new();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        let write = |name: &str, text: &str| {
            let path = from.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let read = |name: &str| fs::read_to_string(to.join(name)).ok();
        write(".fingerprint/serde-0123456789abcdef/lib", "first");
        write("deps/libtillhouse-0123456789abcdef.rlib", "own");
        fill(&from, &to, &own()).unwrap();
        write(".fingerprint/serde-0123456789abcdef/lib", "second");
        write(".fingerprint/url-0123456789abcdef/lib", "later");
        fill(&from, &to, &own()).unwrap();
        let serde = read(".fingerprint/serde-0123456789abcdef/lib");
        assert_eq!(serde.as_deref(), Some("first"));
        let url = read(".fingerprint/url-0123456789abcdef/lib");
        assert_eq!(url.as_deref(), Some("later"));
        assert_eq!(read("deps/libtillhouse-0123456789abcdef.rlib"), None);
    }
}
