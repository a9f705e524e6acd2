//! Which refusals are kept under a key. The same table as for a scripted domain, with real refusals.

use serde_json::{Value, json};
use tillhouse_tests::{HttpResponse, Protocol, Release, fixtures};

use crate::protocols::host;

/// A create under a key, with a body that need not be JSON.
async fn create(protocol: Protocol, key: &str, body: &str) -> HttpResponse {
    let request = protocol.creation(host().await, &Value::Null).body(body.to_owned());
    request.header("content-type", "application/json").key(key).send().await
}

fn conflict(protocol: Protocol) -> u16 {
    match protocol {
        Protocol::Acp(Release::V2026_04_17) => 422,
        Protocol::Acp(_) => 409,
        Protocol::StripeAcs => 400,
    }
}

fn name(protocol: Protocol, case: &str) -> String {
    format!("kept-{protocol:?}-{case}").replace(['(', ')'], "-")
}

#[tokio::test]
async fn a_corrected_create_needs_a_new_key_only_if_the_merchant_was_asked() {
    for protocol in Protocol::ALL {
        let good = protocol.cart(&[("tee-classic", 1)], "usd").to_string();
        let faults = [
            ("json", good.replace('}', ""), true),
            ("fraction", good.replace("\"quantity\":1", "\"quantity\":2.5"), true),
            ("control", good.replace("tee-classic", "tee\\u001bclassic"), true),
            ("item", good.replace("tee-classic", "tee-unheard-of"), false),
            ("currency", good.replace("\"usd\"", "\"dollars\""), true),
            ("foreign", good.replace("\"usd\"", "\"eur\""), false),
        ];
        for (case, faulty, is_free) in faults.into_iter().filter(|(_, faulty, _)| *faulty != good) {
            let key = name(protocol, case);
            let refused = create(protocol, &key, &faulty).await.expect(400);
            let told = refused["message"].as_str().unwrap();
            assert_eq!(told.contains("Idempotency-Key"), !is_free, "{case}: {told}");
            let corrected = create(protocol, &key, &good).await;
            if is_free {
                assert_eq!(
                    corrected["status"],
                    protocol.not_ready(),
                    "{protocol:?} {case}: {}",
                    corrected.text()
                );
            } else {
                let _ = corrected.refused(conflict(protocol), "idempotency_conflict");
                assert!(create(protocol, &key, &faulty).await.is_replay(), "{protocol:?} {case}");
            }
        }
    }
}

#[tokio::test]
async fn another_token_after_a_decline_needs_a_new_key() {
    let host = host().await;
    for protocol in Protocol::ALL {
        let session = protocol
            .create(host, &[("tee-classic", 1)], "usd", &fixtures::address())
            .await;
        let verb = match protocol {
            Protocol::Acp(_) => "checkout_sessions",
            Protocol::StripeAcs => "agentic/checkouts",
        };
        let end = if protocol == Protocol::StripeAcs {
            "confirm"
        } else {
            "complete"
        };
        let path = format!("/{verb}/{}/{end}", session.id());
        let pay = async |key: &str, token: &str| {
            protocol
                .post(host, &path)
                .json(&protocol.payment(token))
                .key(key)
                .send()
                .await
        };
        let (bad, good) = (
            host.token_of("pm_card_chargeDeclined", session.total("total")).await,
            host.token(session.total("total")).await,
        );
        let key = name(protocol, "decline");
        let declined = pay(&key, &bad).await.refused(402, "payment_declined");
        assert!(
            declined["message"].as_str().unwrap().contains("Idempotency-Key"),
            "{}",
            declined.text()
        );
        assert!(pay(&key, &bad).await.is_replay());
        let _ = pay(&key, &good)
            .await
            .refused(conflict(protocol), "idempotency_conflict");
        assert_eq!(
            pay(&name(protocol, "again"), &good).await.expect(200)["status"],
            json!("completed")
        );
    }
}
