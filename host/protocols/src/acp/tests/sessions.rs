//! What a session shows in each release, held against its official schema.

use serde_json::{Value, json};

use crate::acp::Release;
use crate::testing::acp_requests::RELEASES;
use crate::testing::rendering::rendered;
use crate::testing::schemas::assert_valid;
use crate::testing::sessions;
use tillhouse_checkout::cart::FulfillmentGroup;
use tillhouse_checkout::contact::Recipient;
use tillhouse_checkout::ids::{GroupId, LineId};
use tillhouse_checkout::metadata::Metadata;
use tillhouse_checkout::session::Session;
use tillhouse_checkout::time::Timestamp;

/// What each release has at this pointer, oldest release first; null where it has nothing.
fn in_each_release(session: &Session, pointer: &str) -> [Value; 5] {
    RELEASES.map(|release| {
        let body = rendered(release, session);
        assert_valid(release.date(), "CheckoutSession", &body);
        body.pointer(pointer).cloned().unwrap_or_default()
    })
}

/// The values from 2026-01-30 on, where the releases before have nothing.
fn since_2026_01_30(value: Value) -> [Value; 5] {
    [Value::Null, Value::Null, Value::Null, value.clone(), value]
}

#[test]
fn amounts_of_a_line_are_flat_until_they_are_totals() {
    let session = sessions::full();
    let flat = in_each_release(&session, "/line_items/1/subtotal");
    assert_eq!(flat, [json!(1860), json!(1860), json!(1860), Value::Null, Value::Null]);
    let quantities = in_each_release(&session, "/line_items/1/item/quantity");
    assert_eq!(quantities, [json!(2), json!(2), json!(2), Value::Null, Value::Null]);
    assert_eq!(
        in_each_release(&session, "/line_items/1/quantity"),
        since_2026_01_30(json!(2))
    );
    let tax = json!({"type": "tax", "display_text": "Tax", "amount": 149,
        "breakdown": [{"jurisdiction": "California", "rate": 0.0875, "amount": 149}]});
    assert_eq!(
        in_each_release(&session, "/line_items/1/totals/3"),
        since_2026_01_30(tax)
    );
}

#[test]
fn a_line_presents_its_item_from_2025_12_12_on() {
    let names = in_each_release(&sessions::full(), "/line_items/0/name");
    let name = json!("Title of shirt");
    assert_eq!(names, [Value::Null, name.clone(), name.clone(), name.clone(), name]);
}

#[test]
fn an_option_has_flat_amounts_then_totals_and_its_subtitle_becomes_a_description() {
    let session = sessions::full();
    let flat = in_each_release(&session, "/fulfillment_options/0/total");
    assert_eq!(flat, [json!(540), json!(540), Value::Null, Value::Null, Value::Null]);
    let totals = in_each_release(&session, "/fulfillment_options/0/totals/2/amount");
    assert_eq!(totals, [Value::Null, Value::Null, json!(540), json!(540), json!(540)]);
    let subtitles = in_each_release(&session, "/fulfillment_options/0/subtitle");
    assert_eq!(
        subtitles,
        [json!("Soon"), json!("Soon"), Value::Null, Value::Null, Value::Null]
    );
    let descriptions = in_each_release(&session, "/fulfillment_options/0/description");
    assert_eq!(
        descriptions,
        [Value::Null, Value::Null, json!("Soon"), json!("Soon"), json!("Soon")]
    );
}

#[test]
fn pickup_and_local_delivery_are_shipping_before_2026_01_30() {
    let session = sessions::full();
    let kinds = |release| {
        let body = rendered(release, &session);
        let options = body["fulfillment_options"].as_array().unwrap().clone();
        options
            .into_iter()
            .map(|mut option| option["type"].take())
            .collect::<Value>()
    };
    let before = json!(["shipping", "digital", "shipping", "shipping", "shipping"]);
    for release in [Release::V2025_09_29, Release::V2025_12_12, Release::V2026_01_16] {
        assert_eq!(kinds(release), before, "{release:?}");
    }
    // A pickup whose place is not known is shown as shipping: the schema requires the place.
    let since = json!(["shipping", "digital", "local_delivery", "pickup", "shipping"]);
    for release in [Release::V2026_01_30, Release::V2026_04_17] {
        assert_eq!(kinds(release), since, "{release:?}");
    }
}

#[test]
fn the_option_that_applies_is_named_as_each_release_does() {
    let session = sessions::full();
    let id = in_each_release(&session, "/fulfillment_option_id");
    assert_eq!(id, [json!("std"), Value::Null, Value::Null, Value::Null, Value::Null]);
    let items = json!(["shirt", "mug"]);
    let nested = json!([{"type": "shipping", "shipping": {"option_id": "std", "item_ids": items}}]);
    let flat = json!([{"type": "shipping", "option_id": "std", "item_ids": items}]);
    let selected = in_each_release(&session, "/selected_fulfillment_options");
    assert_eq!(selected, [Value::Null, nested.clone(), nested, flat.clone(), flat]);
}

