//! The first fill of the build folder: the dependencies that the workspace has built already, and nothing of its own.
//!
//! A copy of the workspace has the same names and hashes as the workspace, so the two cannot share one folder: each would take
//! what the other has built for its own. Dependencies from a registry are the same wherever they are used, so they are taken
//! over; without that, the first break would cost a build of everything.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Where cargo keeps what it has built, and how it is taken over.
const FOLDERS: [(&str, Take); 3] = [
    (".fingerprint", copy),
    ("build", copy),
    // Gigabytes, and never written in place: cargo itself links them to where they are looked for.
    ("deps", fs::hard_link::<PathBuf, PathBuf>),
];

type Take = fn(PathBuf, PathBuf) -> io::Result<()>;

/// Fill `to` from `from` (each a `release` folder), but for the crates named `own`. Once: afterwards `to` has a life of its own.
pub(super) fn fill(from: &Path, to: &Path, own: &BTreeSet<String>) -> io::Result<()> {
    if to.exists() {
        return Ok(());
    }
    // Under another name until it is whole.
    let filling = to.with_extension("filling");
    if filling.exists() {
        fs::remove_dir_all(&filling)?;
    }
    fs::create_dir_all(&filling)?;
    for (folder, take) in FOLDERS {
        let source = from.join(folder);
        if source.is_dir() {
            take_all(&source, &filling.join(folder), take, &|name| !is_of(name, own))?;
        }
    }
    fs::rename(filling, to)
}

/// `libtillhouse-0123456789abcdef.rlib` and `tillhouse-0123456789abcdef` are of the crate `tillhouse`.
fn is_of(name: &str, crates: &BTreeSet<String>) -> bool {
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    let stem = stem.rsplit_once('-').map_or(stem, |(stem, _)| stem).replace('-', "_");
    crates.contains(&stem) || stem.strip_prefix("lib").is_some_and(|stem| crates.contains(stem))
}

fn take_all(from: &Path, to: &Path, take: Take, wanted: &dyn Fn(&str) -> bool) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if !entry.file_name().to_str().is_some_and(wanted) {
            continue;
        }
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            take_all(&source, &target, take, &|_| true)?;
        } else {
            take(source, target)?;
        }
    }
    Ok(())
}

/// With the time of the original: cargo builds anew what is older than what it is made of.
fn copy(from: PathBuf, to: PathBuf) -> io::Result<()> {
    fs::copy(&from, &to)?;
    let modified = fs::metadata(from)?.modified()?;
    File::options().write(true).open(to)?.set_modified(modified)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_workspace_has_built_of_its_own_is_told_from_the_rest() {
        let own = BTreeSet::from(["tillhouse".to_owned(), "tillhouse_tests".to_owned()]);
        for name in [
            "libtillhouse-0123456789abcdef.rlib",
            "tillhouse-0123456789abcdef",
            "tillhouse-tests-0123456789abcdef",
            "tillhouse_tests-0123456789abcdef.d",
        ] {
            assert!(is_of(name, &own), "{name}");
        }
        for name in ["libserde-0123456789abcdef.rlib", "tokio-util-0123456789abcdef"] {
            assert!(!is_of(name, &own), "{name}");
        }
    }
}
