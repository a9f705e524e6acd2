//! An item with its quantity (`AcpItem`).

use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};

use crate::fields::{Id, Quantity};
use tillhouse_checkout::cart::{MAX_LINES, RequestedItem};
use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::quote::QuoteLine;

/// An item that is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct ItemRequest {
    id: Id,
    quantity: Quantity,
}

/// The items of a request, which replace all. Each has its quantity, so that there is no use in more of them than a checkout has lines,
/// not even of the same item.
#[derive(Debug)]
pub(crate) struct ItemRequests(pub(crate) Vec<RequestedItem>);

impl<'de> Deserialize<'de> for ItemRequests {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let items: Vec<ItemRequest> = Vec::deserialize(from)?;
        if items.len() > MAX_LINES {
            return Err(D::Error::custom(format!("must not have more than {MAX_LINES} items")));
        }
        Ok(Self(items.into_iter().map(Into::into).collect()))
    }
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
