//! Runs a command and maps its result to an exit code.

use std::process::ExitCode;

use tokio::runtime::Runtime;

use crate::output;

/// Error of a command, as a message for people.
#[derive(Debug)]
pub struct Failure(pub String);

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// Print the error, if any, and return the exit code: 0 or 1.
#[must_use]
pub fn exit(done: Result<(), Failure>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(problem)) => {
            output::complain(&problem);
            ExitCode::FAILURE
        }
    }
}

/// Like [`exit`], for async work.
pub async fn ended(work: impl Future<Output = Result<(), Failure>>) -> ExitCode {
    exit(work.await)
}

/// A multi-threaded runtime for one command.
///
/// # Errors
/// When its threads cannot be started on this machine.
pub fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

/// Run a command on a runtime of its own.
#[must_use]
pub fn block_on(work: impl Future<Output = ExitCode>) -> ExitCode {
    match runtime() {
        Ok(runtime) => runtime.block_on(work),
        Err(error) => exit(Err(error.into())),
    }
}
