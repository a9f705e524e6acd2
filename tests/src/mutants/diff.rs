//! Parses a unified diff and applies it to files.
//!
//! Own code, so that the normal test run does not need git, and a copy below an ignored folder does not need a repository.

/// The changes of one file.
#[derive(Clone, Debug)]
pub(super) struct FileDiff {
    /// Path relative to the root of the workspace.
    pub(super) path: String,
    hunks: Vec<Hunk>,
}

#[derive(Clone, Debug)]
struct Hunk {
    /// Header of the hunk, for error messages.
    header: String,
    before: String,
    after: String,
}

/// Parses a diff of files that exist before and after.
pub(super) fn parse(text: &str) -> Result<Vec<FileDiff>, String> {
    let mut files: Vec<FileDiff> = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(path) = line.strip_prefix("+++ ") {
            let path = path
                .strip_prefix("b/")
                .ok_or_else(|| format!("{line}: expected a path that starts with b/"))?;
            files.push(FileDiff {
                path: path.to_owned(),
                hunks: Vec::new(),
            });
        } else if line.starts_with("@@ ") {
            let file = files
                .last_mut()
                .ok_or_else(|| format!("{line}: hunk before the first file header (+++)"))?;
            let body =
                std::iter::from_fn(|| lines.next_if(|line| line.starts_with([' ', '-', '+']) && !is_heading(line)));
            file.hunks.push(Hunk::read(line, body)?);
        } else if !["diff --git ", "index ", "--- "]
            .iter()
            .any(|known| line.starts_with(known))
        {
            return Err(format!("not a line of a unified diff: {line:?}"));
        }
    }
    Ok(files)
}

fn is_heading(line: &str) -> bool {
    line.starts_with("--- a/") || line.starts_with("+++ b/")
}

impl FileDiff {
    /// The text after the change. Line numbers are ignored: the context of each hunk must occur exactly once.
    pub(super) fn applied_to(&self, text: &str) -> Result<String, String> {
        let mut text = text.to_owned();
        for Hunk { header, before, after } in &self.hunks {
            let places = text.match_indices(before.as_str()).count();
            if places != 1 {
                return Err(format!(
                    "{}: {header} matches in {places} places, expected 1: update the patch",
                    self.path
                ));
            }
            text = text.replacen(before, after, 1);
        }
        Ok(text)
    }
}

impl Hunk {
    fn read<'a>(header: &str, lines: impl Iterator<Item = &'a str>) -> Result<Self, String> {
        let (mut before, mut after) = (String::new(), String::new());
        let mut counts = (0, 0);
        for line in lines {
            let (kind, content) = line.split_at(1);
            if kind != "+" {
                before.extend([content, "\n"]);
                counts.0 += 1;
            }
            if kind != "-" {
                after.extend([content, "\n"]);
                counts.1 += 1;
            }
        }
        if announced_line_counts(header) != Some(counts) {
            return Err(format!(
                "{header}: the hunk has {} old and {} new lines",
                counts.0, counts.1
            ));
        }
        Ok(Self {
            header: header.to_owned(),
            before,
            after,
        })
    }
}

/// Numbers of old and new lines that a header announces: `@@ -3,7 +3,8 @@`.
fn announced_line_counts(header: &str) -> Option<(usize, usize)> {
    let mut words = header.split(' ').skip(1);
    let mut count = |sign| {
        let range = words.next()?.strip_prefix(sign)?;
        range.split_once(',').map_or(Some(1), |(_, count)| count.parse().ok())
    };
    Some((count('-')?, count('+')?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIFF: &str =
        "diff --git a/x.rs b/x.rs\n--- a/x.rs\n+++ b/x.rs\n@@ -1,3 +1,2 @@\n fn f() {\n-    careful();\n }\n";

    #[test]
    fn a_change_is_found_where_its_lines_are_now() {
        let file = &parse(DIFF).unwrap()[0];
        assert_eq!(file.path, "x.rs");
        let moved = "// new\nfn f() {\n    careful();\n}\n";
        assert_eq!(file.applied_to(moved).unwrap(), "// new\nfn f() {\n}\n");
    }

    #[test]
    fn a_change_of_lines_that_are_gone_or_stand_twice_is_refused() {
        let file = &parse(DIFF).unwrap()[0];
        file.applied_to("fn f() {\n    other();\n}\n").unwrap_err();
        file.applied_to(&"fn f() {\n    careful();\n}\n".repeat(2)).unwrap_err();
    }

    #[test]
    fn a_hunk_whose_header_is_wrong_is_refused() {
        parse(&DIFF.replace("-1,3", "-1,4")).unwrap_err();
        parse(&DIFF.replace("diff --git", "what is this")).unwrap_err();
    }
}
