//! File descriptor limit: each connection, each file of the store and each outgoing request needs a descriptor.

use std::fmt;
use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use tracing::{info, warn};

use tillhouse_protocols::{CLOSING_CONNECTIONS, OVERFLOW_CONNECTIONS};

/// Descriptors for the store, plugins, outgoing requests, operators and the log, in addition to connections.
const OTHERS: usize = 256;

/// Descriptors that are not available to regular connections.
const RESERVE: usize = OTHERS + OVERFLOW_CONNECTIONS + CLOSING_CONNECTIONS;

/// Minimum number of connections, whatever the limit.
const MIN_CONNECTIONS: usize = 16;

/// Limit of open files, and the number of connections that it allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileLimit {
    /// Soft limit of this process before the change; `None` is unlimited.
    pub before: Option<u64>,
    /// Soft limit to set; `None` is unlimited.
    pub limit: Option<u64>,
    /// Requested number of connections: `server.max_connections`.
    pub requested: usize,
    /// Concurrent connections that the limit allows, at most `requested`.
    pub connections: usize,
}

impl FileLimit {
    /// Raises the soft limit to the hard one; if that does not allow the requested connections, there are fewer.
    #[must_use]
    pub fn new(soft: Option<u64>, hard: Option<u64>, requested: usize) -> Self {
        // If the hard limit is below the soft one, which no kernel allows, nothing is lowered.
        let limit = match (soft, hard) {
            (Some(soft), Some(hard)) => Some(soft.max(hard)),
            _ => None,
        };
        let available = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        let connections = requested.min(available.saturating_sub(RESERVE).max(MIN_CONNECTIONS));
        Self {
            before: soft,
            limit,
            requested,
            connections,
        }
    }

    /// The limit for this process, from its current limits.
    #[must_use]
    pub fn for_this_process(requested: usize) -> Self {
        let limits = getrlimit(Resource::Nofile);
        Self::new(limits.current, limits.maximum, requested)
    }

    /// Whether the limit allows fewer connections than requested.
    #[must_use]
    pub const fn is_short(&self) -> bool {
        self.connections < self.requested
    }

    /// Limit of open files that the requested connections need.
    #[must_use]
    pub const fn needed(&self) -> usize {
        self.requested.saturating_add(RESERVE)
    }

    /// Raises the limit of this process.
    ///
    /// # Errors
    /// When the operating system does not allow it.
    pub fn apply(&self) -> io::Result<()> {
        if self.limit == self.before {
            return Ok(());
        }
        let maximum = getrlimit(Resource::Nofile).maximum;
        let current = self.limit;
        Ok(setrlimit(Resource::Nofile, Rlimit { current, maximum })?)
    }
}

impl fmt::Display for FileLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |limit: Option<u64>| limit.map_or_else(|| "unlimited".to_owned(), |limit| limit.to_string());
        if self.limit == self.before {
            write!(f, "up to {} open files", text(self.limit))?;
        } else {
            write!(
                f,
                "up to {} open files (raised from {})",
                text(self.limit),
                text(self.before)
            )?;
        }
        write!(f, ", {} connections", self.connections)?;
        if self.is_short() {
            write!(f, " of the {} of server.max_connections", self.requested)?;
        }
        Ok(())
    }
}

/// How to allow as many connections as requested.
#[must_use]
pub fn how_to_fix(limit: &FileLimit) -> String {
    format!(
        "raise the hard limit of open files to {} (LimitNOFILE= of systemd, --ulimit nofile= of Docker), or lower \
         server.max_connections to {}",
        limit.needed(),
        limit.connections
    )
}

/// Raises the limit of open files, and returns the number of connections that it allows, at most `connections`.
#[must_use]
pub fn raise_file_limit(connections: usize) -> usize {
    let limit = FileLimit::for_this_process(connections);
    let limit = limit.apply().map_or_else(
        |error| {
            warn!("failed to raise the limit of open files: {error}");
            FileLimit::new(limit.before, limit.before, connections)
        },
        |()| limit,
    );
    if limit.is_short() {
        warn!("{limit}; {}", how_to_fix(&limit));
    } else {
        info!("{limit}");
    }
    limit.connections
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn the_limit_is_raised_to_what_is_allowed_and_connections_are_as_requested() {
        let limit = FileLimit::new(Some(1024), Some(524_288), 1024);
        assert_eq!((limit.limit, limit.connections), (Some(524_288), 1024));
        let text = "up to 524288 open files (raised from 1024), 1024 connections";
        assert_eq!(limit.to_string(), text);
        for (soft, hard) in [(Some(1024), None), (None, None)] {
            let limit = FileLimit::new(soft, hard, 1_000_000);
            assert_eq!((limit.limit, limit.connections), (None, 1_000_000), "{soft:?} {hard:?}");
        }
        let enough = FileLimit::new(Some(4096), Some(4096), 1024);
        assert_eq!(enough.to_string(), "up to 4096 open files, 1024 connections");
    }

    #[test]
    fn connections_fit_a_limit_that_cannot_be_raised_and_leave_room_for_charges() {
        for (hard, requested, connections) in [
            (1024, 1024, 1024 - RESERVE),
            (1024, 400, 400),
            (4096, 1_000_000, 4096 - RESERVE),
            (64, 1024, MIN_CONNECTIONS),
            (0, 1, 1),
        ] {
            let limit = FileLimit::new(Some(hard), Some(hard), requested);
            assert_eq!(limit.connections, connections, "{hard} {requested}");
            assert_eq!(limit.is_short(), connections < requested);
        }
        let short = FileLimit::new(Some(512), Some(1024), 1024);
        let text = format!(
            "up to 1024 open files (raised from 512), {} connections of the 1024 of server.max_connections",
            1024 - RESERVE
        );
        assert_eq!(short.to_string(), text);
        assert!(how_to_fix(&short).contains(&(1024 + RESERVE).to_string()));
    }

    #[test]
    fn a_soft_limit_is_never_lowered() {
        assert_eq!(FileLimit::new(Some(2048), Some(1024), 10).limit, Some(2048));
        assert_eq!(FileLimit::new(None, Some(1024), 10).limit, None);
    }

    #[test]
    fn the_limit_of_this_process_can_be_raised() {
        FileLimit::for_this_process(1024).apply().unwrap();
        let again = FileLimit::for_this_process(1024);
        assert_eq!(again.limit, again.before);
    }
}
