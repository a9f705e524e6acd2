//! The words of the project: what the glossary in `CONTRIBUTING.md` rules out is not written anywhere.

use std::fs;
use std::path::{Path, PathBuf};

use super::source::{Breach, root};

/// Folders and files that people read.
const READ: [&str; 9] = [
    "host",
    "plugins",
    "examples",
    "tests",
    "wit",
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
];

/// Where the words stand because they are what it is about.
const ABOUT_WORDS: [&str; 2] = ["CONTRIBUTING.md", "tests/tidy/words.rs"];

/// Words for people who are not named. A machine has a name: the host, the client, the plugin; so has a person: the operator, the
/// buyer, the plugin author.
const UNNAMED: [&str; 9] = [
    "nobody",
    "whoever",
    "somebody",
    "someone",
    "anybody",
    "anyone",
    "everybody",
    "everyone",
    "no one",
];

/// Documents that are not in the repository; a comment gives the fact itself, and a link to the official page.
const ABSENT: [&str; 6] = [
    "design §",
    "protocol reference",
    "reliability reference",
    "performance reference",
    "seed document",
    "the seed's form",
];

/// Words that the glossary replaces, as whole words in comments and texts.
const REPLACED: [(&str, &str); 8] = [
    ("way out", "help, or fix"),
    ("over its time", "overdue, or expired"),
    ("by hand", "manually"),
    ("let go of", "release"),
    ("gives back", "releases, voids or refunds"),
    ("giving back", "releasing, voiding or refunding"),
    ("takes up again", "resumes"),
    ("comes about", "is established, or happens"),
];

struct Text {
    path: String,
    lines: Vec<String>,
}

fn texts() -> Vec<Text> {
    let mut paths = Vec::new();
    for start in READ {
        collect(&root().join(start), &mut paths);
    }
    let text = |path: PathBuf| Text {
        lines: fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect(),
        path: path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/"),
    };
    let texts: Vec<Text> = paths.into_iter().map(text).collect();
    assert!(texts.len() > 500, "found {} texts only", texts.len());
    texts
        .into_iter()
        .filter(|text| !ABOUT_WORDS.contains(&text.path.as_str()))
        .collect()
}

pub(super) fn collect(path: &Path, paths: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            let entry = entry.unwrap().path();
            let name = entry.file_name().unwrap_or_default();
            if name != "target" && name != "fixtures" {
                collect(&entry, paths);
            }
        }
    } else if path
        .extension()
        .is_some_and(|it| ["rs", "md", "wit", "toml"].iter().any(|kind| it == *kind))
    {
        paths.push(path.to_path_buf());
    }
}

/// Whether a line has these words, not as part of a longer word or of a name in code.
fn has(line: &str, words: &str) -> bool {
    let line = line.to_lowercase();
    line.match_indices(words).any(|(at, _)| {
        let of_name = |c: char| c.is_alphanumeric() || "_-`\"'@".contains(c);
        let before = line[..at].chars().next_back();
        let after = line[at + words.len()..].chars().next();
        !before.is_some_and(of_name) && !after.is_some_and(of_name)
    })
}

/// `X is no Y` for `X is not a Y`. "There is no Y" and "is no longer" are English.
fn says_is_no(line: &str) -> bool {
    ["is no", "are no", "was no", "were no"].iter().any(|words| {
        let lower = line.to_lowercase();
        lower.match_indices(words).any(|(at, _)| {
            let (before, after) = (&lower[..at], &lower[at + words.len()..]);
            let subject = before.trim_end().rsplit(|c: char| !c.is_alphanumeric()).next();
            let is_word = before.is_empty() || before.ends_with(' ');
            is_word && after.starts_with(' ') && subject != Some("there") && !after.starts_with(" longer")
        })
    })
}

