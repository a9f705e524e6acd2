//! Wrong values of the members of requests, with the paths that answers name.

use serde_json::{Value, json};
use tillhouse_tests::fixtures;

use super::{changed, without};

/// Wrong values of members that creations and updates share.
pub(super) fn wrong_of_both() -> Vec<(&'static str, Value, &'static str)> {
    let long = |length: usize| json!("x".repeat(length));
    let mut wrong = vec![
        ("/items", json!([]), "items"),
        ("/items", json!({}), "items"),
        ("/items", Value::Null, "items"),
        ("/items", json!([null]), "items[0]"),
        ("/items", json!([{"id": "tee-classic"}]), "items[0].quantity"),
        ("/items", json!([{"quantity": 1}]), "items[0].id"),
        (
            "/items",
            json!(vec![json!({"id": "tee-classic", "quantity": 1}); 201]),
            "items",
        ),
        ("/items/0/variant", json!("red"), "items[0].variant"),
        ("/discounts", json!({"codes": vec!["SAVE10"; 21]}), "discounts.codes"),
        ("/discounts", json!({"codes": null}), "discounts.codes"),
        ("/discounts", json!({"codes": "SAVE10"}), "discounts.codes"),
        ("/discounts", json!({"codes": [""]}), "discounts.codes[0]"),
        ("/discounts", json!({"codes": [7]}), "discounts.codes[0]"),
        ("/discounts", json!({"code": ["SAVE10"]}), "discounts.code"),
        ("/discounts", json!(["SAVE10"]), "discounts"),
        ("/buyer", Value::Null, "buyer"),
        ("/buyer", json!("Jane"), "buyer"),
        (
            "/buyer/email",
            json!(format!("{}@example.com", "x".repeat(257))),
            "buyer.email",
        ),
        ("/buyer/email", json!("jane"), "buyer.email"),
        ("/buyer/first_name", long(257), "buyer.first_name"),
        ("/buyer/last_name", long(257), "buyer.last_name"),
        ("/buyer/phone_number", json!(4_155_550_100_u64), "buyer.phone_number"),
        ("/buyer/middle_name", json!("Q"), "buyer.middle_name"),
        ("/fulfillment_option_id", json!(""), "fulfillment_option_id"),
        ("/fulfillment_option_id", long(257), "fulfillment_option_id"),
        ("/fulfillment_option_id", json!(1), "fulfillment_option_id"),
        ("/fulfillment_option_id", Value::Null, "fulfillment_option_id"),
        ("/fulfilment_address", json!({}), "fulfilment_address"),
        ("/metadata", json!({}), "metadata"),
    ];
    for value in [
        json!("US"),
        json!("USDX"),
        json!(840),
        json!("XXZ"),
        json!(""),
        json!("U$D"),
        Value::Null,
    ] {
        wrong.push(("/currency", value, "currency"));
    }
    let quantities = [
        json!(0),
        json!(-1),
        json!(1.5),
        json!("1"),
        Value::Null,
        json!(true),
        json!(4_294_967_297_u64),
    ];
    for value in quantities {
        wrong.push(("/items/0/quantity", value, "items[0].quantity"));
    }
    for value in [
        json!(""),
        long(257),
        json!("tee\u{7}"),
        json!(7),
        Value::Null,
        json!({}),
    ] {
        wrong.push(("/items/0/id", value, "items[0].id"));
    }
    wrong.extend(wrong_addresses("/fulfillment_address", ADDRESS));
    wrong
}

/// Paths of the members of an address.
pub(super) type AddressPaths = [&'static str; 7];
const ADDRESS: AddressPaths = [
    "fulfillment_address.line_one",
    "fulfillment_address.line_two",
    "fulfillment_address.city",
    "fulfillment_address.name",
    "fulfillment_address.postal_code",
    "fulfillment_address.country",
    "fulfillment_address.state",
];
pub(super) const BILLING: AddressPaths = [
    "payment_data.billing_address.line_one",
    "payment_data.billing_address.line_two",
    "payment_data.billing_address.city",
    "payment_data.billing_address.name",
    "payment_data.billing_address.postal_code",
    "payment_data.billing_address.country",
    "payment_data.billing_address.state",
];

/// An address with each member wrong.
pub(super) fn wrong_addresses(pointer: &'static str, paths: AddressPaths) -> Vec<(&'static str, Value, &'static str)> {
    let [line_one, line_two, city, name, postal_code, country, state] = paths;
    let long = |length: usize| json!("x".repeat(length));
    let members = [
        ("line_one", long(257), line_one),
        ("line_one", Value::Null, line_one),
        ("line_two", long(257), line_two),
        ("city", long(257), city),
        ("city", json!(["Springfield"]), city),
        ("name", long(257), name),
        ("postal_code", long(21), postal_code),
        ("postal_code", json!(94_105), postal_code),
        ("country", json!("USA"), country),
        ("country", json!("U1"), country),
        ("country", json!(""), country),
        ("state", json!(""), state),
    ];
    let whole = members.map(|(member, value, path)| {
        (
            pointer,
            changed(fixtures::address(), &format!("/{member}"), value),
            path,
        )
    });
    let lacking = [
        ("line_one", line_one),
        ("city", city),
        ("country", country),
        ("postal_code", postal_code),
    ];
    let lacking = lacking.map(|(member, path)| (pointer, without(fixtures::address(), &format!("/{member}")), path));
    whole.into_iter().chain(lacking).collect()
}

/// Wrong values of an affiliate.
pub(super) fn wrong_attributions() -> Vec<(&'static str, Value, &'static str)> {
    let with = |member: &str, value: Value| changed(json!({"provider": "x"}), &format!("/{member}"), value);
    vec![
        ("/affiliate_attribution", json!({}), "affiliate_attribution.provider"),
        (
            "/affiliate_attribution",
            with("provider", json!("")),
            "affiliate_attribution.provider",
        ),
        (
            "/affiliate_attribution",
            with("touchpoint", json!("middle")),
            "affiliate_attribution.touchpoint",
        ),
        (
            "/affiliate_attribution",
            with("source", json!({"type": "ad"})),
            "affiliate_attribution.source.type",
        ),
        (
            "/affiliate_attribution",
            with("source", json!({})),
            "affiliate_attribution.source.type",
        ),
        (
            "/affiliate_attribution",
            with("issued_at", json!("yesterday")),
            "affiliate_attribution.issued_at",
        ),
        (
            "/affiliate_attribution",
            with("expires_at", json!(1)),
            "affiliate_attribution.expires_at",
        ),
        (
            "/affiliate_attribution",
            with("network", json!("x")),
            "affiliate_attribution.network",
        ),
    ]
}
