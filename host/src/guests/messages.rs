//! What cargo says of a build, for people as it goes on and for programs afterwards.

use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::Finding;
use super::finding::at;

/// What cargo said.
#[derive(Debug)]
pub(super) struct Messages {
    pub(super) succeeded: bool,
    all: Vec<Value>,
}

/// The format to ask cargo for: with colours where people see them.
pub(super) fn format() -> &'static str {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if io::stderr().is_terminal() && !no_color {
        "json-diagnostic-rendered-ansi"
    } else {
        "json"
    }
}

/// Run cargo, and pass on what the compiler says, as the compiler writes it, to standard error.
pub(super) fn of(cargo: &mut Command) -> io::Result<Messages> {
    let mut running = cargo.stdout(Stdio::piped()).spawn()?;
    let mut all = Vec::new();
    for line in running
        .stdout
        .take()
        .map(BufReader::new)
        .into_iter()
        .flat_map(BufRead::lines)
    {
        let Ok(message) = serde_json::from_str::<Value>(&line?) else {
            continue;
        };
        if let Some(rendered) = text(&message, "/message/rendered") {
            // Nobody is there to read it, and the build goes on.
            let _ = write!(io::stderr().lock(), "{rendered}");
        }
        all.push(message);
    }
    let succeeded = running.wait()?.success();
    Ok(Messages { succeeded, all })
}

impl Messages {
    /// The `.wasm` file among the artifacts of a package.
    pub(super) fn component_of(&self, package: &str) -> Option<PathBuf> {
        let library = package.replace('-', "_");
        self.all.iter().find_map(|message| {
            let of_package = text(message, "/reason") == Some("compiler-artifact")
                && text(message, "/target/name") == Some(&library);
            let files = message.get("filenames")?.as_array().filter(|_| of_package)?;
            let file = files
                .iter()
                .filter_map(|file| file.as_str())
                .find(|file| file.ends_with(".wasm"))?;
            Some(PathBuf::from(file))
        })
    }

    /// The compiler's errors that have a place, with what it advises.
    pub(super) fn errors(&self) -> Vec<Finding> {
        let messages = self.all.iter().filter_map(|message| message.get("message"));
        messages.filter_map(error).collect()
    }
}

fn error(message: &Value) -> Option<Finding> {
    let is_error = text(message, "/level") == Some("error");
    let spans = message.get("spans")?.as_array().filter(|_| is_error)?;
    let primary = spans
        .iter()
        .find(|span| span.get("is_primary").and_then(Value::as_bool) == Some(true))?;
    let line = primary.get("line_start").and_then(Value::as_u64);
    let place = at(
        text(primary, "/file_name")?,
        line.and_then(|line| usize::try_from(line).ok()),
    );
    let children = message.get("children").and_then(Value::as_array).into_iter().flatten();
    let advice = children
        .filter(|child| text(child, "/level") == Some("help"))
        .filter_map(|child| text(child, "/message"));
    let advice: Vec<&str> = advice.collect();
    Some(Finding::wrong(place, text(message, "/message")?, advice.join("\n")))
}

fn text<'a>(message: &'a Value, pointer: &str) -> Option<&'a str> {
    message.pointer(pointer)?.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(all: Vec<Value>) -> Messages {
        Messages { succeeded: true, all }
    }

    #[test]
    fn the_component_is_found_among_the_artifacts_by_its_library_name() {
        let messages = said(vec![
            json!({"reason": "compiler-artifact", "target": {"name": "other"}, "filenames": ["x/other.wasm"]}),
            json!({"reason": "compiler-artifact", "target": {"name": "my_shop"},
                "filenames": ["x/libmy_shop.rlib", "x/my_shop.wasm"]}),
        ]);
        assert_eq!(messages.component_of("my-shop"), Some(PathBuf::from("x/my_shop.wasm")));
        assert_eq!(messages.component_of("missing"), None);
    }

    #[test]
    fn an_error_of_the_compiler_has_its_place_and_its_advice() {
        let span = json!({"file_name": "src/lib.rs", "line_start": 17, "is_primary": true});
        let error = |level: &str, spans: Value| {
            let help = json!({"level": "help", "message": "provide the argument"});
            json!({"message": {"level": level, "message": "an argument is missing", "spans": spans, "children": [help]}})
        };
        let messages = said(vec![
            error("warning", json!([span])),
            error("error", json!([span])),
            // `aborting due to 1 previous error` is about no place.
            error("error", json!([])),
        ]);
        let finding = Finding::wrong("src/lib.rs:17", "an argument is missing", "provide the argument");
        assert_eq!(messages.errors(), [finding]);
    }
}
