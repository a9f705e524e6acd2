//! A requested item (schema `Item`). `quantity` is accepted although the schema lacks it: the examples of the specification send it, and
//! an order needs it.

use serde::Deserialize;

use crate::fields::{Count, Id, Nullable, Quantity, not_null};
use crate::json::BodyError;
use tillhouse_checkout::cart::RequestedItem;
use tillhouse_checkout::ids::ItemId;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct Item {
    id: Id,
    name: Option<String>,
    unit_amount: Option<Count>,
    #[serde(default, deserialize_with = "not_null")]
    quantity: Option<Quantity>,
}

impl From<Item> for RequestedItem {
    fn from(item: Item) -> Self {
        Self {
            item: ItemId::new(item.id.0),
            quantity: item.quantity.map_or(1, |quantity| quantity.0),
        }
    }
}

/// The items of an update, which replace all; `None` if it leaves them as they are.
///
/// # Errors
/// For `null`: a checkout without items is none.
pub(crate) fn replaced(items: Nullable<Vec<Item>>) -> Result<Option<Vec<RequestedItem>>, BodyError> {
    match items {
        Nullable::Null => {
            let error =
                BodyError::invalid("cannot be taken away: a checkout needs at least one item; cancel it instead");
            Err(error.in_field("line_items"))
        }
        Nullable::Absent => Ok(None),
        Nullable::Given(items) => Ok(Some(items.into_iter().map(Into::into).collect())),
    }
}
