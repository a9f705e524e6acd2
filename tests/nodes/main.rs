//! Three hosts on one PostgreSQL, with agents that buy at all of them, under the faults of a cluster; and catalogs and feeds of three
//! hosts. The trials run concurrently, each with its own database, hosts and ledgers.
//!
//! Without PostgreSQL the trials are reported as ignored, never as passed. `src/bin/crashloop.rs` runs the same from the command
//! line.

#![allow(
    clippy::expect_used,
    clippy::print_stderr,
    reason = "tests; prints the RNG seed of a failed run"
)]

use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use tillhouse_tests::crashloop::feeds::{self, FeedSettings};
use tillhouse_tests::crashloop::{self, Report, Settings};
use tillhouse_tests::postgres_binaries;
use tokio::runtime::Runtime;

/// An arbitrary but fixed RNG seed: every run makes the same choices, so that only the moments differ.
const SEED: u64 = 20_261_124;

fn main() -> ExitCode {
    let is_absent = postgres_binaries().is_none();
    let trials = [
        trial(
            "killed_hosts_make_no_double_charge_and_strand_no_reservation",
            Settings { kills: 12, ..three() },
            |report| {
                assert_eq!(report.kills, 12);
            },
        ),
        trial(
            "hosts_that_stood_still_beyond_their_leases_do_no_harm_when_they_wake_up",
            Settings {
                pauses: 4,
                standstills: 1,
                ..three()
            },
            |report| assert_eq!(report.pauses, 5),
        ),
        trial(
            "hosts_get_over_restarts_of_the_database",
            Settings { restarts: 6, ..three() },
            |report| {
                assert_eq!(report.database_restarts, 6);
            },
        ),
        trial(
            "kills_standstills_and_restarts_make_no_double_charge_and_strand_no_reservation",
            Settings {
                kills: 4,
                pauses: 2,
                restarts: 2,
                ..three()
            },
            |report| assert_eq!((report.kills, report.pauses, report.database_restarts), (4, 2, 2)),
        ),
    ];
    let trials = trials
        .into_iter()
        .chain([feeds()])
        .map(|it| it.with_ignored_flag(is_absent))
        .collect();
    let mut arguments = Arguments::from_args();
    // Trials mostly wait, for leases and standstills.
    arguments.test_threads = arguments.test_threads.or(Some(4));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Three hosts without faults.
fn three() -> Settings {
    Settings {
        nodes: 3,
        purchases: 200,
        ..Settings::kills(0, SEED)
    }
}

fn trial(name: &str, settings: Settings, happened: impl FnOnce(&Report) + Send + 'static) -> Trial {
    Trial::test(name, move || {
        let report = Runtime::new()?.block_on(crashloop::run(settings));
        eprintln!("{report}");
        happened(&report);
        if !report.is_clean() {
            return Err(Failed::from(report.to_string()));
        }
        assert!(report.purchases >= 200, "{report}");
        // Most purchases must succeed.
        assert!(report.completed > 100, "{report}");
        Ok(())
    })
}

/// Catalogs that are switched at any host are switched at all of them, and each upload is made once, by whichever host.
fn feeds() -> Trial {
    Trial::test("killed_hosts_switch_catalogs_as_one_and_upload_no_feed_twice", || {
        let settings = FeedSettings {
            nodes: 3,
            kills: 6,
            seed: SEED,
        };
        let report = Runtime::new()?.block_on(feeds::run(settings));
        eprintln!("{report}");
        assert_eq!((report.kills, report.take_overs), (6, 1), "{report}");
        assert!(report.imports > 0 && report.kept_quotes > 0, "{report}");
        if !report.is_clean() {
            return Err(Failed::from(report.to_string()));
        }
        Ok(())
    })
}
