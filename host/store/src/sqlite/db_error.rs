//! Maps SQLite errors to domain errors, in one place.

use rusqlite::Error;

use tillhouse_checkout::ports::{CommitError, StoreError};

/// The unique indexes by the columns that SQLite names when one is violated, and what each violation means.
const CONFLICTS: [(&str, CommitError); 12] = [
    ("session.merchant, session.id", CommitError::Session),
    ("saved_cart.merchant, saved_cart.id", CommitError::SavedCart),
    ("attempt.id", CommitError::Attempt),
    ("attempt.merchant, attempt.session", CommitError::LiveAttempt),
    ("attempt.merchant, attempt.token", CommitError::TokenUsed),
    ("attempt.merchant, attempt.reference", CommitError::Attempt),
    ("attempt.merchant, attempt.order_id", CommitError::Order),
    (
        "attempt.merchant, attempt.processor_reference",
        CommitError::ReferenceSeen,
    ),
    ("inbox.source, inbox.event", CommitError::EventSeen),
    ("orders.merchant, orders.id", CommitError::Order),
    ("orders.merchant, orders.session", CommitError::Order),
    (
        "idempotency.merchant, idempotency.principal, idempotency.endpoint, idempotency.key",
        CommitError::Idempotency,
    ),
];

/// Maps an error of a write: a known unique index to its conflict, all else to a store error.
pub(super) fn classify(error: Error) -> CommitError {
    let meaning = violated(&error).and_then(|columns| CONFLICTS.iter().find(|(index, _)| *index == columns));
    match meaning {
        Some((_, meaning)) => meaning.clone(),
        None => StoreError::caused_by(error).into(),
    }
}

fn violated(error: &Error) -> Option<&str> {
    match error {
        Error::SqliteFailure(_, Some(text)) => text.strip_prefix("UNIQUE constraint failed: "),
        _ => None,
    }
}
