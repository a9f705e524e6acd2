//! A test that must notice a mutant, and its verdict.

use std::fmt;
use std::fs;
use std::path::Path;
use std::process::Output;

/// A test, identified by its target and its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trial {
    /// Name of the test target: `suite`, `store` and so on.
    pub target: String,
    /// Path of the function in the target, such as `risks::races::a_client_that_hangs_up_changes_nothing`.
    pub name: String,
}

impl Trial {
    /// Parses a target and a name, separated by a space.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (target, name) = text
            .split_once(' ')
            .ok_or_else(|| format!("{text:?}: expected a target and the name of a test"))?;
        Ok(Self {
            target: target.to_owned(),
            name: name.trim().to_owned(),
        })
    }

    /// Whether the sources of the target have this function, in the file of its module.
    #[must_use]
    pub fn is_written(&self, workspace: &Path) -> bool {
        let mut segments = self.name.rsplit("::");
        let (function, module) = (segments.next().unwrap_or_default(), segments.next());
        let declared = format!("fn {function}(");
        let folder = workspace.join("tests").join(&self.target);
        files(&folder).iter().any(|file| {
            let stem = file.file_stem().and_then(|stem| stem.to_str());
            stem == module && fs::read_to_string(file).is_ok_and(|text| text.contains(&declared))
        })
    }
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.target, self.name)
    }
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let nested = entries
        .map(|entry| entry.path())
        .map(|path| if path.is_dir() { files(&path) } else { vec![path] });
    nested.flatten().collect()
}

/// The verdict of a test on a patched host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The test failed: it noticed the mutant.
    Failed,
    /// The test passed: it did not notice the mutant.
    Passed,
    /// The test was ignored: something that it needs is not installed.
    Ignored,
    /// The target has no test of this name.
    Missing,
    /// The test did not end before its timeout.
    Stuck,
}

impl Verdict {
    /// Reads the summary that both test harnesses print. A process that ended without a summary has failed.
    pub(super) fn of(output: &Output) -> Self {
        let text = String::from_utf8_lossy(&output.stdout);
        let Some(summary) = text.lines().rev().find(|line| line.starts_with("test result:")) else {
            return if output.status.success() {
                Self::Missing
            } else {
                Self::Failed
            };
        };
        let has = |what: &str| !summary.contains(&format!(" 0 {what}"));
        match () {
            () if has("failed") => Self::Failed,
            () if has("passed") => Self::Passed,
            () if has("ignored") => Self::Ignored,
            () => Self::Missing,
        }
    }

    /// Name of the verdict in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Passed => "passed",
            Self::Ignored => "ignored",
            Self::Missing => "missing",
            Self::Stuck => "stuck",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "does not exist",
            Self::Stuck => "timed out",
            other => other.name(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    use super::*;

    fn verdict_of(status: i32, stdout: &str) -> Verdict {
        Verdict::of(&Output {
            status: ExitStatus::from_raw(status),
            stdout: stdout.into(),
            stderr: vec![],
        })
    }

    #[test]
    fn a_verdict_is_read_from_the_summary() {
        let summary = |passed, failed, ignored| {
            format!(
                "running\n\ntest result: x. {passed} passed; {failed} failed; {ignored} ignored; 0 measured; 9 filtered out"
            )
        };
        assert_eq!(verdict_of(101 << 8, &summary(0, 1, 0)), Verdict::Failed);
        assert_eq!(verdict_of(0, &summary(1, 0, 0)), Verdict::Passed);
        assert_eq!(verdict_of(0, &summary(0, 0, 1)), Verdict::Ignored);
        assert_eq!(verdict_of(0, &summary(0, 0, 0)), Verdict::Missing);
        assert_eq!(verdict_of(6, "running 1 test"), Verdict::Failed);
    }

    #[test]
    fn a_test_is_looked_for_in_the_file_of_its_module() {
        let workspace = crate::workspace();
        let written = |text| Trial::parse(text).unwrap().is_written(&workspace);
        assert!(written("suite risks::races::a_client_that_hangs_up_changes_nothing"));
        assert!(!written("suite risks::unknown::a_client_that_hangs_up_changes_nothing"));
        assert!(!written("suite risks::races::an_unknown_test"));
    }
}
