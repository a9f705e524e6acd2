//! One mutant of the host: a description, the tests that must notice, and a diff.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::diff::{self, FileDiff};
use super::trial::Trial;

/// Prefix of the line that names a test which must notice.
const NOTICED_BY: &str = "noticed by: ";

/// A parsed file of `tests/mutants`.
#[derive(Clone, Debug)]
pub struct Patch {
    /// File name without `.patch`.
    pub name: String,
    /// Which promise of the host the patch breaks, in prose.
    pub prose: String,
    /// The tests that must fail on the patched host.
    pub noticed_by: Vec<Trial>,
    files: Vec<FileDiff>,
}

impl Patch {
    pub(super) fn read(file: &Path) -> Result<Self, String> {
        let error_in = |what: String| format!("{}: {what}", file.display());
        let name = file.file_name().and_then(|name| name.to_str()?.strip_suffix(".patch"));
        let name = name.ok_or_else(|| error_in("not a .patch file".to_owned()))?;
        let text = fs::read_to_string(file).map_err(|error| error_in(error.to_string()))?;
        Self::parse(name, &text).map_err(error_in)
    }

    fn parse(name: &str, text: &str) -> Result<Self, String> {
        let at = text
            .find("diff --git ")
            .ok_or("no diff found: expected a line that starts with diff --git")?;
        let (head, diff) = text.split_at(at);
        let (tests, prose): (Vec<&str>, Vec<&str>) = head.lines().partition(|line| line.starts_with(NOTICED_BY));
        let tests = tests.iter().map(|line| Trial::parse(&line[NOTICED_BY.len()..]));
        let patch = Self {
            name: name.to_owned(),
            prose: prose.join(" ").trim().to_owned(),
            noticed_by: tests.collect::<Result<_, _>>()?,
            files: diff::parse(diff)?,
        };
        if patch.prose.is_empty() || patch.noticed_by.is_empty() {
            return Err(
                "the text before the diff must describe what is broken and name the tests that must notice".to_owned(),
            );
        }
        Ok(patch)
    }

    #[cfg(test)]
    pub(super) fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            prose: String::new(),
            noticed_by: Vec::new(),
            files: Vec::new(),
        }
    }

    /// The new text of every file that the patch changes, by path.
    ///
    /// # Errors
    /// Why the patch does not apply to the sources.
    pub fn applied_to(&self, workspace: &Path) -> Result<BTreeMap<String, String>, String> {
        let apply = |file: &FileDiff| {
            let text = fs::read_to_string(workspace.join(&file.path));
            let text = text.map_err(|error| format!("{}: {error}", file.path))?;
            Ok((file.path.clone(), file.applied_to(&text)?))
        };
        self.files.iter().map(apply).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATCH: &str = "Money moves\ntwice.\n\nnoticed by: suite risks::races::once\n\n\
        diff --git a/x.rs b/x.rs\n--- a/x.rs\n+++ b/x.rs\n@@ -1 +1 @@\n-once();\n+twice();\n";

    #[test]
    fn a_patch_describes_the_error_and_names_the_tests_that_notice() {
        let patch = Patch::parse("twice", PATCH).unwrap();
        assert_eq!(patch.prose, "Money moves twice.");
        assert_eq!(patch.noticed_by, [Trial::parse("suite risks::races::once").unwrap()]);
    }

    #[test]
    fn a_patch_without_prose_tests_or_diff_is_refused() {
        for missing in [
            "Money moves\ntwice.",
            "noticed by: suite risks::races::once",
            "diff --git",
        ] {
            Patch::parse("twice", &PATCH.replace(missing, "")).unwrap_err();
        }
    }
}
