//! Maps PostgreSQL errors to domain errors, in one place.

use deadpool_postgres::{HookError, PoolError, TimeoutType};
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use tillhouse_checkout::ports::{CommitError, StoreError};

/// The unique indexes by name, and what a violation of each means.
const CONFLICTS: [(&str, CommitError); 10] = [
    ("session_id", CommitError::Session),
    ("attempt_id", CommitError::Attempt),
    ("attempt_live", CommitError::LiveAttempt),
    ("attempt_token", CommitError::TokenUsed),
    ("attempt_reference", CommitError::Attempt),
    ("attempt_order", CommitError::Order),
    ("attempt_processor_reference", CommitError::ReferenceSeen),
    ("inbox_event", CommitError::EventSeen),
    ("orders_id", CommitError::Order),
    ("orders_session", CommitError::Order),
];

/// Why a transaction was not committed.
#[derive(Debug)]
pub(super) enum TransactionError {
    /// Nothing was committed and a retry may help: a deadlock, or a connection that broke before `COMMIT`.
    Retry(StoreError),
    /// The error to return; a retry would not help, or is not safe.
    Final(CommitError),
}

/// Classifies the error of a statement before `COMMIT`.
pub(super) fn classify(error: Error) -> TransactionError {
    if is_rolled_back(&error) || is_lost(&error) {
        return TransactionError::Retry(store_error(error));
    }
    let violated = error
        .as_db_error()
        .filter(|error| *error.code() == SqlState::UNIQUE_VIOLATION)
        .and_then(|error| error.constraint());
    let meaning = CONFLICTS.iter().find(|(index, _)| Some(*index) == violated);
    TransactionError::Final(match meaning {
        Some((_, meaning)) => meaning.clone(),
        None => store_error(error).into(),
    })
}

/// Classifies an error of `COMMIT` itself. Unless the server says that it rolled back, the outcome is unknown.
pub(super) fn classify_commit(error: Error) -> TransactionError {
    if is_rolled_back(&error) {
        TransactionError::Retry(store_error(error))
    } else {
        TransactionError::Final(store_error(error).into())
    }
}

/// Whether the server rolled the transaction back because of another one.
pub(super) fn is_rolled_back(error: &Error) -> bool {
    error
        .code()
        .is_some_and(|code| [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].contains(code))
}

/// Whether the connection is lost or about to be: the server is stopping or starting.
pub(super) fn is_lost(error: &Error) -> bool {
    match error.code() {
        Some(code) => code.code().starts_with("08") || code.code().starts_with("57P"),
        None => error.is_closed() || std::error::Error::source(error).is_some_and(|it| it.is::<std::io::Error>()),
    }
}

/// For statements that cannot conflict: every error is a store error.
pub(super) fn store_error(error: Error) -> StoreError {
    // The detail of a server's error may quote a row, so only its message and code are shown.
    let shown = error.as_db_error().map_or_else(
        || error.to_string(),
        |shown| format!("{} ({})", shown.message(), shown.code().code()),
    );
    StoreError::with_source(shown, error)
}

/// Explains why the pool gave no connection.
pub(super) fn pool_error(error: PoolError) -> StoreError {
    match error {
        PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => store_error(error),
        PoolError::Closed => StoreError::with_source("the store is closed", error),
        PoolError::Timeout(TimeoutType::Wait) => StoreError::with_source(
            "timed out waiting for a connection: all are in use; raise store.connections",
            error,
        ),
        other => StoreError::caused_by(other),
    }
}

#[cfg(test)]
mod tests {
    use super::CONFLICTS;

    /// Indexes whose violation is not a conflict: their statements handle it with ON CONFLICT.
    const HANDLED: [&str; 2] = ["outbox_dedupe", "breaks_subject"];

    #[test]
    fn every_unique_index_has_a_meaning_and_every_name_is_one() {
        let schema = include_str!("migrations/V1__store.sql");
        let mut unique: Vec<&str> = schema
            .lines()
            .filter_map(|line| line.strip_prefix("CREATE UNIQUE INDEX ")?.split(' ').next())
            .filter(|name| !HANDLED.contains(name))
            .collect();
        let mut named: Vec<&str> = CONFLICTS.iter().map(|(name, _)| *name).collect();
        unique.sort_unstable();
        named.sort_unstable();
        assert_eq!(unique, named);
    }
}
