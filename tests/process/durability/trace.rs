//! Parses the output of strace, and checks the order of its system calls.

use std::collections::{HashMap, HashSet};

/// How the digest of a charge appears in a write to the store: it is stored from `charging` on, and is unique to each charge.
const DIGEST: &str = r#"charge_digest\":\""#;

/// A system call of the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A write to a file, with the digests of charges in the written bytes.
    Wrote { file: String, digests: Vec<String> },
    /// The start of a sync; the number links it to its end.
    SyncBegun { file: String, number: usize },
    /// The end of a sync.
    Synced { number: usize },
    /// The start of a connection.
    Connecting { port: u16 },
}

/// The events of a log, in order.
pub(crate) fn events(log: &str) -> Vec<Event> {
    let mut events = Vec::new();
    // The sync that each thread is executing.
    let mut syncing = HashMap::new();
    for (number, line) in log.lines().enumerate() {
        let Some((thread, call)) = line.split_once(' ') else {
            continue;
        };
        let call = call.trim_start();
        if call.starts_with("fsync(") || call.starts_with("fdatasync(") {
            events.push(Event::SyncBegun {
                file: file_of(call),
                number,
            });
            if call.contains("<unfinished") {
                syncing.insert(thread, number);
            } else if succeeded(call) {
                events.push(Event::Synced { number });
            }
        } else if call.starts_with("<... fsync resumed") || call.starts_with("<... fdatasync resumed") {
            if let Some(number) = syncing.remove(thread).filter(|_| succeeded(call)) {
                events.push(Event::Synced { number });
            }
        } else if call.starts_with("connect(") {
            events.extend(port_of(call).map(|port| Event::Connecting { port }));
        } else if call.starts_with("write(") || call.starts_with("pwrite") || call.starts_with("writev(") {
            events.push(Event::Wrote {
                file: file_of(call),
                digests: digests_of(call),
            });
        }
    }
    events
}

/// Checks that before each connection to the port a new charge was written, and that the file was synced in between. Returns the
/// number of connections.
///
/// # Errors
/// Which connection was made too early, and what was missing.
pub(crate) fn check(events: &[Event], port: u16) -> Result<usize, String> {
    let mut seen = HashSet::new();
    let mut stage = Stage::Nothing;
    let mut connections = 0;
    for event in events {
        stage = match (event, stage) {
            (Event::Wrote { file, digests }, stage) => {
                // All digests must be remembered, so this does not stop at the first new one.
                let new = digests.iter().filter(|digest| seen.insert((*digest).clone())).count();
                let is_new = new > 0;
                if is_new { Stage::Written(file.clone()) } else { stage }
            }
            (Event::SyncBegun { file, number }, Stage::Written(written)) if *file == written => Stage::Syncing(*number),
            (Event::Synced { number }, Stage::Syncing(begun)) if *number == begun => Stage::Durable,
            (Event::Connecting { port: to }, stage) if *to == port => {
                connections += 1;
                if stage != Stage::Durable {
                    return Err(format!("connection {connections}: {stage:?}"));
                }
                Stage::Nothing
            }
            (_, stage) => stage,
        };
    }
    Ok(connections)
}

/// How much has been done for the next charge.
#[derive(Debug, PartialEq, Eq)]
enum Stage {
    Nothing,
    Written(String),
    Syncing(usize),
    Durable,
}

fn succeeded(call: &str) -> bool {
    call.rsplit_once("= ").is_some_and(|(_, result)| result.trim() == "0")
}

/// The file name that `-y` prints after a descriptor.
fn file_of(call: &str) -> String {
    let name = call.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    name.map_or_else(String::new, |(name, _)| name.to_owned())
}

fn port_of(call: &str) -> Option<u16> {
    let (_, rest) = call.split_once("htons(")?;
    rest.split_once(')')?.0.parse().ok()
}

fn digests_of(call: &str) -> Vec<String> {
    let digests = call.split(DIGEST).skip(1);
    digests
        .filter_map(|rest| Some(rest.split_once('\\')?.0.to_owned()))
        .collect()
}
