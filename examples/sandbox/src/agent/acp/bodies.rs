//! Bodies of the requests, in each release.

use serde_json::{Value, json};

use super::AcpVersion;
use crate::agent::basket::{Address, Basket, Buyer};
use crate::agent::session::{FulfillmentOption, Session};

pub(super) fn create(version: AcpVersion, basket: &Basket, can_authenticate: bool) -> Value {
    let items: Vec<Value> = basket
        .items
        .iter()
        .map(|(id, quantity)| json!({"id": id, "quantity": quantity}))
        .collect();
    if version.has_payment_handlers() {
        let interventions: &[&str] = if can_authenticate { &["3ds"] } else { &[] };
        // Every official example sends `quantity` on an item, but the schema does not have it.
        json!({
            "line_items": items,
            "currency": basket.currency,
            "buyer": buyer(&basket.buyer),
            "capabilities": {"interventions": {"supported": interventions}, "extensions": ["discount"]},
        })
    } else {
        json!({"items": items, "buyer": buyer(&basket.buyer)})
    }
}

/// The address, and the discount codes where the release has a member for them.
pub(super) fn address_and_codes(version: AcpVersion, basket: &Basket) -> Value {
    let address = address(&basket.address, &basket.buyer);
    if !version.has_fulfillment_details() {
        return json!({"fulfillment_address": address});
    }
    let mut body = json!({"fulfillment_details": {
        "name": basket.buyer.full_name(),
        "phone_number": basket.buyer.phone_number,
        "email": basket.buyer.email,
        "address": address,
    }});
    if let (false, Some(body)) = (basket.discount_codes.is_empty(), body.as_object_mut()) {
        body.insert("discounts".into(), json!({"codes": basket.discount_codes}));
    }
    body
}

/// The choice of one option for every item.
pub(super) fn selection(version: AcpVersion, session: &Session, option: &FulfillmentOption) -> Value {
    let (kind, items) = (option.kind.as_str(), session.item_ids());
    if version.has_payment_handlers() {
        return json!({"selected_fulfillment_options": [{"type": kind, "option_id": option.id, "item_ids": items}]});
    }
    if version.has_fulfillment_details() {
        let chosen = json!({"option_id": option.id, "item_ids": items});
        return json!({"selected_fulfillment_options": [{"type": kind, kind: chosen}]});
    }
    json!({"fulfillment_option_id": option.id})
}

pub(in crate::agent) fn buyer(buyer: &Buyer) -> Value {
    json!({
        "first_name": buyer.first_name,
        "last_name": buyer.last_name,
        "email": buyer.email,
        "phone_number": buyer.phone_number,
    })
}

pub(in crate::agent) fn address(address: &Address, buyer: &Buyer) -> Value {
    let mut fields = json!({
        "name": buyer.full_name(),
        "line_one": address.line_one,
        "city": address.city,
        "state": address.state,
        "country": address.country,
        "postal_code": address.postal_code,
    });
    if let (Some(line_two), Some(fields)) = (&address.line_two, fields.as_object_mut()) {
        fields.insert("line_two".into(), line_two.as_str().into());
    }
    fields
}
