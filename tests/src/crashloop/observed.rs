//! Converts responses of all protocols to the common terms of the history.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use serde_json::Value;

use crate::history::{EventKind, LineItem, Operation, Response, ShownCheckout, Status, Total};
use crate::http_response::HttpResponse;

/// The entry of the totals with the sum of the lines before discounts.
const ITEMS: &str = "items_base_amount";

/// Hash of a response body.
pub(super) fn digest(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

/// The outcome of an operation. A 5xx leaves it unknown.
pub(super) fn outcome(operation: &Operation, answer: Option<&HttpResponse>) -> EventKind {
    let Some(answer) = answer.filter(|answer| answer.status < 500) else {
        return EventKind::Info;
    };
    let response = Response {
        status: answer.status,
        body: digest(&answer.body),
        replayed: answer.is_replay(),
        shown: shown(operation, answer),
    };
    if answer.status < 300 {
        EventKind::Ok(response)
    } else {
        EventKind::Fail(response)
    }
}

/// The checkout in a response; Stripe's confirm response does not name it, so it is taken from the call.
pub(super) fn shown(operation: &Operation, answer: &HttpResponse) -> Option<ShownCheckout> {
    let status = status(answer["status"].as_str()?)?;
    let checkout = answer["id"]
        .as_str()
        .map(str::to_owned)
        .or(operation.checkout.clone())?;
    let list = |field: &str| answer[field].as_array().into_iter().flatten();
    let mut totals: Vec<Total> = list("totals").map(total).collect();
    // Adyen's dialect has one sum of the lines, and none of the purchases here has a discount.
    if !totals.iter().any(|entry| entry.kind == ITEMS) {
        for entry in totals.iter_mut().filter(|entry| entry.kind == "subtotal") {
            ITEMS.clone_into(&mut entry.kind);
        }
    }
    Some(ShownCheckout {
        checkout,
        status,
        order: answer["order"]["id"].as_str().map(str::to_owned),
        currency: answer["currency"].as_str().unwrap_or_default().to_ascii_lowercase(),
        totals,
        lines: list("line_items").map(line).collect(),
    })
}

fn status(name: &str) -> Option<Status> {
    Some(match name {
        "not_ready_for_payment" | "incomplete" | "ready_for_payment" => Status::Open,
        "in_progress" | "complete_in_progress" | "processing" => Status::InProgress,
        "completed" => Status::Completed,
        "canceled" => Status::Canceled,
        "expired" => Status::Expired,
        _ => return None,
    })
}

fn total(entry: &Value) -> Total {
    Total {
        kind: entry["type"].as_str().unwrap_or_default().to_owned(),
        minor: entry["amount"].as_i64(),
    }
}

/// A line item. A release without unit prices shows what the line costs before discounts.
fn line(line: &Value) -> LineItem {
    let quantity = line["quantity"].as_i64().or(line["item"]["quantity"].as_i64());
    let quantity = quantity.unwrap_or_default();
    let unit = line["item"]["unit_amount"].as_i64();
    let of_base = || line["base_amount"].as_i64()?.checked_div(quantity);
    LineItem {
        item: line["item"]["id"].as_str().unwrap_or_default().to_owned(),
        quantity,
        unit: unit.or_else(of_base),
        available: line["available_quantity"].as_i64(),
    }
}
