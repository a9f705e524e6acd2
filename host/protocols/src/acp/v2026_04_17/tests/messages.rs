use serde_json::json;

use super::rendered;
use crate::testing::schemas::assert_valid;
use crate::testing::sessions;
use tillhouse_checkout::decision::RejectedCode;
use tillhouse_checkout::message::{Message, Resolution, Subject};

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
fn a_message_says_how_grave_it_is_and_who_resolves_it() {
    let mut session = sessions::full();
    let of = |message: Message, resolution| Message {
        resolution: Some(resolution),
        ..message
    };
    session.quote.messages = vec![
        Message::info(Subject::Session, "Hello"),
        of(Message::info(Subject::Session, "Hello"), Resolution::Recoverable),
        of(
            Message::warning("low_stock", Subject::Lines, "Few"),
            Resolution::RequiresBuyerReview,
        ),
        Message::warning("low_stock", Subject::Lines, "Few"),
        Message::warning("moon_phase", Subject::Lines, "Full"),
        Message::error("missing", Subject::Buyer(None), "Who?"),
        Message::error("out_of_stock", Subject::Lines, "None"),
        of(
            Message::error("invalid", Subject::Choice, "No"),
            Resolution::RequiresBuyerReview,
        ),
    ];
    let body = rendered(&session);
    assert_valid("2026-04-17", "CheckoutSession", &body);
    let said: Vec<_> = (0..8)
        .map(|index| {
            let message = &body["messages"][index];
            (message["severity"].clone(), message["resolution"].clone())
        })
        .collect();
    let expected = [
        ("info", None),
        ("info", Some("recoverable")),
        ("medium", Some("requires_buyer_review")),
        ("medium", None),
        ("medium", None),
        ("high", Some("requires_buyer_input")),
        ("high", Some("recoverable")),
        ("high", Some("requires_buyer_review")),
    ];
    assert_eq!(
        said,
        expected.map(|(severity, resolution)| (json!(severity), json!(resolution)))
    );
    let refused = &body["messages"][8];
    assert_eq!(
        (&refused["type"], &refused["severity"]),
        (&json!("warning"), &json!("medium"))
    );
}

#[test]
fn the_refusals_of_one_code_name_an_entry_each() {
    let mut session = sessions::full();
    session.cart.codes = ["TEN", "nope", "TEN", "NOPE", "nope"].map(str::to_owned).to_vec();
    let refused = session.quote.rejected_codes[0].clone();
    session.quote.rejected_codes = ["nope", "TEN", "NOPE", "nope"]
        .map(|code| RejectedCode {
            code: code.into(),
            ..refused.clone()
        })
        .to_vec();
    session.quote.messages = Vec::new();
    let body = rendered(&session);
    let messages = body["messages"].as_array().unwrap().iter();
    let params: Vec<_> = messages.map(|message| message["param"].as_str().unwrap()).collect();
    assert_eq!(params, [1, 2, 3, 4].map(|index| format!("$.discounts.codes[{index}]")));
}

#[test]
fn a_message_about_a_discount_or_a_consent_names_its_entry_or_the_list() {
    for (about, param) in [
        (Subject::Discount("d_off".into()), "$.discounts.applied[1]"),
        (Subject::Discount("gone".into()), "$.discounts.applied"),
        (Subject::Consent(Some("email".into())), "$.marketing_consent_options[0]"),
        (Subject::Consent(Some("fax".into())), "$.marketing_consent_options"),
        (Subject::Consent(None), "$.marketing_consent_options"),
    ] {
        let mut session = sessions::full();
        session.quote.messages = vec![Message::info(about, "Look")];
        assert_eq!(rendered(&session)["messages"][0]["param"], param);
    }
}
