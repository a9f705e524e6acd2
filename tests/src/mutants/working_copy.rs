//! The working copy in which mutants are built and tested: a copy of the sources and a build folder.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::tree::Tree;
use super::trial::{Trial, Verdict};
use crate::{build_folder, without_cargo_variables};

/// Folder below the target folder: the builds, and the sources in its subfolder `tree`.
const SUBFOLDER: &str = "mutants";

/// Timeout of one test: on a broken host a test may wait for something that never happens.
const TRIAL_TIMEOUT: Duration = Duration::from_secs(300);

/// Path of the test executable of each target.
pub(super) type Executables = BTreeMap<String, PathBuf>;

/// A copy of the workspace with its own build folder.
#[derive(Debug)]
pub(super) struct WorkingCopy {
    tree: Tree,
    build: PathBuf,
    /// Lock held while this exists, because two runs would overwrite each other's sources.
    _lock: File,
}

impl Deref for WorkingCopy {
    type Target = Tree;

    fn deref(&self) -> &Tree {
        &self.tree
    }
}

impl WorkingCopy {
    /// Opens the copy below the target folder of the workspace, as the last run left it.
    pub(super) fn open(workspace: &Path) -> Result<Self, String> {
        let folder = build_folder(workspace, SUBFOLDER)?;
        let lock = take_lock(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Self {
            tree: Tree::new(workspace, folder.join("tree")),
            build: folder,
            _lock: lock,
        })
    }

    /// Builds these test targets in the copy.
    pub(super) fn build(&self, targets: &BTreeSet<&str>) -> Result<Executables, String> {
        let mut cargo = Command::new("cargo");
        cargo.args(["test", "--locked", "--package", "tillhouse-tests", "--no-run"]);
        cargo.args(["--quiet", "--message-format", "json-render-diagnostics"]);
        cargo.args(targets.iter().flat_map(|target| ["--test", target]));
        without_cargo_variables(&mut cargo);
        cargo.current_dir(self.folder()).env("CARGO_TARGET_DIR", &self.build);
        let output = cargo.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
        let output = output.map_err(|error| format!("could not start cargo: {error}"))?;
        if output.status.success() {
            Ok(executables_in(&String::from_utf8_lossy(&output.stdout)))
        } else {
            Err("the build failed".to_owned())
        }
    }

    /// Runs one test with a timeout.
    pub(super) async fn run(&self, executable: &Path, trial: &Trial) -> Verdict {
        let mut command = tokio::process::Command::new(executable);
        command.args(["--exact", &trial.name]).stdin(Stdio::null());
        // The working directory is that of `cargo test`; the variable is for tests that build plugins.
        command.current_dir(self.folder().join("tests"));
        command.env("CARGO_TARGET_DIR", &self.build).kill_on_drop(true);
        match tokio::time::timeout(TRIAL_TIMEOUT, command.output()).await {
            Ok(Ok(output)) => Verdict::of(&output),
            Ok(Err(_)) => Verdict::Missing,
            Err(_) => Verdict::Stuck,
        }
    }
}

/// Takes an exclusive lock, and waits for another run to end.
fn take_lock(folder: &Path) -> io::Result<File> {
    std::fs::create_dir_all(folder)?;
    let lock = File::create(folder.join("lock"))?;
    lock.lock()?;
    Ok(lock)
}

fn executables_in(messages: &str) -> Executables {
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let tests = messages.filter(|message| message["profile"]["test"] == true);
    let named = tests.filter_map(|message| {
        let name = message["target"]["name"].as_str()?.to_owned();
        Some((name, PathBuf::from(message["executable"].as_str()?)))
    });
    named.collect()
}
