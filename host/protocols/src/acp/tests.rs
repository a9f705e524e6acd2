//! Order events, in the format of each release.

mod official_requests;

use serde_json::{Value, json};

use super::Release;
use crate::testing::inclusive;
use crate::testing::sessions::{self, choice};
use tillhouse_checkout::decision::Support;
use tillhouse_checkout::order::{OrderRefund, OrderStatus};
use tillhouse_checkout::order_snapshot::{OrderEventType, OrderSnapshot};
use tillhouse_checkout::session::Session;
use tillhouse_checkout::time::Timestamp;

fn event(release: Release, event: OrderEventType, status: OrderStatus, refunds: &[OrderRefund]) -> Value {
    event_of(
        &sessions::in_state(sessions::completed()),
        release,
        event,
        status,
        refunds,
    )
}

fn event_of(
    session: &Session,
    release: Release,
    event: OrderEventType,
    status: OrderStatus,
    refunds: &[OrderRefund],
) -> Value {
    let snapshot = OrderSnapshot {
        event,
        session,
        order: session.order().unwrap(),
        status,
        refunds,
    };
    serde_json::from_slice(&release.order_event(&snapshot)).unwrap()
}

fn refund() -> OrderRefund {
    let session = sessions::in_state(sessions::completed());
    OrderRefund {
        id: "re_1".into(),
        amount: session.order().unwrap().total,
        at: Timestamp(1_767_925_130_000),
        reason: Some("Torn".into()),
    }
}

#[test]
fn the_first_release_says_where_and_how_far() {
    let created = event(
        Release::V2025_09_29,
        OrderEventType::Created,
        OrderStatus::Confirmed,
        &[],
    );
    let expected = json!({"type": "order_create", "data": {
        "type": "order",
        "checkout_session_id": "cs_1",
        "permalink_url": "https://shop.example/orders/1001",
        "status": "confirmed",
        "refunds": [],
    }});
    assert_eq!(created, expected);
    let back = event(
        Release::V2025_09_29,
        OrderEventType::Updated,
        OrderStatus::Completed,
        &[refund()],
    );
    assert_eq!(
        (&back["type"], &back["data"]["status"], &back["data"]["refunds"]),
        (
            &json!("order_update"),
            &json!("fulfilled"),
            &json!([{"type": "original_payment", "amount": 4304}])
        )
    );
}

#[test]
fn the_newest_release_says_all_there_is() {
    let created = event(
        Release::V2026_04_17,
        OrderEventType::Created,
        OrderStatus::Confirmed,
        &[],
    );
    assert_eq!(created["type"], "order_create");
    let order = &created["data"];
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
fn money_that_went_back_leaves_the_total_as_it_was_charged() {
    let total = |order: &Value, kind: &str| {
        let totals = order["data"]["totals"].as_array().unwrap().iter();
        totals
            .filter(|total| total["type"] == kind)
            .map(|total| total["amount"].clone())
            .collect::<Vec<_>>()
    };
    let created = event(
        Release::V2026_04_17,
        OrderEventType::Created,
        OrderStatus::Confirmed,
        &[],
    );
    let back = event(
        Release::V2026_04_17,
        OrderEventType::Updated,
        OrderStatus::Canceled,
        &[refund()],
    );
    assert_eq!(total(&back, "total"), total(&created, "total"));
    assert_eq!(
        (
            total(&created, "amount_refunded").len(),
            total(&back, "amount_refunded")
        ),
        (0, vec![json!(4304)])
    );
    let expected = json!([{"id": "re_1", "type": "refund", "occurred_at": "2026-01-09T02:18:50Z", "status": "completed",
        "amount": 4304, "currency": "usd", "description": "Torn"}]);
    assert_eq!(back["data"]["adjustments"], expected);
    let line = &back["data"]["line_items"][0];
    assert_eq!(
        (&line["quantity"]["current"], &line["status"]),
        (&json!(0), &json!("removed"))
    );
    assert_eq!(back["data"]["fulfillments"][0]["status"], "canceled");
}

fn created(session: &Session) -> Value {
    let created = OrderEventType::Created;
    event_of(session, Release::V2026_04_17, created, OrderStatus::Confirmed, &[])["data"].take()
}

#[test]
fn every_option_that_applies_is_a_fulfillment_of_its_lines() {
    let mut session = sessions::in_state(sessions::completed());
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
    let mut session = sessions::in_state(sessions::completed());
    assert!(created(&session).get("support").is_none());
    session.quote.support = Some(Support {
        phone: Some("+1 800 555 0123".into()),
        ..Support::default()
    });
    assert_eq!(created(&session)["support"], json!({"phone": "+1 800 555 0123"}));
}
