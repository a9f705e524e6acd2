//! Keeping what items were uploaded as: what increments and the audit are compared with.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use async_trait::async_trait;

use tillhouse_catalog::Item;
use tillhouse_checkout::feed::{FeedMode, FeedRowError, FeedType, FeedUpload};
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::ports::{FeedQueue, StoreError, UploadedItem};

use super::hooks::{UploadObserver, UploadedRow, UploadedRows};
use super::offer::{Offer, UploadedOffer};

/// Items that are kept at once.
const PAGE: usize = 500;

/// Remembers what the rows of uploads said that ended well.
#[derive(Clone, Debug)]
pub struct UploadMemory {
    queue: Arc<dyn FeedQueue>,
}

impl UploadMemory {
    /// Remembers in this store.
    #[must_use]
    pub fn new(queue: Arc<dyn FeedQueue>) -> Self {
        Self { queue }
    }

    /// What items were uploaded as, in the order of the ids.
    ///
    /// # Errors
    /// When the store gives no answer.
    pub async fn offers(
        &self,
        merchant: &MerchantId,
        destination: &str,
        ids: &[ItemId],
    ) -> Result<Vec<UploadedOffer>, StoreError> {
        let known = self.queue.uploaded_items(merchant, destination, ids);
        let decode = |item: UploadedItem| UploadedOffer::decode(&item.content);
        Ok(known
            .await?
            .into_iter()
            .map(|item| item.map(decode).unwrap_or_default())
            .collect())
    }

    async fn keep(&self, upload: &FeedUpload, items: &[UploadedItem], replace: bool) -> Result<(), StoreError> {
        let FeedUpload {
            merchant, destination, ..
        } = upload;
        self.queue
            .remember_uploaded_items(merchant, destination, items, replace)
            .await
    }

    /// What was uploaded of items before an upload of all products replaces it. Only of those that it refused, and that it did not delete.
    async fn before(&self, upload: &FeedUpload, refused: &BTreeSet<&ItemId>) -> Result<Before, StoreError> {
        let mut before = Before::default();
        if upload.mode == FeedMode::Replace {
            return Ok(before);
        }
        let ids: Vec<ItemId> = refused.iter().map(|id| (*id).clone()).collect();
        for ids in ids.chunks(PAGE) {
            let offers = self.offers(&upload.merchant, &upload.destination, ids).await?;
            before.extend(ids.iter().cloned().zip(offers));
        }
        Ok(before)
    }
}

type Before = HashMap<ItemId, UploadedOffer>;

#[async_trait]
impl UploadObserver for UploadMemory {
    async fn ended(
        &self,
        upload: &FeedUpload,
        rows: &dyn UploadedRows,
        errors: &[FeedRowError],
    ) -> Result<(), StoreError> {
        if upload.feed == FeedType::Promotion {
            return Ok(());
        }
        let is_whole = upload.feed == FeedType::Product;
        let refused: BTreeSet<&ItemId> = errors.iter().filter_map(|error| error.item.as_ref()).collect();
        let replaced = match is_whole {
            true => Some(self.before(upload, &refused).await?),
            false => None,
        };
        let mut after: Option<ItemId> = None;
        loop {
            let page = rows.page(after.as_ref(), PAGE).await?;
            let first = after.is_none();
            after = page.last().map(|row| row.id.clone());
            let before = match &replaced {
                Some(before) => before,
                None => &self.before_page(upload, &page).await?,
            };
            let items = page
                .iter()
                .filter_map(|row| uploaded(row, before, refused.contains(&row.id)));
            let items: Vec<UploadedItem> = items.collect();
            if !page.is_empty() || first {
                self.keep(upload, &items, is_whole && first).await?;
            }
            if after.is_none() {
                return Ok(());
            }
        }
    }
}

impl UploadMemory {
    async fn before_page(&self, upload: &FeedUpload, page: &[UploadedRow]) -> Result<Before, StoreError> {
        let ids: Vec<ItemId> = page.iter().map(|row| row.id.clone()).collect();
        let offers = self.offers(&upload.merchant, &upload.destination, &ids).await?;
        Ok(ids.into_iter().zip(offers).collect())
    }
}

/// What an item is uploaded as by a row; `None` for an item that the other party does not know now.
fn uploaded(row: &UploadedRow, before: &Before, is_refused: bool) -> Option<UploadedItem> {
    let before = before.get(&row.id).cloned().unwrap_or_default();
    let said = said(row, before.taken.as_ref());
    let offer = match (is_refused, said) {
        (true, refused) => UploadedOffer { refused, ..before },
        (false, Some(taken)) => UploadedOffer {
            taken: Some(taken),
            refused: None,
        },
        (false, None) => return None,
    };
    Some(UploadedItem {
        id: row.id.clone(),
        content: offer.encode(),
    })
}

/// The offer that a row makes. A row of the catalog that cannot be read was not sent.
fn said(row: &UploadedRow, before: Option<&Offer>) -> Option<Offer> {
    if row.deleted {
        return None;
    }
    match (&row.row, before) {
        (Some(row_of_catalog), _) => {
            let item = Item::decode(row_of_catalog).ok()?;
            Some(Offer::of(&item).changed_by(&row.cells))
        }
        (None, Some(before)) => Some(before.clone().changed_by(&row.cells)),
        (None, None) => Offer::of_cells(&row.cells),
    }
}
