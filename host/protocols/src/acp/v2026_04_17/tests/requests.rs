use serde_json::{Value, json};

use super::{body_error, changed, complete, create, create_body, payment};
use crate::acp::v2026_04_17::requests as bodies;
use crate::json::{BodyError, BodyErrorKind, parse};
use tillhouse_checkout::cart::Change;
use tillhouse_checkout::device::Device;
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::payment_token::PaymentToken;

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
    let recipient = edit.recipient.new_value().unwrap().apply(None).unwrap();
    assert_eq!(recipient.address.unwrap().country, "us");
    assert_eq!(edit.buyer.new_value().unwrap().account.as_deref(), Some("guest"));
    assert_eq!(edit.metadata.unwrap().0["gift_wrap"], true);
    assert_eq!(edit.notes, Change::Set("Ring twice".to_owned()));
    assert_eq!(edit.time_zone.as_deref(), Some("America/New_York"));
    assert_eq!(edit.quote_id.as_deref(), Some("offer_1"));
}

#[test]
fn whatever_does_not_fit_the_schema_is_named_by_its_path() {
    use BodyErrorKind::{Invalid, Missing, Unknown};
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
        (
            "/affiliate_attribution/source",
            json!({"type": "billboard"}),
            Invalid,
            "$.affiliate_attribution.source.type",
        ),
        (
            "/affiliate_attribution/issued_at",
            json!("yesterday"),
            Invalid,
            "$.affiliate_attribution.issued_at",
        ),
        (
            "/fulfillment_groups",
            json!([{}]),
            Missing,
            "$.fulfillment_groups[0].id",
        ),
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

/// Texts, numbers and booleans are all that metadata of these schemas may have.
fn nested() -> [(Value, &'static str); 5] {
    [
        (json!({"a": "x", "deep": {"b": 1}}), ".deep"),
        (json!({"list": ["x"]}), ".list"),
        (json!({"nothing": null}), ".nothing"),
        (json!({"odd key": []}), "['odd key']"),
        (json!(["x"]), ""),
    ]
}

#[test]
fn metadata_of_attributions_and_of_traces_is_flat() {
    let cancel = |body: Value| bodies::cancel(Some(&parse(body.to_string().as_bytes()).unwrap()));
    let with_metadata = |metadata: Value| changed(create_body(), "/affiliate_attribution/metadata", metadata);
    let trace = |metadata: Value| json!({"intent_trace": {"reason_code": "other", "metadata": metadata}});
    for (metadata, path) in nested() {
        let attributed = body_error(create(&with_metadata(metadata.clone())));
        let expected = format!("$.affiliate_attribution.metadata{path}");
        assert_eq!(attributed, (BodyErrorKind::Invalid, expected), "{metadata}");
        let attribution = json!({"provider": "p", "token": "t", "metadata": metadata});
        let completed = body_error(complete(
            &json!({"payment_data": payment(), "affiliate_attribution": attribution}),
        ));
        assert_eq!(completed.1, format!("$.affiliate_attribution.metadata{path}"));
        let traced = body_error(cancel(trace(metadata)));
        assert_eq!(
            traced,
            (BodyErrorKind::Invalid, format!("$.intent_trace.metadata{path}"))
        );
    }
    let flat = json!({"text": "x", "number": 0.15, "yes": true, "none": ""});
    assert!(create(&with_metadata(flat.clone())).is_ok());
    assert!(cancel(trace(flat)).is_ok());
}

#[test]
fn a_fraction_of_a_unit_is_refused_with_the_reason() {
    for quantity in ["2.5", "0.5", "1.0000001", "-1.5", "1e-3"] {
        let body = create_body()
            .to_string()
            .replace("\"quantity\":2", &format!("\"quantity\":{quantity}"));
        let error = bodies::create(&parse(body.as_bytes()).unwrap()).unwrap_err();
        assert_eq!(error.path(), "$.line_items[0].quantity");
        assert!(error.message.contains("whole units"), "{quantity}: {}", error.message);
    }
    for quantity in ["0", "-1", "1000001", "1e300"] {
        let body = create_body()
            .to_string()
            .replace("\"quantity\":2", &format!("\"quantity\":{quantity}"));
        let error = bodies::create(&parse(body.as_bytes()).unwrap()).unwrap_err();
        assert_eq!(error.message, "must be a whole number from 1 to 1000000", "{quantity}");
    }
}

#[test]
fn a_whole_number_may_be_written_as_a_decimal() {
    let body = create_body().to_string().replace("\"quantity\":2", "\"quantity\":2.0");
    let creation = bodies::create(&parse(body.as_bytes()).unwrap()).unwrap();
    assert_eq!(creation.edit.items.unwrap()[0].quantity, 2);
}

fn pay(payment: &Value) -> Result<crate::acp::Completion, BodyError> {
    complete(&json!({ "payment_data": payment }))
}

#[test]
fn a_complete_request_carries_the_token_of_the_offered_handler() {
    let completion = pay(&payment()).unwrap();
    assert_eq!(completion.token, PaymentToken::stripe("spt_123"));
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
        ("/due_date", json!("2030-01-01T00:00:00Z"), "$.payment_data.due_date"),
        ("/approval_required", json!(true), "$.payment_data.approval_required"),
        ("/payment_terms", json!("net_30"), "$.payment_data.payment_terms"),
        ("/token", json!("spt_123"), "$.payment_data.token"),
    ] {
        assert_eq!(body_error(pay(&changed(payment(), pointer, value))).1, path);
    }
    let by_order_only = json!({"purchase_order_number": "PO-7"});
    assert_eq!(
        body_error(pay(&by_order_only)),
        (
            BodyErrorKind::Unsupported,
            "$.payment_data.purchase_order_number".to_owned()
        )
    );
    let by_card = pay(&changed(payment(), "/purchase_order_number", json!("PO-7"))).unwrap();
    assert_eq!(by_card.edit.purchase_order.as_deref(), Some("PO-7"));
    assert_eq!(
        body_error(pay(&json!({}))),
        (BodyErrorKind::Missing, "$.payment_data.handler_id".to_owned())
    );
}

#[test]
fn a_complete_request_says_what_device_the_buyer_has_and_what_the_buyer_consents_to() {
    let body = json!({"payment_data": payment(),
        "risk_signals": {"ip_address": "1.2.3.4", "user_agent": "UA", "accept_language": "de", "session_id": "s_1",
            "device_fingerprint": "fp_1"},
        "marketing_consents": [{"channel": "email", "opted_in": true}, {"channel": "sms", "opted_in": false}]});
    let completion = complete(&body).unwrap();
    let device = Device {
        ip: Some("1.2.3.4".into()),
        user_agent: Some("UA".into()),
        accept_language: Some("de".into()),
        fingerprint: Some("fp_1".into()),
        session: Some("s_1".into()),
    };
    assert_eq!(completion.device, device);
    let consents = completion.consents.iter();
    let consents: Vec<_> = consents
        .map(|consent| (consent.channel.as_str(), consent.granted))
        .collect();
    assert_eq!(consents, [("email", true), ("sms", false)]);

    let twice = changed(body, "/marketing_consents/1/channel", json!("email"));
    assert_eq!(
        body_error(complete(&twice)),
        (BodyErrorKind::Invalid, "$.marketing_consents[1].channel".to_owned())
    );
    let silent = complete(&json!({ "payment_data": payment() })).unwrap();
    assert_eq!((silent.device, silent.consents), (Device::default(), Vec::new()));
}

#[test]
fn a_trace_of_an_unknown_reason_cancels_and_a_malformed_one_does_not() {
    let cancel = |body: Value| bodies::cancel(Some(&parse(body.to_string().as_bytes()).unwrap()));
    assert!(cancel(json!({})).is_ok());
    assert!(cancel(json!({"intent_trace": {"reason_code": "moon_phase", "extra": 1}})).is_ok());
    let long = json!({"intent_trace": {"reason_code": "other", "trace_summary": "x".repeat(501)}});
    assert_eq!(body_error(cancel(long)).1, "$.intent_trace.trace_summary");
    assert_eq!(
        body_error(cancel(json!({"intent_trace": {}}))).1,
        "$.intent_trace.reason_code"
    );
}
