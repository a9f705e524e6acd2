//! Applies diffs in unified form as written for readers: hunks are found by their text, not by line numbers.

use std::fs;
use std::path::Path;

/// A change: the text before and after.
#[derive(Debug, Default)]
struct Hunk {
    before: String,
    after: String,
}

/// Applies a diff to the files below a folder.
///
/// # Errors
/// When the diff is invalid, or the text of a hunk does not occur exactly once.
pub(super) fn apply_diff(folder: &Path, diff: &str) -> Result<(), String> {
    for (file, hunks) in files(diff)? {
        let path = folder.join(&file);
        let mut text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        for hunk in hunks {
            match text.matches(&hunk.before).count() {
                1 => text = text.replacen(&hunk.before, &hunk.after, 1),
                found => {
                    return Err(format!(
                        "{file}: expected this text once, found it {found} times:\n{}",
                        hunk.before
                    ));
                }
            }
        }
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

fn files(diff: &str) -> Result<Vec<(String, Vec<Hunk>)>, String> {
    let mut files: Vec<(String, Vec<Hunk>)> = Vec::new();
    for line in diff.lines() {
        if line.starts_with("--- ") {
            continue;
        }
        if let Some(file) = line.strip_prefix("+++ ") {
            files.push((file.to_owned(), vec![Hunk::default()]));
            continue;
        }
        let (_, hunks) = files.last_mut().ok_or("no line starting with +++ names the file")?;
        if line.starts_with("@@") {
            hunks.retain(|hunk| !hunk.before.is_empty());
            hunks.push(Hunk::default());
            continue;
        }
        let hunk = hunks.last_mut().ok_or("a changed line is outside a hunk (@@)")?;
        let (sign, text) = line.split_at_checked(1).unwrap_or((" ", ""));
        if sign != "+" {
            hunk.before.push_str(text);
            hunk.before.push('\n');
        }
        if sign != "-" {
            hunk.after.push_str(text);
            hunk.after.push('\n');
        }
    }
    if files.is_empty() {
        return Err("the diff changes nothing".to_owned());
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TestFolder;

    #[test]
    fn hunks_are_found_by_their_text() {
        let folder = TestFolder::new();
        let file = folder.write("a.rs", "one\ntwo\n\nthree\nfour\n");
        let diff = "--- a.rs\n+++ a.rs\n@@ first\n one\n-two\n+2\n \n@@ then\n four\n+five\n";
        apply_diff(folder.path(), diff).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "one\n2\n\nthree\nfour\nfive\n");
        let again = apply_diff(folder.path(), diff).unwrap_err();
        assert_eq!(again, "a.rs: expected this text once, found it 0 times:\none\ntwo\n\n");
        apply_diff(folder.path(), "+++ a.rs\n-five\n").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "one\n2\n\nthree\nfour\n");
    }
}
