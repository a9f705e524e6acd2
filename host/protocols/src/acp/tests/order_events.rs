//! Order events and orders of sessions, in the format of each release.

use serde_json::{Value, json};

use crate::acp::Release;
use crate::testing::acp_requests::RELEASES;
use crate::testing::rendering::rendered;
use crate::testing::schemas::{assert_valid, assert_valid_event};
use crate::testing::sessions::{self, choice};
use crate::testing::{inclusive, orders};
use tillhouse_checkout::decision::Support;
use tillhouse_checkout::order::OrderStatus;
use tillhouse_checkout::order_snapshot::{OrderEventType, OrderSnapshot};
use tillhouse_checkout::session::Session;
use tillhouse_checkout::time::Timestamp;

/// The event of the order of a completed session, as its schema defines it.
fn event(release: Release, event: OrderEventType<'_>, session: &Session) -> Value {
    let snapshot = OrderSnapshot {
        event,
        session,
        order: session.order().unwrap(),
    };
    let body = serde_json::from_slice(&release.order_event(&snapshot)).unwrap();
    assert_valid_event(release.date(), &body);
    body
}

fn updated(release: Release, session: &Session) -> Value {
    let placed = placed();
    let before = placed.order().unwrap();
    event(release, OrderEventType::Updated { before }, session)["data"].take()
}

fn placed() -> Session {
    sessions::in_state(sessions::completed())
}

fn created(session: &Session) -> Value {
    event(Release::V2026_04_17, OrderEventType::Created, session)["data"].take()
}

#[test]
fn the_releases_before_2026_04_17_say_where_and_how_far() {
    for release in RELEASES.into_iter().take(4) {
        let expected = json!({"type": "order_create", "data": {
            "type": "order",
            "checkout_session_id": "cs_1",
            "permalink_url": "https://shop.example/orders/1001",
            "status": "confirmed",
            "refunds": [],
        }});
        assert_eq!(event(release, OrderEventType::Created, &placed()), expected);
    }
}

#[test]
fn each_status_has_a_name_in_each_release() {
    for (status, older, newest) in [
        (OrderStatus::ManualReview, "manual_review", "manual_review"),
        (OrderStatus::Confirmed, "confirmed", "confirmed"),
        (OrderStatus::Processing, "confirmed", "processing"),
        (OrderStatus::Shipped, "shipped", "shipped"),
        (OrderStatus::Completed, "fulfilled", "completed"),
        (OrderStatus::Canceled, "canceled", "canceled"),
    ] {
        let session = orders::changed(placed(), &[orders::status(status)]);
        let statuses = RELEASES.map(|release| updated(release, &session)["status"].take());
        assert_eq!(statuses, [older, older, older, older, newest]);
    }
}

#[test]
fn the_session_shows_the_status_of_its_order() {
    for (status, in_2026_01_30, in_2026_04_17) in [
        (OrderStatus::ManualReview, None, "manual_review"),
        (OrderStatus::Confirmed, Some("confirmed"), "confirmed"),
        (OrderStatus::Processing, Some("processing"), "processing"),
        (OrderStatus::Shipped, Some("shipped"), "shipped"),
        (OrderStatus::Completed, Some("delivered"), "completed"),
        (OrderStatus::Canceled, None, "canceled"),
    ] {
        let session = orders::changed(placed(), &[orders::status(status)]);
        for (release, expected) in [
            (Release::V2026_01_30, in_2026_01_30),
            (Release::V2026_04_17, Some(in_2026_04_17)),
        ] {
            let body = rendered(release, &session);
            assert_eq!(body["order"]["status"].as_str(), expected, "{release:?}");
            assert_valid(release.date(), "CheckoutSessionWithOrder", &body);
        }
    }
}

#[test]
fn the_newest_release_says_all_there_is() {
    let order = created(&placed());
    for (field, value) in [
        ("type", json!("order")),
        ("id", json!("ord_1")),
        ("checkout_session_id", json!("cs_1")),
        ("order_number", json!("1001")),
        ("status", json!("confirmed")),
        ("adjustments", json!([])),
    ] {
        assert_eq!(order[field], value, "{field}");
    }
    let line = &order["line_items"][1];
    assert_eq!(line["quantity"], json!({"ordered": 2, "current": 2, "fulfilled": 0}));
    assert_eq!(
        (&line["unit_price"], &line["subtotal"], &line["status"]),
        (&json!(1000), &json!(1860), &json!("processing"))
    );
    let fulfillment = &order["fulfillments"][0];
    assert_eq!(
        (&fulfillment["id"], &fulfillment["status"]),
        (&json!("std"), &json!("pending"))
    );
    assert_eq!(fulfillment["line_items"].as_array().unwrap().len(), 2);
    assert!(!order.to_string().contains("Main St"), "no address is sent");
}

#[test]
fn the_order_of_a_session_is_that_of_its_events() {
    let changes = [
        orders::shipped("ful_1", &[("mug", 1)]),
        orders::refunded("re_1", 500, &[]),
    ];
    let session = orders::changed(placed(), &changes);
    let body = rendered(Release::V2026_04_17, &session);
    assert_eq!(body["order"], updated(Release::V2026_04_17, &session));
}

