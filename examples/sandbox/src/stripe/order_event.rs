//! Order events: what a seller tells of the orders of delegated checkouts (`delegated_checkout.order_event` of stripe-python).
//!
//! Stripe has the object in its SDKs and publishes no endpoint that takes it, so path and parameters are assumed: the members of the
//! object that a seller knows, as a form or as JSON.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::error::StripeError;
use crate::id::EventId;

const FULFILLMENT_STATUSES: &[&str] = &["confirmed", "delivered", "fulfilled", "pending", "returned", "shipped"];
const ADJUSTMENT_TYPES: &[&str] = &[
    "cancellation",
    "credit",
    "dispute",
    "original_payment_refund",
    "return",
    "store_credit_refund",
];
const ADJUSTMENT_STATUSES: &[&str] = &["completed", "failed", "pending"];

/// An order event in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderEvent {
    /// Id that the simulator gave it.
    pub id: EventId,
    /// Id of the order.
    pub order: String,
    /// Id of the checkout.
    pub requested_session: String,
    /// `fulfillment` or `adjustment`.
    pub kind: String,
    /// Time of the change, in Unix seconds.
    pub occurred_at: i64,
    /// The members of the fulfillment or the adjustment.
    pub details: Value,
    /// Key that the seller sent it under.
    pub idempotency_key: Option<String>,
}

impl OrderEvent {
    /// Reads an event.
    ///
    /// # Errors
    /// The first member that is missing, unknown or malformed, by its bracketed name.
    pub(super) fn read(body: &Value, key: Option<&str>) -> Result<Self, StripeError> {
        let body = Members::of("", body)?;
        body.only(&[
            "adjustment",
            "fulfillment",
            "metadata",
            "occurred_at",
            "order",
            "requested_session",
            "type",
        ])?;
        let kind = body.one_of("type", &["adjustment", "fulfillment"])?;
        let other = if kind == "adjustment" {
            "fulfillment"
        } else {
            "adjustment"
        };
        if body.members.contains_key(other) {
            return Err(body.invalid(other, &format!("is not allowed in an event of type {kind}")));
        }
        let part = body.required(kind)?;
        let details = match kind {
            "fulfillment" => fulfillment(&Members::of(kind, part)?)?,
            _ => adjustment(&Members::of(kind, part)?)?,
        };
        Ok(Self {
            id: EventId::generate(),
            order: body.text("order")?.to_owned(),
            requested_session: body.text("requested_session")?.to_owned(),
            kind: kind.to_owned(),
            occurred_at: body.integer("occurred_at")?,
            details,
            idempotency_key: key.map(str::to_owned),
        })
    }

    /// The order event object.
    pub(super) fn to_json(&self, now: i64) -> Value {
        let part = |kind: &str| {
            if self.kind == kind {
                self.details.clone()
            } else {
                Value::Null
            }
        };
        json!({
            "id": self.id,
            "object": "delegated_checkout.order_event",
            "adjustment": part("adjustment"),
            "created": now,
            "fulfillment": part("fulfillment"),
            "livemode": false,
            "occurred_at": self.occurred_at,
            "order": self.order,
            "requested_session": self.requested_session,
            "type": self.kind,
        })
    }
}

fn fulfillment(given: &Members<'_>) -> Result<Value, StripeError> {
    given.only(&[
        "carrier",
        "delivered_at",
        "line_items",
        "shipped_at",
        "status",
        "tracking_number",
        "tracking_url",
    ])?;
    Ok(json!({
        "carrier": given.optional_text("carrier")?,
        "delivered_at": given.optional_integer("delivered_at")?,
        "line_items": given.line_items()?,
        "shipped_at": given.optional_integer("shipped_at")?,
        "status": given.one_of("status", FULFILLMENT_STATUSES)?,
        "tracking_number": given.optional_text("tracking_number")?,
        "tracking_url": given.optional_text("tracking_url")?,
    }))
}

