//! `delegate_payment`: an agent delegates a card, and gets a token for it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::{Allowance, DelegatedCard, InvalidCard};
use crate::caller::Caller;
use crate::contact::Address;
use crate::decision::{CardCheck, RiskSignal};
use crate::idempotency::{IdempotencyKey, IdempotencyRecord, Reply};
use crate::ids::{MerchantId, TokenId};
use crate::time::Timestamp;

/// Request to keep a card for one payment.
#[derive(Debug)]
pub struct DelegationRequest {
    /// Who calls: the owner of the session that the card pays.
    pub caller: Caller,
    /// The card as the agent sent it.
    pub card: DelegatedCard,
    /// What it may be used for.
    pub allowance: Allowance,
    /// Billing address of the card; the charge has it unless the completion names another.
    pub billing: Option<Address>,
    /// Checks of the card that the agent's side has made.
    pub checks: Vec<CardCheck>,
    /// Assessments by the agent's side, for the merchant's risk rules.
    pub signals: Vec<RiskSignal>,
}

/// A card that is kept.
#[derive(Debug)]
pub struct DelegatedPayment {
    /// The token, `vt_…`: it is told once, and stored as a hash.
    pub token: TokenId,
    /// When it was made.
    pub created: Timestamp,
    /// When it expires: as the agent's side allows, or earlier if the merchant's vault keeps cards for a shorter time.
    pub expires: Timestamp,
}

/// How the answer is rendered, and the key to record it under. It is recorded sealed, because it has the token.
#[derive(Clone)]
pub struct DelegationRecorder {
    /// Idempotency key of the request; `None` if it had none.
    pub key: Option<IdempotencyKey>,
    /// Renders the answer that the key repeats.
    pub render: Arc<dyn Fn(&DelegatedPayment) -> Reply + Send + Sync>,
}

impl fmt::Debug for DelegationRecorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DelegationRecorder")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// Why a card is not kept. No message has anything of the card.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DelegationError {
    /// A member of the card cannot be charged.
    #[error("{0}")]
    Card(#[from] InvalidCard),
    /// A member of the allowance does not fit the session.
    #[error("{field}: {message}")]
    Allowance {
        /// Name of a member of the `allowance`.
        field: &'static str,
        /// What is wrong, and what is expected.
        message: String,
    },
    /// The caller delegates more cards than it may.
    #[error("too many cards were delegated; try again later")]
    TooMany {
        /// When the next may be.
        retry_after: Duration,
    },
    /// Another request with the same key committed first.
    #[error("the idempotency key was used meanwhile")]
    KeyUsed,
    /// The store or the key of the vault cannot be used.
    #[error("not available: {0}")]
    Unavailable(String),
}

/// The vault, as the protocol edge calls it.
#[async_trait]
pub trait CardVault: Send + Sync + fmt::Debug {
    /// Keep a card. Durable on return, together with the recorded answer.
    async fn delegate(
        &self,
        request: DelegationRequest,
        recorder: DelegationRecorder,
    ) -> Result<Reply, DelegationError>;

    /// The fingerprint of a request under its idempotency key, from the plain one: a plain hash of a body with a card number can be
    /// found by trial.
    fn fingerprint(&self, merchant: &MerchantId, plain: [u8; 32]) -> [u8; 32];

    /// The answer that was recorded sealed under an idempotency key.
    ///
    /// # Errors
    /// If the key that it was sealed with is no longer configured.
    fn open_answer(&self, record: &IdempotencyRecord) -> Result<Reply, DelegationError>;
}
