//! A requested item (schema `Item`). 2025-12-12 changed the quantity from a number to an integer, which it is for this host in every
//! release.

use serde::Deserialize;

use crate::fields::{Id, Quantity};
use tillhouse_checkout::cart::RequestedItem;
use tillhouse_checkout::ids::ItemId;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct Item {
    pub(crate) id: Id,
    pub(crate) quantity: Quantity,
}

impl From<Item> for RequestedItem {
    fn from(item: Item) -> Self {
        Self {
            item: ItemId::new(item.id.0),
            quantity: item.quantity.0,
        }
    }
}
