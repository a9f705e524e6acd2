//! What strace wrote, and the rule that it has to keep.

use std::collections::{HashMap, HashSet};

/// How the digest of a charge looks in a write to the store: it is there from `charging` on, and each charge has its own.
const DIGEST: &str = r#"charge_digest\":\""#;

/// Something that the host asked the kernel for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// Wrote to a file, with these digests of charges in what was written.
    Wrote { file: String, digests: Vec<String> },
    /// Began to make a file durable; the number ties it to its end.
    SyncBegun { file: String, number: usize },
    /// Has made it durable.
    Synced { number: usize },
    /// Began to connect.
    Connecting { port: u16 },
}

/// The events of a log, in order.
pub(crate) fn events(log: &str) -> Vec<Event> {
    let mut events = Vec::new();
    // The sync that each thread is in.
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

/// Whether before each connection to the port a charge was written down that no earlier write held, and the file that holds
/// it was made durable in between. How many connections there were.
///
/// # Errors
/// Which connection was made too early, and why.
pub(crate) fn check(events: &[Event], port: u16) -> Result<usize, String> {
    let mut seen = HashSet::new();
    let mut stage = Stage::Nothing;
    let mut connections = 0;
    for event in events {
        stage = match (event, stage) {
            (Event::Wrote { file, digests }, stage) => {
                // Every digest is remembered, so this does not stop at the first new one.
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

/// How far the next charge is.
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

/// The name that `-y` puts behind a descriptor.
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
