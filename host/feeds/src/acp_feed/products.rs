//! The products of an upload, rendered a few at a time, in an order that is always the same.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use tillhouse_catalog::Item;
use tillhouse_checkout::catalog::CatalogVersion;
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::ports::{CatalogStore, FeedQueue, StoreError};
use tillhouse_checkout::time::Timestamp;

use super::product::Product;
use super::product_keys::{Member, MemberFiles, Membership};
use super::settings::Seller;
use super::variant::VariantSource;
use crate::offer::Offer;
use crate::remembering::UploadMemory;
use crate::rendering::in_thread;
use crate::upload_rows::{Cells, UploadRows};

/// Where products are read from.
#[derive(Clone, Debug)]
pub(super) struct ProductSource {
    pub(super) catalogs: Arc<dyn CatalogStore>,
    pub(super) queue: Arc<dyn FeedQueue>,
    pub(super) spool: Option<PathBuf>,
    pub(super) seller: Option<Seller>,
}

/// A rendered product, and the items that are its variants.
#[derive(Debug)]
pub(super) struct RenderedProduct {
    pub(super) id: String,
    pub(super) items: Vec<ItemId>,
    /// `None` if there is nothing to tell of it: no variant of it is in the catalog, or was uploaded.
    pub(super) json: Option<Vec<u8>>,
}

/// Of which catalog products are rendered, and for whom.
#[derive(Clone, Debug)]
pub(super) struct ProductScope {
    pub(super) merchant: MerchantId,
    pub(super) destination: String,
    pub(super) version: CatalogVersion,
    /// Time whose prices are shown.
    pub(super) at: Timestamp,
}

/// The products of one upload that were not sent yet.
#[derive(Debug)]
pub(super) struct Products {
    pub(super) source: ProductSource,
    pub(super) scope: ProductScope,
    pub(super) rows: UploadRows,
    /// Version in which the items are that are gone now.
    pub(super) since: Option<CatalogVersion>,
    pub(super) files: Option<MemberFiles>,
    /// Members of the file that is read, by product.
    pub(super) members: VecDeque<Member>,
}

impl Products {
    /// Pass over this many products.
    pub(super) async fn skip(&mut self, count: u64) -> Result<(), StoreError> {
        for _ in 0..count {
            if self.next_members().await?.is_empty() {
                break;
            }
        }
        Ok(())
    }

    /// The next product; `None` after the last one.
    pub(super) async fn next(&mut self) -> Result<Option<RenderedProduct>, StoreError> {
        let members = self.next_members().await?;
        let Some(id) = members.first().map(|member| member.product.clone()) else {
            return Ok(None);
        };
        let items = self.items(&members).await?;
        let offers = self.offers(&items).await?;
        let offered = items
            .iter()
            .zip(&offers)
            .filter_map(|(item, offer)| Some((item, offer.as_ref()?)));
        let variants: Vec<VariantSource<'_>> = offered
            .map(|((item, membership), offer)| VariantSource {
                item,
                offer,
                gone: *membership != Membership::Current,
                at: self.scope.at,
                seller: self.source.seller.as_ref(),
            })
            .collect();
        let product = Product::render(&id, &variants);
        Ok(Some(RenderedProduct {
            // Texts and numbers only: writing them cannot fail.
            json: product.and_then(|product| serde_json::to_vec(&product).ok()),
            items: variants.iter().map(|variant| variant.item.id.clone()).collect(),
            id,
        }))
    }

    /// The members of the next product; none after the last one.
    async fn next_members(&mut self) -> Result<Vec<Member>, StoreError> {
        while self.members.is_empty() {
            let Some(mut files) = self.files.take() else {
                return Ok(Vec::new());
            };
            let read = in_thread(move || files.next().map(|members| (files, members))).await;
            let (files, members) = read.map_err(unreadable)?;
            let Some(members) = members else {
                return Ok(Vec::new());
            };
            self.files = Some(files);
            self.members = members.into();
        }
        let product = self.members.front().map(|member| member.product.clone());
        let mut members = Vec::new();
        while self.members.front().map(|member| &member.product) == product.as_ref() {
            members.extend(self.members.pop_front());
        }
        Ok(members)
    }

