//! Durable store. The contract is [`tillhouse_checkout::ports::Store`]; the engines are [`sqlite`] and [`postgres`].
//!
//! The features `sqlite` and `postgres`, both on by default, select the engines to compile.
//!
//! Invariant: an engine is used only if it passes the suite in `tests/store`.

mod audit_cut;
mod buyer_search;
mod catalog_imports;
mod catalog_lines;
mod column;
mod commit_marks;
mod engine;
mod older_contract;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "sqlite")]
pub mod sqlite;

pub use commit_marks::MarkFileError;
pub use engine::{StoreEngine, StoreOpenError, StoreSettings};
#[cfg(feature = "postgres")]
pub use postgres::{PostgresOpenError, PostgresSettings, PostgresStore};
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteOpenError, SqliteSettings, SqliteStore};
