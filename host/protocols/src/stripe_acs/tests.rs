use serde_json::{Value, json};

use super::{from_wire, to_wire};
use crate::json::parse;
use crate::testing::sessions::choice;
use crate::testing::{inclusive, sessions};
use tillhouse_checkout::cart::{Cart, Change};
use tillhouse_checkout::contact::Address;
use tillhouse_checkout::message::{Message, Resolution, Subject};
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::session::SessionState;

fn node(body: &Value) -> crate::json::JsonValue {
    parse(body.to_string().as_bytes()).unwrap()
}

/// The sample of a create request in the guide, as valid JSON.
fn seed_create() -> Value {
    json!({
        "created": 1_767_925_127, "currency": "usd",
        "line_items": [{"sku_id": "sku_123", "quantity": 2}],
        "buyer": {"first_name": "John", "last_name": "Doe", "email": "john.doe@example.com",
                  "phone_number": "+1234567890"},
        "fulfillment_details": {
            "contact": {"name": "Jane Doe", "email": "jane.doe@example.com", "phone_number": "+14155552671"},
            "address": {"line_one": "123 Main St", "line_two": "Apt 4B", "city": "San Francisco", "state": "CA",
                        "country": "US", "postal_code": "94105"}},
        "agent_details": {"network_profile": "profile_agent", "display_name": "Agent"}
    })
}

#[test]
fn the_sample_of_the_guide_becomes_a_cart() {
    let creation = from_wire::create(&node(&seed_create())).unwrap();
    assert_eq!(creation.currency.upper(), "USD");
    assert_eq!(creation.agent.network_profile.as_deref(), Some("profile_agent"));
    let mut cart = Cart::default();
    cart.apply(creation.edit).unwrap();
    let recipient = cart.recipient.unwrap();
    assert_eq!(recipient.phone.as_deref(), Some("+14155552671"));
    let address = recipient.address.unwrap();
    assert_eq!(
        (address.name.as_str(), address.line_two.as_str()),
        ("Jane Doe", "Apt 4B")
    );
}

#[test]
fn fields_that_stripe_may_add_and_nulls_are_passed_over() {
    let mut body = seed_create();
    body["brand_new"] = json!({"x": [1]});
    body["line_items"][0]["note"] = json!("n");
    body["buyer"] = Value::Null;
    let creation = from_wire::create(&node(&body)).unwrap();
    assert!(creation.edit.buyer == Change::Keep);
}

#[test]
fn an_error_names_the_path_of_the_field() {
    for (pointer, value, path) in [
        ("/line_items/0/quantity", json!(0), "$.line_items[0].quantity"),
        ("/line_items/0/sku_id", json!(""), "$.line_items[0].sku_id"),
        ("/currency", json!("us"), "$.currency"),
        (
            "/fulfillment_details/address/country",
            json!("U5"),
            "$.fulfillment_details.address.country",
        ),
    ] {
        let mut body = seed_create();
        *body.pointer_mut(pointer).unwrap() = value;
        assert_eq!(from_wire::create(&node(&body)).unwrap_err().path(), path);
    }
}

fn updated(body: &Value) -> Cart {
    let mut cart = Cart::default();
    cart.apply(from_wire::create(&node(&seed_create())).unwrap().edit)
        .unwrap();
    let usd = Currency::new("USD").unwrap();
    cart.apply(from_wire::update(&node(body), usd).unwrap()).unwrap();
    cart
}

#[test]
fn an_update_keeps_what_it_leaves_out() {
    let before = updated(&json!({}));
    for body in [
        json!({"buyer": null, "fulfillment_details": null}),
        json!({"fulfillment_details": {}}),
        json!({"fulfillment_details": {"contact": null, "address": null}}),
    ] {
        assert_eq!(updated(&body), before, "{body}");
    }
    let moved = updated(&json!({"fulfillment_details": {"address": {"city": "Oakland"}}}));
    assert_eq!(moved.buyer, before.buyer);
    assert_eq!(moved.recipient.unwrap().phone, before.recipient.unwrap().phone);
}

#[test]
fn an_update_replaces_buyer_contact_and_address_whole() {
    let buyer = updated(&json!({"buyer": {"email": "jd@example.com"}})).buyer.unwrap();
    assert_eq!(
        (buyer.first_name, buyer.phone, buyer.email.as_deref()),
        (None, None, Some("jd@example.com"))
    );
    let contact = json!({"fulfillment_details": {"contact": {"phone_number": "+1415"}}});
    let recipient = updated(&contact).recipient.unwrap();
    assert_eq!(
        (recipient.name, recipient.email, recipient.phone.as_deref()),
        (None, None, Some("+1415"))
    );
    assert_eq!(recipient.address.unwrap().line_one, "123 Main St");
    let abroad = json!({"line_one": "1 Queen's Road", "city": "Hong Kong", "country": "HK"});
    let abroad = json!({"fulfillment_details": {"address": abroad}});
    let address = updated(&abroad).recipient.unwrap().address.unwrap();
    assert_eq!(
        address,
        Address {
            name: "Jane Doe".into(),
            line_one: "1 Queen's Road".into(),
            city: "Hong Kong".into(),
            country: "HK".into(),
            ..Address::default()
        }
    );
}