#[test]
fn a_parcel_is_told_with_its_lines_its_tracking_and_its_events() {
    let session = orders::changed(placed(), &[orders::shipped("ful_1", &[("mug", 1)])]);
    let order = updated(Release::V2026_04_17, &session);
    let expected = json!([{"id": "ful_1", "type": "shipping", "status": "shipped",
        "line_items": [{"id": "mug", "quantity": 1}], "carrier": "UPS", "tracking_number": "1Z1",
        "tracking_url": "https://carrier.example/1Z1",
        "events": [{"id": "ful_1:1", "type": "shipped", "occurred_at": "2026-01-09T02:18:50Z"}]}]);
    assert_eq!(order["fulfillments"], expected);
    let line = &order["line_items"][1];
    assert_eq!(line["quantity"], json!({"ordered": 2, "current": 2, "fulfilled": 1}));
    assert_eq!(
        (&line["status"], &order["line_items"][0]["status"], &order["status"]),
        (&json!("partial"), &json!("processing"), &json!("processing"))
    );
}

#[test]
fn money_that_went_back_leaves_the_total_as_it_was_charged() {
    let total = |order: &Value, kind: &str| {
        let totals = order["totals"].as_array().unwrap().iter();
        totals
            .filter(|total| total["type"] == kind)
            .map(|total| total["amount"].clone())
            .collect::<Vec<_>>()
    };
    let before = created(&placed());
    let session = orders::changed(placed(), &[orders::refunded("re_1", 1000, &[("mug", 1)])]);
    let back = updated(Release::V2026_04_17, &session);
    assert_eq!(total(&back, "total"), total(&before, "total"));
    assert_eq!(
        (total(&before, "amount_refunded").len(), total(&back, "amount_refunded")),
        (0, vec![json!(1000)])
    );
    let expected = json!([{"id": "re_1", "type": "refund", "occurred_at": "2026-01-09T02:18:50Z", "status": "completed",
        "line_items": [{"id": "mug", "quantity": 1}], "amount": 1000, "currency": "usd", "description": "Torn",
        "reason": "damaged"}]);
    assert_eq!(back["adjustments"], expected);
    for release in RELEASES.into_iter().take(4) {
        let refunds = updated(release, &session)["refunds"].take();
        assert_eq!(refunds, json!([{"type": "original_payment", "amount": 1000}]));
    }
}

#[test]
fn a_canceled_order_has_nothing_left_of_its_lines() {
    let session = orders::changed(placed(), &[orders::status(OrderStatus::Canceled)]);
    let order = updated(Release::V2026_04_17, &session);
    let line = &order["line_items"][0];
    assert_eq!(
        (&line["quantity"]["current"], &line["status"]),
        (&json!(0), &json!("removed"))
    );
    assert_eq!(order["fulfillments"][0]["status"], "canceled");
    assert_eq!(order["adjustments"][0]["type"], "cancellation");
}

#[test]
fn every_option_that_applies_is_a_fulfillment_of_its_lines() {
    let mut session = placed();
    session.quote.selected = vec![choice("std", &["shirt"]), choice("bike", &["mug"])];
    session.quote.options[2].latest = Some(Timestamp(1_769_212_799_000));
    let order = created(&session);
    let fulfillments = order["fulfillments"].as_array().unwrap().iter();
    let fulfillments: Vec<_> = fulfillments
        .map(|fulfillment| (&fulfillment["id"], &fulfillment["line_items"]))
        .collect();
    assert_eq!(
        fulfillments,
        [
            (&json!("std"), &json!([{"id": "shirt", "quantity": 1}])),
            (&json!("bike"), &json!([{"id": "mug", "quantity": 2}]))
        ]
    );
    assert_eq!(
        order["estimated_delivery"],
        json!({"earliest": "2026-01-20T00:00:00Z", "latest": "2026-01-23T23:59:59Z"}),
        "until the last of them arrives"
    );
}

#[test]
fn an_order_of_prices_that_include_tax_is_told_without_it_and_adds_up() {
    let order = created(&inclusive::three_prints(sessions::completed()));
    let line = &order["line_items"][0];
    assert_eq!((&line["unit_price"], &line["subtotal"]), (&json!(839), &json!(2518)));
    let totals = order["totals"].as_array().unwrap();
    let amount = |kind: &str| -> i64 {
        let of_kind = totals.iter().filter(|total| total["type"] == kind);
        of_kind.map(|total| total["amount"].as_i64().unwrap()).sum()
    };
    assert_eq!((amount("subtotal") + amount("tax"), amount("total")), (2997, 2997));
}

#[test]
fn an_order_says_whom_to_ask() {
    let mut session = placed();
    assert!(created(&session).get("support").is_none());
    session.quote.support = Some(Support {
        phone: Some("+1 800 555 0123".into()),
        ..Support::default()
    });
    assert_eq!(created(&session)["support"], json!({"phone": "+1 800 555 0123"}));
}
