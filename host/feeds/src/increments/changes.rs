//! The items that are not as they were uploaded.

use std::collections::HashMap;

use tillhouse_checkout::feed::FeedTransport;
use tillhouse_checkout::ids::ItemId;

use super::position::Position;
use super::{IncrementError, Increments};
use crate::counted::{CurrentOffer, current_offers};
use crate::destination::Destination;
use crate::offer::{Offer, UploadedOffer};
use crate::plugin_view::MOST_ITEMS;
use crate::remembering::UploadMemory;
use crate::upload_rows::IncrementRow;

/// Most rows of an increment. What is above follows in the next one.
const MOST_ROWS: usize = 10_000;

/// What an increment could say.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// Items that were compared.
    pub(super) items: u64,
    /// Items whose stock is another.
    pub(super) stock: Vec<IncrementRow>,
    /// Items whose price is another.
    pub(super) prices: Vec<IncrementRow>,
    /// Items of which anything is another, with all that is offered.
    pub(super) all: Vec<IncrementRow>,
}

impl Changes {
    pub(super) fn changed(&self) -> u64 {
        u64::try_from(self.all.len()).unwrap_or_default()
    }
}

impl Increments {
    /// Compare what may have changed. What has is pending until it is uploaded.
    pub(super) async fn changes(
        &self,
        destination: &Destination,
        position: &mut Position,
    ) -> Result<Changes, IncrementError> {
        let Destination { merchant, name, .. } = destination;
        let parts = self.service.parts();
        let mut changes = Changes::default();
        let Some(catalog) = parts.catalogs.catalog(merchant).await? else {
            return Ok(changes);
        };
        self.find_candidates(destination, position, catalog.version).await?;
        let memory = UploadMemory::new(parts.queue.clone());
        let mut left: Vec<ItemId> = position.pending.iter().cloned().collect();
        while !left.is_empty() && changes.all.len() < MOST_ROWS {
            let page: Vec<ItemId> = left.drain(..left.len().min(MOST_ITEMS)).collect();
            let uploaded = memory.offers(merchant, name, &page).await?;
            let current = current_offers(parts, merchant, catalog.version, &page).await?;
            let current: HashMap<ItemId, CurrentOffer> =
                current.into_iter().map(|it| (it.item.id.clone(), it)).collect();
            for (id, uploaded) in page.into_iter().zip(uploaded) {
                changes.items += 1;
                position.pending.remove(&id);
                let is_forced = position.forced.contains(&id);
                if changes.add(destination, &id, &uploaded, current.get(&id), is_forced) {
                    position.pending.insert(id);
                } else {
                    position.forced.remove(&id);
                }
            }
        }
        Ok(changes)
    }
}

impl Changes {
    /// Compare an item. Returns whether there is anything to upload of it.
    fn add(
        &mut self,
        destination: &Destination,
        id: &ItemId,
        uploaded: &UploadedOffer,
        current: Option<&CurrentOffer>,
        is_forced: bool,
    ) -> bool {
        let is_acp = destination.transport.kind() == FeedTransport::AcpFeed;
        let Some(offer) = offered_now(uploaded, current, is_acp) else {
            return false;
        };
        // The same was refused before. An item that is changed in the catalog is uploaded again with all others.
        if uploaded.refused.as_ref() == Some(&offer) {
            return false;
        }
        let (stock, prices) = uploaded.may_differ(&offer);
        let row = |cells| IncrementRow { id: id.clone(), cells };
        if stock {
            self.stock.push(row(offer.stock_cells()));
        }
        if prices {
            self.prices.push(row(offer.price_cells()));
        }
        let differs = stock || prices || is_forced;
        if differs {
            self.all.push(row(offer.cells()));
        }
        differs
    }
}

/// What an item is offered as; `None` if the other party does not know it. ACP's feed takes items that it did not have.
fn offered_now(uploaded: &UploadedOffer, current: Option<&CurrentOffer>, is_acp: bool) -> Option<Offer> {
    match (&uploaded.taken, current) {
        (Some(_), Some(current)) => Some(current.offer.clone()),
        (Some(taken), None) => Some(taken.clone().withdrawn()),
        (None, Some(current)) if is_acp && uploaded.refused.is_none() => Some(current.offer.clone()),
        (None, _) => None,
    }
}
