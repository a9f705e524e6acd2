//! Settings of the HTTP edge: limits, and what each merchant serves to whom.

mod acp_services;
mod adyen;
mod payment_handler;
mod payment_provider;
mod request_signing;
mod stripe_hooks;
mod three_d_secure_support;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use sha2::{Digest, Sha256};

pub use acp_services::AcpServices;
pub use adyen::{
    AdyenAgentSettings, AdyenFlow, AdyenHmacKey, AdyenHmacKeyError, AdyenMember, AdyenMerchantAuth,
    AdyenMerchantSettings, AdyenNames, AdyenSettings, OutgoingNames,
};
pub use payment_handler::{PaymentHandler, PaymentHandlerConfig};
pub use payment_provider::AcpPaymentProvider;
pub use request_signing::RequestSigning;
pub use stripe_hooks::{StripeHookNames, StripeHookSettings, StripePriceMember, TaxAuthority};
pub use three_d_secure_support::ThreeDSecureSupport;
use tillhouse_checkout::decision::Link;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::payment_token::IssuerName;
use tillhouse_checkout::secret::Secret;

/// Settings of a merchant that the HTTP edge needs.
#[derive(Debug)]
pub struct MerchantSettings {
    /// The merchant's id, which is also the path prefix `/m/{merchant}`.
    pub id: MerchantId,
    /// Host names that select this merchant, without a port; matched without regard to case.
    pub hosts: Vec<String>,
    /// Currency of sessions where the request cannot name one, as in ACP 2025-09-29.
    pub currency: Currency,
    /// Links that a session shows unless the plugin returns its own.
    pub links: Vec<Link>,
    /// Settings of the Agentic Commerce Protocol; `None` answers 404 to its routes.
    pub acp: Option<Arc<AcpSettings>>,
    /// Settings of the Stripe Agentic Commerce Suite; `None` answers 404 to its routes.
    pub stripe_acs: Option<StripeAcsSettings>,
    /// Settings of Adyen's agentic commerce; `None` answers 404 to its routes.
    pub adyen: Option<Arc<AdyenSettings>>,
    /// Settings of events at `POST /webhooks/stripe`; without these and the hooks it answers 404.
    pub stripe_events: Option<StripeEventSettings>,
    /// Settings of the lighter hooks at `POST /webhooks/stripe`.
    pub stripe_hooks: Option<Arc<StripeHookSettings>>,
}

/// Settings for webhook events of the merchant's Stripe account.
#[derive(Debug)]
pub struct StripeEventSettings {
    /// Signing secrets (`whsec_…`); an event signed with any of them is accepted.
    pub secrets: Vec<Secret>,
    /// `true` accepts live mode events only, `false` test mode events only.
    pub livemode: bool,
}

/// Settings of the Agentic Commerce Protocol for one merchant.
#[derive(Debug)]
pub struct AcpSettings {
    /// Bearer keys of the agents that may call. For rotation an agent may have two at once, under one name.
    pub keys: Vec<BearerKey>,
    /// The payment handlers that sessions advertise, in their order; a completion uses one of them.
    pub handlers: Vec<PaymentHandler>,
    /// The payment provider that sessions name in releases without payment handlers.
    pub provider: AcpPaymentProvider,
    /// What is offered beside checkouts.
    pub services: AcpServices,
}

impl AcpSettings {
    /// The advertised payment handler with this id.
    pub(crate) fn handler(&self, id: &str) -> Option<&PaymentHandler> {
        self.handlers.iter().find(|handler| handler.id == id)
    }

    /// Whether the result of a 3-D Secure authentication is taken with any of the payment handlers, as of now.
    pub(crate) fn takes_authentications(&self) -> bool {
        self.handlers
            .iter()
            .any(|handler| handler.config.supports_3ds.is_given())
    }

    /// Whether agents may delegate cards to the merchant's vault.
    pub(crate) fn has_vault(&self) -> bool {
        self.handlers.iter().any(|handler| handler.issuer == IssuerName::Vault)
    }

    /// The providers that a completion may name in a release without payment handlers: that of its sessions, and Stripe while a handler
    /// other than Adyen's is advertised in later releases.
    pub(crate) fn providers(&self) -> Vec<AcpPaymentProvider> {
        let others = self.handlers.iter().any(|handler| handler.issuer != IssuerName::Adyen);
        match self.provider {
            AcpPaymentProvider::Adyen if others => vec![AcpPaymentProvider::Adyen, AcpPaymentProvider::Stripe],
            only => vec![only],
        }
    }

    /// Which issuer a token under a provider is of: one of the merchant's vault is known by how it begins.
    pub(crate) fn issuer_of(&self, provider: AcpPaymentProvider, token: &str) -> IssuerName {
        match IssuerName::of_token(token) {
            Some(IssuerName::Vault) if self.has_vault() => IssuerName::Vault,
            _ => provider.issuer(),
        }
    }

    /// The payment handlers, those of the payment provider first.
    pub(crate) fn provider_handlers(&self) -> impl Iterator<Item = &PaymentHandler> {
        let is_of_provider = |handler: &&PaymentHandler| handler.issuer == self.provider.issuer();
        let handlers = self.handlers.iter();
        handlers
            .clone()
            .filter(is_of_provider)
            .chain(handlers.filter(move |handler| !is_of_provider(handler)))
    }
}

