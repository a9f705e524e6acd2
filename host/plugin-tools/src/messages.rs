//! Cargo's messages of a build: forwarded to standard error while it runs, and collected for diagnostics.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use anstream::{AutoStream, ColorChoice};
use cargo_metadata::Message;
use cargo_metadata::diagnostic::{Diagnostic as RustcDiagnostic, DiagnosticLevel, DiagnosticSpan};

use super::{cargo_error, code};
use tillhouse_checkout::diagnostic::{Diagnostic, DiagnosticPlace};

/// Messages that cargo wrote during a build.
#[derive(Debug)]
pub(super) struct Messages {
    pub(super) succeeded: bool,
    all: Vec<Message>,
    /// Cargo's own output on standard error, without the compiler's messages.
    cargo_stderr: String,
}

/// Returns cargo's `--message-format`, with colors if standard error is a terminal.
pub(super) fn format() -> &'static str {
    if has_colors() {
        "json-diagnostic-rendered-ansi"
    } else {
        "json"
    }
}

fn has_colors() -> bool {
    AutoStream::choice(&io::stderr()) != ColorChoice::Never
}

/// Runs cargo and forwards its output and the compiler's messages to standard error as they arrive.
pub(super) fn run(cargo: &mut Command) -> io::Result<Messages> {
    if has_colors() {
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
    let (all, cargo_stderr) = thread::scope(|scope| {
        let forwarded = scope.spawn(|| forward_stderr(err));
        (forward_messages(out), forwarded.join().unwrap_or_default())
    });
    let succeeded = running.wait()?.success();
    Ok(Messages {
        succeeded,
        all: all?,
        cargo_stderr,
    })
}

/// Forwards standard error as it arrives, and returns all of it.
fn forward_stderr(stderr: Option<impl Read>) -> String {
    let mut all = Vec::new();
    let mut buffer = [0; 4096];
    if let Some(mut stderr) = stderr {
        loop {
            let part = match stderr.read(&mut buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Ok(0) | Err(_) => break,
                Ok(count) => buffer.get(..count).unwrap_or_default(),
            };
            // If standard error is closed, the build continues.
            let _ = io::stderr().lock().write_all(part);
            all.extend_from_slice(part);
        }
    }
    String::from_utf8_lossy(&all).into_owned()
}

/// Forwards the compiler's messages, and returns all of them. Skips lines that are not messages of cargo.
fn forward_messages(stdout: Option<impl Read>) -> io::Result<Vec<Message>> {
    let mut all = Vec::new();
    for line in stdout.map(BufReader::new).into_iter().flat_map(BufRead::lines) {
        let Ok(message) = serde_json::from_str(&line?) else {
            continue;
        };
        if let Message::CompilerMessage(compiler) = &message
            && let Some(rendered) = &compiler.message.rendered
        {
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
            let Message::CompilerArtifact(artifact) = message else {
                return None;
            };
            let mut files = artifact.filenames.iter().filter(|_| artifact.target.name == library);
            let file = files.find(|file| file.as_str().ends_with(".wasm"))?;
            Some(PathBuf::from(file))
        })
    }

    /// Returns the compiler's errors that have a place, with its advice; if there are none, cargo's own error about the package.
    pub(super) fn errors(&self, folder: &Path) -> Vec<Diagnostic> {
        let messages = self.all.iter().filter_map(|message| match message {
            Message::CompilerMessage(compiler) => Some(&compiler.message),
            _ => None,
        });
        let mut errors: Vec<Diagnostic> = messages.filter_map(compiler_error).collect();
        // Code that a macro generates from one line may fail several times with the same message.
        errors.dedup();
        if errors.is_empty() {
            cargo_error::from_stderr(&self.cargo_stderr, folder)
                .into_iter()
                .collect()
        } else {
            errors
        }
    }
}

fn compiler_error(message: &RustcDiagnostic) -> Option<Diagnostic> {
    if message.level != DiagnosticLevel::Error {
        return None;
    }
    let primary = message.spans.iter().find(|span| span.is_primary)?;
    // Report an error in generated code where the macro is called: the outermost expansion is in the plugin's own sources.
    let primary = std::iter::successors(Some(primary), |span| macro_call(span)).last()?;
    let place = DiagnosticPlace::of(&primary.file_name).with_line(Some(primary.line_start));
    let children = message.children.iter();
    let advice = children.filter(|child| child.level == DiagnosticLevel::Help);
    let advice: Vec<&str> = advice.map(|child| child.message.as_str()).collect();
    Some(Diagnostic::error(code::RUSTC, place, &message.message).with_help(advice.join("\n")))
}

