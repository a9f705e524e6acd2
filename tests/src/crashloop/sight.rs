//! Converts responses of all protocols to the common terms of the history.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use serde_json::Value;

use crate::answer::Answer;
use crate::history::{Call, Line, Seen, Shown, Status, Total, What};

/// Hash of a response body.
pub(super) fn digest(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

/// The outcome of an operation. A 5xx leaves it unknown.
pub(super) fn ending(call: &Call, answer: Option<&Answer>) -> What {
    let Some(answer) = answer.filter(|answer| answer.status < 500) else {
        return What::Info;
    };
    let seen = Seen {
        status: answer.status,
        body: digest(&answer.body),
        replayed: answer.is_replay(),
        shown: shown(call, answer),
    };
    if answer.status < 300 {
        What::Ok(seen)
    } else {
        What::Fail(seen)
    }
}

/// The checkout in a response; Stripe's confirm response does not name it, so it is taken from the call.
pub(super) fn shown(call: &Call, answer: &Answer) -> Option<Shown> {
    let status = status(answer["status"].as_str()?)?;
    let checkout = answer["id"].as_str().map(str::to_owned).or(call.checkout.clone())?;
    let list = |field: &str| answer[field].as_array().into_iter().flatten();
    Some(Shown {
        checkout,
        status,
        order: answer["order"]["id"].as_str().map(str::to_owned),
        currency: answer["currency"].as_str().unwrap_or_default().to_owned(),
        totals: list("totals").map(total).collect(),
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
fn line(line: &Value) -> Line {
    let quantity = line["quantity"].as_i64().or(line["item"]["quantity"].as_i64());
    let quantity = quantity.unwrap_or_default();
    let unit = line["item"]["unit_amount"].as_i64();
    let of_base = || line["base_amount"].as_i64()?.checked_div(quantity);
    Line {
        item: line["item"]["id"].as_str().unwrap_or_default().to_owned(),
        quantity,
        unit: unit.or_else(of_base),
        available: line["available_quantity"].as_i64(),
    }
}
