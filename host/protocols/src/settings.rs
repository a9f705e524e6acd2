//! What the edges need to know of each merchant.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use serde::Serialize;
use sha2::{Digest, Sha256};

use tillhouse_checkout::decision::Link;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::secret::Secret;

/// A merchant, as the edges know it.
#[derive(Debug)]
pub struct MerchantEdge {
    /// The merchant; also the name in the prefix `/m/{merchant}`.
    pub id: MerchantId,
    /// Host names that lead here, without a port.
    pub hosts: Vec<String>,
    /// The currency of releases that do not name one.
    pub currency: Currency,
    /// Pages to show where the plugin names none.
    pub links: Vec<Link>,
    /// The Agentic Commerce Protocol, if spoken.
    pub acp: Option<Arc<AcpSettings>>,
    /// The Stripe Agentic Commerce Suite, if spoken.
    pub stripe_acs: Option<StripeAcsSettings>,
    /// Events of the merchant's Stripe account, if taken.
    pub stripe_events: Option<StripeEventSettings>,
}

/// Events that Stripe sends.
#[derive(Debug)]
pub struct StripeEventSettings {
    /// What they are signed with: any of these secrets (`whsec_…`).
    pub secrets: Vec<Secret>,
    /// Whether events of live mode are taken, or those of test mode.
    pub livemode: bool,
}

/// Settings of ACP.
#[derive(Debug)]
pub struct AcpSettings {
    /// Who may call. Two keys of one agent may be in force at once, for rotation.
    pub keys: Vec<BearerKey>,
    /// The way of paying that is offered.
    pub handler: HandlerAdvert,
}

/// Settings of the Stripe Agentic Commerce Suite.
#[derive(Debug)]
pub struct StripeAcsSettings {
    /// How Stripe proves that it is Stripe.
    pub auth: StripeAcsAuth,
    /// Only one line item is taken, as the guide says of the suite's first release.
    pub single_item: bool,
    /// What a checkout is called while its payment is under way: the guide has `in_progress` in its samples and `processing`
    /// in its enum (protocol reference §11 row 2).
    pub committing: &'static str,
}

/// How Stripe proves that it is Stripe.
#[derive(Debug)]
pub enum StripeAcsAuth {
    /// `Stripe-Signature` with any of these secrets (`whsec_…`).
    Signature(Vec<Secret>),
    /// A bearer key.
    Bearer(Vec<BearerKey>),
}

/// A bearer key that is accepted: its hash, never the key.
///
/// A plain hash is enough, because keys are random: there is nothing to guess from.
#[derive(Clone)]
pub struct BearerKey {
    name: String,
    digest: [u8; 32],
}

impl BearerKey {
    /// A key, hashed on the spot. The name is the principal: it scopes idempotency keys and shows in logs.
    #[must_use]
    pub fn new(name: impl Into<String>, key: &Secret) -> Self {
        Self::hashed(name, Sha256::digest(key.reveal().as_bytes()).into())
    }

