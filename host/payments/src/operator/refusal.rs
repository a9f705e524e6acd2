//! Why a question was not answered.

use serde::{Deserialize, Serialize};

use crate::by_hand::ByHandError;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ports::{CommitError, StoreError};

/// Why a question was not answered, for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// Of which kind.
    pub kind: RefusalKind,
    /// What is wrong and what would be right.
    pub message: String,
}

/// Kinds of refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalKind {
    /// The question itself is wrong.
    Invalid,
    /// There is no such thing.
    Absent,
    /// It cannot be done with the thing as it is.
    Conflict,
    /// Somebody else is at it; ask again.
    Busy,
    /// The store, a plugin or the host does not answer.
    Unavailable,
}

impl Refusal {
    /// The question itself is wrong.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(RefusalKind::Invalid, message)
    }

    /// There is no such thing.
    pub fn absent(message: impl Into<String>) -> Self {
        Self::new(RefusalKind::Absent, message)
    }

    /// It cannot be done with the thing as it is.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(RefusalKind::Conflict, message)
    }

    /// The store, a plugin or the host does not answer.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(RefusalKind::Unavailable, message)
    }

    fn new(kind: RefusalKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::unavailable(error.to_string())
    }
}

impl From<CommitError> for Refusal {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Store(error) => error.into(),
            other => Self::conflict(other.to_string()),
        }
    }
}

impl From<CheckoutError> for Refusal {
    fn from(error: CheckoutError) -> Self {
        match error {
            CheckoutError::Store(error) => error.into(),
            CheckoutError::Decision(error) => Self::unavailable(error.to_string()),
            other => Self::conflict(other.to_string()),
        }
    }
}

impl From<ByHandError> for Refusal {
    fn from(error: ByHandError) -> Self {
        match error {
            ByHandError::Absent(_) => Self::absent(error.to_string()),
            ByHandError::Busy(_) => Self::new(RefusalKind::Busy, error.to_string()),
            ByHandError::Settled { .. } | ByHandError::Contradicted(_) => Self::conflict(error.to_string()),
            ByHandError::Checkout(error) => error.into(),
        }
    }
}
