//! The feeds that merchants created, and what they upserted.

use serde_json::{Map, Value, json};

use super::product::Product;

/// An upsert that was accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct Upsert {
    /// The `Idempotency-Key` that it came with.
    pub key: Option<String>,
    /// Ids of its products, in their order.
    pub products: Vec<String>,
    /// Its body, as it was sent.
    pub body: Value,
    /// Size of its body.
    pub bytes: usize,
}

/// A feed with its products.
#[derive(Clone, Debug, PartialEq)]
pub struct HostedFeed {
    /// Id that the agent gave it.
    pub id: String,
    /// The request that made it.
    pub request: Value,
    /// The country that it is for.
    pub target_country: Option<String>,
    /// Time of the last update, in Unix seconds.
    pub updated: i64,
    /// Its products as they are now, in the order in which they came first.
    pub products: Vec<Value>,
    /// Every upsert that was accepted, in order.
    pub upserts: Vec<Upsert>,
}

impl HostedFeed {
    /// The product with this id, if the feed has it.
    #[must_use]
    pub fn product(&self, id: &str) -> Option<&Value> {
        self.products
            .iter()
            .find(|product| product.get("id").is_some_and(|known| known == id))
    }

    /// The variant with this id, of whichever product.
    #[must_use]
    pub fn variant(&self, id: &str) -> Option<&Value> {
        let variants = self
            .products
            .iter()
            .filter_map(|product| product.get("variants")?.as_array());
        variants
            .flatten()
            .find(|variant| variant.get("id").is_some_and(|known| known == id))
    }

    pub(super) fn metadata(&self) -> Value {
        let mut metadata = Map::new();
        metadata.insert("id".into(), self.id.clone().into());
        if let Some(country) = &self.target_country {
            metadata.insert("target_country".into(), country.clone().into());
        }
        let updated = jiff::Timestamp::from_second(self.updated).unwrap_or(jiff::Timestamp::MAX);
        metadata.insert("updated_at".into(), updated.to_string().into());
        Value::Object(metadata)
    }

    fn replace(&mut self, product: Value) {
        match self
            .products
            .iter_mut()
            .find(|known| known.get("id") == product.get("id"))
        {
            Some(known) => *known = product,
            None => self.products.push(product),
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Feeds {
    feeds: Vec<HostedFeed>,
}

impl Feeds {
    pub(super) fn all(&self) -> Vec<HostedFeed> {
        self.feeds.clone()
    }

    pub(super) fn create(&mut self, request: Value, target_country: Option<String>, now: i64) -> Value {
        let feed = HostedFeed {
            id: format!("feed_{}", uuid::Uuid::new_v4().simple()),
            request,
            target_country,
            updated: now,
            products: Vec::new(),
            upserts: Vec::new(),
        };
        let metadata = feed.metadata();
        self.feeds.push(feed);
        metadata
    }

    pub(super) fn find(&mut self, id: &str) -> Option<&mut HostedFeed> {
        self.feeds.iter_mut().find(|feed| feed.id == id)
    }

    /// Takes an upsert as a whole. Each product replaces the one with its id.
    pub(super) fn upsert(
        feed: &mut HostedFeed,
        products: Vec<Product>,
        upsert: Upsert,
        assign: bool,
        now: i64,
    ) -> Value {
        let update = assign.then(|| format!("upd_{}", uuid::Uuid::new_v4().simple()));
        for product in products {
            let mut product = product.into_value();
            if let (Some(update), Some(members)) = (&update, product.as_object_mut()) {
                members.insert("last_update_id".into(), update.clone().into());
            }
            feed.replace(product);
        }
        feed.updated = now;
        feed.upserts.push(upsert);
        match update {
            Some(update) => json!({"id": feed.id, "accepted": true, "feed_update_id": update}),
            None => json!({"id": feed.id, "accepted": true}),
        }
    }

    pub(super) fn to_json(&self) -> Value {
        let feeds = self
            .feeds
            .iter()
            .map(|feed| json!({"metadata": feed.metadata(), "products": feed.products, "upserts": feed.upserts.len()}));
        json!({"feeds": feeds.collect::<Vec<_>>()})
    }
}