fn breaches(texts: &[Text], wrong: impl Fn(&str) -> Option<String>) -> Vec<Breach> {
    let mut found = Vec::new();
    for text in texts {
        for (index, line) in text.lines.iter().enumerate() {
            if let Some(what) = wrong(line) {
                found.push(Breach {
                    path: text.path.clone(),
                    line: index + 1,
                    what: format!("{what}: {}", line.trim()),
                });
            }
        }
    }
    found
}

fn unnamed(line: &str) -> Option<String> {
    let word = UNNAMED.iter().find(|word| has(line, word))?;
    Some(format!("{word:?}: name the machine, or the role of the person"))
}

fn is_no(line: &str) -> Option<String> {
    says_is_no(line).then(|| "\"is no\": write \"is not a\", or \"there is no\"".to_owned())
}

fn absent(line: &str) -> Option<String> {
    let line = line.to_lowercase();
    let words = ABSENT.iter().find(|words| line.contains(*words))?;
    Some(format!(
        "{words:?} is not in the repository: give the fact, and a link to the official page"
    ))
}

fn replaced(line: &str) -> Option<String> {
    let (words, instead) = REPLACED.iter().find(|(words, _)| has(line, words))?;
    Some(format!("{words:?}: the glossary says {instead}"))
}

/// Doc comments of at most three words, which say no more than the name. A function of the contract in code marks is a fact.
fn thin(texts: &[Text]) -> Vec<Breach> {
    let mut found = Vec::new();
    for text in texts.iter().filter(|text| text.path.ends_with(".rs")) {
        let doc = |at: usize| {
            let line = text.lines.get(at)?.trim_start();
            line.strip_prefix("///").or(line.strip_prefix("//!"))
        };
        for index in 0..text.lines.len() {
            let alone = index == 0 || doc(index - 1).is_none();
            let Some(words) = doc(index).filter(|_| alone && doc(index + 1).is_none()) else {
                continue;
            };
            let code = words.trim().trim_end_matches('.');
            let is_code = code.starts_with('`') && code.ends_with('`') && code.len() > 1;
            if words.split_whitespace().count() <= 3 && !is_code && !words.contains("[`") {
                found.push(Breach {
                    path: text.path.clone(),
                    line: index + 1,
                    what: format!("a comment that says nothing:{words}"),
                });
            }
        }
    }
    found
}

fn text(line: &str) -> [Text; 1] {
    [Text {
        path: "host/x.rs".to_owned(),
        lines: vec![line.to_owned()],
    }]
}

fn holds(breaches: &[Breach]) {
    let list: Vec<String> = breaches.iter().map(ToString::to_string).collect();
    assert!(breaches.is_empty(), "\n{}\n", list.join("\n"));
}

#[test]
fn machines_and_people_are_named() {
    assert_eq!(breaches(&text("/// Whoever holds the lease writes."), unnamed).len(), 1);
    assert_eq!(breaches(&text("let user = \"nobody\";"), unnamed).len(), 0);
    holds(&breaches(&texts(), unnamed));
}

#[test]
fn negations_are_in_plain_words() {
    assert_eq!(breaches(&text("\"{path} is no socket\""), is_no).len(), 1);
    for plain in ["There is no socket.", "it is no longer there", "this note is here"] {
        assert_eq!(breaches(&text(plain), is_no).len(), 0, "{plain}");
    }
    holds(&breaches(&texts(), is_no));
}

#[test]
fn comments_point_to_nothing_that_is_not_here() {
    assert_eq!(breaches(&text("// As in design §4."), absent).len(), 1);
    holds(&breaches(&texts(), absent));
}

#[test]
fn the_glossary_is_kept() {
    assert_eq!(breaches(&text("/// Settled by hand."), replaced).len(), 1);
    holds(&breaches(&texts(), replaced));
}

#[test]
fn a_doc_comment_says_more_than_the_name() {
    assert_eq!(thin(&text("    /// Its id.")).len(), 1);
    assert_eq!(thin(&text("    /// `pricing.price`.")).len(), 0);
    holds(&thin(&texts()));
}
