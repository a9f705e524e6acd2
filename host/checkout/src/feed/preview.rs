//! What an upload would send, before anything is sent.

use serde::{Deserialize, Serialize};

use super::{FeedMode, FeedTransport, FeedType};
use crate::catalog::CatalogVersion;
use crate::ids::{ItemId, MerchantId};

/// An upload as it would be sent now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedPreview {
    /// Merchant whose feed it is.
    pub merchant: MerchantId,
    /// Where it would go.
    pub destination: String,
    /// How it would get there.
    pub transport: FeedTransport,
    /// What its rows are about.
    pub feed: FeedType,
    /// What it would do to products that it does not have.
    pub mode: FeedMode,
    /// Version of the catalog that it is made of.
    pub version: CatalogVersion,
    /// Rows that would be sent.
    pub sent: u64,
    /// Rows among them that delete a product.
    pub deletes: u64,
    /// Rows of the catalog that would not be sent, because they break rules of the feed.
    pub withheld: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// Most bytes that the other party takes.
    pub max_bytes: u64,
    /// SHA-256 of the file in hexadecimal.
    pub sha256: String,
    /// Rules that rows break, by how many rows do.
    pub problems: Vec<PreviewProblem>,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// The first rows, cell by cell.
    pub first: Vec<Vec<String>>,
    /// Why it would be refused before it is sent; `None` if it would not be.
    pub refused: Option<String>,
}

/// A rule that rows break, and the first row that does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewProblem {
    /// Id of the rule.
    pub rule: String,
    /// Whether the rows that break it are not sent.
    pub withholds: bool,
    /// Rows that break it.
    pub rows: u64,
    /// The first of them.
    pub item: ItemId,
    /// Line of that row in the imported file.
    pub line: u64,
    /// Column that is wrong; empty if it is the whole row.
    pub column: String,
    /// What is wrong there.
    pub message: String,
    /// How to fix it there.
    pub help: String,
}
