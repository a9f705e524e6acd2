//! What an agent sends beside the cart and the payment reaches the merchant's plugin, and no other party.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tillhouse_checkout::ids::SessionId;
use tillhouse_runtime::{Observer, PluginCall};
use tillhouse_tests::eventually::wait_until;
use tillhouse_tests::{HttpResponse, Protocol, Release, TestHost, fixtures, witness};

const RELEASE: Release = Release::V2026_04_17;
const PROTOCOL: Protocol = Protocol::Acp(RELEASE);

/// What the plugin said as it refused, by the function that it refused.
#[derive(Debug, Default)]
struct Told(Mutex<Vec<(String, String)>>);

impl Observer for Told {
    fn called(&self, _: &SessionId, call: &PluginCall) {
        if let Some(detail) = &call.detail {
            self.0.lock().unwrap().push((call.function.to_owned(), detail.clone()));
        }
    }
}

impl Told {
    fn of(&self, function: &str) -> Vec<String> {
        let calls = self.0.lock().unwrap();
        let calls = calls.iter().filter(|(called, _)| called == function);
        calls.map(|(_, detail)| detail.clone()).collect()
    }

    /// The first that was said in this function. Advances the clock until it is there.
    async fn first(&self, host: &TestHost, function: &str) -> String {
        wait_until("the plugin is told", async || {
            host.clock.advance(Duration::from_millis(100));
            !self.of(function).is_empty()
        })
        .await;
        self.of(function).remove(0)
    }
}

async fn start(config: &str) -> (TestHost, Arc<Told>) {
    let told = Arc::new(Told::default());
    let builder = witness::builder().merchant(witness::merchant("demo", config));
    (builder.observer(Arc::clone(&told) as _).start().await, told)
}

fn ready_cart() -> Value {
    let cart = PROTOCOL.cart(&[("tee-classic", 2)], "usd");
    fixtures::with(cart, &PROTOCOL.delivery(&fixtures::address()))
}

async fn created(host: &TestHost, fields: &Value) -> HttpResponse {
    host.acp(RELEASE)
        .create(&fixtures::with(ready_cart(), fields))
        .await
        .expect(201)
}

async fn paid(host: &TestHost, session: &HttpResponse, fields: &Value) -> HttpResponse {
    let token = host.token(session.total("total")).await;
    let payment = fixtures::with(PROTOCOL.payment(&token), fields);
    PROTOCOL.pay(host, session.id(), &payment).await
}

fn business_buyer() -> Value {
    json!({
        "email": "jane.doe@example.com",
        "account_type": "business",
        "company": {"name": "Acme", "tax_id": "DE123", "department": "Tools", "cost_center": "CC-7"},
        "tax_exemption": {"certificate_id": "EX-1", "certificate_type": "resale", "exempt_regions": ["US-CA"]},
        "loyalty": {"tier": "gold", "points_balance": 120},
    })
}

const BUSINESS: &str =
    "buyer jane.doe@example.com | business | Acme DE123 | Tools | CC-7 | EX-1 resale US-CA | gold 120";

#[tokio::test]
async fn a_cart_is_told_with_buyer_metadata_abilities_and_the_earlier_offer() {
    let (host, _) = start("tell-cart = true").await;
    let metadata = json!({"gift_wrap": true, "order": {"lines": [1, 2]}});
    let interventions = json!({
        "supported": ["3ds", "address_verification"], "display_context": "webview", "redirect_context": "in_app",
        "max_redirects": 3, "max_interaction_depth": 2,
    });
    let session = created(
        &host,
        &json!({
            "buyer": business_buyer(),
            "capabilities": {"interventions": interventions, "extensions": ["discount"]},
            "locale": "de-DE",
            "timezone": "Europe/Berlin",
            "quote_id": "q_7",
            "metadata": metadata,
        }),
    )
    .await;
    let told = session.told("quote ")["content"].as_str().unwrap();
    for said in [
        "agent tillhouse.interventions=3ds,address_verification | tillhouse.extensions=discount | \
         tillhouse.display-context=webview | tillhouse.redirect-context=in_app | tillhouse.max-redirects=3 | \
         tillhouse.max-interaction-depth=2;",
        "locale de-DE, zone Europe/Berlin;",
        BUSINESS,
        "quote q_7;",
        r#"extensions gift-wrap=true | order={"lines":[1,2]} | tillhouse.metadata={"gift_wrap":true,"order":{"lines":[1,2]}}"#,
    ] {
        assert!(told.contains(said), "{said}: {told}");
    }
    assert_eq!((&session["metadata"], &session["quote_id"]), (&metadata, &json!("q_7")));
}

