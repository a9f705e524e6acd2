//! A card that is delegated to the host's vault, in whatever protocol's shape: read, deduplicated, kept, and wiped.
//!
//! A protocol has its own path, wire types and answers ([`DelegationShape`]). What must hold of any request with a card number is here:
//! nothing of it is logged or recorded, its fingerprint is keyed, and the recorded answer is sealed.

mod call;
mod checks;
mod members;
mod refusal;

use std::sync::Arc;

use crate::idempotency::KeyRules;
use crate::idempotent_post::PostError;
use crate::json::JsonValue;
use crate::settings::MerchantSettings;
use tillhouse_checkout::contact::Address;
use tillhouse_checkout::decision::{CardCheck, RiskSignal};
use tillhouse_checkout::idempotency::Reply;
use tillhouse_checkout::vault::{Allowance, DelegatedCard, DelegatedPayment};

pub(crate) use call::DelegationCall;
pub(crate) use checks::{check_metadata, digits, made_check, metadata_signals, refuse_card_number, signal};
pub(crate) use members::{Action, Funding, MethodKind, NumberKind, RequestedAllowance};
pub(crate) use refusal::semantic;

/// A delegated card, as the domain has it.
pub(crate) struct Delegation {
    pub(crate) card: DelegatedCard,
    pub(crate) allowance: Allowance,
    pub(crate) billing: Option<Address>,
    pub(crate) checks: Vec<CardCheck>,
    pub(crate) signals: Vec<RiskSignal>,
}

/// Renders the answer to a card that is kept.
pub(crate) type RenderToken = Arc<dyn Fn(&DelegatedPayment) -> Reply + Send + Sync>;

/// How a protocol delegates cards.
pub(crate) trait DelegationShape: Copy + Send + Sync + 'static {
    /// The path, without the merchant's prefix.
    fn path(self) -> &'static str;

    /// The release that the request names.
    fn release(self) -> &'static str;

    /// Rules for idempotency keys.
    fn key_rules(self) -> KeyRules;

    /// Read a body under an idempotency key.
    ///
    /// # Errors
    /// If it does not match the schema, or is not for this merchant.
    fn read(
        self,
        body: Option<&JsonValue>,
        merchant: &MerchantSettings,
        key: Option<&str>,
    ) -> Result<(Delegation, RenderToken), PostError>;
}
