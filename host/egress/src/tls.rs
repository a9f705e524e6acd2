//! What makes a TLS session: the provider, the certificates that are trusted, the protocol that is spoken on it.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::client::danger::ServerCertVerifier;

use super::client::ClientError;

/// TLS with the certificates that this machine trusts, for HTTP/1.1 only.
///
/// The ring provider is passed by hand: nothing depends on which provider another crate made the process default. Early data
/// stays off: it would be request bytes before there is a session.
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
            // Better than not to start: whatever needs TLS fails closed, and a simulator on loopback needs none.
            tracing::warn!(%error, "this machine trusts no certificates; every https request will fail");
            builder
                .with_root_certificates(rustls::RootCertStore::empty())
                .with_no_client_auth()
        }
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
