use serde_json::json;

use super::rendered;
use crate::testing::schemas::assert_valid;
use crate::testing::sessions;
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
fn a_message_says_who_resolves_it_if_the_plugin_does() {
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
        of(
            Message::error("missing", Subject::Buyer(None), "Who?"),
            Resolution::RequiresBuyerInput,
        ),
    ];
    let body = rendered(&session);
    assert_valid("2026-04-17", "CheckoutSession", &body);
    let resolutions: Vec<_> = (0..4).map(|index| body["messages"][index].get("resolution")).collect();
    assert_eq!(
        resolutions,
        [
            None,
            Some(&json!("recoverable")),
            Some(&json!("requires_buyer_review")),
            Some(&json!("requires_buyer_input"))
        ]
    );
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
