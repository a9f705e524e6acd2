//! Usage errors as JSON.

use std::ffi::OsString;

use serde_json::{Value, json};

/// A usage error as the JSON document of `--json`; `None` without that flag, and for help and version.
pub(super) fn document(error: &clap::Error, words: &[OsString]) -> Option<Value> {
    // Arguments after `--` belong to another program.
    let mut own = words.iter().take_while(|word| *word != "--");
    let is_read_by_a_program = own.any(|word| word == "--json") && error.use_stderr();
    let text = error.render().to_string();
    let message = text.strip_prefix("error: ").unwrap_or(&text).trim_end();
    is_read_by_a_program.then(|| json!({"ok": false, "error": {"kind": "usage", "message": message}}))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::Cli;

    fn said(words: &[&str]) -> Option<Value> {
        let words: Vec<OsString> = ["tillhouse"].iter().chain(words).map(OsString::from).collect();
        let error = Cli::try_parse_from(&words).expect_err("it is not understood");
        document(&error, &words)
    }

    #[test]
    fn a_program_reads_what_is_wrong_with_its_command() {
        let cases: [(&[&str], &str); 4] = [
            (&["plugin", "new", "--json"], "<NAME>"),
            (&["plugin", "run", "--json"], "--function"),
            (&["plugin", "diff", ".", "--json"], "<NEW>"),
            (&["plugin", "--json"], "--json"),
        ];
        for (words, needle) in cases {
            let document = said(words).unwrap();
            assert_eq!(document["ok"], false);
            assert_eq!(document["error"]["kind"], "usage");
            let message = document["error"]["message"].as_str().unwrap();
            assert!(message.contains(needle) && !message.starts_with("error"), "{message}");
        }
    }

    #[test]
    fn people_help_and_another_programs_words_get_no_document() {
        let cases: [&[&str]; 3] = [
            &["plugin", "new"],
            &["plugin", "new", "--json", "--help"],
            &["plugin", "test", "--colour", "--", "--json"],
        ];
        for words in cases {
            assert_eq!(said(words), None, "{words:?}");
        }
    }
}
