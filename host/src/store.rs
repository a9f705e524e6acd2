//! The durable store. The contract is [`crate::checkout::ports::Store`]; the engines are [`sqlite`] and [`postgres`].
//!
//! Invariant: an engine is used only if it passes the suite in `conformance`.

mod column;
pub mod postgres;
pub mod sqlite;

#[cfg(test)]
pub(crate) mod conformance;

pub use postgres::{PostgresOpenError, PostgresSettings, PostgresStore};
pub use sqlite::{SqliteSettings, SqliteStore, StoreOpenError};
