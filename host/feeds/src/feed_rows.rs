//! The rows of an upload, read from the pinned version of the catalog page by page: the same ones in the same order whenever they are
//! read. Rows that break a rule of the feed are among them, marked as not to be sent. What the other party may have from earlier uploads,
//! and would have no row of this one, is deleted by a row of its own.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::sync::Arc;

use async_trait::async_trait;

use tillhouse_catalog::{Checker, Problem, Scope};
use tillhouse_checkout::catalog::{CatalogRow, CatalogVersion};
use tillhouse_checkout::feed::{FeedMode, FeedTransport, FeedType, FeedUpload};
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::ports::{CatalogStore, FeedQueue, StoreError};

use super::hooks::{UploadedRow, UploadedRows};
use super::service::FeedService;
use super::upload_rows::{Cells, UploadRows};

/// Rows that are read at a time.
const PAGE: usize = 1000;

/// What the rows of an upload are read from.
#[derive(Clone, Debug)]
pub(crate) struct RowSource {
    pub(crate) catalogs: Arc<dyn CatalogStore>,
    pub(crate) queue: Arc<dyn FeedQueue>,
    pub(crate) merchant: MerchantId,
    pub(crate) destination: String,
    pub(crate) feed: FeedType,
    pub(crate) version: CatalogVersion,
    pub(crate) rows: Arc<UploadRows>,
    /// Whether what was uploaded before, by whichever upload, and is not sent now is deleted.
    pub(crate) deletes_others: bool,
    /// Whether rows that break rules of Stripe's feed are left out. ACP's feed has no such rules: what is sold can be told.
    pub(crate) checks: bool,
}

/// A row, whether it is sent or not.
#[derive(Debug)]
pub(crate) struct FeedRow {
    pub(crate) uploaded: UploadedRow,
    /// Line of the imported file; `None` for a row that the file does not have.
    pub(crate) line: Option<u64>,
    pub(crate) problems: Vec<Problem>,
}

impl FeedRow {
    /// The first problem for which the row is not sent.
    pub(crate) fn withheld(&self) -> Option<&Problem> {
        withholding(&self.problems)
    }

    /// Whether the upload has a row of it.
    pub(crate) fn is_sent(&self) -> bool {
        self.uploaded.deleted || self.withheld().is_none()
    }
}

fn withholding(problems: &[Problem]) -> Option<&Problem> {
    problems.iter().find(|problem| problem.scope != Scope::Advice)
}

/// A position in the rows of an upload.
#[derive(Debug)]
pub(crate) struct FeedRows<'a> {
    source: &'a RowSource,
    checker: Option<Checker>,
    items: Page<CatalogRow>,
    /// Items that are deleted if they are not sent.
    known: Page<ItemId>,
    /// Rows of the increment that were read.
    increment: usize,
}

/// Rows that were read ahead, and where the next ones begin.
#[derive(Debug)]
struct Page<T> {
    ahead: VecDeque<T>,
    after: Option<ItemId>,
    ended: bool,
}

impl<T> Page<T> {
    const fn after(after: Option<ItemId>, ended: bool) -> Self {
        Self {
            ahead: VecDeque::new(),
            after,
            ended,
        }
    }
}

impl RowSource {
    /// What an upload is made of.
    pub(crate) fn of(service: &FeedService, upload: &FeedUpload, rows: UploadRows) -> Self {
        let is_whole = !upload.feed.is_increment() && rows.increment.is_none();
        Self {
            catalogs: service.catalogs_of(&upload.feed),
            queue: Arc::clone(&service.parts.queue),
            merchant: upload.merchant.clone(),
            destination: upload.destination.clone(),
            feed: upload.feed.clone(),
            version: upload.version,
            rows: Arc::new(rows),
            deletes_others: is_whole && upload.mode == FeedMode::Upsert,
            checks: upload.transport != FeedTransport::AcpFeed,
        }
    }

    /// The rows after an item, or all. They are checked if it matters which of them are sent.
    pub(crate) fn rows(&self, after: Option<&ItemId>) -> FeedRows<'_> {
        let is_increment = self.rows.increment.is_some();
        let increment = self.rows.increment.as_deref().unwrap_or_default();
        FeedRows {
            source: self,
            checker: (self.checks && !is_increment).then(|| Checker::new(self.feed.clone())),
            items: Page::after(after.cloned(), is_increment),
            known: Page::after(
                after.cloned(),
                is_increment || !self.deletes_others && self.rows.deleted_since.is_none(),
            ),
            increment: after.map_or(0, |after| increment.partition_point(|row| row.id <= *after)),
        }
    }

    fn cells(&self, id: &ItemId) -> Cells {
        self.rows.counted.get(id).cloned().unwrap_or_default()
    }
}

