//! A plugin author: a folder, and commands that are run in it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use tillhouse_tests::process::CommandOutput;
use tillhouse_tests::{set_up_author_folder, without_cargo_variables, workspace};

/// Environment variable that makes this test program run as `tillhouse`.
const RUN_AS_TILLHOUSE: &str = "TILLHOUSE_TESTS_COMMAND";

/// Whether this process was started to run as `tillhouse`.
pub(crate) fn runs_as_tillhouse() -> bool {
    std::env::var_os(RUN_AS_TILLHOUSE).is_some()
}

/// Cargo target directory for the plugins of all authors.
fn target_dir() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| set_up_author_folder(&folders()))
}

/// Parent directory of the authors' folders.
fn folders() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("developer")
}

/// A folder in which commands are run.
pub(crate) struct Author {
    folder: PathBuf,
}

impl Author {
    /// An author in an empty folder of this name. The path is the same in every run, so that cargo can reuse earlier builds.
    pub(crate) fn of(name: &str) -> Self {
        let folder = folders().join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self { folder }
    }

    /// An author in an existing folder.
    pub(crate) fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// An author in the folder of a new plugin, made from the template with a dependency on this workspace.
    pub(crate) fn with_plugin(name: &str, capabilities: &[&str]) -> Self {
        let author = Self::of(name);
        let repository = workspace();
        let mut words = vec!["plugin", "new", name, "--path", repository.to_str().unwrap()];
        words.extend(capabilities.iter().flat_map(|capability| ["--capability", capability]));
        let _ = author.run(&words).expect_exit(0);
        Self::at(author.folder.join(name))
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn write(&self, path: &str, contents: impl AsRef<[u8]>) {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.folder.join(path)).unwrap()
    }

    /// Replace text in a file, which must contain it.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} does not contain {from}:\n{text}");
        self.write(path, text.replace(from, to));
    }

    /// Run a `tillhouse` command. Plugins are built offline, in a target directory separate from that of the workspace.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, words: &[S]) -> CommandOutput {
        let mut tillhouse = Command::new(std::env::current_exe().unwrap());
        let output = without_cargo_variables(&mut tillhouse)
            .current_dir(&self.folder)
            .args(words)
            .env(RUN_AS_TILLHOUSE, "1")
            .env("CARGO_TARGET_DIR", target_dir())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        let json = serde_json::from_str(&text).unwrap_or_default();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        CommandOutput {
            code: output.status.code().expect("the process was not killed by a signal"),
            json,
            text,
        }
    }
}

/// The diagnostic at a place in the JSON output, which must exist: its `what` and `fix`.
#[track_caller]
pub(crate) fn diagnostic<'a>(output: &'a CommandOutput, place: &str) -> (&'a str, &'a str) {
    let problems = output.json["problems"].as_array();
    let problems = problems.unwrap_or_else(|| panic!("no problems in {}", output.text));
    let found = problems.iter().find(|diagnostic| diagnostic["place"] == place);
    let found = found.unwrap_or_else(|| panic!("no problem at {place}: {problems:#?}"));
    let text = |key: &str| found[key].as_str().unwrap_or_default();
    (text("what"), text("fix"))
}

/// The `place` of each diagnostic in the JSON output.
pub(crate) fn diagnostic_places(document: &Value) -> Vec<&str> {
    let problems = document["problems"].as_array().map_or(&[][..], Vec::as_slice);
    problems
        .iter()
        .filter_map(|diagnostic| diagnostic["place"].as_str())
        .collect()
}