/// The place where the macro is called that generated the code of a span.
fn macro_call(span: &DiagnosticSpan) -> Option<&DiagnosticSpan> {
    span.expansion.as_ref().map(|expansion| &expansion.span)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn messages_of(all: &[Value]) -> Messages {
        Messages {
            succeeded: true,
            all: all
                .iter()
                .map(|message| serde_json::from_value(message.clone()).unwrap())
                .collect(),
            cargo_stderr: "error: could not compile `shop` (lib) due to 1 previous error\n".to_owned(),
        }
    }

    fn target(name: &str) -> Value {
        json!({"kind": ["cdylib"], "crate_types": ["cdylib"], "name": name, "src_path": "src/lib.rs", "edition": "2024"})
    }

    fn artifact(name: &str, files: &[&str]) -> Value {
        let profile = json!({"opt_level": "3", "debuginfo": 0, "debug_assertions": false, "overflow_checks": true, "test": false});
        json!({"reason": "compiler-artifact", "package_id": name, "manifest_path": "Cargo.toml", "target": target(name),
            "profile": profile, "features": [], "filenames": files, "executable": null, "fresh": false})
    }

    fn diagnostic(level: &str, message: &str, spans: &[Value], children: &[Value]) -> Value {
        json!({"level": level, "message": message, "code": null, "spans": spans, "children": children, "rendered": null})
    }

    fn of_compiler(message: &Value) -> Value {
        json!({"reason": "compiler-message", "package_id": "shop", "target": target("shop"), "message": message})
    }

    fn span(file: &str, line: usize, expansion: Option<Value>) -> Value {
        json!({"file_name": file, "line_start": line, "line_end": line, "byte_start": 0, "byte_end": 0, "column_start": 1,
            "column_end": 1, "is_primary": true, "text": [], "label": null, "suggested_replacement": null,
            "suggestion_applicability": null, "expansion": expansion})
    }

    #[test]
    fn the_component_is_found_among_the_artifacts_by_its_library_name() {
        let messages = messages_of(&[
            artifact("other", &["x/other.wasm"]),
            artifact("my_shop", &["x/libmy_shop.rlib", "x/my_shop.wasm"]),
        ]);
        assert_eq!(messages.component_of("my-shop"), Some(PathBuf::from("x/my_shop.wasm")));
        assert_eq!(messages.component_of("missing"), None);
    }

    #[test]
    fn an_error_of_the_compiler_has_its_place_and_its_advice() {
        let spans = [span("src/lib.rs", 17, None)];
        let help = [diagnostic("help", "provide the argument", &[], &[])];
        let error = |level: &str, spans| of_compiler(&diagnostic(level, "an argument is missing", spans, &help));
        let messages = messages_of(&[
            error("warning", &spans),
            error("error", &spans),
            // `aborting due to 1 previous error` has no place.
            error("error", &[]),
        ]);
        let place = DiagnosticPlace::of("src/lib.rs").with_line(Some(17));
        let diagnostic =
            Diagnostic::error(code::RUSTC, place, "an argument is missing").with_help("provide the argument");
        assert_eq!(messages.errors(Path::new(".")), [diagnostic]);
    }

    #[test]
    fn an_error_in_generated_code_has_the_place_of_the_macro_call() {
        let of_macro = |span| json!({"span": span, "macro_decl_name": "export!", "def_site_span": null});
        let called = span("src/lib.rs", 44, None);
        let inner = span("sdk/src/export.rs", 52, Some(of_macro(called)));
        let made = span("sdk/src/export.rs", 65, Some(of_macro(inner)));
        let error = of_compiler(&diagnostic("error", "it does not implement `Tax`", &[made], &[]));
        let messages = messages_of(&[error.clone(), error]);
        let place = DiagnosticPlace::of("src/lib.rs").with_line(Some(44));
        let diagnostic = Diagnostic::error(code::RUSTC, place, "it does not implement `Tax`");
        assert_eq!(messages.errors(Path::new(".")), [diagnostic]);
    }

    #[test]
    fn without_an_error_of_the_compiler_the_one_of_cargo_is_reported() {
        let what = "could not compile `shop` (lib) due to 1 previous error";
        let errors = messages_of(&[]).errors(Path::new("."));
        assert_eq!(
            errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>(),
            [what]
        );
    }
}
