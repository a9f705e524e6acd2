//! The HTTP client, one for the whole process.

use std::sync::Arc;
use std::time::Duration;

use super::error::EgressError;
use super::pooled::PooledClient;
use super::request::{Connection, HttpRequest, HttpResponse};
use super::request_checks;
use super::tls;
use super::upstream::Upstream;
use super::wire::WireClient;

/// Timeout of connecting, including DNS lookup and TLS handshake.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// The client cannot be created, because TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("failed to create the HTTP client: {0}")]
pub struct ClientError(pub(super) String);

/// Sends requests to upstreams. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    wire: WireClient,
    pub(super) pooled: PooledClient,
}

impl Client {
    /// Creates the client, which trusts the CA certificates that this machine trusts.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new() -> Result<Self, ClientError> {
        Self::with_tls(tls::config()?)
    }

    pub(super) fn with_tls(tls: rustls::ClientConfig) -> Result<Self, ClientError> {
        Ok(Self {
            pooled: PooledClient::new(&tls)?,
            wire: WireClient::new(Arc::new(tls)),
        })
    }

    /// Sends a request and reads the whole response.
    ///
    /// # Errors
    /// When the grants of the upstream forbid the request, no response arrived, or the response exceeds the limits. The error
    /// states how much of the request the upstream may have seen.
    pub async fn send(&self, upstream: &Upstream, request: HttpRequest) -> Result<HttpResponse, EgressError> {
        request_checks::check_destination(upstream, &request)?;
        match request.connection {
            Connection::Fresh => self.wire.send(upstream, request).await,
            Connection::Pooled => self.pooled.send(upstream, request).await,
        }
    }
}

#[cfg(test)]
mod tests;
