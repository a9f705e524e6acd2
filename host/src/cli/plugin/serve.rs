//! `tillhouse plugin serve`: this program as the runtime of somebody's tests. `host/plugin-protocol/README.md` has the protocol.
//!
//! Requests are answered as they are ready, each by a task of its own. Nothing that a request is about is logged or printed: it
//! may be a card.

mod answer;
mod calls;
mod components;
mod data;
mod engine;
mod lines;
mod look;
mod numbered;
mod program;
mod quotes;
mod requests;
mod shops;
#[cfg(test)]
mod tests;
mod trials;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;

use super::wrong::Wrong;
use program::Program;
use tillhouse_server::memory;

/// Answer a harness: load plugins, call them, quote carts and sell, as it asks on standard input.
///
/// Not for people: tests start it, one for each of their processes, and it ends when its standard input does. The protocol is
/// JSON, one message a line, and has a version; host/plugin-protocol/README.md of the sources describes it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tillhouse plugin serve < requests.jsonl

There is no --json: nothing else is said.

Exit codes: 0 standard input has ended, 2 the command was not understood, 3 what is needed of this machine is not there.")]
pub(in crate::cli) struct Serve {}

impl Serve {
    pub(super) fn run(self) -> ExitCode {
        let runtime = match memory::no_core_dumps().and_then(|()| tillhouse_console::command::runtime()) {
            Ok(runtime) => runtime,
            Err(error) => return Wrong::Machine(error.to_string()).told(false),
        };
        let (said, writer) = lines::output();
        if runtime.block_on(answer_all(lines::input(), said)) {
            let _ = writer.join();
        }
        // Whatever is under way ends with the process: dropping the runtime would drop futures of guest calls half-way.
        std::mem::forget(runtime);
        ExitCode::SUCCESS
    }
}

/// How long answers that are due when standard input ends are waited for.
const LAST_ANSWERS: Duration = Duration::from_secs(10);

/// Answer line by line, until there are no more. Whether everything that was asked is answered.
async fn answer_all(mut lines: UnboundedReceiver<Vec<u8>>, said: lines::Output) -> bool {
    let program = Arc::new(Program::default());
    let mut answers = JoinSet::new();
    while let Some(line) = lines.recv().await {
        while answers.try_join_next().is_some() {}
        match requests::read(&line) {
            Ok(request) => {
                let (program, said) = (Arc::clone(&program), said.clone());
                // The next line may need what this one says of the client.
                if request.op == requests::HELLO {
                    said.say(requests::answer(program, request).await);
                } else {
                    answers.spawn(async move { said.say(requests::answer(program, request).await) });
                }
            }
            Err(response) => said.say(response),
        }
    }
    let all = async { while answers.join_next().await.is_some() {} };
    let answered = tokio::time::timeout(LAST_ANSWERS, all).await.is_ok();
    // What is left ends with the process: to abort it would drop futures of guest calls half-way.
    answers.detach_all();
    program.remove_folder();
    answered
}
