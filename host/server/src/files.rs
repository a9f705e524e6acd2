//! File descriptor limit: each connection, each file of the store and each outgoing request needs a descriptor.

use std::fmt;
use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use tracing::{info, warn};

use tillhouse_protocols::{DOOR, LEAVING};

/// Descriptors for the store, plugins, outgoing requests, operators and the log, in addition to connections.
const OTHERS: usize = 256;

/// Descriptors that are not available to regular connections.
const RESERVE: usize = OTHERS + DOOR + LEAVING;

/// Minimum number of connections, whatever the limit.
const LEAST: usize = 16;

/// Limit of open files, and the number of connections that it allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Soft limit of this process before the change; `None` is unlimited.
    pub was: Option<u64>,
    /// Soft limit to set; `None` is unlimited.
    pub limit: Option<u64>,
    /// Requested number of connections: `server.max_connections`.
    pub asked: usize,
    /// Concurrent connections that the limit allows, at most `asked`.
    pub connections: usize,
}

impl Plan {
    /// Raises the soft limit to the hard one; if that does not allow the requested connections, there are fewer.
    #[must_use]
    pub fn of(soft: Option<u64>, hard: Option<u64>, asked: usize) -> Self {
        // If the hard limit is below the soft one, which no kernel allows, nothing is lowered.
        let limit = match (soft, hard) {
            (Some(soft), Some(hard)) => Some(soft.max(hard)),
            _ => None,
        };
        let room = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        let connections = asked.min(room.saturating_sub(RESERVE).max(LEAST));
        Self {
            was: soft,
            limit,
            asked,
            connections,
        }
    }

    /// The plan for this process, from its current limits.
    #[must_use]
    pub fn of_this_process(asked: usize) -> Self {
        let limits = getrlimit(Resource::Nofile);
        Self::of(limits.current, limits.maximum, asked)
    }

    /// Whether the limit allows fewer connections than requested.
    #[must_use]
    pub const fn is_short(&self) -> bool {
        self.connections < self.asked
    }

    /// Limit of open files that the requested connections need.
    #[must_use]
    pub const fn needed(&self) -> usize {
        self.asked.saturating_add(RESERVE)
    }

    /// Raises the limit of this process.
    ///
    /// # Errors
    /// When the operating system does not allow it.
    pub fn carry_out(&self) -> io::Result<()> {
        if self.limit == self.was {
            return Ok(());
        }
        let maximum = getrlimit(Resource::Nofile).maximum;
        let current = self.limit;
        Ok(setrlimit(Resource::Nofile, Rlimit { current, maximum })?)
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |limit: Option<u64>| limit.map_or_else(|| "unlimited".to_owned(), |limit| limit.to_string());
        if self.limit == self.was {
            write!(f, "up to {} open files", text(self.limit))?;
        } else {
            write!(
                f,
                "up to {} open files (raised from {})",
                text(self.limit),
                text(self.was)
            )?;
        }
        write!(f, ", {} connections", self.connections)?;
        if self.is_short() {
            write!(f, " of the {} of server.max_connections", self.asked)?;
        }
        Ok(())
    }
}

/// How to allow as many connections as requested.
#[must_use]
pub fn remedy(plan: &Plan) -> String {
    format!(
        "raise the hard limit of open files to {} (LimitNOFILE= of systemd, --ulimit nofile= of Docker), or lower \
         server.max_connections to {}",
        plan.needed(),
        plan.connections
    )
}

/// Raises the limit of open files, and returns the number of connections that it allows, at most `connections`.
#[must_use]
pub fn fit(connections: usize) -> usize {
    let plan = Plan::of_this_process(connections);
    let plan = plan.carry_out().map_or_else(
        |error| {
            warn!("failed to raise the limit of open files: {error}");
            Plan::of(plan.was, plan.was, connections)
        },
        |()| plan,
    );
    if plan.is_short() {
        warn!("{plan}; {}", remedy(&plan));
    } else {
        info!("{plan}");
    }
    plan.connections
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn the_limit_is_raised_to_what_is_allowed_and_connections_are_as_asked_for() {
        let plan = Plan::of(Some(1024), Some(524_288), 1024);
        assert_eq!((plan.limit, plan.connections), (Some(524_288), 1024));
        let text = "up to 524288 open files (raised from 1024), 1024 connections";
        assert_eq!(plan.to_string(), text);
        for (soft, hard) in [(Some(1024), None), (None, None)] {
            let plan = Plan::of(soft, hard, 1_000_000);
            assert_eq!((plan.limit, plan.connections), (None, 1_000_000), "{soft:?} {hard:?}");
        }
        let enough = Plan::of(Some(4096), Some(4096), 1024);
        assert_eq!(enough.to_string(), "up to 4096 open files, 1024 connections");
    }

    #[test]
    fn connections_fit_a_limit_that_cannot_be_raised_and_leave_room_for_charges() {
        for (hard, asked, connections) in [
            (1024, 1024, 1024 - RESERVE),
            (1024, 400, 400),
            (4096, 1_000_000, 4096 - RESERVE),
            (64, 1024, LEAST),
            (0, 1, 1),
        ] {
            let plan = Plan::of(Some(hard), Some(hard), asked);
            assert_eq!(plan.connections, connections, "{hard} {asked}");
            assert_eq!(plan.is_short(), connections < asked);
        }
        let short = Plan::of(Some(512), Some(1024), 1024);
        let text = format!(
            "up to 1024 open files (raised from 512), {} connections of the 1024 of server.max_connections",
            1024 - RESERVE
        );
        assert_eq!(short.to_string(), text);
        assert!(remedy(&short).contains(&(1024 + RESERVE).to_string()));
    }

    #[test]
    fn a_soft_limit_is_never_lowered() {
        assert_eq!(Plan::of(Some(2048), Some(1024), 10).limit, Some(2048));
        assert_eq!(Plan::of(None, Some(1024), 10).limit, None);
    }

    #[test]
    fn the_plan_for_this_process_can_be_carried_out() {
        Plan::of_this_process(1024).carry_out().unwrap();
        let again = Plan::of_this_process(1024);
        assert_eq!(again.limit, again.was);
    }
}
