//! What operators ask of the hosts, and what the store has of uploads.

use tillhouse_checkout::feed::{FeedType, FeedUpload};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_payments::operator::OperatorRequest;
use tillhouse_payments::operator::catalogs::{CatalogItemPage, ItemFilter, ListCatalogItems};
use tillhouse_payments::operator::feeds::FeedTarget;
use tillhouse_server::admin::{AdminClient, AdminClientError};

use super::super::random::Random;
use super::{Generation, Run, Seller};

/// More items than any generation has.
const ALL_ITEMS: usize = 1000;

impl Run {
    /// Asks any host that is ready.
    pub(super) async fn operate<R: OperatorRequest>(
        &self,
        request: &R,
        random: &mut Random,
    ) -> Result<R::Answer, AdminClientError> {
        let address = self.hosts.any(random).await;
        let node = self.shop.nodes.iter().find(|node| node.address == address);
        let socket = &node.expect("the pool has the nodes of the shop").socket;
        AdminClient::new(socket).send(request).await
    }

    /// Reads the whole catalog in force at any host; `None` without an answer. It must be one generation, whole, and not an older one than
    /// was in force before.
    pub(super) async fn generation_in_force(&self, seller: &Seller, random: &mut Random) -> Option<u32> {
        let known = seller.known();
        let request = ListCatalogItems {
            merchant: MerchantId::new(seller.name),
            kind: Default::default(),
            version: None,
            after: None,
            filter: ItemFilter::default(),
            limit: ALL_ITEMS,
        };
        let page = self.operate(&request, random).await.ok()?;
        let Some(seen) = whole_generation(seller.name, &page) else {
            self.violated(format!(
                "{} has a catalog of several generations: {page:?}",
                seller.name
            ));
            return None;
        };
        if !seller.may_show(known, seen) {
            self.violated(format!("{} shows generation {seen} after {known}", seller.name));
        }
        Some(seen)
    }

    /// Every upload as the store has it, in the order in which they were asked for.
    pub(super) async fn uploads(&self) -> Vec<FeedUpload> {
        let bodies = self
            .shop
            .database
            .texts("SELECT body FROM feed_upload ORDER BY seq")
            .await;
        let bodies = bodies.into_iter().flatten().flatten();
        bodies
            .map(|body| serde_json::from_str(&body).expect("the body is an upload"))
            .collect()
    }

    /// Number of rows that were refused or withheld, by upload.
    pub(super) async fn refused_rows(&self, upload: &FeedUpload) -> usize {
        let sql = format!(
            "SELECT error.body FROM feed_error error JOIN feed_upload upload ON error.upload = upload.seq WHERE upload.id = '{}'",
            upload.id
        );
        self.shop.database.texts(&sql).await.len()
    }
}

pub(super) fn products_of(seller: &Seller, destination: &str) -> FeedTarget {
    FeedTarget {
        merchant: Some(MerchantId::new(seller.name)),
        destination: Some(destination.to_owned()),
        feed: FeedType::Product,
    }
}

/// The generation that a catalog is; `None` if it is not exactly one.
fn whole_generation(seller: &'static str, page: &CatalogItemPage) -> Option<u32> {
    let first = Generation::of_price(seller, &page.items.first()?.price)?;
    let ids: std::collections::BTreeSet<String> = page.items.iter().map(|item| item.id.to_string()).collect();
    let title = |id: &str| format!("{id} of {}", first.number);
    let is_whole = ids == first.items()
        && page.of == ids.len() as u64
        && page
            .items
            .iter()
            .all(|item| item.price == first.price() && item.title == title(item.id.as_str()));
    is_whole.then_some(first.number)
}
