//! How a command reaches a store: through the running host, or by opening the store itself if no host runs.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use tillhouse_console::signals::Signals;
use tillhouse_console::{bundled, output};
use tillhouse_payments::operator::problem::Problem;
use tillhouse_payments::operator::{Operator, OperatorError, OperatorErrorKind, OperatorRequest};
use tillhouse_server::admin::{AdminClient, AdminClientError};
use tillhouse_server::config::Config;
use tillhouse_server::host::HostParts;
use tillhouse_server::host::assembly::Assembly;
use tillhouse_server::host::error::StartError;
use tillhouse_store::{SqliteOpenError, StoreOpenError};

/// Where to ask, and how to print the answer.
#[derive(Debug, Args)]
pub(super) struct StoreAccess {
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
pub(super) enum StoreAccessError {
    /// Exit code 1: the request was refused, with the single problems where there are several.
    Refused(String, Vec<Problem>),
    /// Exit code 2: a usage error, or an invalid configuration.
    Usage(String),
    /// Exit code 3: neither a host nor a store could be reached.
    Unreachable(String),
}

impl StoreAccessError {
    /// Print the problem and return its exit code.
    pub(super) fn report(&self, json: bool) -> ExitCode {
        let (code, problem) = match self {
            Self::Refused(problem, _) => (1, problem),
            Self::Usage(problem) => (2, problem),
            Self::Unreachable(problem) => (3, problem),
        };
        if json {
            let mut document = serde_json::json!({"ok": false, "error": problem});
            if let (Self::Refused(_, problems), Some(document)) = (self, document.as_object_mut())
                && !problems.is_empty()
            {
                document.insert("problems".to_owned(), serde_json::json!(problems));
            }
            output::print_json(&document);
        }
        output::print_error(problem);
        ExitCode::from(code)
    }
}

impl From<OperatorError> for StoreAccessError {
    fn from(error: OperatorError) -> Self {
        match error.kind {
            OperatorErrorKind::Invalid => Self::Usage(error.message),
            OperatorErrorKind::Unavailable => Self::Unreachable(error.message),
            OperatorErrorKind::Absent | OperatorErrorKind::Conflict | OperatorErrorKind::Busy => {
                Self::Refused(error.message, error.problems)
            }
        }
    }
}

impl From<AdminClientError> for StoreAccessError {
    fn from(error: AdminClientError) -> Self {
        match error {
            AdminClientError::Refused(error) => error.into(),
            other => Self::Unreachable(other.to_string()),
        }
    }
}

impl From<StartError> for StoreAccessError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Store(StoreOpenError::Sqlite(SqliteOpenError::Locked { .. })) => Self::Unreachable(format!(
                "{error}; that host does not answer on its admin socket: it is starting, stopping, or an older version"
            )),
            other => Self::Unreachable(other.to_string()),
        }
    }
}

impl StoreAccess {
    /// Ask, print the answer, and return the exit code: 0, or 1 if the answer has findings.
    pub(super) async fn ask_and_print<Q: OperatorRequest>(
        &self,
        request: Q,
        needs: Needs,
        show: impl FnOnce(&Q::Answer) -> bool,
    ) -> ExitCode {
        let answer = Box::pin(self.ask(request, needs)).await;
        self.print_answer(answer, show)
    }

    /// Print an answer, and return the exit code: 0, or 1 if it has findings.
    pub(super) fn print_answer<A: Serialize>(
        &self,
        answer: Result<A, StoreAccessError>,
        show: impl FnOnce(&A) -> bool,
    ) -> ExitCode {
        let answer = match answer {
            Ok(answer) => answer,
            Err(problem) => return problem.report(self.json),
        };
        if self.json {
            match serde_json::to_value(&answer) {
                Ok(document) => output::print_json(&document),
                Err(error) => return StoreAccessError::Refused(error.to_string(), Vec::new()).report(false),
            }
        }
        ExitCode::from(u8::from(!show(&answer)))
    }

