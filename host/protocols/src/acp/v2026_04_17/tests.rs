use serde_json::{Value, json};

use super::{from_wire, to_wire};
use crate::json::{BodyError, BodyErrorKind, parse};
use crate::rendering::RequestKind;
use crate::settings::StripeAcsAuth;
use crate::testing::schemas::assert_valid;
use crate::testing::{handler, merchant, sessions};
use tillhouse_checkout::ids::OptionId;
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::session::{Session, SessionState};

fn rendered(session: &Session) -> Value {
    rendered_on(session, RequestKind::Other)
}

fn rendered_on(session: &Session, request_kind: RequestKind) -> Value {
    let merchant = merchant("mer", StripeAcsAuth::Bearer(Vec::new()));
    let settings = merchant.acp.clone().unwrap();
    serde_json::to_value(to_wire::session(session, &merchant, &settings, request_kind)).unwrap()
}

fn create_body() -> Value {
    json!({
        "line_items": [{"id": "mug", "quantity": 2}, {"id": "shirt", "name": "Shirt", "unit_amount": 1500}],
        "currency": "usd",
        "capabilities": {"interventions": {"supported": ["3ds", "telepathy"]}, "extensions": ["discount"]},
        "buyer": {"email": "jane@example.com", "full_name": "Jane Doe", "account_type": "guest",
                  "company": {"name": "Acme"}},
        "fulfillment_details": {"name": "Jane Doe", "address": {"name": "Jane Doe", "line_one": "123 Main St",
            "city": "San Francisco", "state": "CA", "country": "us", "postal_code": "94105"}},
        "affiliate_attribution": {"provider": "impact.com", "token": "t", "unheard_of": 1},
        "discounts": {"codes": ["TEN"]}, "coupons": ["OLD"],
        "locale": "en-US", "timezone": "America/New_York", "metadata": {"gift_wrap": true, "deep": {"x": 1}},
        "order_notes": "Ring twice"
    })
}

fn body_error(result: Result<impl std::fmt::Debug, BodyError>) -> (BodyErrorKind, String) {
    let error = result.unwrap_err();
    (error.kind, error.path())
}

fn changed(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap();
    match key.parse::<usize>() {
        Ok(index) => parent[index] = value,
        Err(_) => parent[key] = value,
    }
    body
}

fn create(body: &Value) -> Result<crate::acp::Creation, BodyError> {
    from_wire::create(&parse(body.to_string().as_bytes()).unwrap())
}

#[test]
fn a_create_request_becomes_a_cart() {
    let body = create_body();
    let creation = create(&body).unwrap();
    assert_eq!(creation.currency, Some(Currency::new("USD").unwrap()));
    assert_eq!(creation.agent.interventions, ["3ds", "telepathy"]);
    let edit = creation.edit;
    let requested_items: Vec<_> = edit
        .items
        .unwrap()
        .into_iter()
        .map(|requested| (requested.item.to_string(), requested.quantity))
        .collect();
    assert_eq!(requested_items, [("mug".to_owned(), 2), ("shirt".to_owned(), 1)]);
    assert_eq!(edit.codes.unwrap(), ["TEN"], "discounts.codes wins over coupons");
    let recipient = edit.recipient.unwrap().apply(None).unwrap();
    assert_eq!(recipient.address.unwrap().country, "US");
    assert_eq!(edit.buyer.unwrap().account.as_deref(), Some("guest"));
    assert_eq!(edit.extensions.unwrap(), [("gift-wrap".to_owned(), "true".to_owned())]);
    assert_eq!(edit.notes.as_deref(), Some("Ring twice"));
}