#[test]
fn the_company_of_an_address_is_shown_in_2026_04_17_only() {
    let session = sessions::full();
    let companies = in_each_release(&session, "/fulfillment_details/address/company");
    assert_eq!(
        companies,
        [Value::Null, Value::Null, Value::Null, Value::Null, json!("Acme")]
    );
    let city = json!("San Francisco");
    let cities = in_each_release(&session, "/fulfillment_details/address/city");
    assert_eq!(cities, [Value::Null, city.clone(), city.clone(), city.clone(), city]);
}

#[test]
fn links_have_the_types_of_the_release() {
    let types = |release| {
        let body = rendered(release, &sessions::full());
        let links = body["links"].as_array().unwrap().clone();
        links.into_iter().map(|mut link| link["type"].take()).collect::<Value>()
    };
    let policies = json!(["privacy_policy", "seller_shop_policies"]);
    let own = json!(["privacy_policy", "return_policy"]);
    let expected = [policies, own.clone(), own.clone(), own.clone(), own];
    assert_eq!(RELEASES.map(types), expected);
}

#[test]
fn messages_have_types_severities_and_resolutions_where_the_release_has_them() {
    let session = sessions::bare();
    let member = |name: &str| in_each_release(&session, &format!("/messages/1/{name}"));
    let older = json!("invalid");
    let newer = json!("region_restricted");
    let codes = [older.clone(), older.clone(), older, newer.clone(), newer];
    assert_eq!(member("code"), codes);
    assert_eq!(member("severity"), since_2026_01_30(json!("high")));
    let resolution = json!("requires_buyer_input");
    assert_eq!(
        member("resolution"),
        [Value::Null, Value::Null, Value::Null, Value::Null, resolution]
    );
    let details = json!("$.fulfillment_details.address.country");
    let params = [
        json!("$.fulfillment_address.country"),
        details.clone(),
        details.clone(),
        details.clone(),
        details,
    ];
    assert_eq!(member("param"), params);
    let warnings = in_each_release(&sessions::full(), "/messages/1/type");
    let (info, warning) = (json!("info"), json!("warning"));
    assert_eq!(warnings, [info.clone(), info.clone(), info, warning.clone(), warning]);
}

#[test]
fn who_takes_payments_is_said_in_each_release() {
    let session = sessions::full();
    let networks = json!([{"type": "card", "supported_card_networks": ["visa", "mastercard", "amex", "discover"]}]);
    let methods = in_each_release(&session, "/payment_provider/supported_payment_methods");
    assert_eq!(
        methods,
        [json!(["card"]), networks.clone(), networks, Value::Null, Value::Null]
    );
    let merchants = in_each_release(&session, "/payment_provider/merchant_id");
    assert_eq!(
        merchants,
        [Value::Null, Value::Null, json!("acct_mer"), Value::Null, Value::Null]
    );
    let handlers = in_each_release(&session, "/capabilities/payment/handlers/0/config/merchant_id");
    assert_eq!(handlers, since_2026_01_30(json!("acct_mer")));
    let names = in_each_release(&session, "/capabilities/payment/handlers/0/display_name");
    assert_eq!(
        names,
        [Value::Null, Value::Null, Value::Null, Value::Null, json!("Card")]
    );
}

#[test]
fn the_facts_that_an_agent_sent_are_shown_again_from_2026_01_30_on() {
    let mut session = sessions::full();
    let metadata = json!({"a": {"deep": [1, null]}, "gift_wrap": "true"});
    session.cart.metadata = Metadata(serde_json::from_value(metadata.clone()).unwrap());
    session.cart.quote_id = Some("offer_1".into());
    session.cart.time_zone = Some("America/Los_Angeles".into());
    session.quote.expires = Some(Timestamp(1_767_928_727_000));
    session.quote.continue_url = Some("https://shop.example/continue".into());
    session.cart.groups = vec![FulfillmentGroup {
        id: GroupId::new("gift"),
        kind: "shipping".into(),
        lines: vec![LineId::new("mug")],
        destination: Some(sessions::address()),
        recipient: Some(Recipient {
            name: Some("Rob Doe".into()),
            address: Some(sessions::address()),
            ..Recipient::default()
        }),
        location: None,
        instructions: Some("A surprise".into()),
    }];
    for (pointer, value) in [
        ("/metadata", metadata),
        ("/quote_id", json!("offer_1")),
        ("/quote_expires_at", json!("2026-01-09T03:18:47Z")),
        ("/locale", json!("en-US")),
        ("/timezone", json!("America/Los_Angeles")),
        ("/continue_url", json!("https://shop.example/continue")),
        ("/fulfillment_groups/0/item_ids", json!(["mug"])),
        (
            "/fulfillment_groups/0/fulfillment_details/address/city",
            json!("San Francisco"),
        ),
        ("/fulfillment_groups/0/instructions", json!("A surprise")),
        ("/discounts/codes", json!(["TEN", "OLD"])),
    ] {
        assert_eq!(in_each_release(&session, pointer), since_2026_01_30(value), "{pointer}");
    }
}
