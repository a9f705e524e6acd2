//! A host that crashes at a chosen crash point, and reports on standard output which crash points it passes.
//!
//! The trials of `tests/crashpoints` start it; it is the only binary that contains the host's crash points.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the parent process reads standard output"
)]

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use tillhouse_crash_points::{Action, ArmedCrashPoint, ReachedCrashPoint, arm};
use tillhouse_feeds::FeedTimings;
use tillhouse_payments::Timings;
use tillhouse_server::config::Config;
use tillhouse_server::host::{Host, HostParts};
use tillhouse_server::{hardening, telemetry};
use tillhouse_tests::TestClock;
use tillhouse_tests::crashpoints::PACE;
use tokio::signal::unix::{SignalKind, signal};

/// Duration of the host's leases where a crash point is armed: long enough to be renewed on a busy machine, short enough to wait
/// for.
const LEASE: Duration = Duration::from_millis(1500);

/// Duration of the host's leases where none is armed. Nothing waits for such a lease to expire, and a machine that stalls for a
/// moment must not lose one: the attempt would be recovered twice, which is correct but passes other crash points.
const LEASE_OF_UNDISTURBED_HOST: Duration = Duration::from_secs(60);

/// Interval at which the host looks for due work.
const TICK: Duration = Duration::from_millis(20);

/// Serves a configuration, and crashes at the armed crash point.
#[derive(Debug, Parser)]
struct Arguments {
    #[arg(long)]
    config: PathBuf,
    /// The moment, in milliseconds since the Unix epoch, at which the host's clock showed the system time.
    #[arg(long)]
    since_ms: u64,
    #[arg(long)]
    lookup_ms: u64,
    #[arg(long)]
    absence_ms: u64,
    /// Pause between two looks at an import of a feed.
    #[arg(long)]
    look_ms: u64,
    /// Name of the armed crash point; none if omitted.
    #[arg(long)]
    at: Option<String>,
    #[arg(long, default_value_t = 1)]
    nth: u32,
    #[arg(long, default_value = "abort")]
    action: String,
    #[arg(long, default_value_t = 0)]
    patience_ms: u64,
}

fn main() -> ExitCode {
    match serve(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    // An abort must leave behind what a power cut does, so no core dump.
    hardening::disable_core_dumps()?;
    let action = Action::named(&arguments.action).ok_or("unknown action; expected abort, error or hang")?;
    let lease = arguments.at.as_ref().map_or(LEASE_OF_UNDISTURBED_HOST, |_| LEASE);
    let armed = arguments.at.clone().map(|name| ArmedCrashPoint {
        name,
        nth: arguments.nth,
        action,
        timeout: Duration::from_millis(arguments.patience_ms),
    });
    if !arm(armed, report) {
        return Err("a crash point is armed already".into());
    }
    let config = Config::load(&arguments.config)?;
    let _flush = telemetry::init(&config.telemetry)?;
    let parts = HostParts {
        clock: Arc::new(TestClock::hastened(arguments.since_ms, PACE)),
        timings: Timings {
            status_checks: vec![Duration::from_millis(arguments.lookup_ms)],
            absence_floor: Duration::from_millis(arguments.absence_ms),
            recovery_tick: TICK,
            outbox_tick: TICK,
            ..Timings::default()
        },
        feeds: FeedTimings {
            tick: TICK,
            pauses: vec![Duration::from_millis(arguments.look_ms)],
            ..FeedTimings::default()
        },
        lease,
        ..HostParts::default()
    };
    tokio::runtime::Runtime::new()?.block_on(async {
        let mut asked_to_stop = signal(SignalKind::terminate())?;
        let host = Host::start(&config, parts).await?;
        say("serving", host.address);
        asked_to_stop.recv().await;
        host.stop().await;
        Ok(())
    })
}

fn report(reached: ReachedCrashPoint<'_>) {
    let verb = if reached.action.is_some() { "reached" } else { "passed" };
    say(verb, reached.name);
}

fn say(verb: &str, what: impl std::fmt::Display) {
    println!("{verb} {what}");
    // The parent process must have the line before this process ends.
    let _ = std::io::stdout().flush();
}
