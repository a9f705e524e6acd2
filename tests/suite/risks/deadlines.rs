//! A slow plugin: the caller gets a response before its timeout, and what it was told is undone is not done later.

use std::sync::Arc;

use serde_json::json;
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_tests::{HttpResponse, Protocol, Release, Slow, TestHost, carrier, fixtures};
use tokio::net::TcpListener;

use super::eventually::{assert_charged_once, assert_not_charged, fast_timings, wait_until};

const ITEM: &[(&str, u32)] = &[("print-last", 1)];
const PROTOCOLS: [Protocol; 2] = [Protocol::Acp(Release::V2026_04_17), Protocol::StripeAcs];

async fn host(slow: &Arc<Slow>, settings: &str) -> TestHost {
    let builder = TestHost::builder().timings(fast_timings()).set(settings);
    builder.observer(Arc::clone(slow) as _).start().await
}

async fn ready(host: &TestHost, protocol: Protocol, items: &[(&str, u32)]) -> HttpResponse {
    let created = protocol.create(host, items, "usd", &fixtures::address()).await;
    created.is("ready_for_payment")
}

#[tokio::test]
async fn a_payment_that_could_not_be_begun_in_time_is_not_begun_later() {
    for protocol in PROTOCOLS {
        let slow = Slow::after("inventory.reserve");
        let mut host = host(
            &slow,
            "server.request_timeout_ms = 300\nserver.confirm_deadline_ms = 300",
        )
        .await;
        let session = ready(&host, protocol, ITEM).await;
        let token = host.token(session.total("total")).await;
        slow.hold();
        let late = protocol.pay(&host, session.id(), &protocol.payment(&token)).await;
        assert_eq!(late.status, 503, "{}", late.text());
        assert_eq!(late.header("retry-after"), Some("1"));
        slow.release();
        // A host that stops ends what it is doing.
        host.restart().await;
        assert_not_charged(&host);
        assert_eq!(host.rows_in("attempt"), 0);
        // Under load the response to this request may be that the payment is in progress.
        let again = protocol.pay(&host, session.id(), &protocol.payment(&token)).await;
        let _ = again.expect(200);
        wait_until("the session is completed", async || {
            protocol.retrieve(&host, session.id()).await["status"] == "completed"
        })
        .await;
        assert_charged_once(&host, session.total("total")).await;
    }
}

#[tokio::test]
async fn a_change_that_takes_longer_than_its_caller_waits_is_not_made_and_a_retry_under_its_key_makes_it() {
    let slow = Slow::after("quoting.quote");
    let host = host(&slow, "server.operation_deadline_ms = 300").await;
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.ready(&[("tee-classic", 1)]).await;
    let change = || {
        let two = json!({"line_items": [{"id": "tee-classic", "quantity": 2}]});
        let request = agent.post(&format!("/checkout_sessions/{}", session.id()));
        request.json(&two).key("two").send()
    };
    slow.hold();
    let late = change().await.expect(503);
    assert_eq!(late.header("retry-after"), Some("1"));
    let busy = change().await;
    assert!(matches!(busy.status, 409 | 503), "{}", busy.text());
    let shown = agent.retrieve(session.id()).await.expect(200);
    assert_eq!(shown["totals"], session["totals"], "the session is unchanged");
    slow.release();
    wait_until("the retry succeeds", async || {
        let retried = change().await;
        retried.status == 200 && !retried.is_replay()
    })
    .await;
    let again = change().await.expect(200);
    assert!(again.is_replay(), "{}", again.text());
    let shown = agent.retrieve(session.id()).await.expect(200);
    assert_eq!(shown["totals"], again["totals"]);
    assert_ne!(shown["totals"], session["totals"]);
}

/// The client got 503, and so the session is the one that it was shown before.
#[tokio::test]
async fn a_change_that_was_not_made_in_time_is_not_made_later_and_what_was_shown_can_be_paid() {
    for protocol in PROTOCOLS {
        let slow = Slow::after("quoting.quote");
        let settings = "server.operation_deadline_ms = 1000\nserver.confirm_deadline_ms = 1000";
        let mut host = host(&slow, settings).await;
        let session = ready(&host, protocol, &[("tee-classic", 1)]).await;
        let payment = protocol.payment(&host.token(session.total("total")).await);
        let (merchant, id) = (MerchantId::new("demo"), SessionId::new(session.id()));
        slow.hold();
        let item = match protocol {
            Protocol::Acp(_) => "id",
            Protocol::StripeAcs => "sku_id",
        };
        let two = json!({"line_items": [{item: "tee-classic", "quantity": 2}]});
        let late = protocol.update(&host, session.id(), &two).await.expect(503);
        assert_eq!(late.header("retry-after"), Some("1"));
        slow.release();
        // A host that stops ends what it is doing.
        host.restart().await;
        let stored = host.store().session(&merchant, &id).await.unwrap().unwrap();
        assert_eq!(stored.cart.lines[0].quantity, 1);
        // Under load the response to this request may be that the payment is in progress.
        let paid = protocol.pay(&host, session.id(), &payment).await;
        let _ = paid.expect(200);
        wait_until("the session is completed", async || {
            protocol.retrieve(&host, session.id()).await["status"] == "completed"
        })
        .await;
        assert_charged_once(&host, session.total("total")).await;
    }
}

#[tokio::test]
async fn stripe_is_asked_to_retry_when_a_checkout_takes_too_long() {
    let slow = Slow::after("quoting.quote");
    let host = host(&slow, "server.confirm_deadline_ms = 300").await;
    let stripe = host.stripe_acs();
    let checkout = stripe.ready(&[("tee-classic", 1)]).await;
    slow.hold();
    let late = stripe.update(checkout.id(), &json!({})).await.expect(503);
    assert_eq!(late.header("retry-after"), Some("1"));
    slow.release();
    wait_until("the host responds again", async || {
        stripe.update(checkout.id(), &json!({})).await.status == 200
    })
    .await;
}

/// The carrier accepts connections and never answers.
#[tokio::test]
async fn a_carrier_that_does_not_answer_leaves_a_plugin_the_time_for_a_flat_rate() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let shop = carrier::merchant("demo", silent.local_addr().unwrap(), "flat-rate = 599");
    let short = shop.set("limits.effect_wall_ms = 1200");
    let host = carrier::builder().merchant(short).start().await;
    for protocol in PROTOCOLS {
        let session = ready(&host, protocol, &[("tee-classic", 1)]).await;
        assert!(session.text().contains("Flat rate"), "{}", session.text());
        let token = host.token(session.total("total")).await;
        let paid = protocol.pay(&host, session.id(), &protocol.payment(&token)).await;
        let _ = paid.expect(200);
        wait_until("the session is completed", async || {
            protocol.retrieve(&host, session.id()).await["status"] == "completed"
        })
        .await;
    }
}

#[tokio::test]
async fn without_a_flat_rate_the_caller_is_asked_to_retry_and_nothing_is_stored() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let shop = carrier::merchant("demo", silent.local_addr().unwrap(), "");
    let host = carrier::builder()
        .merchant(shop)
        .set("server.operation_deadline_ms = 1000")
        .set("server.confirm_deadline_ms = 1000");
    let host = host.start().await;
    for protocol in PROTOCOLS {
        let late = protocol
            .create(&host, &[("tee-classic", 1)], "usd", &fixtures::address())
            .await;
        assert_eq!(late.status, 503, "{}", late.text());
        assert!(late.header("retry-after").is_some());
    }
    assert_eq!(host.rows_in("session"), 0);
}
