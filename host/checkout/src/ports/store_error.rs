//! Why the store has no answer, and why a commit may fail.

/// The store does not answer.
#[derive(Clone, Debug, thiserror::Error)]
#[error("store: {0}")]
pub struct StoreError(pub String);

/// Why a unit of work was not committed. Nothing of it was.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CommitError {
    /// The session has another revision, or exists already.
    #[error("the checkout session was changed by another request")]
    Session,
    /// A key that the phase read has another version; run the phase again.
    #[error("plugin data was changed by another request")]
    PluginData,
    /// A counter would fall below its floor.
    #[error("counter {key} would fall below its floor")]
    Insufficient {
        /// The counter.
        key: String,
    },
    /// The idempotency key was recorded by another request in the meantime.
    #[error("the idempotency key was used by another request")]
    Idempotency,
    /// The checkout has a live attempt.
    #[error("a payment of this checkout is under way")]
    LiveAttempt,
    /// The token belongs to an attempt that may have used it up.
    #[error("the payment token was used before")]
    TokenUsed,
    /// The processor's reference belongs to another attempt: a break to be looked at, never a rollback.
    #[error("the processor's reference was seen before")]
    ReferenceSeen,
    /// The attempt is not in the state that it was thought to be in, or another worker has it now.
    #[error("the payment attempt was changed by another worker")]
    Attempt,
    /// The event was received before.
    #[error("the event was received before")]
    EventSeen,
    /// The order exists.
    #[error("the order exists already")]
    Order,
    /// The store does not answer: it is not known whether the unit was committed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
