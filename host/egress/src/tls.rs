//! TLS configuration: crypto provider, trusted certificates, ALPN.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::client::danger::ServerCertVerifier;

use super::client::ClientError;

/// TLS that trusts the CA certificates of this machine, for HTTP/1.1 only.
///
/// The ring provider is passed explicitly, so that nothing depends on the process default of another crate. Early data stays off:
/// it would send request bytes before the handshake is complete.
pub(super) fn config() -> Result<ClientConfig, ClientError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| ClientError(error.to_string()))?;
    let mut config = match rustls_platform_verifier::Verifier::new(provider) {
        Ok(verifier) => {
            let verifier: Arc<dyn ServerCertVerifier> = Arc::new(verifier);
            builder
                .dangerous()
                .with_custom_certificate_verifier(verifier)
                .with_no_client_auth()
        }
        Err(error) => {
            // Better than not to start: every https request fails, and a simulator on loopback needs no TLS.
            tracing::warn!(%error, "no trusted CA certificates found on this machine; every https request will fail");
            builder
                .with_root_certificates(rustls::RootCertStore::empty())
                .with_no_client_auth()
        }
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
