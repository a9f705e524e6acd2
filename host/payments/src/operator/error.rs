//! Why a request of an operator failed.

use serde::{Deserialize, Serialize};

use super::problem::Problem;
use crate::AskRefundError;
use crate::manual_refund_settlement::SettleRefundError;
use crate::manual_settlement::ManualSettlementError;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ports::{CommitError, StoreError};

/// Why a request of an operator failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct OperatorError {
    /// Which kind of failure it is; decides the HTTP status and the exit code.
    pub kind: OperatorErrorKind,
    /// What is wrong, and how to fix it.
    pub message: String,
    /// The same as single problems with their places, where there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
}

/// Kinds of failures, each with its HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperatorErrorKind {
    /// The request itself is invalid.
    Invalid,
    /// The attempt, message or merchant that it names does not exist.
    Absent,
    /// The state of what it names does not allow it.
    Conflict,
    /// A worker holds the lease; retry.
    Busy,
    /// The store, a plugin or the host gives no answer.
    Unavailable,
}

impl OperatorError {
    /// The request itself is invalid.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(OperatorErrorKind::Invalid, message)
    }

    /// The attempt, message or merchant that it names does not exist.
    pub fn absent(message: impl Into<String>) -> Self {
        Self::new(OperatorErrorKind::Absent, message)
    }

    /// The state of what it names does not allow it.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(OperatorErrorKind::Conflict, message)
    }

    /// A worker holds the lease; repeat the request.
    pub fn busy(message: impl Into<String>) -> Self {
        Self::new(OperatorErrorKind::Busy, message)
    }

    /// The store, a plugin or the host gives no answer.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(OperatorErrorKind::Unavailable, message)
    }

    fn new(kind: OperatorErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            problems: Vec::new(),
        }
    }

    /// The same error with the single problems.
    #[must_use]
    pub fn with_problems(self, problems: Vec<Problem>) -> Self {
        Self { problems, ..self }
    }
}

impl From<StoreError> for OperatorError {
    fn from(error: StoreError) -> Self {
        Self::unavailable(error.to_string())
    }
}

impl From<CommitError> for OperatorError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Store(error) => error.into(),
            other => Self::conflict(other.to_string()),
        }
    }
}

impl From<CheckoutError> for OperatorError {
    fn from(error: CheckoutError) -> Self {
        match error {
            CheckoutError::Store(error) => error.into(),
            CheckoutError::Decision(error) => Self::unavailable(error.to_string()),
            other => Self::conflict(other.to_string()),
        }
    }
}

impl From<ManualSettlementError> for OperatorError {
    fn from(error: ManualSettlementError) -> Self {
        match error {
            ManualSettlementError::Absent(_) => Self::absent(error.to_string()),
            ManualSettlementError::Busy(_) => Self::new(OperatorErrorKind::Busy, error.to_string()),
            ManualSettlementError::NotSettleable { .. } | ManualSettlementError::Contradicted(_) => {
                Self::conflict(error.to_string())
            }
            ManualSettlementError::NoReference => Self::invalid(error.to_string()),
            ManualSettlementError::Checkout(error) => error.into(),
        }
    }
}

impl From<AskRefundError> for OperatorError {
    fn from(error: AskRefundError) -> Self {
        match error {
            AskRefundError::Absent { .. } => Self::absent(error.to_string()),
            AskRefundError::Invalid(..) | AskRefundError::Amount(_) | AskRefundError::Units(_) => {
                Self::invalid(error.to_string())
            }
            AskRefundError::NotCaptured { .. } | AskRefundError::Unsupported(_) | AskRefundError::Differs(_) => {
                Self::conflict(error.to_string())
            }
            AskRefundError::Checkout(error) => error.into(),
        }
    }
}

impl From<SettleRefundError> for OperatorError {
    fn from(error: SettleRefundError) -> Self {
        match error {
            SettleRefundError::Absent(_) => Self::absent(error.to_string()),
            SettleRefundError::Busy(_) => Self::new(OperatorErrorKind::Busy, error.to_string()),
            SettleRefundError::NotSettleable { .. } | SettleRefundError::Contradicted(_) => {
                Self::conflict(error.to_string())
            }
            SettleRefundError::NoReference => Self::invalid(error.to_string()),
            SettleRefundError::Checkout(error) => error.into(),
        }
    }
}
