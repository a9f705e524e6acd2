//! What Stripe is told of an order, and what not.

use super::*;
use crate::testing::orders::{changed, refunded, shipped, status};
use crate::testing::sessions;
use tillhouse_checkout::order::OrderChangeKind;
use tillhouse_checkout::session::Session;

fn sold_over(protocol: Protocol) -> Session {
    Session {
        protocol: Some(protocol),
        ..sessions::in_state(sessions::completed())
    }
}

/// What Stripe is told of the last of these changes of an order that was sold over this protocol.
fn told_of(protocol: &Protocol, changes: &[OrderChangeKind]) -> Vec<(String, Value)> {
    let (_, earlier) = changes.split_last().unwrap();
    let before = changed(sold_over(protocol.clone()), earlier);
    let session = changed(sold_over(protocol.clone()), changes);
    stripe_order_events(&OrderSnapshot {
        event: OrderEventType::Updated {
            before: before.order().unwrap(),
        },
        session: &session,
        order: session.order().unwrap(),
    })
}

fn told(changes: &[OrderChangeKind]) -> Vec<(String, Value)> {
    told_of(&Protocol::StripeAcs, changes)
}

/// The same parcel in another status.
fn parcel(id: &str, new: &str) -> OrderChangeKind {
    match shipped(id, &[("mug", 1)]) {
        OrderChangeKind::Fulfilled(mut parcel) => {
            parcel.status = new.to_owned();
            OrderChangeKind::Fulfilled(parcel)
        }
        other => other,
    }
}

fn adjusted(id: &str, kind: &str, status: &str) -> OrderChangeKind {
    match refunded(id, 500, &[]) {
        OrderChangeKind::Adjusted(mut adjustment) => {
            (adjustment.kind, adjustment.status) = (kind.to_owned(), status.to_owned());
            adjustment.reason = None;
            OrderChangeKind::Adjusted(adjustment)
        }
        other => other,
    }
}

#[test]
fn a_new_order_is_confirmed() {
    let session = changed(sold_over(Protocol::StripeAcs), &[]);
    let order = session.order().unwrap();
    let events = stripe_order_events(&OrderSnapshot {
        event: OrderEventType::Created,
        session: &session,
        order,
    });
    let expected = json!({"type": "fulfillment", "order": "ord_1", "requested_session": "cs_1",
        "occurred_at": order.created.seconds(), "fulfillment": {"status": "confirmed",
            "line_items": [{"key": "shirt", "quantity": 1}, {"key": "mug", "quantity": 2}]}});
    assert_eq!(events, [("order".to_owned(), expected)]);
}

#[test]
fn a_parcel_is_told_with_its_tracking_and_its_times() {
    let events = told(&[shipped("ful_1", &[("mug", 1)])]);
    let at = 1_767_925_130;
    let expected = json!({"type": "fulfillment", "order": "ord_1", "requested_session": "cs_1", "occurred_at": at,
        "fulfillment": {"status": "shipped", "carrier": "UPS", "tracking_number": "1Z1",
            "tracking_url": "https://carrier.example/1Z1", "shipped_at": at,
            "line_items": [{"key": "mug", "quantity": 1}]}});
    assert_eq!(events, [("fulfillment:ful_1".to_owned(), expected)]);
}

