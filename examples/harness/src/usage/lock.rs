//! `usage.lock`: the instructions of measured calls, to detect a plugin that becomes slower.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// A larger increase is a regression; a smaller one may come from a new compiler.
const TOLERANCE_PERCENT: u64 = 10;

const HEADING: &str = "\
# Instructions of measured calls. Written by `UPDATE=1 cargo test`; a call that takes over 10 % more fails its test.
";

#[derive(Debug, Default, Serialize, Deserialize)]
struct Lock {
    #[serde(default)]
    instructions: BTreeMap<String, u64>,
}

/// Figures of this process, by file and name.
#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<BTreeMap<(PathBuf, String), u64>>);

impl Seen {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// Rejects a second call of the same name: either of the two figures could end up in the file.
    fn only(&self, path: &Path, name: &str, instructions: u64) -> Result<(), String> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = seen.entry((path.to_owned(), name.to_owned())).or_insert(instructions);
        if *before == instructions {
            return Ok(());
        }
        Err(format!(
            "`{name}` is used for two calls, which take {before} and {instructions} instructions; give each call its own name"
        ))
    }
}

/// Compares with the file, or updates it; after an update, returns a message if the figure grew beyond the tolerance.
pub(super) fn check(
    seen: &Seen,
    path: &Path,
    name: &str,
    instructions: u64,
    update: bool,
) -> Result<Option<String>, String> {
    let at = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    seen.only(path, name, instructions).map_err(|error| at(&error))?;
    if update {
        return write(path, name, instructions).map_err(|error| at(&error));
    }
    let lock = read(path).map_err(|error| at(&error))?;
    let Some(locked) = lock.instructions.get(name) else {
        return Err(at(&format!(
            "does not list `{name}`, which took {instructions} instructions; add it with: UPDATE=1 cargo test"
        )));
    };
    if instructions > most(*locked) {
        let percent = percent_more(instructions, *locked);
        return Err(at(&format!(
            "`{name}` takes {instructions} instructions, {percent} % more than the {locked} in the file; make it faster, or \
             accept the change with: UPDATE=1 cargo test"
        )));
    }
    Ok(None)
}

const fn most(locked: u64) -> u64 {
    locked + locked * TOLERANCE_PERCENT / 100
}

fn percent_more(instructions: u64, locked: u64) -> u64 {
    (instructions - locked) * 100 / locked.max(1)
}

fn read(path: &Path) -> io::Result<Lock> {
    match fs::read_to_string(path) {
        Ok(text) => toml::from_str(&text).map_err(io::Error::other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Lock::default()),
        Err(error) => Err(error),
    }
}

/// Tests of a package write at the same time, from threads and processes: a lock on the folder serializes them.
///
/// Figures within the tolerance stay, or each update would accept another tenth.
fn write(path: &Path, name: &str, instructions: u64) -> io::Result<Option<String>> {
    let turn = File::open(path.parent().unwrap_or(path))?;
    turn.lock()?;
    let mut lock = read(path)?;
    let locked = lock.instructions.get(name).copied();
    if locked.is_some_and(|locked| instructions <= most(locked) && locked <= most(instructions)) {
        return Ok(None);
    }
    lock.instructions.insert(name.to_owned(), instructions);
    let text = toml::to_string(&lock).map_err(io::Error::other)?;
    let draft = path.with_extension("lock.new");
    fs::write(&draft, format!("{HEADING}{text}"))?;
    fs::rename(&draft, path)?;
    let grown = locked.filter(|locked| *locked < instructions).map(|locked| {
        let percent = percent_more(instructions, locked);
        format!(
            "{}: `{name}` grows by {percent} %: {locked} → {instructions} instructions",
            path.display()
        )
    });
    Ok(grown)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Like `check` in a process of its own.
    fn check(path: &Path, name: &str, instructions: u64, update: bool) -> Result<Option<String>, String> {
        super::check(&Seen::default(), path, name, instructions, update)
    }

    #[test]
    fn an_update_keeps_values_within_the_tolerance_and_reports_larger_growth() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("usage.lock");
        let update = |instructions| check(&path, "one line", instructions, true).unwrap();
        for unchanged in [1_000, 1_100, 910] {
            assert_eq!(update(unchanged), None);
            assert_eq!(read(&path).unwrap().instructions["one line"], 1_000, "{unchanged}");
        }
        let report = update(1_101).unwrap();
        assert!(
            report.ends_with("usage.lock: `one line` grows by 10 %: 1000 → 1101 instructions"),
            "{report}"
        );
        assert_eq!(update(500), None, "a faster call is not reported");
        assert_eq!(read(&path).unwrap().instructions["one line"], 500);
    }

    #[test]
    fn two_calls_with_one_name_are_an_error_within_a_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("usage.lock");
        let seen = Seen::default();
        for update in [true, false] {
            super::check(&seen, &path, "one line", 1_000, update).unwrap();
            let problem = super::check(&seen, &path, "one line", 1_001, update).unwrap_err();
            assert!(
                problem.contains("`one line` is used for two calls, which take 1000 and 1001 instructions"),
                "{problem}"
            );
        }
        super::check(&seen, &path, "two lines", 1_001, true).unwrap();
        let other = folder.path().join("other/usage.lock");
        super::check(&seen, &other, "one line", 1, false).unwrap_err();
    }

    #[test]
    fn an_update_leaves_only_the_lock_file_in_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("usage.lock");
        check(&path, "one line", 1_000, true).unwrap();
        let left: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|file| file.unwrap().file_name())
            .collect();
        assert_eq!(left, ["usage.lock"]);
    }

    #[test]
    fn a_call_may_take_a_tenth_more_than_locked() {
        let folder = tempfile::tempdir().unwrap();
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
    fn a_name_that_is_not_in_the_file_fails_with_the_command_that_adds_it() {
        let folder = tempfile::tempdir().unwrap();
        let problem = check(&folder.path().join("usage.lock"), "new", 7, false).unwrap_err();
        assert!(
            problem.contains("does not list `new`, which took 7") && problem.contains("UPDATE=1"),
            "{problem}"
        );
    }

    #[test]
    fn tests_that_write_at_the_same_time_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
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