#[test]
fn whatever_does_not_fit_the_schema_is_named_by_its_path() {
    use BodyErrorKind::{Invalid, Missing, Unknown, Unsupported};
    let body = create_body();
    for (pointer, value, kind, path) in [
        ("/line_items/0/quantity", json!(0), Invalid, "$.line_items[0].quantity"),
        (
            "/line_items/0/quantity",
            json!(1.5),
            Invalid,
            "$.line_items[0].quantity",
        ),
        (
            "/line_items/0/quantity",
            json!("1"),
            Invalid,
            "$.line_items[0].quantity",
        ),
        (
            "/line_items/0/quantity",
            json!(1_000_001),
            Invalid,
            "$.line_items[0].quantity",
        ),
        ("/line_items/1", json!({}), Missing, "$.line_items[1].id"),
        ("/line_items/1", json!("mug"), Invalid, "$.line_items[1]"),
        ("/line_items/1", json!(["mug"]), Invalid, "$.line_items[1]"),
        ("/line_items", json!({}), Invalid, "$.line_items"),
        ("/line_items", json!(null), Invalid, "$.line_items"),
        ("/currency", json!("dollars"), Invalid, "$.currency"),
        ("/total", json!(1), Unknown, "$.total"),
        ("/line_items/0/price", json!(1), Unknown, "$.line_items[0].price"),
        ("/buyer", json!(null), Invalid, "$.buyer"),
        ("/buyer/email", json!("jane"), Invalid, "$.buyer.email"),
        ("/buyer/account_type", json!("king"), Invalid, "$.buyer.account_type"),
        (
            "/fulfillment_details/address/country",
            json!("USA"),
            Invalid,
            "$.fulfillment_details.address.country",
        ),
        (
            "/affiliate_attribution",
            json!({"provider": "p"}),
            Missing,
            "$.affiliate_attribution",
        ),
        ("/fulfillment_groups", json!([{}]), Unsupported, "$.fulfillment_groups"),
        ("/order_notes", json!("x".repeat(5001)), Invalid, "$.order_notes"),
        ("/discounts/codes", json!([""]), Invalid, "$.discounts.codes[0]"),
    ] {
        let result = create(&changed(body.clone(), pointer, value.clone()));
        assert_eq!(body_error(result), (kind, path.to_owned()), "{pointer} = {value}");
    }
    for field in ["line_items", "currency", "capabilities"] {
        let mut body = body.clone();
        body.as_object_mut().unwrap().remove(field);
        assert_eq!(body_error(create(&body)), (Missing, format!("$.{field}")));
    }
    assert_eq!(body_error(create(&json!([]))), (Invalid, "$".to_owned()));
}

#[test]
fn a_whole_number_may_be_written_as_a_decimal() {
    let body = create_body().to_string().replace("\"quantity\":2", "\"quantity\":2.0");
    let creation = from_wire::create(&parse(body.as_bytes()).unwrap()).unwrap();
    assert_eq!(creation.edit.items.unwrap()[0].quantity, 2);
}

#[test]
fn one_option_may_be_chosen_for_the_whole_order() {
    let update = |entries: Value| {
        let body = json!({ "selected_fulfillment_options": entries });
        from_wire::update(&parse(body.to_string().as_bytes()).unwrap())
    };
    let entry = |id: &str, item: &str| json!({"type": "shipping", "option_id": id, "item_ids": [item]});
    let edit = update(json!([entry("std", "mug"), entry("std", "shirt")])).unwrap();
    assert_eq!(edit.chosen_option.unwrap().as_str(), "std");
    assert!(edit.items.is_none() && edit.codes.is_none() && edit.buyer.is_none());
    assert_eq!(
        body_error(update(json!([entry("std", "mug"), entry("fast", "shirt")]))),
        (
            BodyErrorKind::Unsupported,
            "$.selected_fulfillment_options[1].option_id".to_owned()
        )
    );
}

fn complete(payment: &Value) -> Result<crate::acp::Completion, BodyError> {
    let body = json!({"payment_data": payment, "risk_signals": {"ip_address": "1.2.3.4", "user_agent": "UA"}});
    from_wire::complete(&parse(body.to_string().as_bytes()).unwrap(), &handler())
}