#[test]
fn the_currency_of_a_checkout_never_changes() {
    let body = node(&json!({"currency": "eur"}));
    let error = from_wire::update(&body, Currency::new("USD").unwrap()).unwrap_err();
    assert_eq!(error.path(), "$.currency");
}

#[test]
fn a_confirmation_says_in_progress_whatever_the_checkout_says() {
    let paying = sessions::in_state(sessions::committing());
    let answer = serde_json::to_value(to_wire::confirmation(&paying)).unwrap();
    let order = json!({"id": "ord_1", "permalink_url": "https://shop.example/orders/1001"});
    assert_eq!(answer, json!({"status": "in_progress", "order": order}));
    let checkout = serde_json::to_value(to_wire::checkout(&paying, "processing")).unwrap();
    assert_eq!(checkout["status"], "processing");
    assert!(checkout.get("order").is_none());
    assert_eq!(checkout["messages"][0]["content"], "The payment is being processed.");
}

#[test]
fn a_confirmation_carries_token_billing_address_and_device() {
    let body = json!({
        "payment_data": {"token": "spt_123", "provider": "stripe", "billing_address": {"line1": "1 A St", "country": "us"}},
        "risk_details": {"client_device_metadata_details": {"user_agent": "Mozilla/5.0", "ip_address": "1.2.3.4"}}});
    let confirmation = from_wire::confirm(&node(&body)).unwrap();
    assert_eq!(confirmation.token.id.as_str(), "spt_123");
    let billing = confirmation.billing.unwrap();
    assert_eq!((billing.line_one.as_str(), billing.country.as_str()), ("1 A St", "us"));
    assert_eq!(confirmation.device.ip.as_deref(), Some("1.2.3.4"));
    assert_eq!(confirmation.device.user_agent.as_deref(), Some("Mozilla/5.0"));
}

#[test]
fn discounts_are_negative_in_the_totals_and_positive_on_the_line() {
    let session = sessions::full();
    let body = serde_json::to_value(to_wire::checkout(&session, "in_progress")).unwrap();
    assert_eq!(body["line_items"][1]["discount"], 140);
    let totals = body["totals"].as_array().unwrap();
    let amount = |kind: &str| -> i64 {
        let of_kind = totals.iter().filter(|total| total["type"] == kind);
        of_kind.map(|total| total["amount"].as_i64().unwrap()).sum()
    };
    assert_eq!(amount("discount"), -240);
    assert_eq!(amount("items_base_amount") + amount("discount"), amount("subtotal"));
    assert_eq!(amount("packing_fee"), 150);
    let parts = ["subtotal", "fulfillment", "tax", "packing_fee", "fee"];
    assert_eq!(parts.into_iter().map(amount).sum::<i64>(), amount("total"));
    assert_eq!(amount("total"), session.quote.totals.total.minor());
}

#[test]
fn states_have_the_names_of_the_guide() {
    for (state, status) in [
        (SessionState::Open, "ready_for_payment"),
        (sessions::committing(), "in_progress"),
        (sessions::completed(), "completed"),
        (SessionState::Canceled, "canceled"),
        (SessionState::Expired, "canceled"),
    ] {
        let session = sessions::in_state(state);
        let body = serde_json::to_value(to_wire::checkout(&session, "in_progress")).unwrap();
        assert_eq!(body["status"], status);
    }
    let bare = serde_json::to_value(to_wire::checkout(&sessions::bare(), "in_progress")).unwrap();
    assert_eq!(bare["status"], "incomplete");
    assert_eq!(bare["messages"][0]["param"], "$.fulfillment_details.address");
}

#[test]
fn the_chosen_option_is_for_the_whole_order_and_the_first_that_applies_is_shown() {
    let body = node(&json!({"fulfillment_option_id": "std"}));
    let edit = from_wire::update(&body, Currency::new("USD").unwrap()).unwrap();
    assert_eq!(edit.choices.unwrap(), [choice("std", &[])]);
    let mut session = sessions::full();
    session.quote.selected = vec![choice("bike", &["mug"]), choice("std", &["shirt"])];
    let body = serde_json::to_value(to_wire::checkout(&session, "in_progress")).unwrap();
    assert_eq!(body["fulfillment_option_id"], "bike");
}

