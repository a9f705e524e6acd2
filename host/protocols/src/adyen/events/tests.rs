//! What Adyen is told of an order, and what not.

use serde_json::{Value, json};

use super::*;
use crate::testing::orders::{changed, refunded, shipped, status};
use crate::testing::{leaves, sessions};
use tillhouse_checkout::order::{OrderChangeKind, OrderStatus};
use tillhouse_checkout::session::Session;

fn sold_over(protocol: Protocol) -> Session {
    Session {
        protocol: Some(protocol),
        ..sessions::in_state(sessions::completed())
    }
}

/// What Adyen is told of the last of these changes of an order that was sold over this protocol.
fn told(protocol: Protocol, changes: &[OrderChangeKind]) -> Option<Value> {
    told_in(&AdyenEventForm::default(), protocol, changes)
}

fn told_in(form: &AdyenEventForm, protocol: Protocol, changes: &[OrderChangeKind]) -> Option<Value> {
    let (_, earlier) = changes.split_last().unwrap();
    let before = changed(sold_over(protocol.clone()), earlier);
    let session = changed(sold_over(protocol), changes);
    let snapshot = OrderSnapshot {
        event: OrderEventType::Updated {
            before: before.order().unwrap(),
        },
        session: &session,
        order: session.order().unwrap(),
    };
    let body = adyen_event("AcmeECOM", form, &snapshot)?;
    Some(serde_json::from_slice(&body).unwrap())
}

#[test]
fn a_parcel_is_told_with_its_tracking() {
    let event = told(Protocol::AdyenMerchant, &[shipped("ful_1", &[("mug", 1)])]).unwrap();
    let expected = json!({
        "type": "shipped",
        "merchantAccount": "AcmeECOM",
        "sessionId": "cs_1",
        "orderId": "ord_1",
        "orderNumber": "1001",
        "merchantReference": "pa_1",
        "status": "processing",
        "revision": 2,
        "permalinkUrl": "https://shop.example/orders/1001",
        "amount": {"currency": "USD", "value": 4304},
        "refundedAmount": {"currency": "USD", "value": 0},
        "fulfillments": [{"id": "ful_1", "type": "shipping", "status": "shipped", "carrier": "UPS", "trackingNumber": "1Z1",
            "trackingUrl": "https://carrier.example/1Z1", "lineItems": [{"id": "mug", "quantity": 1}]}],
        "adjustments": [],
    });
    assert_eq!(event, expected);
}

#[test]
fn each_step_has_its_type() {
    for (change, expected) in [
        (shipped("ful_1", &[]), "shipped"),
        (status(OrderStatus::Completed), "delivered"),
        (refunded("re_1", 500, &[]), "refunded"),
        (status(OrderStatus::Canceled), "canceled"),
    ] {
        let event = told(Protocol::AdyenAgent, &[change]).unwrap();
        assert_eq!(event["type"], expected);
    }
}

#[test]
fn every_member_and_every_type_may_have_another_name() {
    let changes = [shipped("ful_1", &[("mug", 1)]), refunded("re_1", 250, &[("mug", 1)])];
    let event = told(Protocol::AdyenMerchant, &changes).unwrap();
    assert_eq!(leaves::paths(&event), AdyenEventForm::MEMBERS.map(String::from).into());
    let owned = |(ours, theirs): (&str, &str)| (ours.to_owned(), theirs.to_owned());
    let names = [
        ("sessionId", "session"),
        ("fulfillments.type", ""),
        ("amount.value", "minorUnits"),
    ];
    let form = AdyenEventForm {
        names: OutgoingNames::new(&AdyenEventForm::MEMBERS, names.map(owned).into()).unwrap(),
        types: [("refunded", "ORDER_REFUNDED")].map(owned).into(),
    };
    let event = told_in(&form, Protocol::AdyenMerchant, &changes).unwrap();
    assert_eq!(
        (&event["type"], &event["session"], &event["amount"]["minorUnits"]),
        (&json!("ORDER_REFUNDED"), &json!("cs_1"), &json!(4304))
    );
    assert!(
        event["fulfillments"][0].get("type").is_none() && event.get("sessionId").is_none(),
        "{event:#}"
    );
}

#[test]
fn money_that_went_back_is_told_in_all_and_one_by_one() {
    let changes = [refunded("re_1", 500, &[]), refunded("re_2", 250, &[("mug", 1)])];
    let event = told(Protocol::AdyenMerchant, &changes).unwrap();
    assert_eq!(event["refundedAmount"], json!({"currency": "USD", "value": 750}));
    let last = json!({"id": "re_2", "type": "refund", "status": "completed", "amount": {"currency": "USD", "value": 250},
        "lineItems": [{"id": "mug", "quantity": 1}]});
    assert_eq!(event["adjustments"][1], last);
}

#[test]
fn orders_of_other_protocols_and_other_changes_are_not_told() {
    for protocol in [Protocol::Acp, Protocol::StripeAcs] {
        assert_eq!(told(protocol, &[shipped("ful_1", &[])]), None);
    }
    assert_eq!(told(Protocol::AdyenMerchant, &[status(OrderStatus::Processing)]), None);
    let session = sold_over(Protocol::AdyenMerchant);
    let created = OrderSnapshot {
        event: OrderEventType::Created,
        session: &session,
        order: session.order().unwrap(),
    };
    assert_eq!(adyen_event("AcmeECOM", &AdyenEventForm::default(), &created), None);
}

#[test]
fn nothing_of_the_buyer_and_of_the_affiliate_is_told() {
    let session = sold_over(Protocol::AdyenMerchant);
    let event = told(Protocol::AdyenMerchant, &[shipped("ful_1", &[])])
        .unwrap()
        .to_string();
    let buyer = session.cart.buyer.as_ref().unwrap();
    let email = buyer.email.as_deref().unwrap();
    assert!(!email.is_empty() && !event.contains(email), "{event}");
    assert!(!event.contains("attribution") && !event.contains("address"), "{event}");
}
