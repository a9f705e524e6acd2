//! Errors of the plugin verbs, with their exit codes.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::diagnostics;
use tillhouse_checkout::diagnostic::Diagnostic;
use tillhouse_console::output;
use tillhouse_plugin_tools::BuildError;

/// Error of a plugin verb.
#[derive(Debug)]
pub(super) enum VerbError {
    /// Exit code 1: an error in the plugin, its manifest, its configuration or the input of the call.
    Plugin(String),
    /// Exit code 1: the same, as diagnostics with place and fix.
    Diagnostics(Vec<Diagnostic>),
    /// Exit code 1: it does not compile. The compiler has already printed its errors.
    Build {
        /// That the build failed, in one sentence.
        message: String,
        /// Errors of the compiler, for the JSON document.
        errors: Vec<Diagnostic>,
    },
    /// Exit code 2: a usage error, or a file that does not exist.
    Usage(String),
    /// Exit code 3: a tool or resource that the verb needs is not available on this machine.
    Machine(String),
}

impl VerbError {
    /// Print the error, as one JSON document with `--json`, and return its exit code.
    pub(super) fn report(&self, as_json: bool) -> ExitCode {
        let (code, kind) = match self {
            Self::Plugin(_) | Self::Diagnostics(_) | Self::Build { .. } => (1, "plugin"),
            Self::Usage(_) => (2, "usage"),
            Self::Machine(_) => (3, "machine"),
        };
        if as_json {
            let mut document = json!({"ok": false, "error": {"kind": kind, "message": self.message()}});
            if let (Self::Diagnostics(problems) | Self::Build { errors: problems, .. }, Some(document)) =
                (self, document.as_object_mut())
            {
                document.insert("problems".to_owned(), diagnostics::problems(problems).into());
            }
            output::print_json(&document);
        } else {
            output::print_error(&self.message());
        }
        ExitCode::from(code)
    }

    /// The error as text, diagnostics one per line.
    pub(super) fn message(&self) -> String {
        match self {
            Self::Plugin(problem) | Self::Usage(problem) | Self::Machine(problem) => problem.clone(),
            Self::Build { message, .. } => message.clone(),
            Self::Diagnostics(found) => {
                let texts: Vec<String> = found.iter().map(|diagnostic| format!("{diagnostic:#}")).collect();
                texts.join("\n")
            }
        }
    }
}

/// End a verb: print its document with `--json`, and take the exit code from the member `ok`.
pub(super) fn finish(done: Result<Value, VerbError>, as_json: bool) -> ExitCode {
    match done {
        Ok(document) => {
            let ok = document.get("ok").and_then(Value::as_bool).unwrap_or(true);
            if as_json {
                output::print_json(&document);
            }
            ExitCode::from(u8::from(!ok))
        }
        Err(error) => error.report(as_json),
    }
}

impl From<BuildError> for VerbError {
    fn from(error: BuildError) -> Self {
        let message = error.to_string();
        match error {
            BuildError::Unreadable { diagnostic, .. } => Self::Diagnostics(vec![*diagnostic]),
            BuildError::Failed { errors, .. } => Self::Build { message, errors },
            BuildError::NoComponent(_) => Self::Plugin(message),
            BuildError::Tool { .. } | BuildError::Target | BuildError::Write { .. } => Self::Machine(message),
            BuildError::NoPackage { .. } | BuildError::Unknown { .. } | BuildError::Read { .. } => Self::Usage(message),
        }
    }
}
