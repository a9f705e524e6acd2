//! Somebody who writes a plugin: a folder, and the commands given in it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use tillhouse_tests::process::Said;
use tillhouse_tests::{authors, unaware_of_cargo, workspace};

/// Set for a process that is to be `tillhouse`.
const ASKED: &str = "TILLHOUSE_TESTS_COMMAND";

/// Whether this process was started as `tillhouse`.
pub(crate) fn is_asked() -> bool {
    std::env::var_os(ASKED).is_some()
}

/// Where authors build.
fn built() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| authors(&folders()))
}

/// Where authors have their folders.
fn folders() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("developer")
}

/// A folder and the commands given in it.
pub(crate) struct Author {
    folder: PathBuf,
}

impl Author {
    /// An empty folder of that name. It is the same in every run, so that what was built in it is not built again.
    pub(crate) fn of(name: &str) -> Self {
        let folder = folders().join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self { folder }
    }

    /// In a folder that is there.
    pub(crate) fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// With a plugin of the template, which depends on this workspace; the author is in its folder.
    pub(crate) fn with_plugin(name: &str, capabilities: &[&str]) -> Self {
        let author = Self::of(name);
        let repository = workspace();
        let mut words = vec!["plugin", "new", name, "--path", repository.to_str().unwrap()];
        words.extend(capabilities.iter().flat_map(|capability| ["--capability", capability]));
        let _ = author.says(&words).exits(0);
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

    /// Replace a text of a file, which must be there.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} has no {from}:\n{text}");
        self.write(path, text.replace(from, to));
    }

    /// Give a command. Plugins are built from the sources of the workspace, beside its own build and without a network.
    pub(crate) fn says<S: AsRef<OsStr>>(&self, words: &[S]) -> Said {
        let mut tillhouse = Command::new(std::env::current_exe().unwrap());
        let output = unaware_of_cargo(&mut tillhouse)
            .current_dir(&self.folder)
            .args(words)
            .env(ASKED, "1")
            .env("CARGO_TARGET_DIR", built())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        let json = serde_json::from_str(&text).unwrap_or_default();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        Said {
            code: output.status.code().expect("it ends by itself"),
            json,
            text,
        }
    }
}

/// The problem at a place of a document, which must be there: what is wrong and the way out.
#[track_caller]
pub(crate) fn problem<'a>(said: &'a Said, place: &str) -> (&'a str, &'a str) {
    let problems = said.json["problems"].as_array();
    let problems = problems.unwrap_or_else(|| panic!("no problems in {}", said.text));
    let found = problems.iter().find(|problem| problem["place"] == place);
    let found = found.unwrap_or_else(|| panic!("nothing at {place}: {problems:#?}"));
    let text = |key: &str| found[key].as_str().unwrap_or_default();
    (text("what"), text("fix"))
}

/// The places of all problems.
pub(crate) fn places(document: &Value) -> Vec<&str> {
    let problems = document["problems"].as_array().map_or(&[][..], Vec::as_slice);
    problems
        .iter()
        .filter_map(|problem| problem["place"].as_str())
        .collect()
}
