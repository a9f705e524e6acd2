//! What the crash points of an exchange on a pooled connection need to know of it.

use tokio::time::Instant;

use crate::checkout::attempt::WireEvidence;
use crate::crash::names;
use crate::egress::error::{EgressError, EgressErrorKind};
use crate::egress::request::HttpRequest;
use crate::egress::upstream::Upstream;

/// One exchange.
pub(super) struct Trip<'a> {
    pub(super) what: String,
    pub(super) deadline: Instant,
    upstream: &'a Upstream,
}

impl<'a> Trip<'a> {
    pub(super) fn of(upstream: &'a Upstream, request: &HttpRequest) -> Self {
        Self {
            what: names::request(request.method, &request.url),
            deadline: Instant::now() + request.timeout.min(upstream.timeout),
            upstream,
        }
    }

    /// The failure that the caller of a pool hears: whatever fails after the connection may have arrived.
    pub(super) fn failed(&self, kind: EgressErrorKind, what: &str) -> EgressError {
        let wire = match kind {
            EgressErrorKind::NotConnected => WireEvidence::NotConnected,
            _ => WireEvidence::SomeBytesWritten,
        };
        EgressError::at(self.upstream, kind, wire, what)
    }
}