#[test]
fn amounts_of_prices_that_include_tax_are_without_it_and_add_up_to_what_was_shown() {
    let session = inclusive::three_prints(SessionState::Open);
    let body = serde_json::to_value(to_wire::checkout(&session, "in_progress")).unwrap();
    let line = &body["line_items"][0];
    assert_eq!(line["item"]["unit_amount"], 839);
    let amounts = ["base_amount", "discount", "subtotal", "tax", "total"].map(|field| line[field].as_i64().unwrap());
    assert_eq!(amounts, [2518, 0, 2518, 479, 2997]);
    let totals = body["totals"].as_array().unwrap();
    let amount = |kind: &str| -> i64 {
        let of_kind = totals.iter().filter(|total| total["type"] == kind);
        of_kind.map(|total| total["amount"].as_i64().unwrap()).sum()
    };
    assert_eq!(amount("items_base_amount") + amount("tax"), 2997);
    assert_eq!(amount("total"), 2997);
}

/// The rendered checkout of a full session in another currency: the numbers in the domain are the same minor units.
fn checkout_in(code: &str) -> Value {
    let mut session = sessions::full();
    session.currency = Currency::new(code).unwrap();
    serde_json::to_value(to_wire::checkout(&session, "in_progress")).unwrap()
}

/// Every amount of a rendered checkout, in order.
fn amounts(checkout: &Value) -> Vec<i64> {
    let number = |value: &Value| value.as_i64().unwrap();
    let fields = |of: &Value, names: &[&str]| -> Vec<i64> { names.iter().map(|name| number(&of[*name])).collect() };
    let mut amounts = Vec::new();
    for line in checkout["line_items"].as_array().unwrap() {
        amounts.push(number(&line["item"]["unit_amount"]));
        amounts.extend(fields(line, &["base_amount", "discount", "subtotal", "tax", "total"]));
    }
    for option in checkout["fulfillment_options"].as_array().unwrap() {
        amounts.extend(fields(option, &["subtotal", "tax", "total"]));
    }
    amounts.extend(
        checkout["totals"]
            .as_array()
            .unwrap()
            .iter()
            .map(|total| number(&total["amount"])),
    );
    amounts
}

#[test]
fn every_amount_is_in_stripes_units() {
    let minor = amounts(&checkout_in("usd"));
    assert!(minor.len() > 20, "lines, options and totals: {minor:?}");
    for same in ["eur", "jpy", "krw", "kwd", "huf", "twd"] {
        assert_eq!(amounts(&checkout_in(same)), minor, "{same}");
    }
    let hundreds: Vec<i64> = minor.iter().map(|amount| amount * 100).collect();
    for code in ["isk", "ugx"] {
        assert_eq!(amounts(&checkout_in(code)), hundreds, "{code}");
    }
    for (minor, whole) in minor.iter().zip(amounts(&checkout_in("mga"))) {
        assert!((minor - whole * 100).abs() <= 100, "{minor} in hundredths is {whole}");
    }
}

#[test]
fn metadata_of_the_shop_is_in_the_confirmation_only() {
    let mut session = sessions::in_state(sessions::completed());
    assert!(
        serde_json::to_value(to_wire::confirmation(&session))
            .unwrap()
            .get("metadata")
            .is_none()
    );
    session.quote.metadata = vec![("warehouse".into(), "east".into())];
    let confirmation = serde_json::to_value(to_wire::confirmation(&session)).unwrap();
    assert_eq!(confirmation["metadata"], json!({"warehouse": "east"}));
    let checkout = serde_json::to_value(to_wire::checkout(&session, "in_progress")).unwrap();
    assert!(checkout.get("metadata").is_none());
}

#[test]
fn what_only_the_buyer_can_settle_on_the_merchants_page_is_an_escalation() {
    let page = Some("https://shop.example/checkout/1".to_owned());
    let shown = |messages: Vec<Message>, page: &Option<String>| {
        let mut session = sessions::full();
        session.quote.messages = messages;
        session.quote.continue_url.clone_from(page);
        serde_json::to_value(to_wire::checkout(&session, "in_progress")).unwrap()
    };
    let sign_in = || Message::error("requires_sign_in", Subject::Session, "Sign in to buy this.");
    let review = || Message {
        resolution: Some(Resolution::RequiresBuyerReview),
        ..Message::error("region_restricted", Subject::Session, "Confirm the import.")
    };
    let address = || Message::error("missing", Subject::Address(None), "Where to?");
    let escalated = shown(vec![sign_in(), review()], &page);
    assert_eq!(escalated["status"], "requires_escalation");
    let action = json!({"type": "redirect_to_url", "redirect_to_url": {"url": page}});
    assert_eq!(escalated["next_action"], action);
    for (messages, page, status) in [
        (vec![sign_in(), address()], &page, "incomplete"),
        (vec![address()], &page, "incomplete"),
        (vec![sign_in()], &None, "incomplete"),
        (vec![], &page, "ready_for_payment"),
    ] {
        let checkout = shown(messages, page);
        assert_eq!(checkout["status"], status);
        assert!(checkout.get("next_action").is_none());
    }
}