fn adjustment(given: &Members<'_>) -> Result<Value, StripeError> {
    given.only(&["amount", "currency", "description", "line_items", "status", "type"])?;
    let (amount, currency) = (given.optional_integer("amount")?, given.optional_text("currency")?);
    if amount.is_some() != currency.is_some() {
        return Err(given.invalid("currency", "is there with an amount, and only then"));
    }
    let line_items = match given.members.get("line_items") {
        Some(_) => given.line_items()?,
        None => Value::Null,
    };
    Ok(json!({
        "amount": amount,
        "currency": currency,
        "description": given.text("description")?,
        "line_items": line_items,
        "status": given.one_of("status", ADJUSTMENT_STATUSES)?,
        "type": given.one_of("type", ADJUSTMENT_TYPES)?,
    }))
}

/// The members of an object, and its bracketed name.
struct Members<'a> {
    name: &'a str,
    members: &'a Map<String, Value>,
}

impl<'a> Members<'a> {
    fn of(name: &'a str, value: &'a Value) -> Result<Self, StripeError> {
        let members = value
            .as_object()
            .ok_or_else(|| StripeError::parameter("parameter_invalid", name, format!("{name} must be an object.")))?;
        Ok(Self { name, members })
    }

    fn named(&self, member: &str) -> String {
        match self.name {
            "" => member.to_owned(),
            name => format!("{name}[{member}]"),
        }
    }

    fn invalid(&self, member: &str, problem: &str) -> StripeError {
        let name = self.named(member);
        StripeError::parameter("parameter_invalid", &name, format!("{name} {problem}."))
    }

    fn only(&self, known: &[&str]) -> Result<(), StripeError> {
        match self.members.keys().find(|member| !known.contains(&member.as_str())) {
            None => Ok(()),
            Some(member) => Err(StripeError::unknown_parameter(&self.named(member))),
        }
    }

    fn required(&self, member: &str) -> Result<&'a Value, StripeError> {
        let name = self.named(member);
        self.members.get(member).ok_or_else(|| {
            StripeError::parameter("parameter_missing", &name, format!("Missing required param: {name}."))
        })
    }

    fn text(&self, member: &str) -> Result<&'a str, StripeError> {
        let text = self.required(member)?.as_str().filter(|text| !text.is_empty());
        text.ok_or_else(|| self.invalid(member, "must be a text"))
    }

    fn optional_text(&self, member: &str) -> Result<Option<&'a str>, StripeError> {
        self.members.get(member).map(|_| self.text(member)).transpose()
    }

    /// An integer, or in a form its digits.
    fn integer(&self, member: &str) -> Result<i64, StripeError> {
        let value = self.required(member)?;
        let number = value.as_i64().or_else(|| value.as_str()?.parse().ok());
        number
            .filter(|number| *number > 0)
            .ok_or_else(|| self.invalid(member, "must be a positive integer"))
    }

    fn optional_integer(&self, member: &str) -> Result<Option<i64>, StripeError> {
        self.members.get(member).map(|_| self.integer(member)).transpose()
    }

    fn one_of(&self, member: &str, values: &[&'static str]) -> Result<&'static str, StripeError> {
        let text = self.text(member)?;
        let known = values.iter().find(|value| **value == text);
        known
            .copied()
            .ok_or_else(|| self.invalid(member, &format!("must be one of {}", values.join(", "))))
    }

    /// A list in JSON; in a form an object of places.
    fn line_items(&self) -> Result<Value, StripeError> {
        let items: Vec<&Value> = match self.required("line_items")? {
            Value::Array(items) => items.iter().collect(),
            Value::Object(items) => items.values().collect(),
            _ => return Err(self.invalid("line_items", "must be a list")),
        };
        if items.is_empty() {
            return Err(self.invalid("line_items", "must not be empty"));
        }
        let name = self.named("line_items");
        let item = |item: &&Value| {
            let item = Members::of(&name, item)?;
            item.only(&["key", "quantity"])?;
            Ok(json!({"key": item.text("key")?, "quantity": item.integer("quantity")?}))
        };
        items.iter().map(item).collect()
    }
}