#[test]
fn a_parcel_is_told_when_it_has_changed_for_stripe() {
    let status_of = |changes: &[OrderChangeKind]| {
        let events = told(changes).into_iter();
        events
            .map(|(_, event)| event["fulfillment"]["status"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    for (before, after, expected) in [
        ("pending", "processing", Some("confirmed")),
        ("processing", "ready_for_pickup", Some("fulfilled")),
        ("shipped", "out_for_delivery", None),
        ("out_for_delivery", "delivered", Some("delivered")),
        ("shipped", "returned_to_sender", Some("returned")),
        ("shipped", "undeliverable", None),
        ("pending", "canceled", None),
    ] {
        let events = status_of(&[parcel("p1", before), parcel("p1", after)]);
        assert_eq!(events.first().map(String::as_str), expected, "{before} → {after}");
    }
    let all = OrderChangeKind::Delivered {
        fulfillments: Vec::new(),
        location: None,
    };
    assert_eq!(
        status_of(&[parcel("p1", "shipped"), parcel("p2", "shipped"), all]),
        ["delivered", "delivered"]
    );
}

#[test]
fn what_the_merchant_says_of_the_order_as_a_whole_is_told_once() {
    let events = told(&[status(OrderStatus::Shipped)]);
    let fulfillment = &events[0].1["fulfillment"];
    assert_eq!(
        (&fulfillment["status"], &fulfillment["line_items"][1]["quantity"]),
        (&json!("shipped"), &json!(2))
    );
    assert!(fulfillment["shipped_at"].is_i64());
    assert!(
        told(&[shipped("p1", &[]), status(OrderStatus::Shipped)]).is_empty(),
        "the parcels have said so"
    );
    assert!(
        told(&[status(OrderStatus::Processing)]).is_empty(),
        "it is confirmed before and after"
    );
}

#[test]
fn each_adjustment_has_its_type() {
    for (kind, expected) in [
        ("refund", Some("original_payment_refund")),
        ("partial_refund", Some("original_payment_refund")),
        ("store_credit_refund", Some("store_credit_refund")),
        ("credit", Some("credit")),
        ("dispute", Some("dispute")),
        ("price_adjustment", None),
    ] {
        let events = told(&[adjusted("a1", kind, "pending")]);
        let kinds: Vec<_> = events
            .iter()
            .map(|(_, event)| event["adjustment"]["type"].as_str().unwrap())
            .collect();
        assert_eq!(kinds.first().copied(), expected, "{kind}");
    }
    let canceled = told(&[status(OrderStatus::Canceled)]);
    let adjustment = &canceled[0].1["adjustment"];
    assert_eq!((canceled.len(), &adjustment["type"]), (1, &json!("cancellation")));
    assert_eq!(
        adjustment["line_items"],
        json!([{"key": "shirt", "quantity": 1}, {"key": "mug", "quantity": 2}])
    );
}

#[test]
fn an_adjustment_is_told_again_when_its_status_changes() {
    let pending = || adjusted("re_1", "refund", "pending");
    let events = told(&[pending(), adjusted("re_1", "refund", "completed")]);
    let expected = json!({"type": "original_payment_refund", "status": "completed", "description": "Refund",
        "amount": 500, "currency": "usd"});
    assert_eq!(events[0].1["adjustment"], expected);
    assert!(told(&[pending(), pending_again()]).is_empty());
}

/// Another parcel-free change: the refund stays as it was.
fn pending_again() -> OrderChangeKind {
    OrderChangeKind::Confirmed(tillhouse_checkout::order::Confirmation {
        number: Some("C-1".to_owned()),
        ..Default::default()
    })
}

#[test]
fn orders_of_other_protocols_are_not_told() {
    for protocol in [Protocol::Acp, Protocol::AdyenAgent, Protocol::AdyenMerchant] {
        assert!(told_of(&protocol, &[shipped("p1", &[])]).is_empty());
    }
    assert_eq!(told_of(&Protocol::StripeHooks, &[shipped("p1", &[])]).len(), 1);
}

#[test]
fn what_stripe_has_reported_is_not_told_back() {
    let mut session = changed(
        sold_over(Protocol::StripeHooks),
        &[adjusted("dp_1", "dispute", "pending")],
    );
    let mut order = session.order().unwrap().clone();
    for change in &mut order.progress.applied {
        change.source = ChangeSource::Payer;
    }
    let before = changed(sold_over(Protocol::StripeHooks), &[]);
    session.protocol = Some(Protocol::StripeHooks);
    let snapshot = OrderSnapshot {
        event: OrderEventType::Updated {
            before: before.order().unwrap(),
        },
        session: &session,
        order: &order,
    };
    assert!(stripe_order_events(&snapshot).is_empty());
}

#[test]
fn nothing_of_the_buyer_is_told() {
    let session = sold_over(Protocol::StripeAcs);
    let email = session.cart.buyer.as_ref().unwrap().email.clone().unwrap();
    let events = told(&[shipped("ful_1", &[("mug", 1)])]);
    let text = events[0].1.to_string();
    assert!(
        !email.is_empty() && !text.contains(&email) && !text.contains("address"),
        "{text}"
    );
}
