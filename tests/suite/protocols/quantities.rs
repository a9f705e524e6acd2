//! Quantities are whole numbers in every protocol, and a refusal says so.

use serde_json::{Value, json};
use tillhouse_tests::{Protocol, fixtures};

use crate::protocols::host;

/// The name of the list of items in a request.
fn items(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Acp(release) => fixtures::items_member(release),
        Protocol::StripeAcs => "line_items",
    }
}

#[tokio::test]
async fn a_quantity_is_a_whole_number_of_at_least_one() {
    let host = host().await;
    for protocol in Protocol::ALL {
        for quantity in [
            json!(0),
            json!(-1),
            json!(0.5),
            json!(1.5),
            json!(2.5),
            json!(1e12),
            json!("2"),
            Value::Null,
        ] {
            let mut body = protocol.cart(&[("tee-classic", 1)], "usd");
            body[items(protocol)][0]["quantity"] = quantity.clone();
            let refused = protocol.creation(host, &body).send().await.refused(400, "invalid");
            let refused = refused.about(&format!("$.{}[0].quantity", items(protocol)));
            let told = refused["message"].as_str().unwrap();
            assert!(
                quantity.is_null() || told.contains("a whole number from 1"),
                "{protocol:?} {quantity}: {told}"
            );
        }
    }
}

#[tokio::test]
async fn a_fraction_is_refused_because_items_are_sold_in_whole_units() {
    let host = host().await;
    for protocol in Protocol::ALL {
        for quantity in [json!(2.5), json!(0.25)] {
            let mut body = protocol.cart(&[("tee-classic", 1)], "usd");
            body[items(protocol)][0]["quantity"] = quantity;
            let refused = protocol.creation(host, &body).send().await.refused(400, "invalid");
            assert!(
                refused["message"].as_str().unwrap().contains("in whole units"),
                "{}",
                refused.text()
            );
        }
    }
}

#[tokio::test]
async fn two_point_zero_is_two() {
    let host = host().await;
    for protocol in Protocol::ALL {
        let mut body = protocol.cart(&[("tee-classic", 1)], "usd");
        body[items(protocol)][0]["quantity"] = json!(2.0);
        let session = protocol.creation(host, &body).send().await;
        assert_eq!(session.total("items_base_amount"), 5000, "{protocol:?}");
    }
}
