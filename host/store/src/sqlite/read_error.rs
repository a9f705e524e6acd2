//! Errors of a read, from SQLite or from this store. The domain gets a [`StoreError`].

use tillhouse_checkout::ports::{CommitError, StoreError};

#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ReadError> for StoreError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Sqlite(error) => Self::caused_by(error),
            ReadError::Store(error) => error,
        }
    }
}

impl From<ReadError> for CommitError {
    fn from(error: ReadError) -> Self {
        Self::Store(error.into())
    }
}
