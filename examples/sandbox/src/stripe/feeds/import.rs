//! An import of a feed, whichever way it came.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::table::RowError;
use crate::id::{FileId, ImportId};

/// The API by which an import was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportWay {
    /// `POST /v1/data_management/import_sets`.
    ImportSet,
    /// `POST /v2/commerce/product_catalog/imports`.
    CatalogImport,
}

/// What the rows of a feed are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedKind {
    /// Items with all of their columns.
    Product,
    /// Stock of items that exist.
    Inventory,
    /// Prices of items that exist.
    Pricing,
    /// Promotions, whose ids are their own.
    Promotion,
}

impl FeedKind {
    const ALL: [Self; 4] = [Self::Product, Self::Inventory, Self::Pricing, Self::Promotion];

    /// The value of `feed_type`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Inventory => "inventory",
            Self::Pricing => "pricing",
            Self::Promotion => "promotion",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Of `standard_data_format`. Only the first is on Stripe's public pages; the others are assumed after its pattern.
    pub(super) fn of_data_format(text: &str) -> Option<Self> {
        match text {
            "product_catalog_feed" => Some(Self::Product),
            "product_catalog_inventory_feed" => Some(Self::Inventory),
            "product_catalog_pricing_feed" => Some(Self::Pricing),
            "product_catalog_promotion_feed" => Some(Self::Promotion),
            _ => None,
        }
    }

    /// The column that names a row.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Promotion => "promotion_id",
            _ => "id",
        }
    }
}

/// What becomes of items that a file does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportMode {
    /// Items that the file does not have stay.
    Upsert,
    /// Items that the file does not have are removed.
    Replace,
}

impl ImportMode {
    /// The value of `mode`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Upsert => "upsert",
            Self::Replace => "replace",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Upsert, Self::Replace]
            .into_iter()
            .find(|mode| mode.as_str() == text)
    }
}

/// Why a whole import failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportFailure {
    /// `file_not_found`, `internal_error` or `invalid_file`.
    pub code: &'static str,
    /// What was wrong, as a sentence.
    pub message: String,
    /// Whether the same file may be uploaded again: `transient_failure` rather than `cannot_proceed`.
    pub is_transient: bool,
}

impl ImportFailure {
    pub(super) fn invalid_file(message: impl Into<String>) -> Self {
        Self {
            code: "invalid_file",
            message: message.into(),
            is_transient: false,
        }
    }

    pub(super) fn file_not_found() -> Self {
        Self {
            code: "file_not_found",
            message: "The file was not uploaded in time.".to_owned(),
            is_transient: false,
        }
    }
}

/// How far an import is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportStatus {
    /// The file of a catalog import is not there yet.
    AwaitingUpload,
    /// The file waits to be processed, or is.
    Processing,
    /// Processed; rows that failed are in the error file.
    Ended {
        /// Rows that are in the catalog now, or are deleted from it.
        successes: usize,
        /// Rows that failed, in the order of the file.
        errors: Vec<RowError>,
        /// The rows that failed, as a file.
        error_file: Option<FileId>,
    },
    /// The file was not taken.
    Failed(ImportFailure),
}

/// An import in the ledger.
#[derive(Clone, Debug)]
pub struct FeedImport {
    /// `impset_…` or `pcimprt_…`.
    pub id: ImportId,
    /// The API by which it was begun.
    pub way: ImportWay,
    /// What its rows are.
    pub feed: FeedKind,
    /// What becomes of other items.
    pub mode: ImportMode,
    /// Time at which it was begun, in Unix seconds.
    pub created: i64,
    /// Metadata of a catalog import.
    pub metadata: BTreeMap<String, String>,
    /// The file; `None` until it is uploaded.
    pub file: Option<FileId>,
    /// How often a file was put to an upload URL of this import.
    pub uploads: u32,
    /// How far it is.
    pub status: ImportStatus,
    /// Which import it was in the order in which they were applied to the catalog, from 1.
    pub applied: Option<usize>,
    /// Whether somewhere a task is processing it.
    pub(super) is_claimed: bool,
}

impl FeedImport {
    pub(super) fn new(way: ImportWay, feed: FeedKind, mode: ImportMode, created: i64) -> Self {
        Self {
            id: match way {
                ImportWay::ImportSet => ImportId::generate(),
                ImportWay::CatalogImport => ImportId::generate_catalog_import(),
            },
            way,
            feed,
            mode,
            created,
            metadata: BTreeMap::new(),
            file: None,
            uploads: 0,
            status: ImportStatus::AwaitingUpload,
            applied: None,
            is_claimed: false,
        }
    }

    /// The import as the ledger of the sandbox shows it.
    pub(super) fn summary(&self) -> Value {
        json!({
            "id": self.id,
            "feed": self.feed.as_str(),
            "mode": self.mode.as_str(),
            "file": self.file,
            "uploads": self.uploads,
            "status": self.status_name(),
            "applied": self.applied,
        })
    }

    /// The status as both APIs spell it, but for what is not processed yet.
    pub(super) fn status_name(&self) -> &'static str {
        match (&self.status, self.way) {
            (ImportStatus::AwaitingUpload, _) => "awaiting_upload",
            (ImportStatus::Processing, ImportWay::ImportSet) => "pending",
            (ImportStatus::Processing, ImportWay::CatalogImport) => "processing",
            (ImportStatus::Ended { errors, .. }, _) if errors.is_empty() => "succeeded",
            (ImportStatus::Ended { .. }, _) => "succeeded_with_errors",
            (ImportStatus::Failed(_), _) => "failed",
        }
    }
}
