//! Sources as the rules need them: code without comments, literals and tests.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the tests that `plugin new` writes into a plugin.
const TEMPLATE_TESTS: &str = "host/plugin-tools/src/template/files/component";

/// A source file in three forms.
pub(crate) struct Source {
    /// Path relative to the workspace's root, with `/`.
    pub(crate) path: String,
    /// The unchanged text of the file.
    pub(crate) text: String,
    /// The text without comments, contents of literals and `#[cfg(test)]` items; line numbers are unchanged.
    pub(crate) code: String,
    /// Whether the whole file is test code: the file of a `#[cfg(test)] mod`.
    pub(crate) of_tests: bool,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let code = without_tests(&without_words(text));
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            code,
            of_tests: false,
        }
    }

    pub(crate) fn lies_in(&self, folders: &[&str]) -> bool {
        folders.iter().any(|folder| {
            let inside = |rest: &str| rest.is_empty() || rest == ".rs" || rest.starts_with('/');
            self.path.strip_prefix(folder).is_some_and(inside)
        })
    }

    /// The lines of code that use a path, such as `rusqlite` or `crate::plugin`.
    pub(crate) fn names(&self, name: &str) -> Vec<Breach> {
        let named = |line: &&str| {
            line.match_indices(name).any(|(at, _)| {
                let before = line[..at].chars().next_back();
                let after = line[at + name.len()..].chars().next();
                let of_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
                !of_word(before) && !of_word(after)
            })
        };
        self.lines(|line| named(&line))
            .into_iter()
            .map(|b| b.says(name))
            .collect()
    }

    pub(crate) fn lines(&self, wrong: impl Fn(&str) -> bool) -> Vec<Breach> {
        let breach = |(index, _): (usize, &str)| Breach {
            path: self.path.clone(),
            line: index + 1,
            what: String::new(),
        };
        self.code
            .lines()
            .enumerate()
            .filter(|(_, line)| wrong(line))
            .map(breach)
            .collect()
    }

    pub(crate) fn breach(&self, what: impl Into<String>) -> Breach {
        Breach {
            path: self.path.clone(),
            line: 1,
            what: what.into(),
        }
    }
}

/// A place that violates a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Breach {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) what: String,
}

impl Breach {
    pub(crate) fn says(self, what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            ..self
        }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

/// Replaces comments and the contents of literals with blanks.
fn without_words(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = match literal_or_comment(&chars, at) {
            Some(end) => end.min(chars.len()),
            None => {
                code.push(chars[at]);
                at += 1;
                continue;
            }
        };
        code.extend(chars[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
        at = end;
    }
    code
}

/// The end of the literal or comment that begins here.
fn literal_or_comment(chars: &[char], at: usize) -> Option<usize> {
    let find = |from: usize, end: &[char]| {
        (from..chars.len())
            .find(|i| chars[*i..].starts_with(end))
            .map_or(chars.len(), |i| i + end.len())
    };
    let follows = |end: &str| chars[at..].iter().zip(end.chars()).filter(|(a, b)| **a == *b).count() == end.len();
    let of_word = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
    if follows("//") {
        return Some(find(at, &['\n']) - 1);
    }
    if follows("/*") {
        return Some(find(at + 2, &['*', '/']));
    }
    if chars[at] == 'r' && !of_word {
        let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
        if chars.get(at + 1 + hashes) == Some(&'"') {
            let end: Vec<char> = std::iter::once('"').chain(vec!['#'; hashes]).collect();
            return Some(find(at + 2 + hashes, &end));
        }
    }
    if chars[at] == '"' {
        let mut end = at + 1;
        while chars.get(end).is_some_and(|c| *c != '"') {
            end += if chars[end] == '\\' { 2 } else { 1 };
        }
        return Some(end + 1);
    }
    match (chars[at], chars.get(at + 1), chars.get(at + 2)) {
        ('\'', Some('\\'), _) => Some(find(at + 3, &['\''])),
        // Anything else that begins with `'` is a lifetime.
        ('\'', Some(_), Some('\'')) => Some(at + 3),
        _ => None,
    }
}

/// Replaces `#[cfg(test)]` items at the top level with blank lines.
fn without_tests(code: &str) -> String {
    let mut kept = String::with_capacity(code.len());
    let mut lines = code.lines();
    while let Some(line) = lines.next() {
        kept.push_str(if line == "#[cfg(test)]" { "" } else { line });
        kept.push('\n');
        if line == "#[cfg(test)]" {
            for skipped in lines.by_ref() {
                kept.push('\n');
                if skipped == "}" || skipped.ends_with(';') && !skipped.starts_with(' ') {
                    break;
                }
            }
        }
    }
    kept
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Every Rust source file below these folders.
pub(crate) fn sources(folders: &[&str]) -> Vec<Source> {
    let mut paths = Vec::new();
    for folder in folders {
        collect(&root().join(folder), &mut paths);
    }
    let read = |path: &PathBuf| {
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
        Source::new(&name, &fs::read_to_string(path).unwrap())
    };
    let mut sources: Vec<Source> = paths.iter().map(read).collect();
    assert!(!sources.is_empty(), "found no sources in {folders:?}");
    let tests: Vec<String> = sources.iter().flat_map(test_modules).collect();
    for source in &mut sources {
        source.of_tests = tests.iter().any(|module| source.lies_in(&[module])) || source.lies_in(&[TEMPLATE_TESTS]);
    }
    sources
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

/// The modules that a file declares with `#[cfg(test)] mod name;`: for `a/b.rs`, `a/b/name`.
fn test_modules(source: &Source) -> Vec<String> {
    let folder = source.path.strip_suffix(".rs").unwrap();
    let folder = folder
        .strip_suffix("/lib")
        .or(folder.strip_suffix("/main"))
        .unwrap_or(folder);
    let lines: Vec<&str> = source.text.lines().collect();
    let pairs = lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]");
    pairs
        .filter_map(|pair| pair[1].strip_suffix(';')?.split_once("mod ").map(|(_, name)| name))
        .map(|name| format!("{folder}/{name}"))
        .collect()
}

#[test]
fn words_in_comments_and_literals_are_not_code() {
    let text = "let a = \"x \\\" unsafe\"; // unsafe\nlet b = r#\"unsafe\"#; let c: &'static str = f('\"', '\\'');\nunsafe {}\n";
    let source = Source::new("host/src/x.rs", text);
    let lines: Vec<usize> = source.names("unsafe").iter().map(|breach| breach.line).collect();
    assert_eq!(lines, [3]);
    assert!(
        source.code.contains("&'static str"),
        "a lifetime must not be parsed as a literal: {}",
        source.code
    );
}
