//! How a command reaches a store: through the running host, or by opening the store itself if no host runs.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use tillhouse_console::{bundled, output};
use tillhouse_payments::operator::{OperatorRequest, OperatorError, OperatorErrorKind};
use tillhouse_server::admin::{AskError, Client};
use tillhouse_server::config::Config;
use tillhouse_server::host::Parts;
use tillhouse_server::host::assembly::Assembly;
use tillhouse_server::host::error::StartError;
use tillhouse_store::{OpenError, StoreOpenError};

/// Where to ask, and how to print the answer.
#[derive(Debug, Args)]
pub(super) struct Reach {
    /// Configuration file. Asks the host that serves it; if no host runs, this command opens the store itself.
    #[arg(long, required_unless_present = "socket")]
    pub(super) config: Option<PathBuf>,
    /// Admin socket of a running host (`admin.sock` in the folder of its store). Needs no configuration.
    #[arg(long, conflicts_with = "config")]
    pub(super) socket: Option<PathBuf>,
    /// Print one JSON document.
    #[arg(long)]
    pub(super) json: bool,
}

/// Name of the operator, for the audit log.
#[derive(Debug, Args)]
pub(super) struct Actor {
    /// Name of the operator, recorded in the audit log.
    #[arg(long, env = "USER", default_value = "unknown")]
    pub(super) actor: String,
}

/// What a command needs of a store that it opens itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// The store only. Work that needs plugins is left to the outbox.
    Store,
    /// The store, with the merchants' plugins loaded.
    Plugins,
}

/// Why there is no answer. Each variant has its own exit code.
#[derive(Debug)]
pub(super) enum NoAnswer {
    /// Exit code 1: the request was refused.
    Refused(String),
    /// Exit code 2: a usage error, or an invalid configuration.
    Usage(String),
    /// Exit code 3: neither a host nor a store could be reached.
    Unreachable(String),
}

impl NoAnswer {
    /// Print the problem and return its exit code.
    pub(super) fn exit(&self, json: bool) -> ExitCode {
        let (code, problem) = match self {
            Self::Refused(problem) => (1, problem),
            Self::Usage(problem) => (2, problem),
            Self::Unreachable(problem) => (3, problem),
        };
        if json {
            output::document(&serde_json::json!({"ok": false, "error": problem}));
        }
        output::complain(problem);
        ExitCode::from(code)
    }
}

impl From<OperatorError> for NoAnswer {
    fn from(refusal: OperatorError) -> Self {
        match refusal.kind {
            OperatorErrorKind::Invalid => Self::Usage(refusal.message),
            OperatorErrorKind::Unavailable => Self::Unreachable(refusal.message),
            OperatorErrorKind::Absent | OperatorErrorKind::Conflict | OperatorErrorKind::Busy => Self::Refused(refusal.message),
        }
    }
}

impl From<AskError> for NoAnswer {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Refused(refusal) => refusal.into(),
            other => Self::Unreachable(other.to_string()),
        }
    }
}

impl From<StartError> for NoAnswer {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Store(OpenError::Sqlite(StoreOpenError::Locked { .. })) => Self::Unreachable(format!(
                "{error}; that host does not answer on its admin socket: it is starting, stopping, or an older version"
            )),
            other => Self::Unreachable(other.to_string()),
        }
    }
}

impl Reach {
    /// Ask, print the answer, and return the exit code: 0, or 1 if the answer has findings.
    pub(super) async fn put<Q: OperatorRequest>(
        &self,
        question: Q,
        needs: Needs,
        show: impl FnOnce(&Q::Answer) -> bool,
    ) -> ExitCode {
        match Box::pin(self.ask(question, needs)).await {
            Ok(answer) => self.print(&answer, show),
            Err(problem) => problem.exit(self.json),
        }
    }

    fn print<A: Serialize>(&self, answer: &A, show: impl FnOnce(&A) -> bool) -> ExitCode {
        if self.json {
            match serde_json::to_value(answer) {
                Ok(document) => output::document(&document),
                Err(error) => return NoAnswer::Refused(error.to_string()).exit(false),
            }
        }
        ExitCode::from(u8::from(!show(answer)))
    }

    /// Ask a running host; if none runs, open the store and answer from it.
    pub(super) async fn ask<Q: OperatorRequest>(&self, question: Q, needs: Needs) -> Result<Q::Answer, NoAnswer> {
        if let Some(socket) = &self.socket {
            return Ok(Client::new(socket).ask(&question).await?);
        }
        let file = self.config.as_deref().unwrap_or(Path::new("tillhouse.toml"));
        let config = Config::load(file).map_err(|errors| NoAnswer::Usage(errors.to_string()))?;
        if let Some(socket) = &config.admin.socket {
            match Client::new(socket).ask(&question).await {
                Err(AskError::NoHost { source, .. })
                    if matches!(source.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {}
                answered => return Ok(answered?),
            }
        }
        Box::pin(by_itself(&config, question, needs)).await
    }
}

async fn by_itself<Q: OperatorRequest>(config: &Config, question: Q, needs: Needs) -> Result<Q::Answer, NoAnswer> {
    let parts = Parts::default();
    let assembly = Assembly::open(config, &parts).await?;
    let answered = async {
        if needs == Needs::Plugins {
            let bundled = bundled::reference().map_err(|failure| NoAnswer::Unreachable(failure.0))?;
            assembly.load(config, bundled.as_ref()).await?;
        }
        let operator = assembly.operator(config, &parts, None);
        Ok(question.answer(&operator).await?)
    };
    let answered = Box::pin(answered).await;
    assembly.close().await;
    answered
}
