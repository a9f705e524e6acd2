//! Files of text that lie beside a plugin.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::Finding;
use super::finding::at;

/// The text of a file, which findings call by this name; nothing where there is none. A file that is there and cannot be read
/// is a mistake, and not absent: whoever is told to write it would lose it.
///
/// # Errors
/// Where it is no text, or why it cannot be read.
pub fn read(file: &Path, name: &str) -> Result<Option<String>, Finding> {
    match fs::read(file) {
        Ok(bytes) => decoded(bytes, name).map(Some),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Finding::wrong(
            name,
            format!("it is there and cannot be read: {error}"),
            "make it a file that you may read",
        )),
    }
}

fn decoded(bytes: Vec<u8>, name: &str) -> Result<String, Finding> {
    String::from_utf8(bytes).map_err(|error| {
        let sound = error.utf8_error().valid_up_to();
        let before = error.as_bytes().iter().take(sound);
        let line = before.filter(|byte| **byte == b'\n').count() + 1;
        Finding::wrong(
            at(name, Some(line)),
            "it is not UTF-8 from here on",
            "save it in UTF-8: a letter in this line is written in another encoding",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_utf_8_is_told_its_line() {
        let finding = decoded(b"[plugin]\nid = \"caf\xe9\"\n".to_vec(), "plugin.toml").unwrap_err();
        assert_eq!(finding.place, "plugin.toml:2");
        assert!(finding.what.contains("not UTF-8"), "{finding}");
        assert_eq!(decoded("é\n".into(), "x").as_deref(), Ok("é\n"));
    }

    #[test]
    fn only_what_is_not_there_is_absent() {
        let here = std::env::temp_dir();
        assert_eq!(read(&here.join("tillhouse-nothing-of-this-name"), "x"), Ok(None));
        let folder = read(&here, "plugin.toml").unwrap_err();
        assert!(folder.what.contains("cannot be read"), "{folder}");
    }
}
