//! How a command runs and ends.

use std::process::ExitCode;

use tokio::runtime::Runtime;

use crate::output;

/// What went wrong, for a person.
#[derive(Debug)]
pub struct Failure(pub String);

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// The exit code, after saying what went wrong.
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

/// [`exit`], for work that waits.
pub async fn ended(work: impl Future<Output = Result<(), Failure>>) -> ExitCode {
    exit(work.await)
}

/// The runtime of a command.
///
/// # Errors
/// When the threads cannot be had on this machine.
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