#[test]
fn a_complete_request_carries_the_token_of_the_offered_handler() {
    let payment = json!({"handler_id": "card_tokenized",
        "instrument": {"type": "card", "credential": {"type": "spt", "token": "spt_123"}, "more": 1}});
    let completion = complete(&payment).unwrap();
    assert_eq!(
        (completion.token.as_str(), completion.provider.as_str()),
        ("spt_123", "stripe")
    );
    assert_eq!(completion.signals.ip.as_deref(), Some("1.2.3.4"));
    for (pointer, value, path) in [
        ("/handler_id", json!("other"), "$.payment_data.handler_id"),
        ("/instrument/type", json!("wallet"), "$.payment_data.instrument.type"),
        (
            "/instrument/credential/type",
            json!("pan"),
            "$.payment_data.instrument.credential.type",
        ),
        (
            "/instrument/credential/token",
            json!("../x"),
            "$.payment_data.instrument.credential.token",
        ),
        (
            "/purchase_order_number",
            json!("po"),
            "$.payment_data.purchase_order_number",
        ),
        ("/payment_terms", json!("net_30"), "$.payment_data.payment_terms"),
        ("/token", json!("spt_123"), "$.payment_data.token"),
    ] {
        assert_eq!(body_error(complete(&changed(payment.clone(), pointer, value))).1, path);
    }
    assert_eq!(
        body_error(complete(&json!({}))),
        (BodyErrorKind::Missing, "$.payment_data.handler_id".to_owned())
    );
}

#[test]
fn a_trace_of_an_unknown_reason_cancels_and_a_malformed_one_does_not() {
    let cancel = |body: Value| from_wire::cancel(&parse(body.to_string().as_bytes()).unwrap());
    assert!(cancel(json!({})).is_ok());
    assert!(cancel(json!({"intent_trace": {"reason_code": "moon_phase", "extra": 1}})).is_ok());
    let long = json!({"intent_trace": {"reason_code": "other", "trace_summary": "x".repeat(501)}});
    assert_eq!(body_error(cancel(long)).1, "$.intent_trace.trace_summary");
    assert_eq!(
        body_error(cancel(json!({"intent_trace": {}}))).1,
        "$.intent_trace.reason_code"
    );
}

#[test]
fn every_state_of_a_session_is_what_the_schema_defines() {
    for (state, status) in [
        (SessionState::Open, "ready_for_payment"),
        (sessions::committing(), "complete_in_progress"),
        (SessionState::Canceled, "canceled"),
        (SessionState::Expired, "expired"),
    ] {
        let body = rendered(&sessions::in_state(state));
        assert_eq!(body["status"], status);
        assert!(body.get("order").is_none());
        assert_valid("2026-04-17", "CheckoutSession", &body);
    }
    let bare = rendered(&sessions::bare());
    assert_eq!(bare["status"], "not_ready_for_payment");
    assert_valid("2026-04-17", "CheckoutSession", &bare);
    let paid = rendered(&sessions::in_state(sessions::completed()));
    assert_eq!(
        (&paid["status"], &paid["order"]["id"]),
        (&json!("completed"), &json!("ord_1"))
    );
    assert_valid("2026-04-17", "CheckoutSessionWithOrder", &paid);
}

#[test]
fn the_answer_of_complete_names_the_order_before_and_after_the_payment_is_made() {
    for (state, status) in [
        (sessions::committing(), "created"),
        (sessions::completed(), "confirmed"),
    ] {
        let paid = rendered_on(&sessions::in_state(state), RequestKind::Payment);
        assert_eq!(
            (&paid["order"]["id"], &paid["order"]["status"]),
            (&json!("ord_1"), &json!(status))
        );
        assert_valid("2026-04-17", "CheckoutSessionWithOrder", &paid);
    }
}

#[test]
fn a_payment_in_progress_is_a_message() {
    let body = rendered(&sessions::in_state(sessions::committing()));
    let message = json!({"type": "info", "content_type": "plain", "content": "The payment is being processed."});
    assert_eq!(body["messages"][0], message);
}

