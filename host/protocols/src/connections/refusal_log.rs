//! Log messages about refused connections, limited in rate however many there are.

use std::net::IpAddr;
use std::time::Duration;

use tokio::time::Instant;
use tracing::warn;

use super::slots::LimitReached;
use crate::settings::Limits;

/// Minimum time between two log messages.
const PAUSE: Duration = Duration::from_secs(10);

/// Number of refused connections since the last log message.
#[derive(Debug, Default)]
pub(super) struct RefusalLog {
    count: u64,
    last_logged: Option<Instant>,
}

impl RefusalLog {
    pub(super) fn count(&mut self, limit: LimitReached, peer: IpAddr, limits: &Limits) {
        self.count += 1;
        if self.last_logged.is_some_and(|told| told.elapsed() < PAUSE) {
            return;
        }
        let count = std::mem::take(&mut self.count);
        self.last_logged = Some(Instant::now());
        match limit {
            LimitReached::Host => warn!(
                count,
                "answered connections with 503: all {} are in use (server.max_connections)", limits.max_connections
            ),
            LimitReached::Client => warn!(
                count,
                client.address = %peer,
                "answered connections with 503: an address reached its limit of {} (server.max_connections_per_address); if it \
                 is your reverse proxy, list it in server.trusted_proxies",
                limits.max_connections_per_client
            ),
        }
    }
}
