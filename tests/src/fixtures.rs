//! Buyers, addresses, carts and request bodies.

mod delegation;

use serde_json::{Value, json};

use crate::acp::Release;

pub use delegation::{DELEGATE_PAYMENT, VAULT_KEYS, delegation, vault_payment};

/// Items of a cart: (SKU, quantity).
pub type Items<'a> = &'a [(&'a str, u32)];

/// The buyer of most tests: Jane Doe.
#[must_use]
pub fn buyer() -> Value {
    json!({"first_name": "Jane", "last_name": "Doe", "email": "jane.doe@example.com", "phone_number": "+14155552671"})
}

/// Jane's address in San Francisco: 7.25 % sales tax on goods, none on shipping.
#[must_use]
pub fn address() -> Value {
    address_in("US", "CA", "94105")
}

/// Jane's address with another country, state and postal code.
#[must_use]
pub fn address_in(country: &str, state: &str, postal_code: &str) -> Value {
    json!({
        "name": "Jane Doe",
        "line_one": "123 Main St",
        "city": "Springfield",
        "state": state,
        "country": country,
        "postal_code": postal_code,
    })
}

/// The body of an ACP create: items, and the other members that the release requires.
#[must_use]
pub fn cart(release: Release, items: Items<'_>) -> Value {
    let items: Vec<Value> = items
        .iter()
        .map(|(id, quantity)| json!({"id": id, "quantity": quantity}))
        .collect();
    if release.has_payment_handlers() {
        json!({"line_items": items, "currency": "usd", "capabilities": {}})
    } else {
        json!({"items": items})
    }
}

/// The member of an ACP create or update that has the items.
#[must_use]
pub fn items_member(release: Release) -> &'static str {
    if release.has_payment_handlers() {
        "line_items"
    } else {
        "items"
    }
}

/// The body of an ACP update that chooses this shipping option for these items.
#[must_use]
pub fn shipped_by(release: Release, option: &str, items: &[&str]) -> Value {
    let chosen = json!({"option_id": option, "item_ids": items});
    if release.has_payment_handlers() {
        json!({"selected_fulfillment_options": [with(chosen, &json!({"type": "shipping"}))]})
    } else if release.has_fulfillment_details() {
        json!({"selected_fulfillment_options": [{"type": "shipping", "shipping": chosen}]})
    } else {
        json!({"fulfillment_option_id": option})
    }
}

/// The body of an ACP update with buyer and address, which makes a session ready for payment.
#[must_use]
pub fn delivery(release: Release, address: &Value) -> Value {
    if release.has_fulfillment_details() {
        json!({
            "buyer": buyer(),
            "fulfillment_details": {"name": "Jane Doe", "email": "jane.doe@example.com", "address": address},
        })
    } else {
        json!({"buyer": buyer(), "fulfillment_address": address})
    }
}

/// The body of an ACP complete with this token.
#[must_use]
pub fn payment(release: Release, token: &str) -> Value {
    if release.has_payment_handlers() {
        json!({"payment_data": {
            "handler_id": "card_tokenized",
            "instrument": {"type": "card", "credential": {"type": "spt", "token": token}},
        }})
    } else {
        json!({"payment_data": {"token": token, "provider": "stripe"}})
    }
}

/// The body of an ACP complete with a token of Adyen's vault.
#[must_use]
pub fn payment_at_adyen(release: Release, token: &str) -> Value {
    let mut body = payment(release, token);
    let payment = &mut body["payment_data"];
    if release.has_payment_handlers() {
        payment["handler_id"] = json!("card_adyen");
        payment["instrument"]["credential"]["type"] = json!("adyen_token");
    } else {
        payment["provider"] = json!("adyen");
    }
    body
}

/// The body of a Stripe ACS create, without buyer and address.
#[must_use]
pub fn checkout(items: Items<'_>) -> Value {
    let items: Vec<Value> = items
        .iter()
        .map(|(sku, quantity)| json!({"sku_id": sku, "quantity": quantity}))
        .collect();
    json!({"currency": "usd", "line_items": items})
}

/// The body of a Stripe ACS confirm with this token.
#[must_use]
pub fn confirmation(token: &str) -> Value {
    json!({"payment_data": {"token": token, "provider": "stripe"}})
}

/// A body with members added or replaced.
#[must_use]
pub fn with(mut body: Value, fields: &Value) -> Value {
    if let (Some(body), Some(fields)) = (body.as_object_mut(), fields.as_object()) {
        body.extend(fields.clone());
    }
    body
}
