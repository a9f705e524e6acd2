//! Order events for Stripe: one of each part of an order that has changed.

use super::*;

/// Stripe's endpoint for order events, which is told of each part of an order.
fn stripe(url: &str, encoding: BodyEncoding) -> Target {
    Target {
        kind: TargetKind::StripeEvents {
            key: Arc::new(Secret::new("sk_test".into())),
            version: Some("2026-04-22.preview".into()),
            encoding,
            render: |snapshot| {
                let event = |part: &str| {
                    let lines = serde_json::json!([{"key": "mug", "quantity": 2}]);
                    let body = serde_json::json!({"order": snapshot.order.id, "fulfillment": {"line_items": lines}});
                    (part.to_owned(), body)
                };
                vec![event("fulfillment:p1"), event("fulfillment:p2")]
            },
        },
        ..target("stripe.order_events", url)
    }
}

#[test]
fn a_change_of_several_parts_is_an_event_of_each() {
    let webhooks = webhooks(vec![stripe("http://s.example", BodyEncoding::Form)]);
    let told = webhooks.order_updated(&session(), &order(), &order(), NOW);
    assert_eq!(told.len(), 2);
    assert_ne!(told[0].dedupe, told[1].dedupe);
    assert_eq!(told[0].stream, told[1].stream, "in order");
    let again = webhooks.order_updated(&session(), &order(), &order(), Timestamp(0));
    assert_eq!(told[1].dedupe, again[1].dedupe);
}

#[tokio::test]
async fn stripe_is_told_with_the_key_of_the_account_as_a_form_or_as_json() {
    let form = "fulfillment%5Bline_items%5D%5B0%5D%5Bkey%5D=mug&fulfillment%5Bline_items%5D%5B0%5D%5Bquantity%5D=2&order=ord_1";
    let json = r#"{"fulfillment":{"line_items":[{"key":"mug","quantity":2}]},"order":"ord_1"}"#;
    for (encoding, content_type, expected) in [
        (BodyEncoding::Form, "application/x-www-form-urlencoded", form),
        (BodyEncoding::Json, "application/json", json),
    ] {
        let (outcome, seen) = delivered_to(
            |url| stripe(url, encoding),
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        )
        .await;
        assert_eq!(outcome, Ok(()));
        let (head, body) = seen.split_once("\r\n\r\n").unwrap();
        assert_eq!(body, expected);
        let head = head.to_ascii_lowercase();
        for header in [
            "authorization: bearer sk_test".to_owned(),
            "idempotency-key: evt_".to_owned(),
            "stripe-version: 2026-04-22.preview".to_owned(),
            format!("content-type: {content_type}"),
        ] {
            assert!(head.contains(&header), "{header}: {head}");
        }
    }
}
