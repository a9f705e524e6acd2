//! Why a message of the outbox was not delivered.

use std::time::Duration;

use super::decisions::DecisionError;
use super::store_error::StoreError;
use crate::error::CheckoutError;

/// Why a message was not delivered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// No retry can succeed. Carries the reason.
    #[error("{0}")]
    Permanent(String),
    /// A later retry may succeed.
    #[error("{reason}")]
    Retry {
        /// What happened, for the operator.
        reason: String,
        /// Time before the next delivery that the receiver asks for (`Retry-After`), if it does.
        retry_after: Option<Duration>,
    },
}

impl DeliveryError {
    /// A failure that may pass, whose receiver names no time.
    #[must_use]
    pub fn retry(reason: impl Into<String>) -> Self {
        Self::Retry {
            reason: reason.into(),
            retry_after: None,
        }
    }
}

impl From<CheckoutError> for DeliveryError {
    fn from(error: CheckoutError) -> Self {
        let reason = error.to_string();
        let retry_after = match error {
            CheckoutError::Decision(DecisionError::Unavailable { retry_after, .. })
            | CheckoutError::TokenService { retry_after, .. } => retry_after,
            _ => None,
        };
        Self::Retry { reason, retry_after }
    }
}

impl From<StoreError> for DeliveryError {
    fn from(error: StoreError) -> Self {
        Self::retry(error.to_string())
    }
}