/// Settings of the Stripe Agentic Commerce Suite for one merchant.
#[derive(Debug)]
pub struct StripeAcsSettings {
    /// Authentication of the calls of Stripe.
    pub auth: StripeAcsAuth,
    /// Whether a checkout is limited to one line item, as in the first release of the suite.
    pub single_item: bool,
    /// `status` of a checkout while its payment is in progress: `in_progress` as in the samples of Stripe's guide, or
    /// `processing` as in its enum, which lacks `in_progress`.
    pub committing: &'static str,
}

/// How calls of Stripe are authenticated.
#[derive(Debug)]
pub enum StripeAcsAuth {
    /// A `Stripe-Signature` header, made with any of these secrets (`whsec_…`).
    Signature(Vec<Secret>),
    /// An `Authorization: Bearer` header with one of these keys.
    Bearer(Vec<BearerKey>),
}

/// An accepted bearer key, stored as its SHA-256 hash.
///
/// An unsalted hash is enough because keys are random: a dictionary attack does not help.
#[derive(Clone)]
pub struct BearerKey {
    name: String,
    digest: [u8; 32],
    signing: Option<Arc<RequestSigning>>,
}

impl BearerKey {
    /// Hash a key. The name is the principal: it owns sessions, scopes idempotency keys, appears in logs, and is told to plugins.
    #[must_use]
    pub fn new(name: impl Into<String>, key: &Secret) -> Self {
        Self::hashed(name, Sha256::digest(key.reveal().as_bytes()).into())
    }

    /// A key given by its SHA-256 hash.
    #[must_use]
    pub fn hashed(name: impl Into<String>, digest: [u8; 32]) -> Self {
        Self {
            name: name.into(),
            digest,
            signing: None,
        }
    }

    /// The key of an agent whose requests are signed.
    #[must_use]
    pub fn signed_with(self, signing: RequestSigning) -> Self {
        Self {
            signing: Some(Arc::new(signing)),
            ..self
        }
    }

    /// How the agent signs its requests; `None` if its signatures are not looked at.
    #[must_use]
    pub fn signing(&self) -> Option<&Arc<RequestSigning>> {
        self.signing.as_ref()
    }

    /// Name of the key, which is the principal of its requests.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 hash of the key's UTF-8 text.
    #[must_use]
    pub const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
}

impl fmt::Debug for BearerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BearerKey({})", self.name)
    }
}

/// Size limits, connection limits and timeouts of the HTTP edge.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Maximum size of a request body, in bytes; larger bodies get 413.
    pub max_body_bytes: usize,
    /// Timeout for receiving a request body; then 408.
    pub body_timeout: Duration,
    /// Timeout for receiving the request head, and for an idle keep-alive connection.
    pub head_timeout: Duration,
    /// Write timeout: the connection is closed when the client reads nothing of its response for this long.
    pub write_timeout: Duration,
    /// Maximum length of path and query, in bytes; longer ones get 414.
    pub max_uri_bytes: usize,
    /// Maximum number of header fields; more get 431.
    pub max_headers: usize,
    /// Maximum size of all header names and values, in bytes; more get 431.
    pub max_header_bytes: usize,
    /// Maximum number of connections. For a further one, the longest idle connection is closed; if none is idle, the new one is
    /// answered 503 and closed.
    pub max_connections: usize,
    /// Maximum number of connections per client address (503 beyond), and of concurrent requests per client address behind a
    /// trusted proxy (429 beyond).
    pub max_connections_per_client: usize,
    /// How long a new or idle connection keeps its slot while other connections need one: a client needs time to send a request.
    pub idle_grace: Duration,
    /// Networks of reverse proxies whose `X-Forwarded-For` or `Forwarded` is trusted. `max_connections_per_client` does not limit their connections.
    pub trusted_proxies: Vec<IpNet>,
    /// How long a shutdown waits for requests in progress.
    pub drain_timeout: Duration,
    /// Deadline of an ACP complete request; then the response says that the payment is in progress.
    pub complete_deadline: Duration,
    /// Deadline of all other ACP requests; then 503. The ACP specification does not define timeouts.
    pub operation_deadline: Duration,
    /// Deadline of the Stripe hooks: a confirm request is then answered as in progress, other requests get 503.
    ///
    /// Stripe allows a hook four seconds, including the network in both directions. This and the two deadlines above count from
    /// the arrival of the request head.
    pub confirm_deadline: Duration,
    /// How long responses are kept under their idempotency key; ACP requires at least 24 hours.
    pub retention: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_body_bytes: 256 * 1024,
            body_timeout: Duration::from_secs(10),
            head_timeout: Duration::from_secs(5),
            write_timeout: Duration::from_secs(30),
            max_uri_bytes: 8 * 1024,
            max_headers: 64,
            max_header_bytes: 16 * 1024,
            max_connections: 1024,
            max_connections_per_client: 64,
            idle_grace: Duration::from_millis(100),
            trusted_proxies: loopback_networks(),
            drain_timeout: Duration::from_secs(30),
            complete_deadline: Duration::from_millis(9_500),
            operation_deadline: Duration::from_millis(9_500),
            confirm_deadline: Duration::from_secs(3),
            retention: Duration::from_secs(48 * 3600),
        }
    }
}

/// The loopback addresses, for a reverse proxy on the same machine: the default listen address accepts no other clients.
#[must_use]
pub fn loopback_networks() -> Vec<IpNet> {
    vec![
        IpNet::from(IpAddr::from(Ipv4Addr::LOCALHOST)),
        IpNet::from(IpAddr::from(Ipv6Addr::LOCALHOST)),
    ]
}
