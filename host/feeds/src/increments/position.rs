//! How far what was uploaded to a destination was compared.

use std::collections::BTreeSet;

use tillhouse_checkout::catalog::CatalogVersion;
use tillhouse_checkout::feed::{FeedType, FeedUpload};
use tillhouse_checkout::ids::{FeedUploadId, ItemId};
use tillhouse_checkout::time::Timestamp;

use super::sale_times::SaleTimes;

/// A position in what changes, and the items before it that are still to be uploaded.
#[derive(Debug)]
pub(super) struct Position {
    /// The upload of all products that it follows.
    pub(super) full: FeedUploadId,
    /// Mark of the last counter.
    pub(super) mark: u64,
    /// Version of the catalog up to which changes were looked at.
    pub(super) version: CatalogVersion,
    /// The last changed item of the version after it that was looked at; `None` at its beginning.
    pub(super) changed: Option<ItemId>,
    /// Time up to which the beginnings and ends of sales were looked at.
    pub(super) time: Timestamp,
    /// The beginnings and ends to come.
    pub(super) sales: Option<SaleTimes>,
    /// Items that were not as they were uploaded, when they were compared last.
    pub(super) pending: BTreeSet<ItemId>,
    /// Items that are uploaded whatever they are compared with: the other party is told their price, and not when it changes.
    pub(super) forced: BTreeSet<ItemId>,
    /// The upload that was asked for last, and its items.
    pub(super) asked: Option<(FeedUploadId, Vec<ItemId>)>,
    /// What that upload was about.
    pub(super) last_feed: Option<FeedType>,
}

impl Position {
    /// Nothing was compared since this upload of all products.
    pub(super) fn after(full: &FeedUpload) -> Self {
        Self {
            full: full.id.clone(),
            mark: 0,
            version: full.version,
            changed: None,
            time: full.asked,
            sales: None,
            pending: BTreeSet::new(),
            forced: BTreeSet::new(),
            asked: None,
            last_feed: None,
        }
    }
}
