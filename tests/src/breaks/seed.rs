//! The first fill of the build folder: the dependencies that the workspace has built already, and nothing of its own.
//!
//! A copy of the workspace has the same names and hashes as the workspace, so the two cannot share one folder: each would take
//! what the other has built for its own. Dependencies from a registry are the same wherever they are used, so they are linked
//! from one folder into the other, as cargo links within one; without that, the first break would cost a build of everything.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

/// Where cargo keeps what it has built.
const FOLDERS: [&str; 3] = [".fingerprint", "build", "deps"];

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
    for folder in FOLDERS {
        let source = from.join(folder);
        if source.is_dir() {
            link_all(&source, &filling.join(folder), &|name| !is_of(name, own))?;
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

fn link_all(from: &Path, to: &Path, wanted: &dyn Fn(&str) -> bool) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if !entry.file_name().to_str().is_some_and(wanted) {
            continue;
        }
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            link_all(&source, &target, &|_| true)?;
        } else {
            fs::hard_link(source, target)?;
        }
    }
    Ok(())
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
