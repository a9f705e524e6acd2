//! Errors of the store, and reasons why a commit is refused.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// The store gave no answer. Keeps the error of the engine as its source.
#[derive(Clone)]
pub struct StoreError {
    message: String,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl StoreError {
    /// An error that the store itself found.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            source: None,
        }
    }

    /// An error of what the store is made of: the engine, the file system, a task. Its text is the message.
    #[must_use]
    pub fn caused_by(source: impl Error + Send + Sync + 'static) -> Self {
        Self {
            message: source.to_string(),
            source: Some(Arc::new(source)),
        }
    }

    /// The same, with a message of its own in place of the text of the source.
    #[must_use]
    pub fn with_source(message: impl Into<String>, source: impl Error + Send + Sync + 'static) -> Self {
        Self {
            message: message.into(),
            source: Some(Arc::new(source)),
        }
    }

    /// The text without the prefix `store: `.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// Without the source: a database's error may quote a row.
impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StoreError").field(&self.message).finish()
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "store: {}", self.message)
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let source = self.source.as_deref()?;
        Some(source)
    }
}

/// Why a unit of work was not committed, not even in part.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CommitError {
    /// The session has another revision than expected, or exists already.
    #[error("the checkout session was changed by another request")]
    Session,
    /// The saved cart has another revision than expected, or exists already.
    #[error("the cart was changed by another request")]
    SavedCart,
    /// A key that the phase has read changed since; the phase must run again.
    #[error("plugin data was changed by another request")]
    PluginData,
    /// A counter would fall below its floor.
    #[error("counter {key} would fall below its floor")]
    Insufficient {
        /// Key of the counter.
        key: String,
    },
    /// The idempotency key was recorded by another request in the meantime.
    #[error("the idempotency key was used by another request")]
    Idempotency,
    /// The session has a live attempt already.
    #[error("a payment of this checkout is in progress")]
    LiveAttempt,
    /// Another attempt may have consumed the token.
    #[error("the payment token was already used by another attempt")]
    TokenUsed,
    /// The processor's reference belongs to another attempt: a discrepancy for the operator, not a reason to roll back.
    #[error("the processor's reference already belongs to another attempt")]
    ReferenceSeen,
    /// The attempt is not in the expected state, or another worker holds its lease now.
    #[error("the payment attempt was changed by another worker")]
    Attempt,
    /// The refund exists already, is not in the expected state, or another worker holds its lease now; or there is no such order.
    #[error("the refund was changed by another worker")]
    Refund,
    /// All refunds of the order together would be more than what it was paid with.
    #[error("the refunds of the order would be more than what was captured")]
    RefundExceedsCapture,
    /// The feed upload exists already, another one to its destination is open, or another worker holds its lease now.
    #[error("the feed upload was changed by another worker, or another one is open")]
    Feed,
    /// An event with the same source and id is stored already.
    #[error("the event was already received")]
    EventSeen,
    /// A new order: another one or a live attempt of the merchant has this order id, or the session has an order already. A change: the
    /// order has another revision than expected.
    #[error("the order exists already, or was changed by another request")]
    Order,
    /// The store failed: whether the unit was committed is not known.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_engine_stays_the_source() {
        let disk = std::io::Error::from(std::io::ErrorKind::StorageFull);
        let error = StoreError::with_source("the log cannot be written", disk);
        let source = error.source().and_then(|it| it.downcast_ref::<std::io::Error>());
        assert_eq!(source.map(std::io::Error::kind), Some(std::io::ErrorKind::StorageFull));
        assert_eq!(error.to_string(), "store: the log cannot be written");
        assert!(StoreError::new("closed").source().is_none());
    }
}
