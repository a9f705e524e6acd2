//! The machine: clock, core dumps, open files, the listener's port.

use std::io::ErrorKind;
use std::net::TcpListener;

use super::checks::Checks;
use tillhouse_checkout::time::{Clock, Timestamp};
use tillhouse_payments::operator::timestamp;
use tillhouse_server::clock_and_ids::SystemClock;
use tillhouse_server::config::Config;
use tillhouse_server::file_limit::{self, FileLimit};

/// 2026-01-01T00:00:00Z. No host was built before, so an earlier clock is wrong.
const EARLIEST: Timestamp = Timestamp(1_767_225_600_000);

pub(super) fn clock(checks: &mut Checks) {
    let now = SystemClock.now();
    if now < EARLIEST {
        checks.fail(
            "clock",
            format!("this machine's clock is at {}", timestamp::text(now)),
            "set the clock: signatures, tokens and idempotency keys are checked against it",
        );
    } else {
        checks.ok("clock", timestamp::text(now));
    }
}

/// Check that `serve` will be able to disable core dumps for itself.
pub(super) fn core_dumps(checks: &mut Checks) {
    match tillhouse_server::hardening::disable_core_dumps() {
        Ok(()) => checks.ok("core dumps", "are disabled by serve"),
        Err(error) => checks.fail(
            "core dumps",
            format!("cannot be disabled: {error}"),
            "allow RLIMIT_CORE to be lowered",
        ),
    }
}

/// What `serve` will do about the limit of open files, assuming that it starts with the limits of this process.
pub(super) fn open_files(config: &Config, checks: &mut Checks) {
    let limit = FileLimit::for_this_process(config.server.max_connections);
    if limit.is_short() {
        checks.warn("open files", limit.to_string(), file_limit::how_to_fix(&limit));
    } else {
        checks.ok("open files", limit.to_string());
    }
}

pub(super) fn listener(config: &Config, running: bool, checks: &mut Checks) {
    let listen = config.server.listen;
    match TcpListener::bind(listen) {
        Ok(_) => checks.ok("listener", format!("{listen} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse && running => {
            checks.ok("listener", format!("{listen} is in use while a host runs"));
        }
        Err(error) => checks.fail(
            "listener",
            format!("cannot listen on {listen}: {error}"),
            "set server.listen to another address, or stop the process that uses this one",
        ),
    }
}