    /// The items of a product. One that was moved to another product is left out, unless nothing else is left of this one.
    async fn items(&self, members: &[Member]) -> Result<Vec<(Item, Membership)>, StoreError> {
        let has_current = members.iter().any(|member| member.membership == Membership::Current);
        let mut items = Vec::with_capacity(members.len());
        for membership in [Membership::Current, Membership::Deleted, Membership::Moved] {
            let version = match (membership, self.since) {
                (Membership::Current, _) => self.scope.version,
                (Membership::Moved, _) if has_current => continue,
                (_, Some(since)) => since,
                (_, None) => continue,
            };
            let ids = members.iter().filter(|member| member.membership == membership);
            let ids: BTreeSet<ItemId> = ids.map(|member| member.item.clone()).collect();
            let ids: Vec<ItemId> = ids.into_iter().collect();
            let rows = self
                .source
                .catalogs
                .catalog_rows(&self.scope.merchant, version, &ids)
                .await?;
            for row in rows.into_iter().flatten() {
                let item = Item::decode(&row).map_err(StoreError::caused_by)?;
                items.push((item, membership));
            }
        }
        Ok(items)
    }

    /// What each item is offered as. In an increment that is what was uploaded last, with what the increment says of it; `None` for an item
    /// that was not uploaded yet, and that it says nothing of.
    async fn offers(&self, items: &[(Item, Membership)]) -> Result<Vec<Option<Offer>>, StoreError> {
        let Some(increment) = &self.rows.increment else {
            let offered = |(item, _): &(Item, Membership)| {
                let offer = Offer::of(item);
                match self.rows.counted.get(&item.id) {
                    Some(cells) => offer.changed_by(cells),
                    None => offer,
                }
            };
            return Ok(items.iter().map(offered).map(Some).collect());
        };
        let ids: Vec<ItemId> = items.iter().map(|(item, _)| item.id.clone()).collect();
        let memory = UploadMemory::new(Arc::clone(&self.source.queue));
        let before = memory
            .offers(&self.scope.merchant, &self.scope.destination, &ids)
            .await?;
        let cells: HashMap<&ItemId, &Cells> = increment.iter().map(|row| (&row.id, &row.cells)).collect();
        let offered = items
            .iter()
            .zip(before)
            .map(|((item, _), before)| match (before.taken, cells.get(&item.id)) {
                (before, Some(cells)) => Some(before.unwrap_or_else(|| Offer::of(item)).changed_by(cells)),
                (before, None) => before,
            });
        Ok(offered.collect())
    }
}

pub(super) fn unreadable(error: io::Error) -> StoreError {
    StoreError::with_source("the spooled products cannot be read", error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Way, World, catalog};

    #[tokio::test]
    async fn a_product_whose_items_are_not_known_any_more_has_nothing_to_tell() {
        let world = World::new(Way::ImportSets).await;
        let version = world.import(&catalog(&["mug"])).await;
        let member = |item: &str, membership| Member {
            product: item.to_owned(),
            membership,
            item: ItemId::new(item),
        };
        let mut products = Products {
            source: ProductSource {
                catalogs: world.store.catalogs(),
                queue: world.store.feeds(),
                spool: None,
                seller: None,
            },
            scope: ProductScope {
                merchant: World::merchant(),
                destination: "agent".to_owned(),
                version,
                at: crate::testing::START,
            },
            rows: UploadRows::default(),
            since: None,
            files: None,
            members: [member("cap", Membership::Deleted), member("mug", Membership::Current)].into(),
        };
        let told = async |products: &mut Products| products.next().await.unwrap().map(|product| product.json.is_some());
        assert_eq!(told(&mut products).await, Some(false));
        assert_eq!(told(&mut products).await, Some(true));
        assert_eq!(told(&mut products).await, None);
    }
}
