//! Network faults at every peer of a payment: each cell of the table buys the last print of the shop while one exchange fails,
//! and compares the outcome with the expected one.
//!
//! In every cell: money moves at most once; a charge has an order and exactly one payment report; without a charge the stock is
//! released and the checkout can still be paid.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod cell;
mod faulty_host;
mod peer;
mod table;

use libtest_mimic::{Arguments, Trial};
use tokio::runtime::Runtime;

use cell::Cell;

/// Number of cells that run at once: more than CPUs, because cells mostly wait for their peers.
const CONCURRENT_CELLS: usize = 6;

fn main() {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(CONCURRENT_CELLS);
    let trials = table::cells().map(trial).collect();
    libtest_mimic::run(&arguments, trials).exit();
}

fn trial(cell: Cell) -> Trial {
    let (name, defect) = (cell.name(), cell.expected.defect);
    let run = move || {
        Runtime::new()?.block_on(cell.run());
        Ok(())
    };
    let trial = Trial::test(name, run).with_ignored_flag(defect.is_some());
    match defect {
        Some(defect) => trial.with_kind(format!("known defect: {defect}")),
        None => trial,
    }
}
