//! What a merchant offers of Adyen's agentic commerce.

mod hmac_key;
mod member;
mod outgoing_names;

use std::sync::Arc;
use std::time::Duration;

pub use hmac_key::{AdyenHmacKey, AdyenHmacKeyError};
pub use member::{AdyenMember, AdyenNames};
pub use outgoing_names::OutgoingNames;

use super::BearerKey;

/// Settings of Adyen's protocols for one merchant.
#[derive(Debug)]
pub struct AdyenSettings {
    /// The company account, which is part of the agent's paths; compared as text.
    pub company_account: String,
    /// The merchant account, which sessions show as `payment_provider.merchant_id`.
    pub merchant_account: String,
    /// What sessions show as `payment_provider.supported_payment_methods`, in this order.
    pub payment_methods: Vec<String>,
    /// The agent's dialect; `None` answers 404 to its routes.
    pub agent: Option<AdyenAgentSettings>,
    /// The calls of Adyen to the merchant; `None` answers 404 to their routes.
    pub merchant: Option<Arc<AdyenMerchantSettings>>,
    /// Keys of `delegate_payment` in Adyen's shape. The name of a key is that of the agent's key whose sessions are paid. Without any,
    /// the route answers 404.
    pub delegate_keys: Vec<BearerKey>,
}

/// Settings of the agent's dialect.
#[derive(Debug)]
pub struct AdyenAgentSettings {
    /// Bearer keys of the agents that may call.
    pub keys: Vec<BearerKey>,
    /// Whether members of a request that the dialect does not have are ignored; otherwise they are refused.
    pub ignores_unknown_fields: bool,
    /// Values of `payment_data.provider` that are taken.
    pub providers: Vec<String>,
}

/// Settings of the calls of Adyen to the merchant.
#[derive(Debug)]
pub struct AdyenMerchantSettings {
    /// How Adyen authenticates when it calls the merchant.
    pub auth: AdyenMerchantAuth,
    /// Who charges: Adyen, the merchant, or either.
    pub flow: AdyenFlow,
    /// Last part of the path to which a payment token is delivered, below `/agentic/sessions/{id}/`.
    pub token_route: String,
    /// How long stock is held after a commit.
    pub hold: Duration,
    /// How long Adyen waits for an answer, the network in both directions included.
    pub budget: Duration,
    /// Whether a finalize call without any result says that the payment was authorised; otherwise it is refused.
    pub finalizes_without_result: bool,
    /// Names of the members of bodies that Adyen does not document.
    pub names: AdyenNames,
}

/// How calls of Adyen are authenticated. Each has two secrets while one of them is being replaced.
#[derive(Debug)]
pub enum AdyenMerchantAuth {
    /// `Authorization: Basic`; the keys are hashes of `user:password`.
    Basic(Vec<BearerKey>),
    /// `Authorization: Bearer` with one of these keys.
    Bearer(Vec<BearerKey>),
    /// A `HmacSignature` header over the raw body, made with any of these keys.
    Hmac(Vec<Arc<AdyenHmacKey>>),
}

/// Who charges the payments of a session that Adyen created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdyenFlow {
    /// Adyen charges; the merchant commits and finalizes. A token that is delivered is refused.
    Standard,
    /// The merchant charges the token that Adyen delivers. A commit is refused.
    Advanced,
    /// Adyen decides for each session.
    Both,
}

impl AdyenFlow {
    /// Whether Adyen may charge.
    #[must_use]
    pub const fn has_commit(self) -> bool {
        matches!(self, Self::Standard | Self::Both)
    }

    /// Whether Adyen may deliver a token.
    #[must_use]
    pub const fn has_token(self) -> bool {
        matches!(self, Self::Advanced | Self::Both)
    }
}
