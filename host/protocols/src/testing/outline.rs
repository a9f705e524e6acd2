//! Outlines of the official ACP schemas: the required and the optional fields of objects, all of which allow no other fields.
//!
//! The schemas are not part of this repository; if they are available, [`super::schemas`] validates against them as well.

use serde_json::Value;

/// Fields of an object: the required ones, and the optional ones.
type Outline = (&'static [&'static str], &'static [&'static str]);

/// Required fields of a session, in every release.
const SESSION: &[&str] = &[
    "id",
    "status",
    "currency",
    "line_items",
    "totals",
    "fulfillment_options",
    "messages",
    "links",
];
const SESSION_2025_09_29: &[&str] = &[
    "buyer",
    "payment_provider",
    "fulfillment_address",
    "fulfillment_option_id",
];
const SESSION_2025_12_12: &[&str] = &[
    "buyer",
    "payment_provider",
    "fulfillment_details",
    "selected_fulfillment_options",
    "authentication_metadata",
    "order",
];
const SESSION_2026_01_16: &[&str] = &[
    "buyer",
    "payment_provider",
    "authentication_provider",
    "fulfillment_details",
    "selected_fulfillment_options",
    "authentication_metadata",
    "order",
];
const SESSION_2026_01_30: &[&str] = &[
    "presentment_currency",
    "exchange_rate",
    "exchange_rate_timestamp",
    "protocol",
    "buyer",
    "locale",
    "timezone",
    "fulfillment_details",
    "selected_fulfillment_options",
    "fulfillment_groups",
    "authentication_metadata",
    "created_at",
    "updated_at",
    "expires_at",
    "continue_url",
    "metadata",
    "quote_id",
    "quote_expires_at",
    "discounts",
    "order",
];
const EVENT_UNTIL_2026_01_30: &[&str] = &["type", "checkout_session_id", "permalink_url", "status", "refunds"];
const EVENT_2026_04_17: &[&str] = &["type", "id", "checkout_session_id", "permalink_url", "status"];
const ORDER: &[&str] = &["id", "checkout_session_id", "permalink_url"];
const ORDER_2026_04_17: &[&str] = &[
    "type",
    "order_number",
    "client_reference_id",
    "status",
    "estimated_delivery",
    "confirmation",
    "support",
    "line_items",
    "fulfillments",
    "adjustments",
    "totals",
];
const HANDLER: &[&str] = &[
    "id",
    "name",
    "version",
    "spec",
    "requires_delegate_payment",
    "requires_pci_compliance",
    "psp",
    "config_schema",
    "instrument_schemas",
    "config",
];

fn outline(release: &str, definition: &str) -> (Vec<&'static str>, Vec<&'static str>) {
    let (must, may): Outline = match (release, definition) {
        ("2025-09-29", "CheckoutSession" | "CheckoutSessionWithOrder") => (SESSION, SESSION_2025_09_29),
        ("2025-12-12", "CheckoutSession" | "CheckoutSessionWithOrder") => (SESSION, SESSION_2025_12_12),
        ("2026-01-16", "CheckoutSession" | "CheckoutSessionWithOrder") => (SESSION, SESSION_2026_01_16),
        ("2026-01-30" | "2026-04-17", "CheckoutSession" | "CheckoutSessionWithOrder") => (SESSION, SESSION_2026_01_30),
        ("2026-04-17", "EventDataOrder") => (EVENT_2026_04_17, ORDER_2026_04_17),
        (_, "EventDataOrder") => (EVENT_UNTIL_2026_01_30, &[]),
        ("2026-04-17", "Order") => (ORDER, ORDER_2026_04_17),
        ("2026-04-17", "PaymentHandler") => (HANDLER, &["display_name", "display_order"]),
        ("2026-04-17", "Error") => (&["type", "code", "message"], &["param", "supported_versions"]),
        (_, "Error") => (&["type", "code", "message"], &["param"]),
        other => panic!("no outline of {other:?}"),
    };
    let (mut must, mut may) = (must.to_vec(), may.to_vec());
    if definition.starts_with("CheckoutSession") && release >= "2026-01-30" {
        must.push("capabilities");
    }
    if definition.starts_with("CheckoutSession") && release >= "2026-04-17" {
        may.push("marketing_consent_options");
    }
    if definition == "CheckoutSessionWithOrder" {
        must.push("order");
    }
    (must, may)
}

/// Assert that a body has all required fields of the release, and no field that it does not allow.
pub(super) fn assert_outline(release: &str, definition: &str, body: &Value) {
    let (must, may) = outline(release, definition);
    let fields = body.as_object().unwrap();
    for field in &must {
        assert!(
            fields.contains_key(*field),
            "{release} {definition}: {field} is missing\n{body:#}"
        );
    }
    for field in fields.keys() {
        let known = must.contains(&field.as_str()) || may.contains(&field.as_str());
        assert!(known, "{release} {definition}: {field} is not allowed\n{body:#}");
    }
}

#[test]
#[should_panic(expected = "order is not allowed")]
fn a_session_of_2025_09_29_has_no_order() {
    let mut body: serde_json::Map<String, Value> =
        SESSION.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
    body.insert("order".into(), Value::Null);
    assert_outline("2025-09-29", "CheckoutSession", &Value::Object(body));
}
