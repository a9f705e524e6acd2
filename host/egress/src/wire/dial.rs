//! Opens a TCP connection to an upstream.

use std::net::SocketAddr;

use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

use crate::error::{EgressError, EgressErrorKind};
use crate::request_checks::address_refused;
use crate::resolver::{LookupError, lookup};
use crate::upstream::Upstream;
use tillhouse_checkout::attempt::WireEvidence;

/// Connects to the checked addresses of the upstream, one after another, each with its share of the time.
pub(super) async fn dial(upstream: &Upstream, until: Instant) -> Result<TcpStream, EgressError> {
    let found = timeout_at(until, addresses(upstream))
        .await
        .unwrap_or_else(|_| Err(unreachable(upstream, "DNS lookup timed out")))?;
    let count = u32::try_from(found.len()).unwrap_or(u32::MAX);
    for (address, left) in found.into_iter().zip((1..=count).rev()) {
        let share = until.saturating_duration_since(Instant::now()) / left;
        if let Ok(Ok(stream)) = timeout(share, TcpStream::connect(address)).await {
            // A request is written at once; without this its last part would wait for an acknowledgment. On failure it is only
            // slower.
            stream.set_nodelay(true).ok();
            return Ok(stream);
        }
    }
    Err(unreachable(upstream, "connection failed or timed out"))
}

async fn addresses(upstream: &Upstream) -> Result<Vec<SocketAddr>, EgressError> {
    let port = upstream.base().port_or_known_default().unwrap_or(443);
    if let Some(literal) = upstream.ip_literal() {
        return Ok(vec![SocketAddr::new(literal, port)]);
    }
    let name = upstream.base().host_str().unwrap_or_default();
    lookup(name, port, upstream.allow_private)
        .await
        .map_err(|error| match error {
            LookupError::Refused => address_refused(upstream),
            LookupError::Failed(_) => unreachable(upstream, "DNS lookup failed"),
        })
}

fn unreachable(upstream: &Upstream, what: &str) -> EgressError {
    let kind = EgressErrorKind::NotConnected;
    EgressError::for_upstream(upstream, kind, WireEvidence::NotConnected, what)
}
