//! `usage.lock`: the instructions of measured calls, so that a slower plugin is noticed.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// More than this is a regression: less is what a new compiler does.
const TOLERANCE_PERCENT: u64 = 10;

const HEADING: &str = "\
# Instructions of measured calls. Written by `UPDATE=1 cargo test`; a call that takes over 10 % more fails its test.
";

#[derive(Debug, Default, Serialize, Deserialize)]
struct Lock {
    #[serde(default)]
    instructions: BTreeMap<String, u64>,
}

/// Compare with the file, or write into it.
pub(super) fn check(path: &Path, name: &str, instructions: u64, update: bool) -> Result<(), String> {
    let at = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    if update {
        return write(path, name, instructions).map_err(|error| at(&error));
    }
    let lock = read(path).map_err(|error| at(&error))?;
    let Some(locked) = lock.instructions.get(name) else {
        return Err(at(&format!(
            "has no `{name}`, which took {instructions} instructions; write it with: UPDATE=1 cargo test"
        )));
    };
    let most = locked + locked * TOLERANCE_PERCENT / 100;
    if instructions > most {
        let percent = (instructions - locked) * 100 / (*locked).max(1);
        return Err(at(&format!(
            "`{name}` takes {instructions} instructions, {percent} % more than the {locked} of the lock; make it quicker, or \
             accept it with: UPDATE=1 cargo test"
        )));
    }
    Ok(())
}

fn read(path: &Path) -> io::Result<Lock> {
    match fs::read_to_string(path) {
        Ok(text) => toml::from_str(&text).map_err(io::Error::other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Lock::default()),
        Err(error) => Err(error),
    }
}

/// Tests of a package write at the same time, from threads and from processes.
fn write(path: &Path, name: &str, instructions: u64) -> io::Result<()> {
    let turn = File::create(std::env::temp_dir().join("tillhouse-usage-lock"))?;
    turn.lock()?;
    let mut lock = read(path)?;
    lock.instructions.insert(name.to_owned(), instructions);
    let text = toml::to_string(&lock).map_err(io::Error::other)?;
    let draft = path.with_extension("lock.new");
    fs::write(&draft, format!("{HEADING}{text}"))?;
    fs::rename(&draft, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::Folder;

    #[test]
    fn a_call_may_take_a_tenth_more_than_locked() {
        let folder = Folder::new();
        let path = folder.path().join("usage.lock");
        check(&path, "one line", 1_000, true).unwrap();
        for fits in [1, 1_000, 1_100] {
            check(&path, "one line", fits, false).unwrap();
        }
        let problem = check(&path, "one line", 1_101, false).unwrap_err();
        assert!(
            problem.contains("takes 1101 instructions, 10 % more than the 1000"),
            "{problem}"
        );
        assert!(problem.contains("UPDATE=1 cargo test"), "{problem}");
    }

    #[test]
    fn a_name_that_is_not_locked_fails_and_says_how_to_lock_it() {
        let folder = Folder::new();
        let problem = check(&folder.path().join("usage.lock"), "new", 7, false).unwrap_err();
        assert!(
            problem.contains("has no `new`, which took 7") && problem.contains("UPDATE=1"),
            "{problem}"
        );
    }

    #[test]
    fn tests_that_write_at_the_same_time_lose_nothing() {
        let folder = Folder::new();
        let path = folder.path().join("usage.lock");
        std::thread::scope(|scope| {
            for number in 0..8 {
                let path = &path;
                scope.spawn(move || check(path, &format!("call {number}"), number, true).unwrap());
            }
        });
        assert_eq!(read(&path).unwrap().instructions.len(), 8);
        assert!(fs::read_to_string(&path).unwrap().starts_with("# Instructions"));
    }
}
