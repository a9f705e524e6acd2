//! The durable store. The contract is [`tillhouse_checkout::ports::Store`]; the engines are [`sqlite`] and [`postgres`].
//!
//! Invariant: an engine is used only if it passes the suite in `tests/store`.

mod column;
mod engine;
pub mod postgres;
pub mod sqlite;

pub use engine::{Engine, OpenError, StoreSettings};
pub use postgres::{PostgresOpenError, PostgresSettings, PostgresStore};
pub use sqlite::{SqliteSettings, SqliteStore, StoreOpenError};
