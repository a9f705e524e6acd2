use serde_json::{Value, json};

use super::requests;
use crate::acp::Release;
use crate::json::{BodyError, parse};
use crate::rendering::RequestKind;
use crate::testing::schemas::assert_valid;
use crate::testing::sessions::choice;
use crate::testing::{acp_settings, inclusive, rendering, sessions};
use tillhouse_checkout::payment_token::PaymentToken;
use tillhouse_checkout::session::{Session, SessionState};

fn rendered(session: &Session) -> Value {
    rendering::rendered(Release::V2025_09_29, session)
}

fn rendered_on(session: &Session, request_kind: RequestKind) -> Value {
    rendering::rendered_on(Release::V2025_09_29, session, request_kind)
}

fn address() -> Value {
    json!({"name": "Jane Doe", "line_one": "123 Main St", "line_two": "Apt 4B", "city": "San Francisco", "state": "CA",
           "country": "US", "postal_code": "94105"})
}

fn create(body: &Value) -> Result<crate::acp::Creation, BodyError> {
    requests::create(&parse(body.to_string().as_bytes()).unwrap())
}

#[test]
fn a_create_request_becomes_a_cart_in_the_currency_of_the_merchant() {
    let body = json!({"items": [{"id": "mug", "quantity": 2}], "fulfillment_address": address(),
        "buyer": {"first_name": "Jane", "last_name": "Doe", "email": "jane@example.com"}});
    let creation = create(&body).unwrap();
    assert_eq!(creation.currency, None);
    assert_eq!(creation.edit.items.unwrap()[0].quantity, 2);
    let recipient = creation.edit.recipient.new_value().unwrap().apply(None).unwrap();
    assert_eq!(recipient.name.as_deref(), Some("Jane Doe"));
    assert_eq!(recipient.address.unwrap().region, "CA");
}

#[test]
fn the_phone_number_of_a_recipient_is_taken_in_the_forms_that_agents_send() {
    let with_phone = |mut address: Value| {
        address["phone_number"] = json!("+14155552671");
        address
    };
    let details =
        json!({"name": "Jane Doe", "phone_number": "+14155552671", "email": "jane@example.com", "address": address()});
    for (member, value, email) in [
        ("fulfillment_address", with_phone(address()), None),
        ("fulfillment_details", details, Some("jane@example.com")),
        (
            "fulfillment_details",
            json!({"name": "Jane Doe", "address": with_phone(address())}),
            None,
        ),
    ] {
        let created = json!({"items": [{"id": "mug", "quantity": 1}], member: value});
        let edits = [
            create(&created).unwrap().edit,
            requests::update(&parse(json!({ member: value }).to_string().as_bytes()).unwrap()).unwrap(),
        ];
        for edit in edits {
            let recipient = edit.recipient.new_value().unwrap().apply(None).unwrap();
            assert_eq!(
                (
                    recipient.name.as_deref(),
                    recipient.phone.as_deref(),
                    recipient.email.as_deref()
                ),
                (Some("Jane Doe"), Some("+14155552671"), email),
                "{value}"
            );
            assert_eq!(recipient.address.unwrap().city, "San Francisco");
        }
    }
    let mut session = sessions::full();
    session.cart.recipient.as_mut().unwrap().phone = Some("+14155552671".into());
    assert_valid("2025-09-29", "CheckoutSession", &rendered(&session));

    let both = json!({"items": [{"id": "mug", "quantity": 1}], "fulfillment_address": address(),
        "fulfillment_details": {"name": "Joe"}});
    assert_eq!(create(&both).unwrap_err().path(), "$.fulfillment_details");
}

#[test]
fn null_takes_nothing_away_in_this_release_and_is_refused() {
    for member in [
        "buyer",
        "items",
        "fulfillment_address",
        "fulfillment_details",
        "fulfillment_option_id",
    ] {
        let body = json!({ member: null });
        let error = requests::update(&parse(body.to_string().as_bytes()).unwrap()).unwrap_err();
        assert_eq!(error.path(), format!("$.{member}"));
        assert!(error.message.contains("leave the field out"), "{}", error.message);
    }
    for member in ["buyer", "fulfillment_address"] {
        let body = json!({"items": [{"id": "mug", "quantity": 1}], member: null});
        assert_eq!(create(&body).unwrap_err().path(), format!("$.{member}"));
    }
}

#[test]
fn fields_of_younger_releases_are_refused_by_name() {
    for (body, path) in [
        (
            json!({"items": [{"id": "a", "quantity": 1}], "currency": "usd"}),
            "$.currency",
        ),
        (json!({"line_items": [{"id": "a"}]}), "$.line_items"),
        (json!({"items": [{"id": "a"}]}), "$.items[0].quantity"),
        (json!({"items": [{"id": "a", "quantity": 0.5}]}), "$.items[0].quantity"),
        (json!({}), "$.items"),
    ] {
        assert_eq!(create(&body).unwrap_err().path(), path, "{body}");
    }
}

