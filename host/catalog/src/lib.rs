//! The merchant's catalog: the rows of a file with the columns of Stripe's product feed
//! (<https://docs.stripe.com/agentic-commerce/product-feed>).
//!
//! A file is read record by record, and each is checked by every rule of the feed that needs no request (`RULES.md`). The host reads
//! the columns that decisions and descriptions need, and keeps every other column by name for plugins.

mod catalog;
mod cells;
mod check;
mod columns;
mod feed_reader;
mod format;
mod header;
mod import;
mod in_memory;
mod item;
mod merge;
mod problem;
mod read_cells;
mod reader;
mod records;
mod row;
mod rule;
mod stored_catalogs;
mod targets;
mod values;
mod warning;
mod writer;

pub use catalog::Catalog;
pub use cells::{Cells, DecodeError};
pub use check::{Checker, check};
pub use columns::{COLUMNS, Column, Feeds, column, key};
pub use feed_reader::{FeedReader, FeedRecord};
pub use format::{FileEncoding, FileFormat, ReadOptions, Separator};
pub use import::{
    BegunImport, CatalogImporter, DEFAULT_MAX_BYTES, FeedFile, FileCheck, FileDigest, FileFound, FileState,
    ImportCounts, ImportError, ImportProgress, ImportRequest, Imported, PreparedImport, REPORTED_PROBLEMS, RefusedFile,
    check_file, digest,
};
pub use item::{Item, Sale};
pub use merge::merge;
pub use problem::Problem;
pub use read_cells::{read_money, read_period};
pub use reader::{CatalogReadError, CatalogReader, CatalogSource};
pub use rule::{Rule, Scope};
pub use stored_catalogs::{CatalogCacheSettings, StoredCatalogs};
pub use targets::unknown_targets;
pub use warning::CatalogWarning;
pub use writer::{ColumnNames, ErrorWriter, FeedWriter};

#[cfg(test)]
mod tests;
