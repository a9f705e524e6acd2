//! A requested item (schema `Item`). `quantity` is accepted although the schema lacks it: the examples of the specification send it, and
//! an order needs it.

use serde::Deserialize;

use crate::fields::{Count, Id, Nullable, Quantity, not_null};
use crate::json::BodyError;
use tillhouse_checkout::cart::{CartEdit, ExpectedItem, RequestedItem};
use tillhouse_checkout::ids::{ItemId, LineId};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct Item {
    id: Id,
    name: Option<String>,
    unit_amount: Option<Count>,
    #[serde(default, deserialize_with = "not_null")]
    quantity: Option<Quantity>,
}

impl Item {
    /// What the agent takes the item for: its name and its price, which are the merchant's to say.
    fn expected(&self) -> Option<ExpectedItem> {
        (self.name.is_some() || self.unit_amount.is_some()).then(|| ExpectedItem {
            line: LineId::new(self.id.0.as_str()),
            name: self.name.clone(),
            unit_amount: self.unit_amount.map(|amount| amount.0),
        })
    }
}

impl From<Item> for RequestedItem {
    fn from(item: Item) -> Self {
        Self {
            item: ItemId::new(item.id.0),
            quantity: item.quantity.map_or(1, |quantity| quantity.0),
        }
    }
}

/// The change of the cart by these items, which replace all.
pub(crate) fn order(items: Vec<Item>, edit: CartEdit) -> CartEdit {
    CartEdit {
        expected: items.iter().filter_map(Item::expected).collect(),
        items: Some(items.into_iter().map(Into::into).collect()),
        ..edit
    }
}

/// The change of the cart by the items of an update.
///
/// # Errors
/// For `null`: a checkout without items is none.
pub(crate) fn replace(items: Nullable<Vec<Item>>, edit: CartEdit) -> Result<CartEdit, BodyError> {
    match items {
        Nullable::Null => {
            let error =
                BodyError::invalid("cannot be taken away: a checkout needs at least one item; cancel it instead");
            Err(error.in_field("line_items"))
        }
        Nullable::Absent => Ok(edit),
        Nullable::Given(items) => Ok(order(items, edit)),
    }
}
