//! The kill loops in the normal test run: fifty kills while agents buy, ten while catalogs are imported and feeds uploaded.
//! `src/bin/crashloop.rs` runs them with any number of kills.

#![allow(clippy::print_stderr, reason = "prints the RNG seed of a failed run")]

use tillhouse_tests::crashloop::feeds::{self, FeedSettings};
use tillhouse_tests::crashloop::{self, Settings};

/// An arbitrary but fixed RNG seed: every run makes the same choices, so that only the moments of the kills differ.
const SEED: u64 = 20_261_121;

#[tokio::test(flavor = "multi_thread")]
async fn fifty_kills_make_no_double_charge_and_strand_no_reservation() {
    let report = crashloop::run(Settings::kills(50, SEED)).await;
    eprintln!("{report}");
    assert_eq!(report.kills, 50);
    assert_eq!(report.purchases, 1_000);
    assert!(
        report.completed > 500,
        "expected more than 500 completed purchases: {report}"
    );
    assert!(report.is_clean(), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_kills_show_no_half_of_a_catalog_and_upload_no_feed_twice() {
    let settings = FeedSettings {
        nodes: 1,
        kills: 10,
        seed: SEED,
    };
    let report = feeds::run(settings).await;
    eprintln!("{report}");
    assert_eq!(report.kills, 10);
    assert!(
        report.imports >= 4 && report.quotes > 0 && report.stripe_imports >= 4,
        "{report}"
    );
    assert!(report.is_clean(), "{report}");
}
