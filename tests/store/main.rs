//! What every store must do, on each engine, and what only one of them has, seen from outside.
//!
//! PostgreSQL runs as a server of its own from the binaries that are installed. Where there are none its trials are ignored,
//! never passed.

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
    // Stopped before the process ends.
    drop(server);
    conclusion.exit_code()
}

/// A trial with a runtime of its own.
fn trial<F: Future<Output = ()>>(name: String, test: impl FnOnce() -> F + Send + 'static) -> Trial {
    Trial::test(name, move || {
        Runtime::new()?.block_on(test());
        Ok(())
    })
}

/// Trials named after the functions.
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
