use serde_json::{Value, json};

use super::{rendered, rendered_on};
use crate::rendering::RequestKind;
use crate::testing::schemas::assert_valid;
use crate::testing::{inclusive, sessions};
use tillhouse_checkout::decision::{Link, Support};
use tillhouse_checkout::session::SessionState;

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
    let message = json!({"type": "info", "severity": "info", "content_type": "plain",
        "content": "The payment is being processed."});
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
fn amounts_of_prices_that_include_tax_are_without_it_and_add_up_to_what_was_shown() {
    let body = rendered(&inclusive::three_prints(SessionState::Open));
    assert_valid("2026-04-17", "CheckoutSession", &body);
    let amount = |totals: &Value, kind: &str| -> i64 {
        let of_kind = totals.as_array().unwrap().iter().filter(|total| total["type"] == kind);
        of_kind.map(|total| total["amount"].as_i64().unwrap()).sum()
    };
    let line = &body["line_items"][0];
    assert_eq!(
        (&line["unit_amount"], &line["item"]["unit_amount"]),
        (&json!(839), &json!(839))
    );
    for totals in [&line["totals"], &body["totals"]] {
        assert_eq!(amount(totals, "items_base_amount"), 2518);
        assert_eq!(amount(totals, "items_base_amount") + amount(totals, "tax"), 2997);
        assert_eq!(amount(totals, "total"), 2997);
    }
}

#[test]
fn a_session_says_where_the_buyer_can_continue_and_whom_to_ask() {
    let mut session = sessions::in_state(sessions::completed());
    session.quote.continue_url = Some("https://shop.example/cart/1".into());
    session.quote.support = Some(Support {
        email: Some("help@shop.example".into()),
        hours: Some("9 to 5".into()),
        help_center: Some("https://shop.example/help".into()),
        ..Support::default()
    });
    session.quote.links = vec![Link {
        kind: "faq".into(),
        url: "https://shop.example/faq".into(),
        title: Some("Questions".into()),
    }];
    let body = rendered(&session);
    assert_eq!(body["continue_url"], "https://shop.example/cart/1");
    let support =
        json!({"email": "help@shop.example", "hours": "9 to 5", "help_center_url": "https://shop.example/help"});
    assert_eq!(body["order"]["support"], support);
    let link = json!({"type": "faq", "title": "Questions", "url": "https://shop.example/faq"});
    assert_eq!(body["links"], json!([link]));
    assert_valid("2026-04-17", "CheckoutSessionWithOrder", &body);
}
