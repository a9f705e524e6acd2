//! Importing a file into a merchant's catalog.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{CatalogInForce, Operator, OperatorError, OperatorRequest, Problem};
use crate::operator::evidence_note;
use tillhouse_checkout::catalog::ImportMode;
use tillhouse_checkout::feed::FeedType;
use tillhouse_checkout::ids::MerchantId;

/// `catalog import`. The host opens the file, which is on its machine: a file of gigabytes does not go over the socket.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ImportCatalog {
    /// The merchant whose catalog is imported into.
    pub merchant: MerchantId,
    /// Absolute path of the file.
    pub file: PathBuf,
    /// What its rows are about.
    pub feed: FeedType,
    /// What it does to items that the file does not have.
    pub mode: ImportMode,
    /// Encoding of the file; `None` to tell it from its content.
    pub encoding: Option<String>,
    /// What separates its columns; `None` to tell it from its header.
    pub separator: Option<String>,
    /// Refuse rows as well that are sold but that Stripe would not take.
    pub strict: bool,
    /// Import the rows that are good, if others are refused.
    pub keep_good: bool,
    /// Import a file that has less than half of the items in force.
    pub incomplete: bool,
    /// The quantities are what is in stock now: reset the counters of what was sold of the items in the file.
    pub stock_as_counted: bool,
    /// Absolute path of a file for the rows that are refused.
    pub errors: Option<PathBuf>,
    /// The operator, for the audit log.
    pub actor: String,
}

/// What an import has changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CatalogImported {
    /// The merchant whose catalog it is.
    pub merchant: MerchantId,
    /// Why nothing was imported; `None` if it was.
    pub refusal: Option<String>,
    /// Whether another version is in force now.
    pub changed: bool,
    /// The version in force now; `None` if there is none.
    pub now: Option<CatalogInForce>,
    /// Number of items of the version before; `None` if there was none.
    pub items_before: Option<u64>,
    /// The file, as far as it was read.
    pub file: FileRead,
    /// Its rows, as they were counted.
    pub rows: RowCounts,
    /// What is wrong with rows, or would be refused by Stripe; of many the first.
    pub problems: Vec<CatalogProblem>,
    /// Number of problems that `problems` leaves out.
    pub more_problems: u64,
    /// The file with the rows that were refused; `None` if there are none, or none was asked for.
    pub errors: Option<PathBuf>,
    /// What becomes of counted stock.
    pub stock: StockCounted,
    /// Why the merchant is still out of service; empty if it is in service.
    pub still_out_of_service: Vec<Problem>,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRead {
    /// Its size in bytes.
    pub size: u64,
    /// Bytes that were read: all of them, unless it cannot be read to its end.
    pub bytes: u64,
    /// SHA-256 of its content, in hex; `None` if it was not read to its end.
    pub sha256: Option<String>,
    /// Its encoding; `None` if it could not be told.
    pub encoding: Option<String>,
    /// Whether nothing in the file says its encoding, so that it was told from its characters.
    pub encoding_guessed: bool,
    /// What separates its columns; `None` if it could not be told.
    pub separator: Option<String>,
}

/// Rows of a file, counted; the header and rows of blank cells are not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowCounts {
    /// All that were read.
    pub read: u64,
    /// Items that were imported.
    pub imported: u64,
    /// Rows that delete an item.
    pub deletes: u64,
    /// Rows that were refused.
    pub refused: u64,
    /// Items in force that stay as they are, because their rows were refused.
    #[serde(default)]
    pub spared: u64,
    /// Items that are not as in the version before, or are new.
    pub changed: u64,
    /// Items of the version before that are gone.
    pub gone: u64,
}

/// What an import does with the units that were sold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockCounted {
    /// The rule, for people; empty where the file has no stock.
    pub rule: String,
    /// Number of counters that were reset.
    pub reset: u64,
}

/// A problem of one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogProblem {
    /// Line of the file on which the row begins; the first line is 1.
    pub line: u64,
    /// The column; empty if it is about the row or the file.
    pub column: String,
    /// The cell, shortened; empty if it is.
    pub value: String,
    /// Id of the rule.
    pub rule: String,
    /// What follows: `checkout` (the row is refused), `feed` (it is sold, and Stripe would not take it) or `advice`.
    pub severity: String,
    /// What is wrong with it.
    pub message: String,
    /// How to fix it.
    pub help: String,
}

/// Asks how far an import is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AskImportProgress {
    /// The merchant whose catalog is imported into.
    pub merchant: MerchantId,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportProgressView {
    /// Bytes of the file that were read.
    pub bytes: u64,
    /// Size of the file in bytes.
    pub of: u64,
    /// Rows that were read.
    pub rows: u64,
    /// Rows that were refused.
    pub refused: u64,
}

impl OperatorRequest for ImportCatalog {
    const NAME: &'static str = "catalogs/import";
    type Answer = CatalogImported;

    async fn answer(mut self, operator: &Operator) -> Result<CatalogImported, OperatorError> {
        operator.merchant(Some(&self.merchant))?;
        self.actor = evidence_note::actor(&self.actor)?;
        for (field, path) in [("file", Some(&self.file)), ("errors", self.errors.as_ref())] {
            if path.is_some_and(|path| !path.is_absolute()) {
                return Err(OperatorError::invalid(format!("{field}: must be an absolute path")));
            }
        }
        operator.served.import_catalog(self).await
    }
}

impl OperatorRequest for AskImportProgress {
    const NAME: &'static str = "catalogs/import-progress";
    type Answer = Option<ImportProgressView>;

    async fn answer(self, operator: &Operator) -> Result<Self::Answer, OperatorError> {
        Ok(operator.served.import_progress(&self.merchant))
    }
}