#[test]
fn the_totals_are_seven_and_the_fees_and_add_up() {
    let body = rendered(&sessions::full());
    let totals = body["totals"].as_array().unwrap();
    let sum = |kind: &str| -> i64 {
        let of_kind = totals.iter().filter(|total| total["type"] == kind);
        of_kind.map(|total| total["amount"].as_i64().unwrap()).sum()
    };
    let kinds: Vec<_> = totals.iter().map(|total| total["type"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        [
            "items_base_amount",
            "items_discount",
            "subtotal",
            "discount",
            "fulfillment",
            "gift_wrap",
            "gift_wrap",
            "fee",
            "tax",
            "total"
        ]
    );
    assert_eq!(sum("subtotal"), sum("items_base_amount") - sum("items_discount"));
    let fees = sum("gift_wrap") + sum("fee");
    assert_eq!(
        sum("total"),
        sum("subtotal") - sum("discount") + sum("fulfillment") + sum("tax") + fees
    );
}

#[test]
fn a_refused_code_is_listed_and_reported_once() {
    let body = rendered(&sessions::full());
    assert_eq!(body["discounts"]["rejected"][0]["reason"], "discount_code_expired");
    let messages: Vec<_> = body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|message| message["code"] == "discount_code_expired")
        .collect();
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0]["param"], "$.discounts.codes[1]");
    assert_eq!(body["discounts"]["applied"][0]["coupon"]["percent_off"], json!(7.0));
    assert_eq!(
        body["discounts"]["applied"][0]["allocations"][0]["path"],
        "$.line_items[1]"
    );
    assert_eq!(body["discounts"]["applied"][1]["coupon"]["currency"], "usd");
}

#[test]
fn a_code_given_twice_is_refused_where_it_stands_last() {
    let mut session = sessions::full();
    session.cart.codes = ["OLD", "TEN", "OLD", "TEN"].map(String::from).to_vec();
    let mut again = session.quote.rejected_codes[0].clone();
    again.code = "TEN".into();
    again.reason = "discount_code_already_applied".into();
    session.quote.rejected_codes.push(again);
    let body = rendered(&session);
    let messages = body["messages"].as_array().unwrap();
    let param = |code: &str| {
        let message = messages.iter().find(|message| message["code"] == code).unwrap();
        message["param"].as_str().unwrap().to_owned()
    };
    assert_eq!(param("discount_code_already_applied"), "$.discounts.codes[3]");
    assert_eq!(param("discount_code_expired"), "$.discounts.codes[0]");
}

#[test]
fn unknown_codes_become_the_closest_of_the_schema() {
    let body = rendered(&sessions::bare());
    let codes: Vec<_> = body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| (message["code"].as_str().unwrap(), message["param"].as_str().unwrap()))
        .collect();
    assert!(codes.contains(&("quantity_exceeded", "$.line_items[1].quantity")));
    assert!(codes.contains(&("region_restricted", "$.fulfillment_details.address.country")));
    assert!(codes.contains(&("invalid", "$.selected_fulfillment_options")));
}

#[test]
fn the_offered_handler_has_every_field_of_the_schema() {
    let body = rendered(&sessions::full());
    assert_valid(
        "2026-04-17",
        "PaymentHandler",
        &body["capabilities"]["payment"]["handlers"][0],
    );
    assert_eq!(body["capabilities"]["interventions"]["supported"], json!([]));
}

#[test]
fn a_pickup_is_shown_as_such_where_its_place_is_known() {
    let mut session = sessions::full();
    session.quote.selected = Some(OptionId::new("shop"));
    let body = rendered(&session);
    let option = |id: &str| {
        let options = body["fulfillment_options"].as_array().unwrap();
        options.iter().find(|option| option["id"] == id).unwrap()
    };
    assert_eq!(option("shop")["type"], "pickup");
    assert_eq!(option("shop")["location"]["address"]["line_one"], "5 Market St");
    assert_eq!(body["selected_fulfillment_options"][0]["type"], "pickup");
    assert_eq!(option("locker")["type"], "shipping");
    assert_valid("2026-04-17", "CheckoutSession", &body);
}
