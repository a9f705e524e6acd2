//! What the operator is told of connections that were refused: a line now and then, however many there are.

use std::net::IpAddr;
use std::time::Duration;

use tokio::time::Instant;
use tracing::warn;

use super::slots::Full;
use crate::settings::Limits;

/// Between two lines.
const PAUSE: Duration = Duration::from_secs(10);

/// Connections that were refused since the operator was last told.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    count: u64,
    told: Option<Instant>,
}

impl Refusals {
    pub(super) fn count(&mut self, full: Full, peer: IpAddr, limits: &Limits) {
        self.count += 1;
        if self.told.is_some_and(|told| told.elapsed() < PAUSE) {
            return;
        }
        let count = std::mem::take(&mut self.count);
        self.told = Some(Instant::now());
        match full {
            Full::Host => warn!(
                count,
                "connections were answered 503: all {} are taken (server.max_connections)", limits.connections
            ),
            Full::Client => warn!(
                count,
                client.address = %peer,
                "connections were answered 503: an address has its share of {} (server.max_connections_per_address); if it is \
                 a proxy of yours, list it in server.trusted_proxies",
                limits.share
            ),
        }
    }
}
