//! Disputes that are reported to payment records, and order events.

use serde_json::{Value, json};

use crate::client::{NOW, Raw, Reply, sandbox};
use crate::stripe_records::{Change, report, resolved};

async fn recorded(stripe: &Raw) -> String {
    let token = resolved(stripe).await;
    let record = report(stripe, &token, &[]).await.body;
    record["id"].as_str().unwrap().to_owned()
}

/// Posts a report of a dispute over 1200, with changes.
async fn report_dispute(stripe: &Raw, record: &str, change: Change<'_>) -> Reply {
    let form = [
        ("amount[value]", "1200"),
        ("amount[currency]", "usd"),
        ("reason", "fraudulent"),
        ("processor_details[type]", "custom"),
        ("processor_details[custom][dispute_reference]", "dp_1"),
    ];
    let changed = |name: &str| change.iter().any(|(other, _)| *other == name);
    let mut pairs: Vec<(&str, &str)> = form.into_iter().filter(|(name, _)| !changed(name)).collect();
    pairs.extend(change);
    let path = format!("/v1/payment_records/{record}/report_dispute");
    stripe.form(&path, None, &pairs).await
}

#[tokio::test]
async fn a_dispute_is_kept_once_and_as_it_was_reported_last() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let (record, other) = (recorded(&stripe).await, recorded(&stripe).await);
    let opened = report_dispute(&stripe, &record, &[]).await;
    assert_eq!(opened.status, 200, "{}", opened.body);
    let now = NOW.to_string();
    let lost: Change<'_> = &[
        ("closed[closed_at]", &now),
        ("funded[type]", "withdrawn"),
        ("funded[funded_at]", &now),
        ("funded[amount][value]", "1200"),
        ("funded[amount][currency]", "usd"),
    ];
    assert_eq!(report_dispute(&stripe, &record, lost).await.status, 200);
    let taken = report_dispute(&stripe, &other, &[]).await;
    assert_eq!(taken.error()["code"], "dispute_reference_in_use");
    let records = sandbox.stripe.payment_records();
    let disputed = records.iter().find(|it| it.id.as_str() == record).unwrap();
    assert_eq!(disputed.disputes.len(), 1);
    let dispute = &disputed.disputes[0];
    assert_eq!(
        (dispute.withdrawn_at, dispute.reports),
        (Some(i64::try_from(NOW).unwrap()), 2)
    );
}

#[tokio::test]
async fn an_invalid_dispute_is_an_error_that_names_the_field() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let record = recorded(&stripe).await;
    let cases: [(Change<'_>, &str, &str); 5] = [
        (&[("amount[value]", "4599")], "amount_too_large", "amount[value]"),
        (&[("amount[currency]", "eur")], "amount_too_large", "amount[value]"),
        (&[("reason", "angry")], "parameter_invalid", "reason"),
        (
            &[("funded[type]", "withdrawn")],
            "parameter_missing",
            "funded[amount][currency]",
        ),
        (&[("outcome", "lost")], "parameter_unknown", "outcome"),
    ];
    for (change, code, param) in cases {
        let reply = report_dispute(&stripe, &record, change).await;
        assert_eq!(
            (reply.status, &reply.error()["code"], &reply.error()["param"]),
            (400, &json!(code), &json!(param)),
            "{change:?}: {}",
            reply.body
        );
    }
}

const EVENTS: &str = "/v1/delegated_checkout/order_events";

#[tokio::test]
async fn an_order_event_is_taken_as_a_form_or_as_json() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let form = [
        ("type", "fulfillment"),
        ("order", "ord_1"),
        ("requested_session", "cs_1"),
        ("occurred_at", "1700000000"),
        ("fulfillment[status]", "shipped"),
        ("fulfillment[carrier]", "UPS"),
        ("fulfillment[line_items][0][key]", "mug"),
        ("fulfillment[line_items][0][quantity]", "2"),
    ];
    let shipped = stripe.form(EVENTS, Some("e1"), &form).await;
    assert_eq!(
        (shipped.status, &shipped.body["adjustment"]),
        (200, &Value::Null),
        "{}",
        shipped.body
    );
    assert!(stripe.form(EVENTS, Some("e1"), &form).await.replayed);
    let refund = json!({"type": "adjustment", "order": "ord_1", "requested_session": "cs_1", "occurred_at": 1_700_000_001,
        "adjustment": {"type": "original_payment_refund", "status": "completed", "amount": 500, "currency": "usd",
            "description": "Refund"}});
    assert_eq!(stripe.json(EVENTS, "e2", refund.clone()).await.status, 200);
    let events = sandbox.stripe.order_events();
    assert_eq!(events[0].details["line_items"], json!([{"key": "mug", "quantity": 2}]));
    assert_eq!(events[1].details["amount"], 500);
    for (place, value, param) in [
        ("/adjustment/type", json!("refund"), "adjustment[type]"),
        ("/adjustment/status", json!("lost"), "adjustment[status]"),
        ("/adjustment/amount", json!(-5), "adjustment[amount]"),
        (
            "/adjustment/line_items",
            json!([{"id": "mug"}]),
            "adjustment[line_items]",
        ),
        ("/type", json!("fulfillment"), "adjustment"),
        ("/tracking", json!("1Z"), "tracking"),
    ] {
        let mut body = refund.clone();
        let (parent, name) = place.rsplit_once('/').unwrap();
        let parent = if parent.is_empty() {
            &mut body
        } else {
            body.pointer_mut(parent).unwrap()
        };
        parent[name] = value;
        let reply = stripe.json(EVENTS, place, body).await;
        let named = reply.error()["param"].as_str().unwrap_or_default();
        assert!(
            reply.status == 400 && named.starts_with(param),
            "{place}: {}",
            reply.body
        );
    }
}
