//! Requests for carts (schemas `CartCreateRequest` and `CartUpdateRequest` of `schema.cart.json`).

use serde::Deserialize;

use crate::acp::shape::buyer::request_v2026_01_30::Buyer;
use crate::acp::shape::item::request_v2026_01_30::{Item, order};
use crate::fields::Id;
use crate::json::{BodyError, JsonValue, Nulls, read};
use tillhouse_checkout::cart::{CartEdit, Change};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct CreateRequest {
    line_items: Vec<Item>,
    buyer: Option<Buyer>,
    locale: Option<Id>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct UpdateRequest {
    line_items: Vec<Item>,
    buyer: Option<Buyer>,
}

pub(crate) fn create(body: &JsonValue) -> Result<CartEdit, BodyError> {
    let request: CreateRequest = read(body, Nulls::Accepted)?;
    Ok(CartEdit {
        locale: request.locale.map(|locale| locale.0),
        ..content(request.line_items, request.buyer)
    })
}

/// Parse an update, which replaces the whole content.
pub(crate) fn replace(body: &JsonValue) -> Result<CartEdit, BodyError> {
    let request: UpdateRequest = read(body, Nulls::Accepted)?;
    Ok(content(request.line_items, request.buyer))
}

fn content(items: Vec<Item>, buyer: Option<Buyer>) -> CartEdit {
    let edit = CartEdit {
        buyer: Change::from(buyer.map(Into::into)),
        ..CartEdit::default()
    };
    order(items, edit)
}
