//! Why a verb fell short, with the exit code that tells it.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::subject::lines;
use tillhouse_console::output;
use tillhouse_plugin_tools::{BuildError, Finding};

/// Why a verb fell short.
#[derive(Debug)]
pub(super) enum Wrong {
    /// 1: the plugin, its manifest, its configuration or what it was asked.
    Plugin(String),
    /// 1: the same, each with its place and the way out.
    Found(Vec<Finding>),
    /// 1: it does not compile, which people have read already.
    Build {
        /// That it does not.
        message: String,
        /// What the compiler said.
        errors: Vec<Finding>,
    },
    /// 2: the command was not understood, or names a file that is not there.
    Usage(String),
    /// 3: what the verb needs of this machine cannot be had.
    Machine(String),
}

impl Wrong {
    /// Say it, as this verb's one document where programs read it.
    pub(super) fn told(&self, as_json: bool) -> ExitCode {
        let (code, kind) = match self {
            Self::Plugin(_) | Self::Found(_) | Self::Build { .. } => (1, "plugin"),
            Self::Usage(_) => (2, "usage"),
            Self::Machine(_) => (3, "machine"),
        };
        if as_json {
            let mut document = json!({"ok": false, "error": {"kind": kind, "message": self.message()}});
            if let (Self::Found(problems) | Self::Build { errors: problems, .. }, Some(document)) =
                (self, document.as_object_mut())
            {
                document.insert("problems".to_owned(), json!(problems));
            }
            output::document(&document);
        } else {
            output::complain(&self.message());
        }
        ExitCode::from(code)
    }

    /// What is wrong, in words.
    pub(super) fn message(&self) -> String {
        match self {
            Self::Plugin(problem) | Self::Usage(problem) | Self::Machine(problem) => problem.clone(),
            Self::Build { message, .. } => message.clone(),
            Self::Found(findings) => lines(findings),
        }
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
        let message = error.to_string();
        match error {
            BuildError::Unreadable { complaint, .. } => Self::Found(vec![complaint]),
            BuildError::Failed { errors, .. } => Self::Build { message, errors },
            BuildError::NoComponent(_) => Self::Plugin(message),
            BuildError::Tool { .. } | BuildError::Target | BuildError::Write { .. } => Self::Machine(message),
            BuildError::NoPackage { .. } | BuildError::Unknown { .. } | BuildError::Read { .. } => Self::Usage(message),
        }
    }
}
