//! Cargo's messages of a build: forwarded to standard error while it runs, and collected for diagnostics.

use std::io::{self, BufRead, BufReader, ErrorKind, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use serde_json::Value;

use super::finding::at;
use super::{Finding, complaint};

/// Messages that cargo wrote during a build.
#[derive(Debug)]
pub(super) struct Messages {
    pub(super) succeeded: bool,
    all: Vec<Value>,
    /// Cargo's own output on standard error, without the compiler's messages.
    aside: String,
}

/// Returns cargo's `--message-format`, with colors if standard error is a terminal.
pub(super) fn format() -> &'static str {
    if has_colours() {
        "json-diagnostic-rendered-ansi"
    } else {
        "json"
    }
}

fn has_colours() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty())
}

/// Runs cargo and forwards its output and the compiler's messages to standard error as they arrive.
pub(super) fn of(cargo: &mut Command) -> io::Result<Messages> {
    if has_colours() {
        // Cargo writes to a pipe, so it cannot detect that its output ends up on a terminal.
        cargo
            .env("CARGO_TERM_COLOR", "always")
            .env("CARGO_TERM_PROGRESS_WHEN", "always")
            .env("CARGO_TERM_PROGRESS_WIDTH", "80")
            .env("CARGO_TERM_HYPERLINKS", "false");
    }
    let mut running = cargo.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (out, err) = (running.stdout.take(), running.stderr.take());
    // Read both pipes concurrently: cargo blocks when one of them is full.
    let (all, aside) = thread::scope(|scope| {
        let overheard = scope.spawn(|| passed_on(err));
        (compiled(out), overheard.join().unwrap_or_default())
    });
    let succeeded = running.wait()?.success();
    Ok(Messages {
        succeeded,
        all: all?,
        aside,
    })
}

/// Forwards standard error as it arrives, and returns all of it.
fn passed_on(said: Option<impl Read>) -> String {
    let mut all = Vec::new();
    let mut some = [0; 4096];
    if let Some(mut said) = said {
        loop {
            let part = match said.read(&mut some) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Ok(0) | Err(_) => break,
                Ok(count) => some.get(..count).unwrap_or_default(),
            };
            // If standard error is closed, the build continues.
            let _ = io::stderr().lock().write_all(part);
            all.extend_from_slice(part);
        }
    }
    String::from_utf8_lossy(&all).into_owned()
}

/// Forwards the compiler's messages, and returns all of them.
fn compiled(said: Option<impl Read>) -> io::Result<Vec<Value>> {
    let mut all = Vec::new();
    for line in said.map(BufReader::new).into_iter().flat_map(BufRead::lines) {
        let Ok(message) = serde_json::from_str::<Value>(&line?) else {
            continue;
        };
        if let Some(rendered) = text(&message, "/message/rendered") {
            // If standard error is closed, the build continues.
            let _ = write!(io::stderr().lock(), "{rendered}");
        }
        all.push(message);
    }
    Ok(all)
}

impl Messages {
    /// Returns the `.wasm` file among the artifacts of a package.
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

    /// Returns the compiler's errors that have a place, with its advice; if there are none, cargo's own error about the package.
    pub(super) fn errors(&self, folder: &Path) -> Vec<Finding> {
        let messages = self.all.iter().filter_map(|message| message.get("message"));
        let mut errors: Vec<Finding> = messages.filter_map(error).collect();
        // Code that a macro generates from one line may fail several times with the same message.
        errors.dedup();
        if errors.is_empty() {
            complaint::of(&self.aside, folder).into_iter().collect()
        } else {
            errors
        }
    }
}

fn error(message: &Value) -> Option<Finding> {
    let is_error = text(message, "/level") == Some("error");
    let spans = message.get("spans")?.as_array().filter(|_| is_error)?;
    let primary = spans
        .iter()
        .find(|span| span.get("is_primary").and_then(Value::as_bool) == Some(true))?;
    // Report an error in generated code where the macro is called: the outermost expansion is in the plugin's own sources.
    let primary = std::iter::successors(Some(primary), |span| span.pointer("/expansion/span")).last()?;
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
        Messages {
            succeeded: true,
            all,
            aside: "error: could not compile `shop` (lib) due to 1 previous error\n".to_owned(),
        }
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
            // `aborting due to 1 previous error` has no place.
            error("error", json!([])),
        ]);
        let finding = Finding::wrong("src/lib.rs:17", "an argument is missing", "provide the argument");
        assert_eq!(messages.errors(Path::new(".")), [finding]);
    }

    #[test]
    fn an_error_in_what_a_macro_made_is_where_the_macro_is_called() {
        let called = json!({"file_name": "src/lib.rs", "line_start": 44, "is_primary": false, "expansion": null});
        let inner = json!({"file_name": "sdk/src/export.rs", "line_start": 52, "expansion": {"span": called}});
        let span = json!({"file_name": "sdk/src/export.rs", "line_start": 65, "is_primary": true,
            "expansion": {"span": inner}});
        let error = json!({"message": {"level": "error", "message": "it does not implement `Tax`", "spans": [span]}});
        let messages = said(vec![error.clone(), error]);
        let finding = Finding::wrong("src/lib.rs:44", "it does not implement `Tax`", "");
        assert_eq!(messages.errors(Path::new(".")), [finding]);
    }

    #[test]
    fn where_the_compiler_said_nothing_cargo_is_heard() {
        let what = "could not compile `shop` (lib) due to 1 previous error";
        let errors = said(Vec::new()).errors(Path::new("."));
        assert_eq!(
            errors.iter().map(|error| error.what.as_str()).collect::<Vec<_>>(),
            [what]
        );
    }
}
