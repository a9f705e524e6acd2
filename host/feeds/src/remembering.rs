//! Keeping what items were uploaded as: what increments and the audit are compared with, and what a later upload deletes.

use std::collections::VecDeque;
use std::sync::Arc;

use tillhouse_catalog::Item;
use tillhouse_checkout::feed::{FeedMode, FeedType, FeedUpload};
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::ports::{FeedQueue, StoreError, UploadedItem};

use super::hooks::{UploadedRow, UploadedRows};
use super::offer::{Offer, UploadedOffer};
use super::refused_items::RefusedItems;

/// Items that are kept at once.
const PAGE: usize = 1000;

/// Remembers what the rows of uploads said that ended well.
#[derive(Clone, Debug)]
pub(crate) struct UploadMemory {
    queue: Arc<dyn FeedQueue>,
    /// Whether another upload may bring back what one deletes.
    may_be_undone: bool,
}

impl UploadMemory {
    /// Remembers in this store.
    #[must_use]
    pub(crate) fn new(queue: Arc<dyn FeedQueue>) -> Self {
        Self {
            queue,
            may_be_undone: false,
        }
    }

    /// The same for an upload beside which another was under way: the other party ends them in any order, and so what one deletes the
    /// other may bring back. It stays known, and the next upload deletes it again.
    pub(crate) fn beside_others(self, may_be_undone: bool) -> Self {
        Self { may_be_undone, ..self }
    }

