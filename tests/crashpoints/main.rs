//! The crash points: a host crashes at every commit and every outside effect, in its first run and during recovery from another
//! crash, each time in one of three ways, in turn; in all three with `TILLHOUSE_CRASH_POINTS=all`.
//!
//! Wherever it crashes, money moves once, and agent, Stripe and receiver are informed.
//!
//! The cases are generated from the list in `points.rs`; one trial per scene compares the list with what a host passes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests"
)]

mod agent;
mod case;
mod feed_steps;
mod hooked;
mod importer;
mod ledgers;
mod list;
mod outside;
mod points;
mod products;
mod refund;
mod scene;
mod shipped;
mod take_order_id;
mod uploader;

use libtest_mimic::{Arguments, Trial};
use tokio::runtime::Runtime;

/// Number of concurrent cases: they mostly wait for disk, peers and child processes.
const CONCURRENT_CASES: usize = 6;

fn main() {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(CONCURRENT_CASES);
    let mut trials = shipped::trials();
    trials.extend(list::trials());
    let cases = points::selected();
    if !arguments.list {
        println!("{} of {} cases", cases.len(), points::cases().len());
    }
    trials.extend(cases.into_iter().map(|(name, case)| {
        trial(&name, async move || {
            case.run().await;
        })
    }));
    libtest_mimic::run(&arguments, trials).exit();
}

fn trial(name: &str, run: impl AsyncFnOnce() + Send + 'static) -> Trial {
    Trial::test(name, move || {
        Runtime::new()?.block_on(run());
        Ok(())
    })
}
