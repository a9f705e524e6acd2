//! Arguments of the contract's functions, as an author writes them: what has a default is left out.

use serde_json::{Value, json};

/// A line with its amounts, without discounts.
pub(crate) fn line_amount(item: &str, quantity: i64, unit_price: i64) -> Value {
    let base = quantity * unit_price;
    json!({"line": "l1", "item": item, "quantity": quantity, "unit_price": unit_price, "base": base, "discount": 0,
           "subtotal": base, "order_discount": 0, "taxable": base})
}

/// What is bought, in sum.
fn purchase(total: i64) -> Value {
    json!({"totals": {"items_base": total, "items_discount": 0, "subtotal": total, "discount": 0, "fulfillment": 0, "fees": 0,
                      "tax": 0, "total": total}})
}

fn dollars(minor: i64) -> Value {
    json!({"minor": minor, "currency": "USD"})
}

/// The order of `payments.charge`.
pub(crate) fn charge_order(total: i64) -> String {
    let order = json!({"session": "cs_1", "order": "o1", "amount": dollars(total), "purchase": purchase(total),
                       "return_url": "https://shop.example/orders/o1", "initiator": "agent"});
    order.to_string()
}

/// The draft of `orders.identify`.
pub(crate) fn draft(cart: &str, total: i64) -> String {
    let cart: Value = serde_json::from_str(cart).unwrap();
    json!({"cart": cart, "purchase": purchase(total), "total": dollars(total)}).to_string()
}

/// The event of `orders.notify`.
pub(crate) fn order_event(cart: &str, total: i64) -> String {
    let cart: Value = serde_json::from_str(cart).unwrap();
    let payment = json!({"processor": "acme", "reference": "pa_1", "amount": dollars(total), "captured": true});
    let event = json!({"order": "o1", "kind": "created", "revision": 1, "state": {"status": "confirmed"}, "cart": cart,
                       "purchase": purchase(total), "total": dollars(total), "payment": payment});
    event.to_string()
}
