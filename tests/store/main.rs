//! Requirements for every store, tested on each engine, and properties of single engines, tested from outside.
//!
//! PostgreSQL runs as a separate server from the installed binaries. Without them its trials are reported as ignored, never as
//! passed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod hosts;
mod postgres;
mod proxy;
mod sqlite;
mod suite;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use tokio::runtime::Runtime;

use postgres::Server;

fn main() -> ExitCode {
    let server = Arc::new(Server::find());
    let trials = [sqlite::trials(), postgres::trials(&server), hosts::trials(&server)];
    let trials = trials.into_iter().flatten().collect();
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
    // The server is stopped before the process ends.
    drop(server);
    conclusion.exit_code()
}

/// A trial with its own async runtime.
fn trial<F: Future<Output = ()>>(name: String, test: impl FnOnce() -> F + Send + 'static) -> Trial {
    Trial::test(name, move || {
        Runtime::new()?.block_on(test());
        Ok(())
    })
}

/// Makes trials that are named after their functions.
macro_rules! trials {
    ($engine:literal, $with:expr; $($test:ident),+ $(,)?) => {{
        let with = $with;
        vec![$({
            let with = with.clone();
            $crate::trial(concat!($engine, "::", stringify!($test)).into(), move || async move { $test(&with).await })
        }),+]
    }};
}
use trials;