#[tokio::test]
async fn risk_is_told_all_signals_of_the_agent_the_buyer_and_the_purchase_order() {
    let (host, told) = start("risk = \"tell\"").await;
    let session = created(&host, &json!({"buyer": business_buyer()})).await;
    let mut payment = PROTOCOL.payment(&host.token(session.total("total")).await);
    payment["payment_data"]["purchase_order_number"] = json!("PO-9");
    payment["risk_signals"] = json!({
        "ip_address": "203.0.113.45", "user_agent": "Agent/1", "accept_language": "de", "session_id": "sess_1",
        "device_fingerprint": "fp_1",
    });
    let refused = PROTOCOL.pay(&host, session.id(), &payment).await;
    assert_eq!(refused.status, 500, "{}", refused.text());
    let told = told.first(&host, "risk.assess").await;
    for said in [
        "device 203.0.113.45 | Agent/1 | de | fp_1 | sess_1;",
        BUSINESS,
        "purchase order PO-9",
    ] {
        assert!(told.contains(said), "{said}: {told}");
    }
}

fn affiliate(token: &str) -> Value {
    json!({"affiliate_attribution": {
        "provider": "impact.example", "token": token, "campaign_id": "summer",
        "source": {"type": "url", "url": "https://blog.example/tees"}, "metadata": {"slot": 3},
    }})
}

/// What the plugin is told of an affiliate.
fn touch(touch: &str, token: &str) -> String {
    format!(
        "{touch} impact.example {token} campaign_id=summer | source.type=url | source.url=https://blog.example/tees | \
         metadata.slot=3"
    )
}

#[tokio::test]
async fn an_order_is_told_with_the_affiliates_of_both_touches_which_no_response_has() {
    let (host, told) = start("refuse-events = true").await;
    let session = created(&host, &affiliate("atp_first")).await;
    let done = paid(&host, &session, &affiliate("atp_last")).await.expect(200);
    let read = PROTOCOL.retrieve(&host, session.id()).await.expect(200);
    let told = told.first(&host, "orders.notify").await;
    let expected = format!(
        "affiliates {} | {};",
        touch("first", "atp_first"),
        touch("last", "atp_last")
    );
    assert!(told.contains(&expected), "{told}");
    let events = host.sandbox.receiver.events();
    let sent = events.iter().map(|event| event.body.to_string());
    for text in [session.text(), done.text(), read.text()].into_iter().chain(sent) {
        assert!(!text.contains("atp_") && !text.contains("impact.example"), "{text}");
    }
}

#[tokio::test]
async fn a_canceled_session_is_told_with_the_reason_of_the_agent_which_no_response_has() {
    let (host, told) = start("refuse-ends = true").await;
    let session = created(&host, &affiliate("atp_first")).await;
    let trace = json!({"intent_trace": {
        "reason_code": "shipping_cost", "trace_summary": "Too dear to send.", "metadata": {"compared": 3, "loyal": true},
    }});
    let acp = host.acp(RELEASE);
    let path = format!("/checkout_sessions/{}/cancel", session.id());
    let canceled = acp.post(&path).json(&trace).send().await.expect(200).is("canceled");
    let read = PROTOCOL.retrieve(&host, session.id()).await.expect(200);
    let told = told.first(&host, "sessions.ended").await;
    let expected = format!(
        "canceled with 2 tee-classic; reason shipping_cost; summary Too dear to send.; \
         metadata compared=3 | loyal=true; attributions {}",
        touch("first", "atp_first")
    );
    assert!(told.ends_with(&expected), "{told}");
    for text in [canceled.text(), read.text()] {
        assert!(!text.contains("shipping_cost") && !text.contains("Too dear"), "{text}");
    }
}

#[tokio::test]
async fn an_expired_session_is_told_and_one_that_was_paid_is_not() {
    let (host, told) = start("refuse-ends = true").await;
    let left = created(&host, &json!({})).await;
    let bought = created(&host, &json!({})).await;
    let _ = paid(&host, &bought, &json!({})).await.expect(200).is("completed");
    host.clock.advance(Duration::from_secs(24 * 3600));
    host.payments().expiry().run_once().await.unwrap();
    let first = told.first(&host, "sessions.ended").await;
    assert!(first.contains("expired with 2 tee-classic; reason none"), "{first}");
    assert!(told.of("sessions.ended").iter().all(|end| *end == first));
    assert_ne!(left.id(), bought.id());
}
