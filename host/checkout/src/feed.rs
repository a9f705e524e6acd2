//! Uploads of a merchant's product feed to a party that shows it to agents.
//!
//! Each step is committed before the next request is sent, so that an upload goes on where it was after a crash, on any host, and
//! nothing is uploaded twice.

pub mod drift;
pub mod preview;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::catalog::{CatalogKind, CatalogVersion};
use super::ids::{FeedUploadId, ItemId, MerchantId};
use super::named_value::named_value;
use super::time::Timestamp;

named_value! {
    /// What the rows of an upload are about.
    pub enum FeedType {
        /// Products with all their columns.
        Product = "product",
        /// Availability and stock of known products.
        Inventory = "inventory",
        /// Prices of known products.
        Pricing = "pricing",
        /// Promotions, which products have none of themselves.
        Promotion = "promotion",
    }
}

impl FeedType {
    /// Whether its rows change rows that are there, in part.
    #[must_use]
    pub const fn is_increment(&self) -> bool {
        matches!(self, Self::Inventory | Self::Pricing)
    }

    /// The catalog that its rows are of.
    #[must_use]
    pub const fn kind(&self) -> CatalogKind {
        match self {
            Self::Promotion => CatalogKind::Promotion,
            Self::Product | Self::Inventory | Self::Pricing | Self::Other(_) => CatalogKind::Product,
        }
    }
}

named_value! {
    /// What an upload does to products that it does not have.
    pub enum FeedMode {
        /// They are deleted there.
        Replace = "replace",
        /// They stay as they are.
        Upsert = "upsert",
    }
}

named_value! {
    /// How a feed is uploaded.
    pub enum FeedTransport {
        /// Stripe's Files API and Data Management API.
        ImportSets = "import_sets",
        /// Stripe's catalog imports, with an upload URL.
        CatalogImports = "catalog_imports",
        /// The Feed API of ACP, at an agent's endpoint.
        AcpFeed = "acp_feed",
    }
}

named_value! {
    /// How far an upload is.
    pub enum FeedStatus {
        /// Durable; nothing was sent.
        Asked = "asked",
        /// The other party has a place for it, or its file.
        Uploading = "uploading",
        /// The other party has all of it, and works on it.
        Processing = "processing",
        /// Every row was taken.
        Succeeded = "succeeded",
        /// Some rows were refused; they are kept as [`FeedRowError`].
        SucceededWithErrors = "succeeded_with_errors",
        /// No row of it was taken.
        Failed = "failed",
        /// An operator gave it up.
        Abandoned = "abandoned",
    }
}

impl FeedStatus {
    /// Whether the upload goes on.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Asked | Self::Uploading | Self::Processing)
    }
}

/// Ids that the other party gave, as far as the upload is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteIds {
    /// Of the uploaded file.
    pub file: Option<String>,
    /// Of the import that reads it.
    pub import: Option<String>,
    /// Of the file with the rows that were refused.
    pub errors: Option<String>,
    /// Idempotency keys of a step that are of no use any more: the other party has an error of its own under them, or a place that
    /// has expired.
    #[serde(default)]
    pub spent_keys: u32,
}

/// Rows of an upload, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedCounts {
    /// Rows that were sent.
    pub sent: u64,
    /// Rows that the other party took, as it says.
    pub taken: Option<u64>,
    /// Rows that it refused, as it says.
    pub refused: Option<u64>,
    /// Rows of the catalog that were not sent, because they break rules of the feed.
    #[serde(default)]
    pub withheld: u64,
}

/// An upload, as far as it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedUpload {
    /// Its id, `feed_…`. Idempotency keys are made of it.
    pub id: FeedUploadId,
    /// Merchant whose feed it is.
    pub merchant: MerchantId,
    /// Name of the destination in the configuration; `stripe` for Stripe.
    pub destination: String,
    /// How it is uploaded.
    pub transport: FeedTransport,
    /// What its rows are about.
    pub feed: FeedType,
    /// What it does to products that it does not have.
    pub mode: FeedMode,
    /// Version of the catalog that it is rendered from: the same bytes, however often.
    pub version: CatalogVersion,
    /// Rows that are not the catalog's own, such as stock as it was counted when the upload was asked for; rendered into it.
    pub rows: Option<Value>,
    /// When it was asked for.
    pub asked: Timestamp,
    /// Who asked: `operator:ada`, `schedule`.
    pub by: String,
    /// How far it is.
    pub status: FeedStatus,
    /// Ids at the other party.
    pub remote: RemoteIds,
    /// How many rows it has, and what became of them.
    pub counts: FeedCounts,
    /// SHA-256 of the rendered file in hexadecimal, once it was rendered.
    pub sha256: Option<String>,
    /// Why it failed, or the last attempt of a step did.
    pub problem: Option<String>,
    /// How often the step was attempted.
    pub tries: u32,
    /// When its first request was about to be sent. Idempotency keys are kept by the other party for a day at least.
    #[serde(default)]
    pub begun: Option<Timestamp>,
    /// When the next step, or the next look, is due.
    pub next_try: Timestamp,
    /// When it was over.
    pub ended: Option<Timestamp>,
    /// Epoch of the lease under which it was read; 0 if it was not leased.
    #[serde(skip)]
    pub epoch: u64,
}

/// Longest pause between two steps of an upload.
pub const LONGEST_PAUSE: Duration = Duration::from_hours(1);

impl FeedUpload {
    /// The times after which no upload waits that was written by this clock.
    #[must_use]
    pub fn beyond_any_pause(now: Timestamp) -> Timestamp {
        now.after(LONGEST_PAUSE.saturating_mul(2))
    }

    /// Whether the next step is due. So it is if it is due at a time that no upload waits for: the clock was ahead when that was written.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.next_try <= now || self.next_try > Self::beyond_any_pause(now)
    }

    /// The same, given up.
    #[must_use]
    pub fn given_up(self, why: &str, now: Timestamp) -> Self {
        Self {
            status: FeedStatus::Abandoned,
            problem: Some(why.to_owned()),
            ..self.over(now)
        }
    }

    /// The same, over since now. What was pinned for its file is of no use any more, and may be large.
    #[must_use]
    pub fn over(self, now: Timestamp) -> Self {
        Self {
            rows: None,
            ended: Some(now),
            ..self
        }
    }
}

/// A row that the other party refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedRowError {
    /// Number of the row in the uploaded file; the first row after the header is 1. `None` if it could not be found again.
    pub row: Option<u64>,
    /// Line of the row in the imported catalog file.
    pub line: Option<u64>,
    /// The item; `None` if the row has no id.
    pub item: Option<ItemId>,
    /// The column that the message is about, as far as it can be told.
    pub column: Option<String>,
    /// The rule of the catalog that it breaks, as far as it can be told.
    pub rule: Option<String>,
    /// What the other party said.
    pub message: String,
}
