//! What strangers can do to health checks and creations.
//!
//! A host, its attackers and its prober are processes of their own, on loopback. Attackers come from `127.0.0.2` and above, the prober from `127.0.0.1`.

mod attack;
mod probe;
mod report;

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

pub use attack::Attack;
pub use probe::Seen;
pub use report::{Report, Row};

use crate::process::HostProcess;
use crate::{Merchant, TestHost};

/// The merchant that is attacked.
const MERCHANT: &str = "alpha";

/// What an attacker prints once it attacks.
const ATTACKING: &str = "attacking";

/// Measure every attack for so many seconds, quiet first.
///
/// # Panics
/// When a process cannot be started or does not say what it has seen.
pub async fn run(seconds: u64) -> Report {
    let plan = TestHost::builder().merchant(Merchant::named(MERCHANT));
    let host = HostProcess::start(plan, &[]).await;
    let address = host.address();
    let mut rows = vec![Row::new("quiet", probed(address, seconds))];
    for attack in Attack::ALL {
        let attacker = Attacker::start(attack, address, seconds);
        rows.push(Row::new(attack.name(), probed(address, seconds)));
        drop(attacker);
    }
    Report { rows }
}

/// Be what this program started itself as: an attacker or the prober. False where it is neither.
///
/// # Panics
/// When its arguments are not those of [`run`].
pub async fn part(words: &[String]) -> bool {
    match words {
        [verb, attack, address, seconds] if verb == "attack" => {
            let attack = Attack::named(attack).expect("an attack");
            attack::run(
                attack,
                address.parse().expect("an address"),
                seconds.parse().expect("seconds"),
            )
            .await;
            true
        }
        [verb, address, seconds] if verb == "probe" => {
            probe::run(address.parse().expect("an address"), seconds.parse().expect("seconds")).await;
            true
        }
        _ => false,
    }
}

fn probed(address: SocketAddr, seconds: u64) -> Seen {
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program)
        .args(["probe", &address.to_string(), &seconds.to_string()])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .expect("the prober runs");
    serde_json::from_slice(&output.stdout)
        .map(|seen| Seen::from_json(&seen))
        .expect("what the prober has seen")
}

/// A process that attacks. Dropped, it is killed; by itself it ends soon after the prober.
struct Attacker(Child);

impl Attacker {
    fn start(attack: Attack, address: SocketAddr, seconds: u64) -> Self {
        let program = std::env::current_exe().expect("this program");
        // A connection is a file, and the usual limit of those is below what an attacker opens.
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
            .expect("an attacker's process");
        let mut said = String::new();
        let stdout = child.stdout.as_mut().expect("what it says");
        BufReader::new(stdout).read_line(&mut said).expect("what it says");
        assert_eq!(said.trim(), ATTACKING, "the attacker did not get that far");
        Self(child)
    }
}

impl Drop for Attacker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A line to the process that started this one.
#[expect(clippy::print_stdout, reason = "this is how these processes speak to each other")]
fn say(line: &str) {
    println!("{line}");
}
