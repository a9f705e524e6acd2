//! Reads the text files of a plugin.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::code;
use tillhouse_checkout::diagnostic::{Diagnostic, DiagnosticPlace};

/// Reads a text file, which diagnostics call `name`; `None` if it does not exist.
///
/// An unreadable file is an error, not a missing file: an author who is told to create it would overwrite it.
///
/// # Errors
/// If the file cannot be read or is not UTF-8.
pub fn read(file: &Path, name: &str) -> Result<Option<String>, Diagnostic> {
    match fs::read(file) {
        Ok(bytes) => decoded(bytes, name).map(Some),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Diagnostic::error(
            code::FILE,
            name,
            format!("the file exists, but cannot be read: {error}"),
        )
        .with_help("make it a readable file")),
    }
}

fn decoded(bytes: Vec<u8>, name: &str) -> Result<String, Diagnostic> {
    String::from_utf8(bytes).map_err(|error| {
        let sound = error.utf8_error().valid_up_to();
        let before = error.as_bytes().iter().take(sound);
        let line = before.filter(|byte| **byte == b'\n').count() + 1;
        Diagnostic::error(
            code::FILE,
            DiagnosticPlace::of(name).with_line(Some(line)),
            "the file is not UTF-8 from here on",
        )
        .with_help("save the file as UTF-8: a character in this line has another encoding")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_utf_8_is_an_error_with_its_line() {
        let diagnostic = decoded(b"[plugin]\nid = \"caf\xe9\"\n".to_vec(), "plugin.toml").unwrap_err();
        assert_eq!(diagnostic.place.to_string(), "plugin.toml:2");
        assert!(diagnostic.message.contains("not UTF-8"), "{diagnostic}");
        assert_eq!(decoded("é\n".into(), "x").as_deref(), Ok("é\n"));
    }

    #[test]
    fn only_what_is_not_there_is_absent() {
        let here = std::env::temp_dir();
        assert_eq!(read(&here.join("tillhouse-nothing-of-this-name"), "x"), Ok(None));
        let folder = read(&here, "plugin.toml").unwrap_err();
        assert!(folder.message.contains("cannot be read"), "{folder}");
    }
}
