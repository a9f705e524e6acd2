//! The program that runs plugins: `tillhouse plugin serve`, started once per test process.

mod connection;
mod find;
mod reply;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use tillhouse_plugin_protocol::hello::{Hello, HelloAnswer};
use tillhouse_plugin_protocol::{Operation, RequestError, RequestErrorKind, VERSION};

use connection::Connection;

/// A running program that uses this harness's version of the protocol.
#[derive(Debug)]
pub(crate) struct Program {
    connection: Connection,
    greeting: HelloAnswer,
}

/// Which version of the program fits this harness, and how to install it.
fn install_hint() -> String {
    let (major, minor) = (env!("CARGO_PKG_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MINOR"));
    format!(
        "install tillhouse {major}.{minor} with `cargo install --locked --version '^{major}.{minor}' tillhouse --features embedded-plugins`, or in a checkout \
         of Tillhouse with `cargo install --locked --path host --features embedded-plugins`; it is looked for in the environment variable TILLHOUSE, then on \
         PATH, and then in the checkout that the harness is part of"
    )
}

impl Program {
    /// The program of this process, started by the first caller.
    ///
    /// # Panics
    /// When it cannot be started: every test of the process needs it.
    pub(crate) fn of_this_process() -> &'static Self {
        static PROGRAM: OnceLock<Result<Program, String>> = OnceLock::new();
        let program = PROGRAM.get_or_init(|| find::program().and_then(|path| Self::start(&path)));
        program.as_ref().unwrap_or_else(|problem| panic!("{problem}"))
    }

    fn start(path: &Path) -> Result<Self, String> {
        let mut command = Command::new(path);
        find::remove_cargo_variables(&mut command);
        Self::handshake(command.args(["plugin", "serve"]), path)
    }

    /// Starts the program and exchanges greetings.
    fn handshake(command: &mut Command, path: &Path) -> Result<Self, String> {
        let connection = Connection::open(command, path)
            .map_err(|error| format!("cannot start {}: {error}; {}", path.display(), install_hint()))?;
        let hello = Hello {
            protocol: VERSION,
            client: concat!("tillhouse-harness ", env!("CARGO_PKG_VERSION")).to_owned(),
        };
        let shown = path.display();
        let greeting = match connection.ask(Hello::NAME, json(&hello)).wait() {
            Ok(greeting) => read::<Hello>(greeting),
            Err(problem) if problem.kind == RequestErrorKind::Version => {
                return Err(format!("{shown}: {problem}; {}", install_hint()));
            }
            Err(problem) => {
                return Err(format!(
                    "{shown} does not work with this harness: {problem}; it may be older than `tillhouse plugin serve`; {}",
                    install_hint()
                ));
            }
        };
        match greeting {
            Ok(greeting) if greeting.protocol == VERSION => Ok(Self { connection, greeting }),
            Ok(other) => Err(format!(
                "{shown}: tillhouse {} uses version {} of the protocol, but this harness uses {VERSION}; {}",
                other.program,
                other.protocol,
                install_hint()
            )),
            Err(problem) => Err(format!("{shown}: {problem}; {}", install_hint())),
        }
    }

    /// The program's greeting: its version and limits.
    pub(crate) const fn greeting(&self) -> &HelloAnswer {
        &self.greeting
    }

    /// Sends a request and waits for the answer.
    pub(crate) async fn ask<O: Operation>(&self, operation: &O) -> Result<O::Answer, RequestError> {
        read::<O>(self.connection.ask(O::NAME, json(operation)).await?)
    }

    /// Like [`ask`](Self::ask), for code that is not async. Blocks the thread until the program answers.
    pub(crate) fn ask_now<O: Operation>(&self, operation: &O) -> Result<O::Answer, RequestError> {
        read::<O>(self.connection.ask(O::NAME, json(operation)).wait()?)
    }

    /// Sends a request and ignores the answer.
    pub(crate) fn send<O: Operation>(&self, operation: &O) {
        drop(self.connection.ask(O::NAME, json(operation)));
    }
}

fn json<O: Operation>(operation: &O) -> serde_json::Value {
    serde_json::to_value(operation).expect("an operation as JSON")
}

fn read<O: Operation>(answer: serde_json::Value) -> Result<O::Answer, RequestError> {
    serde_json::from_value(answer).map_err(|error| {
        let message = format!("the program's answer to `{}` cannot be read: {error}", O::NAME);
        RequestError::new(RequestErrorKind::Protocol, message)
    })
}
