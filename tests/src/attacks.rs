//! How unauthenticated attackers affect health checks and session creation.
//!
//! Host, attackers and prober are separate processes on loopback. Attackers connect from `127.0.0.2` and above, the prober from
//! `127.0.0.1`.

mod attack;
mod probe;
mod report;

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

pub use attack::Attack;
pub use probe::ResponseTimes;
pub use report::{Report, ReportRow};

use crate::process::HostProcess;
use crate::{Merchant, TestHost};

/// Name of the attacked merchant.
const MERCHANT: &str = "alpha";

/// What an attacker prints when its attack has begun.
const ATTACKING: &str = "attacking";

/// Measures for this many seconds without an attack, then the same for each attack.
///
/// # Panics
/// When a process cannot be started or does not report its measurements.
pub async fn run(seconds: u64) -> Report {
    let plan = TestHost::builder().merchant(Merchant::named(MERCHANT));
    let host = HostProcess::start(plan, &[]).await;
    let address = host.address();
    let mut rows = vec![ReportRow::new("quiet", probe_in_process(address, seconds))];
    for attack in Attack::ALL {
        let attacker = Attacker::start(attack, address, seconds);
        rows.push(ReportRow::new(attack.name(), probe_in_process(address, seconds)));
        drop(attacker);
    }
    Report { rows }
}

/// Runs the attacker or the prober if [`run`] started this process as one of them; returns false otherwise.
///
/// # Panics
/// When its arguments are not those of [`run`].
pub async fn run_if_part(words: &[String]) -> bool {
    match words {
        [verb, attack, address, seconds] if verb == "attack" => {
            let attack = Attack::named(attack).expect("the name of an attack");
            attack::run(
                attack,
                address.parse().expect("a socket address"),
                seconds.parse().expect("a number of seconds"),
            )
            .await;
            true
        }
        [verb, address, seconds] if verb == "probe" => {
            probe::run(
                address.parse().expect("a socket address"),
                seconds.parse().expect("a number of seconds"),
            )
            .await;
            true
        }
        _ => false,
    }
}

fn probe_in_process(address: SocketAddr, seconds: u64) -> ResponseTimes {
    let program = std::env::current_exe().expect("the path of this program");
    let output = Command::new(program)
        .args(["probe", &address.to_string(), &seconds.to_string()])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .expect("the prober runs");
    serde_json::from_slice(&output.stdout)
        .map(|seen| ResponseTimes::from_json(&seen))
        .expect("the prober prints its measurements as JSON")
}

/// An attacker process; killed when dropped. It also ends by itself soon after the prober.
struct Attacker(Child);

impl Attacker {
    fn start(attack: Attack, address: SocketAddr, seconds: u64) -> Self {
        let program = std::env::current_exe().expect("the path of this program");
        // Each connection needs a file descriptor, and the usual limit is too low for an attacker.
        let mut child = Command::new("sh")
            .args(["-c", "ulimit -n \"$(ulimit -Hn)\"; exec \"$0\" \"$@\""])
            .arg(program)
            .args([
                "attack",
                attack.name(),
                &address.to_string(),
                &(seconds + 5).to_string(),
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("an attacker can be started");
        let mut said = String::new();
        let stdout = child.stdout.as_mut().expect("standard output is piped");
        BufReader::new(stdout)
            .read_line(&mut said)
            .expect("the attacker's output can be read");
        assert_eq!(said.trim(), ATTACKING, "the attack did not begin");
        Self(child)
    }
}

impl Drop for Attacker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Prints a line for the parent process.
#[expect(clippy::print_stdout, reason = "the parent process reads standard output")]
fn print_line(line: &str) {
    println!("{line}");
}
