//! Why a verb fell short, with the exit code that tells it.

use std::process::ExitCode;

use serde_json::{Value, json};

use crate::cli::output;
use crate::guests::BuildError;

/// Why a verb fell short.
#[derive(Debug)]
pub(super) enum Wrong {
    /// 1: the plugin, its manifest, its configuration or what it was asked.
    Plugin(String),
    /// 2: the command was not understood, or names a file that is not there.
    Usage(String),
    /// 3: what the verb needs of this machine cannot be had.
    Machine(String),
}

impl Wrong {
    /// Say it, as this verb's one document where programs read it.
    pub(super) fn told(&self, as_json: bool) -> ExitCode {
        let (code, kind, problem) = match self {
            Self::Plugin(problem) => (1, "plugin", problem),
            Self::Usage(problem) => (2, "usage", problem),
            Self::Machine(problem) => (3, "machine", problem),
        };
        if as_json {
            output::document(&json!({"ok": false, "error": {"kind": kind, "message": problem}}));
        } else {
            output::complain(problem);
        }
        ExitCode::from(code)
    }
}

/// The end of a verb: its document for programs, which says by `ok` whether the plugin did well.
pub(super) fn ended(done: Result<Value, Wrong>, as_json: bool) -> ExitCode {
    match done {
        Ok(document) => {
            let ok = document.get("ok").and_then(Value::as_bool).unwrap_or(true);
            if as_json {
                output::document(&document);
            }
            ExitCode::from(u8::from(!ok))
        }
        Err(wrong) => wrong.told(as_json),
    }
}

impl From<BuildError> for Wrong {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::NoPackage { .. } | BuildError::Unknown { .. } => Self::Usage(error.to_string()),
            BuildError::Tool { .. } | BuildError::Target | BuildError::Write { .. } => Self::Machine(error.to_string()),
            BuildError::Failed(_) | BuildError::NoComponent(_) => Self::Plugin(error.to_string()),
            BuildError::Read { .. } => Self::Usage(error.to_string()),
        }
    }
}
