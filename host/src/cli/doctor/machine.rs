//! The machine: clock, core dumps, open files, the listener's port.

use std::io::ErrorKind;
use std::net::TcpListener;

use super::findings::Findings;
use tillhouse_checkout::time::{Clock, Timestamp};
use tillhouse_payments::operator::timestamp;
use tillhouse_server::config::Config;
use tillhouse_server::files::{self, Plan};
use tillhouse_server::system::SystemClock;

/// 2026-01-01T00:00:00Z. No host was built before, so an earlier clock is wrong.
const EARLIEST: Timestamp = Timestamp(1_767_225_600_000);

pub(super) fn clock(findings: &mut Findings) {
    let now = SystemClock.now();
    if now < EARLIEST {
        findings.fail(
            "clock",
            format!("this machine's clock is at {}", timestamp::text(now)),
            "set the clock: signatures, tokens and idempotency keys are checked against it",
        );
    } else {
        findings.ok("clock", timestamp::text(now));
    }
}

/// Check that `serve` will be able to disable core dumps for itself.
pub(super) fn core_dumps(findings: &mut Findings) {
    match tillhouse_server::memory::no_core_dumps() {
        Ok(()) => findings.ok("core dumps", "are disabled by serve"),
        Err(error) => findings.fail(
            "core dumps",
            format!("cannot be disabled: {error}"),
            "allow RLIMIT_CORE to be lowered",
        ),
    }
}

/// What `serve` will do about the limit of open files, assuming that it starts with the limits of this process.
pub(super) fn open_files(config: &Config, findings: &mut Findings) {
    let plan = Plan::of_this_process(config.server.max_connections);
    if plan.is_short() {
        findings.warn("open files", plan.to_string(), files::remedy(&plan));
    } else {
        findings.ok("open files", plan.to_string());
    }
}

pub(super) fn listener(config: &Config, running: bool, findings: &mut Findings) {
    let listen = config.server.listen;
    match TcpListener::bind(listen) {
        Ok(_) => findings.ok("listener", format!("{listen} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse && running => {
            findings.ok("listener", format!("{listen} is in use while a host runs"));
        }
        Err(error) => findings.fail(
            "listener",
            format!("cannot listen on {listen}: {error}"),
            "set server.listen to another address, or stop the process that uses this one",
        ),
    }
}
