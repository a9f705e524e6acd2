//! The machine: clock, core dumps, open files, the listener's port.

use std::io::ErrorKind;
use std::net::TcpListener;

use super::findings::Findings;
use tillhouse_checkout::time::{Clock, Timestamp};
use tillhouse_payments::operator::moment;
use tillhouse_server::config::Config;
use tillhouse_server::files::{self, Plan};
use tillhouse_server::system::SystemClock;

/// No host was built before 2026.
const EARLIEST: Timestamp = Timestamp(1_767_225_600_000);

pub(super) fn clock(findings: &mut Findings) {
    let now = SystemClock.now();
    if now < EARLIEST {
        findings.fail(
            "clock",
            format!("it is {} by this machine's clock", moment::text(now)),
            "set the clock: signatures, tokens and keys are judged by it",
        );
    } else {
        findings.ok("clock", moment::text(now));
    }
}

/// `serve` switches them off for itself; this is whether it may.
pub(super) fn core_dumps(findings: &mut Findings) {
    match tillhouse_server::memory::no_core_dumps() {
        Ok(()) => findings.ok("core dumps", "are switched off by serve"),
        Err(error) => findings.fail(
            "core dumps",
            format!("cannot be switched off: {error}"),
            "allow RLIMIT_CORE to be lowered",
        ),
    }
}

/// What `serve` would do about the limit of open files: it has the limits of this process, if it is started like it.
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
            format!("{listen} cannot be listened on: {error}"),
            "set server.listen to another address, or end what uses it",
        ),
    }
}
