//! `tillhouse plugin serve`: this program as the runtime of a test harness. `host/plugin-protocol/README.md` has the protocol.
//!
//! Each request has its own task, and responses are written in the order in which they are ready. Contents of requests are
//! never logged or printed: they may be card data.

mod agents;
mod calls;
mod components;
mod data;
mod engine;
mod lines;
mod lookups;
mod perform;
mod quotes;
mod registry;
mod requests;
mod server_state;
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

use super::error::VerbError;
use server_state::ServerState;
use tillhouse_server::hardening;

/// Serve a test harness: load plugins, call them, quote carts and sell, as requested on standard input.
///
/// Not for interactive use: each test process starts one, and it exits when its standard input ends. The protocol is versioned:
/// one JSON message per line, as host/plugin-protocol/README.md in the sources describes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tillhouse plugin serve < requests.jsonl

There is no --json: all output is JSON.

Exit codes: 0 standard input has ended, 2 usage error, 3 a tool or resource is missing on this machine.")]
pub(in crate::cli) struct Serve {}

impl Serve {
    pub(super) fn run(self) -> ExitCode {
        let runtime = match hardening::disable_core_dumps().and_then(|()| tillhouse_console::command::runtime()) {
            Ok(runtime) => runtime,
            Err(error) => return VerbError::Machine(error.to_string()).report(false),
        };
        let (output, writer) = lines::output();
        if runtime.block_on(respond_to_all(lines::input(), output)) {
            let _ = writer.join();
        }
        // Calls in progress end with the process: dropping the runtime would drop futures of guest calls half-way.
        std::mem::forget(runtime);
        ExitCode::SUCCESS
    }
}

/// Timeout for the responses that are outstanding when standard input ends.
const LAST_RESPONSES_TIMEOUT: Duration = Duration::from_secs(10);

/// Answer every line until standard input ends. Returns whether every request was answered in time.
async fn respond_to_all(mut lines: UnboundedReceiver<Vec<u8>>, output: lines::Output) -> bool {
    let state = Arc::new(ServerState::default());
    let mut responses = JoinSet::new();
    while let Some(line) = lines.recv().await {
        while responses.try_join_next().is_some() {}
        match requests::parse(&line) {
            Ok(request) => {
                let (state, output) = (Arc::clone(&state), output.clone());
                // Requests are accepted only after the greeting, so it is handled before the next line is read.
                if request.op == requests::HELLO {
                    output.send(requests::respond(state, request).await);
                } else {
                    responses.spawn(async move { output.send(requests::respond(state, request).await) });
                }
            }
            Err(response) => output.send(response),
        }
    }
    let all = async { while responses.join_next().await.is_some() {} };
    let answered = tokio::time::timeout(LAST_RESPONSES_TIMEOUT, all).await.is_ok();
    // Remaining tasks end with the process: aborting them would drop futures of guest calls half-way.
    responses.detach_all();
    state.remove_folder();
    answered
}
