//! Every fault that a network has, at every peer of a payment: each cell buys the last print of the shop while one exchange
//! goes wrong, and compares how it ends with the table.
//!
//! Whatever the cell: money moves at most once; a charge has an order and exactly one report; without a charge the stock is
//! back and the checkout can be paid.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod bench;
mod cell;
mod peer;
mod table;

use libtest_mimic::{Arguments, Trial};
use tokio::runtime::Runtime;

use cell::Cell;

/// Cells wait for their peers most of the time.
const AT_ONCE: usize = 6;

fn main() {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(AT_ONCE);
    let trials = table::cells().map(trial).collect();
    libtest_mimic::run(&arguments, trials).exit();
}

fn trial(cell: Cell) -> Trial {
    let (name, defect) = (cell.name(), cell.end.defect);
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
