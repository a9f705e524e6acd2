//! Usage errors as JSON.

use std::ffi::OsString;

use serde_json::{Value, json};

/// A usage error as the JSON document of `--json`; `None` without that flag, and for help and version.
pub(super) fn document(error: &clap::Error, arguments: &[OsString]) -> Option<Value> {
    // Arguments after `--` belong to another program.
    let mut own = arguments.iter().take_while(|word| *word != "--");
    let wants_json = own.any(|word| word == "--json") && error.use_stderr();
    let text = error.render().to_string();
    let message = text.strip_prefix("error: ").unwrap_or(&text).trim_end();
    wants_json.then(|| json!({"ok": false, "error": {"kind": "usage", "message": message}}))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::Cli;

    fn usage_error(arguments: &[&str]) -> Option<Value> {
        let arguments: Vec<OsString> = ["tillhouse"].iter().chain(arguments).map(OsString::from).collect();
        let error = Cli::try_parse_from(&arguments).expect_err("it is not understood");
        document(&error, &arguments)
    }

    #[test]
    fn a_usage_error_is_a_json_document_with_the_json_flag() {
        let cases: [(&[&str], &str); 4] = [
            (&["plugin", "new", "--json"], "<NAME>"),
            (&["plugin", "run", "--json"], "--function"),
            (&["plugin", "diff", ".", "--json"], "<NEW>"),
            (&["plugin", "--json"], "--json"),
        ];
        for (arguments, needle) in cases {
            let document = usage_error(arguments).unwrap();
            assert_eq!(document["ok"], false);
            assert_eq!(document["error"]["kind"], "usage");
            let message = document["error"]["message"].as_str().unwrap();
            assert!(message.contains(needle) && !message.starts_with("error"), "{message}");
        }
    }

    #[test]
    fn text_output_help_and_arguments_of_another_program_get_no_document() {
        let cases: [&[&str]; 3] = [
            &["plugin", "new"],
            &["plugin", "new", "--json", "--help"],
            &["plugin", "test", "--colour", "--", "--json"],
        ];
        for arguments in cases {
            assert_eq!(usage_error(arguments), None, "{arguments:?}");
        }
    }
}
