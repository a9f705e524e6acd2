//! `[merchants.NAME.acp]` and `[merchants.NAME.stripe_acs]`: the protocols that a merchant offers.

use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::acp_services::AcpServicesConfig;
use super::request_signing::RequestSigningConfig;
use super::section::Section;
use tillhouse_checkout::secret::Secret;

/// Keys of one name that are accepted at once.
const KEYS_PER_NAME: usize = 2;

/// The Agentic Commerce Protocol (<https://www.agenticcommerce.dev>).
#[derive(Clone, Debug)]
pub struct AcpConfig {
    /// `keys`: bearer keys of the agents; at least one. For rotation an agent can have two at once, under one name.
    pub keys: Vec<KeyConfig>,
    /// `merchant_id`: id of the merchant at the token's issuer, shown to agents. Default: the merchant's key in this file.
    pub merchant_id: Option<String>,
    /// What is offered beside checkouts.
    pub services: AcpServicesConfig,
}

/// An accepted bearer key: its hash, never the key.
#[derive(Clone)]
pub struct KeyConfig {
    /// `name`: the principal, which owns the checkouts created with the key, whatever key it has later. It is also for logs, the scope
    /// of idempotency keys, and plugins, which know the agent by it.
    pub name: String,
    /// `sha256` in hex, or the hash of `secret`.
    pub sha256: [u8; 32],
    /// `signature`: how the agent signs its requests. Default: signatures are not looked at.
    pub signing: Option<Arc<RequestSigningConfig>>,
}

impl fmt::Debug for KeyConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyConfig({}: [redacted])", self.name)
    }
}

/// Stripe's Agentic Commerce Suite.
#[derive(Debug)]
pub struct StripeAcsConfig {
    /// `auth` with `signing_secrets` or `keys`: how Stripe authenticates. Default: `stripe_signature`.
    pub auth: StripeAcsAuth,
    /// `single_item`: accepts only one line item, as in the suite's first release. Default: `false`.
    pub single_item: bool,
    /// `committing_status`: status of a checkout while its payment is in progress. Default: `in_progress`.
    pub committing_status: CommittingStatus,
}

/// How Stripe authenticates to the host; from `auth`.
#[derive(Debug)]
pub enum StripeAcsAuth {
    /// `stripe_signature`: a `Stripe-Signature` header made with any of these secrets (`whsec_…`).
    Signature(Vec<Arc<Secret>>),
    /// `bearer`: any of these keys.
    Bearer(Vec<KeyConfig>),
}

/// Status of a checkout whose payment is in progress: the documents of the suite use two names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommittingStatus {
    /// Shown as `in_progress`, the default.
    InProgress,
    /// Shown as `processing`, which is in the suite's enum of statuses.
    Processing,
}

impl AcpConfig {
    pub(super) fn read(mut section: Section<'_>) -> Option<Self> {
        let keys = keys(&mut section, true);
        let merchant_id = section.text("merchant_id");
        let services = AcpServicesConfig::read(&mut section);
        section.finish();
        Some(Self {
            keys,
            merchant_id,
            services,
        })
    }
}

impl StripeAcsConfig {
    pub(super) fn read(mut section: Section<'_>) -> Option<Self> {
        let bearer = section
            .choice("auth", &[("stripe_signature", false), ("bearer", true)])
            .unwrap_or(false);
        let auth = if bearer {
            StripeAcsAuth::Bearer(keys(&mut section, false))
        } else {
            StripeAcsAuth::Signature(signing_secrets(&mut section))
        };
        let statuses = [
            ("in_progress", CommittingStatus::InProgress),
            ("processing", CommittingStatus::Processing),
        ];
        let committing_status = section
            .choice("committing_status", &statuses)
            .unwrap_or(CommittingStatus::InProgress);
        let single_item = section.flag("single_item").unwrap_or(false);
        section.finish();
        Some(Self {
            auth,
            single_item,
            committing_status,
        })
    }
}

fn signing_secrets(section: &mut Section<'_>) -> Vec<Arc<Secret>> {
    if !section.has("signing_secrets") {
        section.missing(
            "signing_secrets",
            "give at least one signing secret (whsec_…), or use auth = \"bearer\"",
        );
    }
    section.secrets("signing_secrets")
}

/// The keys of a protocol, whose requests may be signed with keys of the agent's.
pub(super) fn keys(section: &mut Section<'_>, may_be_signed: bool) -> Vec<KeyConfig> {
    let sections = section.sections("keys");
    if sections.is_empty() {
        section.error(
            "keys",
            "is missing or empty",
            "give at least one: { name = \"agent\", sha256 = \"…\" } or { name = \"agent\", secret = { env = \"NAME\" } }",
        );
    }
    let mut keys: Vec<KeyConfig> = Vec::new();
    for mut section in sections {
        let name = section.required(
            "name",
            "give the key a name: it owns the checkouts that are created with the key",
        );
        if name.as_ref().is_some_and(String::is_empty) {
            section.error("name", "is empty", "name the agent that has the key");
        }
        if let Some(name) = &name
            && keys.iter().filter(|key| key.name == *name).count() == KEYS_PER_NAME
        {
            section.error(
                "name",
                format!("{name} has more than {KEYS_PER_NAME} keys"),
                "an agent has two keys while it changes them, the old one and the new one; give another agent another name",
            );
        }
        let sha256 = hash(&mut section);
        if let Some(same) = keys.iter().find(|key| Some(key.sha256) == sha256) {
            section.section_error(
                format!("is the key of {} already", same.name),
                "give each agent a key of its own: the name of the key says whose checkouts it may use",
            );
        }
        let signing = if may_be_signed {
            section.optional_section("signature").map(RequestSigningConfig::read)
        } else {
            None
        };
        let signing = signing.map(Arc::new);
        section.finish();
        keys.extend(
            name.zip(sha256)
                .map(|(name, sha256)| KeyConfig { name, sha256, signing }),
        );
    }
    keys
}

fn hash(section: &mut Section<'_>) -> Option<[u8; 32]> {
    match (section.has("sha256"), section.has("secret")) {
        (true, false) => {
            let digits = section.text("sha256")?;
            let mut hash = [0; 32];
            if hex::decode_to_slice(&digits, &mut hash).is_err() {
                section.error(
                    "sha256",
                    "is not a SHA-256",
                    "give the 64 hex digits that `printf %s KEY | sha256sum` prints",
                );
                return None;
            }
            Some(hash)
        }
        (false, true) => {
            let secret = section.secret("secret")?;
            Some(Sha256::digest(secret.reveal().as_bytes()).into())
        }
        (both, _) => {
            section.value("sha256");
            section.value("secret");
            section.section_error(
                if both {
                    "has both sha256 and secret"
                } else {
                    "has no key"
                },
                "give sha256 or secret",
            );
            None
        }
    }
}
