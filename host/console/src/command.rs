//! Runs a command and maps its result to an exit code.

use std::process::ExitCode;

use tokio::runtime::Runtime;

use crate::output;

/// Error of a command, as a message for people.
#[derive(Debug)]
pub struct CommandError(pub String);

impl<E: std::error::Error> From<E> for CommandError {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// Print the error, if any, and return the exit code: 0 or 1.
#[must_use]
pub fn exit_code(done: Result<(), CommandError>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(CommandError(problem)) => {
            output::print_error(&problem);
            ExitCode::FAILURE
        }
    }
}

/// Like [`exit_code`], for async work.
pub async fn exit_code_of(work: impl Future<Output = Result<(), CommandError>>) -> ExitCode {
    exit_code(work.await)
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
        Err(error) => exit_code(Err(error.into())),
    }
}
