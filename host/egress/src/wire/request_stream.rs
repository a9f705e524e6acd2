//! The stream that one request is sent on.

use std::io;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{CertificateError, ClientConfig};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

use super::counted_stream::CountedSocket;
use super::dial::dial;
use super::observations::WireObservations;
use crate::client::CONNECT_TIMEOUT;
use crate::error::{EgressError, EgressErrorKind};
use crate::upstream::Upstream;
use tillhouse_checkout::attempt::WireEvidence;

/// A stream with a [`CountedSocket`] at the bottom.
pub(super) type RequestStream = Box<dyn Duplex>;

/// A stream that can be read and written.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Duplex for S {}

/// Connects, and sets up TLS if the base URL of the upstream is https.
pub(super) async fn open(
    tls: &Arc<ClientConfig>,
    upstream: &Upstream,
    deadline: Instant,
    observations: &Arc<WireObservations>,
) -> Result<RequestStream, EgressError> {
    let secure = match upstream.base().scheme() {
        "https" => Some(server_name(upstream)?),
        _ => None,
    };
    let until = deadline.min(Instant::now() + CONNECT_TIMEOUT);
    let socket = CountedSocket::new(dial(upstream, until).await?, Arc::clone(observations));
    let Some(name) = secure else {
        return Ok(Box::new(socket));
    };
    let handshake = TlsConnector::from(Arc::clone(tls)).connect(name, socket);
    let what = match timeout_at(until, handshake).await {
        Ok(Ok(stream)) => return Ok(Box::new(stream)),
        Ok(Err(error)) => tls_error_message(&error),
        Err(_) => "TLS handshake timed out",
    };
    let kind = EgressErrorKind::NotConnected;
    Err(EgressError::for_upstream(upstream, kind, WireEvidence::TlsFailed, what))
}

/// The name or address that the certificate must be for.
fn server_name(upstream: &Upstream) -> Result<ServerName<'static>, EgressError> {
    if let Some(literal) = upstream.ip_literal() {
        return Ok(ServerName::from(literal));
    }
    let name = upstream.base().host_str().unwrap_or_default().to_owned();
    ServerName::try_from(name).map_err(|_| {
        EgressError::invalid(format!(
            "upstream {}: the host of its base URL is not a valid TLS server name",
            upstream.name()
        ))
    })
}

fn tls_error_message(error: &io::Error) -> &'static str {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
    let Some(cause) = cause else {
        return "the connection was lost during the TLS handshake";
    };
    match cause {
        rustls::Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "the certificate has expired"
        }
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => "the certificate is for another name",
        rustls::Error::InvalidCertificate(_) => "the certificate is not trusted by this machine",
        rustls::Error::InvalidMessage(_) => "the server does not speak TLS",
        _ => "TLS handshake failed",
    }
}
