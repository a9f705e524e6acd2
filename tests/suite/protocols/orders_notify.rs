//! Order events to the merchant's plugin: the whole order, the same through every protocol.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tillhouse_checkout::ids::SessionId;
use tillhouse_runtime::{Observer, PluginCall};
use tillhouse_tests::eventually::wait_until;
use tillhouse_tests::{Protocol, Release, TestHost, fixtures, witness};

/// The events that the plugin refused: the reason repeats the event.
#[derive(Debug, Default)]
struct Refused(Mutex<Vec<String>>);

impl Observer for Refused {
    fn called(&self, _: &SessionId, call: &PluginCall) {
        if call.function == "orders.notify" {
            self.0.lock().unwrap().push(call.detail.clone().unwrap_or_default());
        }
    }
}

impl Refused {
    /// The first event. Advances the clock until it is there.
    async fn first(&self, host: &TestHost) -> String {
        let first = || self.0.lock().unwrap().first().cloned();
        wait_until("the plugin is told of the order", async || {
            host.clock.advance(Duration::from_millis(100));
            first().is_some()
        })
        .await;
        first().unwrap()
    }
}

async fn start() -> (TestHost, Arc<Refused>) {
    let refused = Arc::new(Refused::default());
    let builder = witness::builder().merchant(witness::merchant("demo", "refuse-events = true"));
    let host = builder.observer(Arc::clone(&refused) as _).start().await;
    (host, refused)
}

/// The event of a purchase of two tees in San Francisco, which are billed to Germany.
fn event(consents: &str, notes: &str) -> String {
    format!(
        "created 1, confirmed; lines 2 tee-classic of 2500 by standard: net 5000, tax 363, total 5363; \
         units 2 of 2 tee-classic; total 5962 USD; buyer jane.doe@example.com; billing DE; \
         payment 5962 USD by sandbox-acquirer, captured true; consents {consents}; affiliates ; notes {notes}"
    )
}

#[tokio::test]
async fn an_order_event_has_lines_buyer_billing_payment_and_total_in_every_protocol() {
    for protocol in Protocol::ALL {
        let (host, refused) = start().await;
        let session = protocol
            .create(&host, &[("tee-classic", 2)], "usd", &fixtures::address())
            .await;
        let token = host.token(session.total("total")).await;
        let payment = protocol.payment_billed_to(&token, "DE");
        let _ = protocol
            .pay(&host, session.id(), &payment)
            .await
            .expect(200)
            .is("completed");
        let told = refused.first(&host).await;
        assert!(told.ends_with(&event("", "none")), "{protocol:?}: {told}");
    }
}

#[tokio::test]
async fn consents_and_notes_of_the_buyer_are_told_with_the_order() {
    let protocol = Protocol::Acp(Release::V2026_04_17);
    for granted in [true, false] {
        let (host, refused) = start().await;
        let session = protocol
            .create(&host, &[("tee-classic", 2)], "usd", &fixtures::address())
            .await;
        assert_eq!(
            session["marketing_consent_options"][0]["channel"],
            "email",
            "{}",
            session.text()
        );
        let token = host.token(session.total("total")).await;
        let fields = json!({
            "marketing_consents": [{"channel": "email", "opted_in": granted}],
            "order_notes": "Ring twice.",
        });
        let payment = fixtures::with(protocol.payment_billed_to(&token, "DE"), &fields);
        let _ = protocol
            .pay(&host, session.id(), &payment)
            .await
            .expect(200)
            .is("completed");
        let told = refused.first(&host).await;
        assert!(
            told.ends_with(&event(&format!("email {granted}"), "Ring twice.")),
            "{told}"
        );
    }
}

#[tokio::test]
async fn a_consent_that_was_not_offered_is_refused_before_anything_is_charged() {
    let protocol = Protocol::Acp(Release::V2026_04_17);
    let (host, _) = start().await;
    let session = protocol
        .create(&host, &[("tee-classic", 2)], "usd", &fixtures::address())
        .await;
    let token = host.token(session.total("total")).await;
    let by_phone = json!({"marketing_consents": [{"channel": "sms", "opted_in": true}]});
    let payment = fixtures::with(protocol.payment(&token), &by_phone);
    let refused = protocol.pay(&host, session.id(), &payment).await;
    assert_eq!(refused.status / 100, 4, "{}", refused.text());
    assert!(
        refused.text().contains("this checkout offers email"),
        "{}",
        refused.text()
    );
    assert_eq!(host.charges(), 0);
    let payment = protocol.payment(&token);
    let _ = protocol
        .pay(&host, session.id(), &payment)
        .await
        .expect(200)
        .is("completed");
}