    /// What items were uploaded as, in the order of the ids.
    ///
    /// # Errors
    /// When the store gives no answer.
    pub(crate) async fn offers(
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

    /// Before an upload is sent: the other party may have its items from now on, whatever becomes of it. Those that it did not have are
    /// remembered without an offer, so that a later upload deletes them there if they are gone; of the others is remembered what is new of
    /// their offers, so that it is told again where it is not known what became of it.
    pub(crate) async fn mark_sent(&self, upload: &FeedUpload, rows: &dyn UploadedRows) -> Result<(), StoreError> {
        let kept_under = kept_under(upload);
        let mut after: Option<ItemId> = None;
        loop {
            let page = rows.page(after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = Some(last.id.clone());
            let ids: Vec<ItemId> = page.iter().map(|row| row.id.clone()).collect();
            let known = self.queue.uploaded_items(&kept_under, &upload.destination, &ids);
            let known = known.await?;
            let new = page.iter().zip(known);
            let new = new.filter_map(|(row, known)| about_to_be_sent(&upload.feed, row, known));
            self.write(upload, new.collect()).await?;
        }
    }

    /// After an upload that ended well: what the other party has of its items now. It may be repeated.
    pub(crate) async fn settle(
        &self,
        upload: &FeedUpload,
        rows: &dyn UploadedRows,
        refused: &RefusedItems,
    ) -> Result<(), StoreError> {
        let kept_under = kept_under(upload);
        let replaces = upload.mode == FeedMode::Replace;
        let mut after: Option<ItemId> = None;
        loop {
            let page = rows.page(after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            let ids: Vec<ItemId> = page.iter().map(|row| row.id.clone()).collect();
            let before = match replaces {
                // It has taken the place of everything.
                true => vec![UploadedOffer::default(); ids.len()],
                false => self.offers(&kept_under, &upload.destination, &ids).await?,
            };
            let now = page.iter().zip(before);
            let now = now.filter_map(|(row, before)| remembered(&upload.feed, row, before, fate(row, refused)));
            self.write(upload, now.collect()).await?;
        }
        match replaces {
            true => self.forget_others(upload, rows).await,
            false => Ok(()),
        }
    }

    /// Forget the items that an upload has no row of, in one pass over both.
    async fn forget_others(&self, upload: &FeedUpload, rows: &dyn UploadedRows) -> Result<(), StoreError> {
        let kept_under = kept_under(upload);
        let (mut after, mut sent): (Option<ItemId>, VecDeque<ItemId>) = (None, VecDeque::new());
        let (mut last_sent, mut all_read): (Option<ItemId>, bool) = (None, false);
        loop {
            let known = self
                .queue
                .uploaded_items_after(&kept_under, &upload.destination, after.as_ref(), PAGE);
            let known = known.await?;
            let Some(last) = known.last() else {
                return Ok(());
            };
            after = Some(last.id.clone());
            let mut others = Vec::new();
            for UploadedItem { id, .. } in known {
                while !all_read && sent.back().is_none_or(|last| *last < id) {
                    sent = rows
                        .page(last_sent.as_ref(), PAGE)
                        .await?
                        .into_iter()
                        .map(|row| row.id)
                        .collect();
                    all_read = sent.is_empty();
                    last_sent = sent.back().cloned().or(last_sent);
                }
                while sent.front().is_some_and(|first| *first < id) {
                    sent.pop_front();
                }
                if sent.front() != Some(&id) {
                    others.push(Remembered::Forgotten(id));
                }
            }
            self.write(upload, others).await?;
        }
    }

    async fn write(&self, upload: &FeedUpload, all: Vec<Remembered>) -> Result<(), StoreError> {
        let (mut items, mut forgotten) = (Vec::new(), Vec::new());
        for one in all {
            match one {
                Remembered::Kept(item) => items.push(item),
                Remembered::Forgotten(id) if self.may_be_undone => {
                    let content = UploadedOffer::default().encode();
                    items.push(UploadedItem { id, content });
                }
                Remembered::Forgotten(id) => forgotten.push(id),
            }
        }
        if items.is_empty() && forgotten.is_empty() {
            return Ok(());
        }
        let kept_under = kept_under(upload);
        let written = self
            .queue
            .remember_uploaded_items(&kept_under, &upload.destination, &items, &forgotten);
        written.await
    }
}

/// The name under which the rows of an upload are remembered: the id of a promotion may be that of an item.
fn kept_under(upload: &FeedUpload) -> MerchantId {
    upload.feed.kind().kept_under(&upload.merchant)
}

/// What is remembered of an item from now on.
#[derive(Debug)]
enum Remembered {
    Kept(UploadedItem),
    /// The other party does not have it any more.
    Forgotten(ItemId),
}

impl Remembered {
    fn kept(id: ItemId, offer: &UploadedOffer) -> Self {
        let content = offer.encode();
        Self::Kept(UploadedItem { id, content })
    }
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Taken,
    Refused,
    /// Rows were refused, and it is not told which.
    Unknown,
}

fn fate(row: &UploadedRow, refused: &RefusedItems) -> Fate {
    if refused.has(&row.id) {
        Fate::Refused
    } else if refused.others_unknown {
        Fate::Unknown
    } else {
        Fate::Taken
    }
}

/// Refused deletes after which an item is forgotten that was never known to be there: what does not exist cannot be deleted, and what an
/// upload that was abandoned has brought there must be.
const MOST_REFUSED_DELETES: u8 = 3;

/// What a row makes of what is known of its item before it is sent; `None` if that stays as it is.
fn about_to_be_sent(feed: &FeedType, row: &UploadedRow, known: Option<UploadedItem>) -> Option<Remembered> {
    let id = row.id.clone();
    let Some(known) = known else {
        return (!feed.is_increment()).then(|| Remembered::kept(id, &UploadedOffer::default()));
    };
    let known = UploadedOffer::decode(&known.content);
    let taken = known.taken.as_ref()?;
    // A feed of stock may follow one of prices of which it is not known what became.
    let before = known.sent.as_ref().unwrap_or(taken);
    let sent = said(feed, row, Some(before)).filter(|said| said != taken && said != before)?;
    Some(Remembered::kept(
        id,
        &UploadedOffer {
            sent: Some(sent),
            ..known
        },
    ))
}

/// What a row makes of what was known of its item; `None` if that stays as it is.
fn remembered(feed: &FeedType, row: &UploadedRow, before: UploadedOffer, fate: Fate) -> Option<Remembered> {
    let id = row.id.clone();
    if row.deleted {
        return after_delete(id, before, fate);
    }
    if *feed == FeedType::Promotion {
        let promotion = before.promotion || fate == Fate::Taken;
        return Some(Remembered::kept(id, &UploadedOffer { promotion, ..before }));
    }
    let said = said(feed, row, before.taken.as_ref())?;
    let now = match fate {
        // A feed of stock or prices leaves open what another one said of the rest.
        Fate::Taken => UploadedOffer {
            sent: otherwise_sent(feed, row, &before, &said),
            taken: Some(said),
            ..UploadedOffer::default()
        },
        Fate::Refused => UploadedOffer {
            sent: before.sent.filter(|sent| *sent != said),
            refused: Some(said),
            ..before
        },
        // What it had before at least, so that the difference is uploaded again.
        Fate::Unknown => UploadedOffer {
            taken: before.taken.or(Some(said)),
            sent: before.sent,
            ..UploadedOffer::default()
        },
    };
    Some(Remembered::kept(id, &now))
}

/// What an upload said that is not known to have ended, with what was taken since in its place; `None` if that is all that is offered.
fn otherwise_sent(feed: &FeedType, row: &UploadedRow, before: &UploadedOffer, taken: &Offer) -> Option<Offer> {
    let sent = said(feed, row, Some(before.sent.as_ref()?))?;
    (sent != *taken).then_some(sent)
}

fn after_delete(id: ItemId, before: UploadedOffer, fate: Fate) -> Option<Remembered> {
    let refused_deletes = before.refused_deletes.saturating_add(1);
    match fate {
        Fate::Taken => Some(Remembered::Forgotten(id)),
        // The next upload of all rows deletes it again.
        Fate::Unknown => None,
        Fate::Refused if before.was_taken() => None,
        Fate::Refused if refused_deletes >= MOST_REFUSED_DELETES => Some(Remembered::Forgotten(id)),
        Fate::Refused => Some(Remembered::kept(
            id,
            &UploadedOffer {
                refused_deletes,
                ..before
            },
        )),
    }
}

/// The offer that a row makes. A row of the catalog that cannot be read was not sent. A feed of stock or prices says nothing of the rest.
fn said(feed: &FeedType, row: &UploadedRow, before: Option<&Offer>) -> Option<Offer> {
    if row.deleted {
        return None;
    }
    let Some(row_of_catalog) = &row.row else {
        return match before {
            Some(before) => Some(before.clone().changed_by(&row.cells)),
            None => Offer::of_cells(&row.cells),
        };
    };
    let item = Item::decode(row_of_catalog).ok()?;
    let whole = Offer::of(&item).changed_by(&row.cells);
    match feed {
        FeedType::Inventory => Some(before?.clone().changed_by(&whole.stock_cells())),
        FeedType::Pricing => Some(before?.clone().changed_by(&whole.price_cells())),
        _ => Some(whole),
    }
}
