//! Changes of files, in the unified form, for readers: hunks are found by their text and not by line numbers.

use std::fs;
use std::path::Path;

/// A place of a file: what is there and what is to be.
#[derive(Debug, Default)]
struct Hunk {
    before: String,
    after: String,
}

/// Change the files below a folder.
///
/// # Errors
/// When the diff is none, or a hunk is not found exactly once.
pub(super) fn change(folder: &Path, diff: &str) -> Result<(), String> {
    for (file, hunks) in files(diff)? {
        let path = folder.join(&file);
        let mut text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        for hunk in hunks {
            match text.matches(&hunk.before).count() {
                1 => text = text.replacen(&hunk.before, &hunk.after, 1),
                found => return Err(format!("{file} has this {found} times:\n{}", hunk.before)),
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
        let (_, hunks) = files.last_mut().ok_or("no line +++ names the file")?;
        if line.starts_with("@@") {
            hunks.retain(|hunk| !hunk.before.is_empty());
            hunks.push(Hunk::default());
            continue;
        }
        let hunk = hunks.last_mut().ok_or("a line is in no hunk")?;
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
        return Err("nothing is changed".to_owned());
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
        change(folder.path(), diff).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "one\n2\n\nthree\nfour\nfive\n");
        let again = change(folder.path(), diff).unwrap_err();
        assert_eq!(again, "a.rs has this 0 times:\none\ntwo\n\n");
        change(folder.path(), "+++ a.rs\n-five\n").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "one\n2\n\nthree\nfour\n");
    }
}
