//! Where hosts are broken: a copy of the workspace, a build folder, and cargo.

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
use crate::{build_folder, unaware_of_cargo};

/// Below the target folder: what is built, and in `tree` the sources.
const FOLDER: &str = "breaks";

/// What a broken host may leave a test waiting for never comes.
const PATIENCE: Duration = Duration::from_secs(300);

/// The executables of test targets, by target.
pub(super) type Executables = BTreeMap<String, PathBuf>;

/// A copy of the workspace and its build folder.
#[derive(Debug)]
pub(super) struct Workshop {
    tree: Tree,
    build: PathBuf,
    /// Held, because two runs would break each other's hosts.
    _alone: File,
}

impl Deref for Workshop {
    type Target = Tree;

    fn deref(&self) -> &Tree {
        &self.tree
    }
}

impl Workshop {
    /// Below the target folder of the workspace, where it was left the last time.
    pub(super) fn open(workspace: &Path) -> Result<Self, String> {
        let folder = build_folder(workspace, FOLDER)?;
        let alone = alone(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Self {
            tree: Tree::new(workspace, folder.join("tree")),
            build: folder,
            _alone: alone,
        })
    }

    /// Build test targets of the copy.
    pub(super) fn build(&self, targets: &BTreeSet<&str>) -> Result<Executables, String> {
        let mut cargo = Command::new("cargo");
        cargo.args(["test", "--locked", "--package", "tillhouse-tests", "--no-run"]);
        cargo.args(["--quiet", "--message-format", "json-render-diagnostics"]);
        cargo.args(targets.iter().flat_map(|target| ["--test", target]));
        unaware_of_cargo(&mut cargo);
        cargo.current_dir(self.folder()).env("CARGO_TARGET_DIR", &self.build);
        let output = cargo.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
        let output = output.map_err(|error| format!("cargo could not be started: {error}"))?;
        if output.status.success() {
            Ok(executables(&String::from_utf8_lossy(&output.stdout)))
        } else {
            Err("it does not build".to_owned())
        }
    }

    /// Run one test.
    pub(super) async fn run(&self, executable: &Path, trial: &Trial) -> Verdict {
        let mut command = tokio::process::Command::new(executable);
        command.args(["--exact", &trial.name]).stdin(Stdio::null());
        // As cargo runs tests; the folder is for the plugins that tests build.
        command.current_dir(self.folder().join("tests"));
        command.env("CARGO_TARGET_DIR", &self.build).kill_on_drop(true);
        match tokio::time::timeout(PATIENCE, command.output()).await {
            Ok(Ok(output)) => Verdict::of(&output),
            Ok(Err(_)) => Verdict::Missing,
            Err(_) => Verdict::Stuck,
        }
    }
}

/// Wait for another run to end.
fn alone(folder: &Path) -> io::Result<File> {
    std::fs::create_dir_all(folder)?;
    let lock = File::create(folder.join("lock"))?;
    lock.lock()?;
    Ok(lock)
}

fn executables(messages: &str) -> Executables {
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