    /// Ask a running host; if none runs, open the store and answer from it.
    pub(super) async fn ask<Q: OperatorRequest>(
        &self,
        request: Q,
        needs: Needs,
    ) -> Result<Q::Answer, StoreAccessError> {
        Box::pin(self.with(needs, async |answerer: Answerer<'_>| answerer.answer(request).await)).await
    }

    /// The same for work that takes long, while something else goes on until the answer is there, such as showing how far it is. A signal
    /// gives it up, unless a host does it.
    pub(super) async fn ask_beside<Q: OperatorRequest>(
        &self,
        request: Q,
        needs: Needs,
        beside: impl AsyncFnOnce(Answerer<'_>),
    ) -> Result<Q::Answer, StoreAccessError> {
        let both = async |answerer: Answerer<'_>| {
            let mut signals = Signals::new().map_err(|failure| StoreAccessError::Unreachable(failure.0))?;
            let mut answer = std::pin::pin!(answerer.answer(request));
            let mut beside = std::pin::pin!(beside(answerer));
            tokio::select! {
                answer = &mut answer => answer,
                () = &mut beside => answer.await,
                _ = signals.next() => Err(answerer.interrupted()),
            }
        };
        Box::pin(self.with(needs, both)).await
    }

    /// Several requests of one host, or of one store.
    pub(super) async fn with<T>(
        &self,
        needs: Needs,
        ask: impl AsyncFnOnce(Answerer<'_>) -> Result<T, StoreAccessError>,
    ) -> Result<T, StoreAccessError> {
        if let Some(socket) = &self.socket {
            return ask(Answerer::Host(&AdminClient::new(socket))).await;
        }
        let file = self.config.as_deref().unwrap_or(Path::new("tillhouse.toml"));
        let config = Config::load(file).map_err(|errors| StoreAccessError::Usage(errors.to_string()))?;
        if let Some(socket) = &config.admin.socket
            && is_listening(socket).await
        {
            return ask(Answerer::Host(&AdminClient::new(socket))).await;
        }
        Box::pin(with_store(&config, needs, ask)).await
    }
}

/// Who answers the requests of a command.
#[derive(Clone, Copy)]
pub(super) enum Answerer<'a> {
    /// A running host, over its socket.
    Host(&'a AdminClient),
    /// The store, opened by this command.
    Store(&'a Operator),
}

impl Answerer<'_> {
    pub(super) async fn answer<Q: OperatorRequest>(self, request: Q) -> Result<Q::Answer, StoreAccessError> {
        match self {
            Self::Host(client) => Ok(client.send(&request).await?),
            Self::Store(operator) => Ok(request.answer(operator).await?),
        }
    }

    /// What becomes of a request whose answer is not waited for.
    fn interrupted(self) -> StoreAccessError {
        let problem = match self {
            Self::Host(_) => "interrupted; the host goes on with it, and its log says what becomes of it",
            Self::Store(_) => "interrupted, and given up: nothing was changed, unless it was about to end",
        };
        StoreAccessError::Refused(problem.to_owned(), Vec::new())
    }
}

/// Whether a host accepts connections at the socket. Any other answer than that there is none is left to the request to report.
async fn is_listening(socket: &Path) -> bool {
    match tokio::net::UnixStream::connect(socket).await {
        Ok(_) => true,
        Err(error) => !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused),
    }
}

async fn with_store<T>(
    config: &Config,
    needs: Needs,
    ask: impl AsyncFnOnce(Answerer<'_>) -> Result<T, StoreAccessError>,
) -> Result<T, StoreAccessError> {
    let parts = HostParts::default();
    let assembly = Assembly::open(config, &parts).await?;
    if let Some(rewound) = assembly.store.rewound() {
        assembly.close().await;
        return Err(StoreAccessError::Unreachable(format!(
            "{rewound}; start the host: it puts the store into quarantine before anything else"
        )));
    }
    let answered = async {
        if needs == Needs::Plugins {
            let bundled = bundled::reference().map_err(|failure| StoreAccessError::Unreachable(failure.0))?;
            assembly.load_as_stored(config, bundled.as_ref()).await?;
        }
        let operator = assembly.operator(config, &parts, None);
        ask(Answerer::Store(&operator)).await
    };
    let answered = Box::pin(answered).await;
    assembly.close().await;
    answered
}
