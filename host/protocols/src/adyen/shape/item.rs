//! An item with its quantity (`AcpItem`).

use serde::{Deserialize, Serialize};

use crate::fields::{Id, Quantity};
use tillhouse_checkout::cart::RequestedItem;
use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::quote::QuoteLine;

/// An item that is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct ItemRequest {
    id: Id,
    quantity: Quantity,
}

impl From<ItemRequest> for RequestedItem {
    fn from(item: ItemRequest) -> Self {
        Self {
            item: ItemId::new(item.id.0),
            quantity: item.quantity.0,
        }
    }
}

/// The item of a line.
#[derive(Debug, Serialize)]
pub(crate) struct Item<'a> {
    id: &'a str,
    quantity: u32,
}

impl<'a> From<&'a QuoteLine> for Item<'a> {
    fn from(line: &'a QuoteLine) -> Self {
        Self {
            id: line.item.as_str(),
            quantity: line.quantity,
        }
    }
}