impl FeedRows<'_> {
    /// The next rows; none at the end.
    pub(crate) async fn next_page(&mut self) -> Result<Vec<FeedRow>, StoreError> {
        if let Some(increment) = &self.source.rows.increment {
            let rows = increment.iter().skip(self.increment).take(PAGE);
            let rows: Vec<_> = rows.map(|row| added(row.id.clone(), row.cells.clone())).collect();
            self.increment += rows.len();
            return Ok(rows);
        }
        let mut page = Vec::with_capacity(PAGE);
        while page.len() < PAGE {
            self.read_ahead().await?;
            let item = self.items.ahead.front().map(|row| &row.id);
            let known = self.known.ahead.front();
            let order = match (item, known) {
                (None, None) => break,
                (None, Some(_)) => Ordering::Greater,
                (Some(_), None) => Ordering::Less,
                (Some(item), Some(known)) => item.cmp(known),
            };
            let is_known = order.is_ge();
            let known = is_known.then(|| self.known.ahead.pop_front()).flatten();
            if order.is_gt() {
                page.extend(known.map(deleted));
            } else if let Some(row) = self.items.ahead.pop_front() {
                page.push(self.item(row, is_known));
            }
        }
        Ok(page)
    }

    fn item(&mut self, row: CatalogRow, is_known: bool) -> FeedRow {
        let problems = self.checker.as_mut().map(|checker| checker.check(&row));
        let problems = problems.unwrap_or_default();
        if is_known && withholding(&problems).is_some() {
            return FeedRow {
                line: Some(row.line),
                problems,
                ..deleted(row.id)
            };
        }
        FeedRow {
            line: Some(row.line),
            problems,
            uploaded: UploadedRow {
                id: row.id.clone(),
                cells: self.source.cells(&row.id),
                row: Some(row),
                deleted: false,
            },
        }
    }

    /// Read so far ahead that the next item, and the next one that may be deleted, are at hand, where there are any.
    async fn read_ahead(&mut self) -> Result<(), StoreError> {
        let RowSource {
            catalogs,
            merchant,
            version,
            ..
        } = self.source;
        if self.items.ahead.is_empty() && !self.items.ended {
            let read = catalogs.catalog_page(merchant, *version, self.items.after.as_ref(), PAGE);
            self.items.ahead = read.await?.into();
            self.items.ended = self.items.ahead.is_empty();
            self.items.after = self.items.ahead.back().map(|row| row.id.clone());
        }
        while self.known.ahead.is_empty() && !self.known.ended {
            self.read_known().await?;
        }
        Ok(())
    }

    async fn read_known(&mut self) -> Result<(), StoreError> {
        let source = self.source;
        let after = self.known.after.as_ref();
        let kept_under = source.feed.kind().kept_under(&source.merchant);
        let (last, known) = if source.deletes_others {
            let read = source
                .queue
                .uploaded_items_after(&kept_under, &source.destination, after, PAGE);
            let known: VecDeque<ItemId> = read.await?.into_iter().map(|item| item.id).collect();
            (known.back().cloned(), known)
        } else if let Some(since) = source.rows.deleted_since {
            let between = (since, source.version);
            let changes = source
                .catalogs
                .catalog_changes(&source.merchant, between, after, PAGE)
                .await?;
            let last = changes.last().map(|change| change.id.clone());
            let gone = changes.into_iter().filter(|change| change.now.is_none());
            (last, gone.map(|change| change.id).collect())
        } else {
            (None, VecDeque::new())
        };
        self.known.ended = last.is_none();
        (self.known.after, self.known.ahead) = (last, known);
        Ok(())
    }
}

const fn added(id: ItemId, cells: Cells) -> FeedRow {
    FeedRow {
        line: None,
        problems: Vec::new(),
        uploaded: UploadedRow {
            id,
            row: None,
            cells,
            deleted: false,
        },
    }
}

const fn deleted(id: ItemId) -> FeedRow {
    FeedRow {
        line: None,
        problems: Vec::new(),
        uploaded: UploadedRow {
            id,
            row: None,
            cells: Vec::new(),
            deleted: true,
        },
    }
}

#[async_trait]
impl UploadedRows for RowSource {
    async fn page(&self, after: Option<&ItemId>, limit: usize) -> Result<Vec<UploadedRow>, StoreError> {
        let mut rows = self.rows(after);
        let mut sent = Vec::new();
        while sent.len() < limit {
            let page = rows.next_page().await?;
            if page.is_empty() {
                break;
            }
            let kept = page.into_iter().filter(FeedRow::is_sent);
            sent.extend(kept.map(|row| row.uploaded));
        }
        sent.truncate(limit);
        Ok(sent)
    }
}
