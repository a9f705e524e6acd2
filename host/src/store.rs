//! The durable store. The contract is [`crate::checkout::ports::Store`]; the engine is [`sqlite`].
//!
//! Invariant: an engine is used only if it passes the suite in `conformance`.

pub mod sqlite;

#[cfg(test)]
pub(crate) mod conformance;

pub use sqlite::{SqliteSettings, SqliteStore, StoreOpenError};
