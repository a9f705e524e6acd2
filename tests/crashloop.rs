//! The kill loop in the normal test run; `src/bin/crashloop.rs` is the same for as long as one likes.

#![allow(clippy::print_stderr, reason = "the seed of a run that failed")]

use tillhouse_tests::crashloop::{self, Settings};

/// The number is nothing special: the same choices in every run, so that only the moments of the kills differ.
const SEED: u64 = 20_261_121;

#[tokio::test(flavor = "multi_thread")]
async fn fifty_kills_charge_nobody_twice_and_strand_nothing() {
    let report = crashloop::run(Settings::kills(50, SEED)).await;
    eprintln!("{report}");
    assert_eq!(report.kills, 50);
    assert_eq!(report.purchases, 1_000);
    assert!(report.completed > 500, "most buyers get what they pay for: {report}");
    assert!(report.is_clean(), "{report}");
}
