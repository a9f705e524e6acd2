//! What is only visible from outside a host's process: what it leaves behind, and its system calls.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod durability;
mod leak_search;
mod unread_log;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use tillhouse_tests::process::tillhouse_if_invoked;
use tokio::runtime::Runtime;

fn main() -> ExitCode {
    if let Some(code) = tillhouse_if_invoked() {
        return code;
    }
    let trials = leak_search::trials()
        .into_iter()
        .chain(durability::trials())
        .chain(unread_log::trials())
        .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// A trial without an async runtime.
fn trial(name: &str, run: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, move || {
        run();
        Ok(())
    })
}

fn block_on(work: impl Future<Output = ()>) {
    Runtime::new().expect("an async runtime can be started").block_on(work);
}
