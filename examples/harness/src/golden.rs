//! Golden files: expected answers that are stored beside the tests.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use serde::Serialize;

use crate::diff;
use crate::env::Env;

/// If this environment variable is `1`, golden files and `usage.lock` are written instead of compared.
const UPDATE: &str = "UPDATE";

pub(crate) fn updates() -> bool {
    std::env::var_os(UPDATE).is_some_and(|value| value == "1")
}

impl Env {
    /// Compares a value with `tests/golden/NAME.json`. `UPDATE=1 cargo test` writes the file.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let priced = env.pricing().price(cart().line("tee", 2)).await.unwrap();
    /// env.golden("two-tees", &priced);
    /// # }
    /// ```
    ///
    /// # Panics
    /// When the value differs, with a diff, or when the file does not exist.
    #[track_caller]
    pub fn golden(&self, name: &str, value: &impl Serialize) {
        let path = self.plugin().folder.join("tests/golden").join(format!("{name}.json"));
        let mut text = serde_json::to_string_pretty(value).expect("a value as JSON");
        text.push('\n');
        if let Err(problem) = check(&path, &text, updates()) {
            panic!("{problem}");
        }
    }
}

fn check(path: &Path, found: &str, update: bool) -> Result<(), String> {
    let at = |problem: &str| format!("{}: {problem}", path.display());
    if update {
        let folder = path.parent().unwrap_or(path);
        let written = fs::create_dir_all(folder).and_then(|()| fs::write(path, found));
        return written.map_err(|error| at(&error.to_string()));
    }
    let golden = fs::read_to_string(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => at("not found; create it with: UPDATE=1 cargo test"),
        _ => at(&error.to_string()),
    })?;
    if golden == found {
        return Ok(());
    }
    let lines = diff::lines(&golden, found);
    Err(at(&format!(
        "the answer differs from the golden file (- golden, + now); accept the change with: UPDATE=1 cargo test\n{lines}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_golden_file_is_written_on_request_and_compared_with_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("golden/tees.json");
        assert!(check(&path, "{}\n", false).unwrap_err().contains("UPDATE=1 cargo test"));
        check(&path, "{}\n", true).unwrap();
        check(&path, "{}\n", false).unwrap();
        let problem = check(&path, "[]\n", false).unwrap_err();
        assert!(problem.ends_with("- {}\n+ []\n"), "{problem}");
    }
}
