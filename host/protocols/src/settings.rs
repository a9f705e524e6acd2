//! Settings of the HTTP edge: limits, and what each merchant serves to whom.

mod request_signing;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use serde::Serialize;
use sha2::{Digest, Sha256};

pub use request_signing::RequestSigning;
use tillhouse_checkout::decision::Link;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::money::Currency;
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
    /// Settings of `POST /webhooks/stripe`; `None` answers 404.
    pub stripe_events: Option<StripeEventSettings>,
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
    /// The payment handler that sessions advertise and completions must use.
    pub handler: PaymentHandler,
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

/// A payment handler as advertised in sessions of ACP 2026-04-17 (schema `PaymentHandler`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PaymentHandler {
    /// Id of the handler, which agents send as `payment_data.handler_id`.
    pub id: String,
    /// Kind of handler, as a reverse DNS name: `dev.acp.tokenized.card`.
    pub name: String,
    /// Name of the payment method, shown to the buyer.
    pub display_name: String,
    /// Version of the handler's specification, `YYYY-MM-DD`.
    pub version: String,
    /// URL of the handler's specification.
    pub spec: String,
    /// Whether the agent exchanges the card for a token with `delegate_payment`.
    pub requires_delegate_payment: bool,
    /// Whether card data reaches the merchant, who must then be PCI DSS compliant.
    pub requires_pci_compliance: bool,
    /// Payment service provider that issues the token: `stripe`.
    pub psp: String,
    /// URL of the JSON Schema of `config`.
    pub config_schema: String,
    /// URLs of the JSON Schemas of the accepted payment instruments.
    pub instrument_schemas: Vec<String>,
    /// Configuration that the agent needs to request a token.
    pub config: PaymentHandlerConfig,
}

/// Configuration of a handler that the agent needs to request a token for this merchant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PaymentHandlerConfig {
    /// The merchant's id at the issuer of the token (`allowance.merchant_id` of `delegate_payment`).
    pub merchant_id: String,
    /// Issuer of the token: [`PaymentHandler::psp`] once more, as the schema of the configuration requires.
    pub psp: String,
    /// Accepted card brands, in lower case: `visa`, `mastercard`.
    pub accepted_brands: Vec<String>,
    /// Whether the merchant takes the result of a 3-D Secure authentication. Said even if false: the schema's default is true.
    pub supports_3ds: bool,
}

impl PaymentHandler {
    /// The handler for cards that Stripe tokenizes as shared payment tokens: `dev.acp.tokenized.card` in its only version (ACP RFC
    /// payment handlers §10.4.1, whose URLs these are).
    #[must_use]
    pub fn tokenized_card(merchant_id: impl Into<String>) -> Self {
        let site = "https://acp.dev";
        let psp = "stripe";
        Self {
            id: "card_tokenized".into(),
            name: "dev.acp.tokenized.card".into(),
            display_name: "Card".into(),
            version: "2026-01-22".into(),
            spec: format!("{site}/handlers/tokenized.card"),
            requires_delegate_payment: true,
            requires_pci_compliance: false,
            psp: psp.into(),
            config_schema: format!("{site}/schemas/handlers/tokenized.card/config.json"),
            instrument_schemas: vec![format!("{site}/schemas/handlers/tokenized.card/instrument.json")],
            config: PaymentHandlerConfig {
                merchant_id: merchant_id.into(),
                psp: psp.into(),
                accepted_brands: ["visa", "mastercard", "amex", "discover"].map(String::from).to_vec(),
                supports_3ds: false,
            },
        }
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