#[test]
fn a_complete_request_carries_a_stripe_token() {
    let complete = |payment: Value| {
        let body = json!({ "payment_data": payment });
        requests::complete(&parse(body.to_string().as_bytes()).unwrap(), &acp_settings())
    };
    let done = complete(json!({"token": "spt_1", "provider": "stripe", "billing_address": address()})).unwrap();
    assert_eq!(done.token, PaymentToken::stripe("spt_1"));
    assert_eq!(done.billing.unwrap().postal_code, "94105");
    let mut with_phone = address();
    with_phone["phone_number"] = json!("+14155552671");
    for (payment, path) in [
        (json!({"token": "t", "provider": "adyen"}), "$.payment_data.provider"),
        (
            json!({"token": "t", "provider": "stripe", "billing_address": with_phone}),
            "$.payment_data.billing_address.phone_number",
        ),
    ] {
        assert_eq!(complete(payment).unwrap_err().path(), path);
    }
}

#[test]
fn every_state_of_a_session_is_what_the_schema_defines() {
    for (state, status) in [
        (SessionState::Open, "ready_for_payment"),
        (sessions::committing(), "in_progress"),
        (SessionState::Canceled, "canceled"),
        (SessionState::Expired, "canceled"),
        (sessions::completed(), "completed"),
    ] {
        let body = rendered(&sessions::in_state(state));
        assert_eq!(body["status"], status);
        assert_valid("2025-09-29", "CheckoutSession", &body);
    }
    let bare = rendered(&sessions::bare());
    assert!(bare.get("buyer").is_none(), "an incomplete buyer is not shown");
    assert_valid("2025-09-29", "CheckoutSession", &bare);
}

#[test]
fn the_answer_of_complete_names_the_order_before_and_after_the_payment_is_made() {
    for state in [sessions::committing(), sessions::completed()] {
        let paid = rendered_on(&sessions::in_state(state), RequestKind::Payment);
        let permalink = "https://shop.example/orders/1001";
        let order = json!({"id": "ord_1", "checkout_session_id": "cs_1", "permalink_url": permalink});
        assert_eq!(paid["order"], order);
        assert_valid("2025-09-29", "CheckoutSessionWithOrder", &paid);
    }
}

#[test]
fn a_payment_in_progress_is_a_message() {
    let body = rendered(&sessions::in_state(sessions::committing()));
    let message = json!({"type": "info", "content_type": "plain", "content": "The payment is being processed."});
    assert_eq!(body["messages"][0], message);
}

#[test]
fn what_this_release_has_no_word_for_is_shown_as_the_closest() {
    let body = rendered(&sessions::full());
    let kinds = |list: &str| -> Vec<String> {
        let entries = body[list].as_array().unwrap().iter();
        entries
            .map(|entry| entry["type"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        kinds("fulfillment_options"),
        ["shipping", "digital", "shipping", "shipping", "shipping"]
    );
    assert_eq!(kinds("links"), ["privacy_policy", "seller_shop_policies"]);
    assert_eq!(kinds("messages"), ["info"; 4], "warnings and refused codes are infos");
    assert_eq!(kinds("totals").iter().filter(|kind| *kind == "fee").count(), 3);
    let bare = rendered(&sessions::bare());
    let codes: Vec<_> = bare["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| &m["code"])
        .collect();
    assert_eq!(codes[1..4], ["invalid", "out_of_stock", "out_of_stock"]);
    assert_eq!(bare["messages"][2]["param"], "$.line_items[1].item.quantity");
    assert_eq!(
        bare["links"][0]["type"], "terms_of_use",
        "the merchant's links if the plugin has none"
    );
}

#[test]
fn the_chosen_option_is_for_the_whole_order_and_the_first_that_applies_is_shown() {
    let body = parse(br#"{"fulfillment_option_id":"std"}"#).unwrap();
    assert_eq!(requests::update(&body).unwrap().choices.unwrap(), [choice("std", &[])]);
    assert_eq!(requests::update(&parse(b"{}").unwrap()).unwrap().choices, None);
    let mut session = sessions::full();
    session.quote.selected = vec![choice("bike", &["mug"]), choice("std", &["shirt"])];
    let body = rendered(&session);
    assert_eq!(body["fulfillment_option_id"], "bike");
    assert_valid("2025-09-29", "CheckoutSession", &body);
}

#[test]
fn amounts_of_prices_that_include_tax_are_without_it_and_add_up_to_what_was_shown() {
    let body = rendered(&inclusive::three_prints(SessionState::Open));
    let line = json!({"id": "print", "item": {"id": "print", "quantity": 3}, "base_amount": 2518, "discount": 0,
        "subtotal": 2518, "tax": 479, "total": 2997});
    assert_eq!(body["line_items"], json!([line]));
    let totals = body["totals"].as_array().unwrap();
    let amount = |kind: &str| -> i64 {
        let of_kind = totals.iter().filter(|total| total["type"] == kind);
        of_kind.map(|total| total["amount"].as_i64().unwrap()).sum()
    };
    assert_eq!(amount("items_base_amount") + amount("tax"), 2997);
    assert_eq!(amount("total"), 2997);
    assert_valid("2025-09-29", "CheckoutSession", &body);
}
