//! A cart (schema `Cart` of `schema.cart.json`): the members of a checkout session that a cart has too, in the same shapes.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Read from the checkout session that the cart would begin, whose other members are left out.
#[derive(Debug, Deserialize, Serialize)]
struct Cart {
    id: Box<RawValue>,
    line_items: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    buyer: Option<Box<RawValue>>,
    currency: Box<RawValue>,
    totals: Box<RawValue>,
    messages: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    continue_url: Option<Box<RawValue>>,
    expires_at: Box<RawValue>,
}

/// The cart of a rendered checkout session.
pub(crate) fn of_session(session: &[u8]) -> Vec<u8> {
    let cart = serde_json::from_slice::<Cart>(session);
    cart.and_then(|cart| serde_json::to_vec(&cart)).unwrap_or_default()
}