    /// A key of which only the SHA-256 is known.
    #[must_use]
    pub fn hashed(name: impl Into<String>, digest: [u8; 32]) -> Self {
        Self {
            name: name.into(),
            digest,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its SHA-256.
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

/// A payment handler, as ACP 2026-04-17 advertises it (schema `PaymentHandler`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HandlerAdvert {
    /// What agents send back as `payment_data.handler_id`.
    pub id: String,
    /// Reverse DNS name of the kind of handler.
    pub name: String,
    /// Name for the buyer.
    pub display_name: String,
    /// Version of the handler's specification, `YYYY-MM-DD`.
    pub version: String,
    /// URL of the handler's specification.
    pub spec: String,
    /// Whether the card is exchanged for a token with `delegate_payment`.
    pub requires_delegate_payment: bool,
    /// Whether card data would reach the merchant.
    pub requires_pci_compliance: bool,
    /// Who issues the token.
    pub psp: String,
    /// URL of the JSON Schema of `config`.
    pub config_schema: String,
    /// URLs of the JSON Schemas of what is accepted.
    pub instrument_schemas: Vec<String>,
    /// What the agent has to know to get a token.
    pub config: HandlerConfig,
}

/// What an agent has to know to get a token for this merchant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HandlerConfig {
    /// The merchant's id with the token's issuer (`allowance.merchant_id` of `delegate_payment`).
    pub merchant_id: String,
    /// Card brands.
    pub accepted_brands: Vec<String>,
}

impl HandlerAdvert {
    /// Cards, tokenized by Stripe as shared payment tokens.
    #[must_use]
    pub fn tokenized_card(merchant_id: impl Into<String>) -> Self {
        let site = "https://agenticcommerce.dev";
        Self {
            id: "card_tokenized".into(),
            name: "dev.acp.tokenized.card".into(),
            display_name: "Card".into(),
            version: "2026-01-30".into(),
            spec: format!("{site}/handlers/tokenized-card"),
            requires_delegate_payment: true,
            requires_pci_compliance: false,
            psp: "stripe".into(),
            config_schema: format!("{site}/schemas/handlers/tokenized-card/config.json"),
            instrument_schemas: vec![format!("{site}/schemas/handlers/tokenized-card/instrument.json")],
            config: HandlerConfig {
                merchant_id: merchant_id.into(),
                accepted_brands: ["visa", "mastercard", "amex", "discover"].map(String::from).to_vec(),
            },
        }
    }
}

/// Limits of the edges (reliability reference §3.4, row 6).
#[derive(Clone, Debug)]
pub struct Limits {
    /// Largest body, in bytes. Over it: 413.
    pub body: usize,
    /// Time for a body to arrive. Over it: 408.
    pub body_time: Duration,
    /// Time for the request head to arrive, and for an idle connection to say something.
    pub head_time: Duration,
    /// How long a client may take nothing of its answer before the connection is closed.
    pub write_time: Duration,
    /// Longest path and query, in bytes. Over it: 414.
    pub uri: usize,
    /// Most header fields. Over it: 431.
    pub headers: usize,
    /// Most bytes of header fields. Over it: 431.
    pub header_bytes: usize,
    /// Most connections at once. Over it, the longest idle one is closed; with none, 503 and closed.
    pub connections: usize,
    /// Most connections of one client at once, or requests where a trusted proxy names it. Over it: 503, and 429.
    pub share: usize,
    /// How long a connection without a request is left alone while others have no slot: a client needs a moment to send it.
    pub settle_time: Duration,
    /// Proxies that are trusted to name the client. The share does not apply to their own connections.
    pub trusted_proxies: Vec<IpNet>,
    /// How long requests may go on after a stop was asked for.
    pub drain: Duration,
    /// How long an agent waits for a payment before it is answered that the payment is under way.
    pub complete_time: Duration,
    /// How long an agent waits for anything else. Over it: 503. ACP names no time.
    pub operation_time: Duration,
    /// How long Stripe waits: for a payment before it is answered that it is under way, and for anything else before 503. Stripe
    /// gives a hook four seconds (protocol reference §1.1) with the network on both ways. All three count from the arrival of the
    /// request head.
    pub confirm_time: Duration,
    /// How long answers are kept under their idempotency key. At least 24 hours.
    pub retention: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 256 * 1024,
            body_time: Duration::from_secs(10),
            head_time: Duration::from_secs(5),
            write_time: Duration::from_secs(30),
            uri: 8 * 1024,
            headers: 64,
            header_bytes: 16 * 1024,
            connections: 1024,
            share: 64,
            settle_time: Duration::from_millis(100),
            trusted_proxies: this_machine(),
            drain: Duration::from_secs(30),
            complete_time: Duration::from_secs(25),
            operation_time: Duration::from_secs(10),
            confirm_time: Duration::from_secs(3),
            retention: Duration::from_secs(48 * 3600),
        }
    }
}

/// The addresses of a proxy on the same machine, which is the only client of a host that listens where it does by default.
#[must_use]
pub fn this_machine() -> Vec<IpNet> {
    vec![
        IpNet::from(IpAddr::from(Ipv4Addr::LOCALHOST)),
        IpNet::from(IpAddr::from(Ipv6Addr::LOCALHOST)),
    ]
}
