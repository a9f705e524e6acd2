//! A slow plugin: the caller gets a response before its timeout, and the late work is done completely or not at all.

use std::sync::{Arc, Condvar, Mutex};

use serde_json::json;
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_runtime::{Observer, PluginCall};
use tillhouse_tests::{Release, TestHost};

use super::eventually::{assert_charged_once, assert_not_charged, fast_timings, wait_for_status, wait_until};

const ITEM: &[(&str, u32)] = &[("print-last", 1)];

/// Delays what follows a plugin call, for as long as the test wants.
#[derive(Debug)]
struct Slow {
    function: &'static str,
    held: Mutex<bool>,
    released: Condvar,
}

impl Slow {
    fn after(function: &'static str) -> Arc<Self> {
        Arc::new(Self {
            function,
            held: Mutex::new(false),
            released: Condvar::new(),
        })
    }

    fn hold(&self) {
        *self.held.lock().unwrap() = true;
    }

    fn release(&self) {
        *self.held.lock().unwrap() = false;
        self.released.notify_all();
    }
}

impl Observer for Slow {
    fn called(&self, _: &SessionId, call: &PluginCall) {
        if call.function == self.function {
            tokio::task::block_in_place(|| {
                let held = self.held.lock().unwrap();
                drop(self.released.wait_while(held, |held| *held).unwrap());
            });
        }
    }
}

async fn host(slow: &Arc<Slow>, settings: &str) -> TestHost {
    let builder = TestHost::builder().timings(fast_timings()).set(settings);
    builder.observer(Arc::clone(slow) as _).start().await
}

#[tokio::test]
async fn a_payment_that_could_not_be_begun_in_time_is_not_begun_later() {
    for acp in [true, false] {
        let slow = Slow::after("inventory.reserve");
        let host = host(
            &slow,
            "server.request_timeout_ms = 300\nserver.confirm_deadline_ms = 300",
        )
        .await;
        let agent = host.acp(Release::V2026_04_17);
        let session = agent.ready(ITEM).await;
        let token = host.token(session.total("total")).await;
        slow.hold();
        let late = if acp {
            agent.complete(session.id(), &token).await
        } else {
            host.stripe_acs().confirm(session.id(), &token).await
        };
        assert_eq!(late.status, 503, "{}", late.text());
        assert_eq!(late.header("retry-after"), Some("1"));
        slow.release();
        assert_not_charged(&host);
        assert_eq!(host.rows_in("attempt"), 0);
        // Under load the response to this request may be that the payment is in progress.
        let _ = agent.complete(session.id(), &token).await.expect(200);
        let _ = wait_for_status(&host, session.id(), "completed").await;
        assert_charged_once(&host, session.total("total")).await;
    }
}

#[tokio::test]
async fn a_change_that_takes_longer_than_its_caller_waits_is_made_whole_and_answered_under_its_key() {
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
    let _ = change().await.refused(409, "idempotency_in_flight");
    let shown = agent.retrieve(session.id()).await.expect(200);
    assert_eq!(shown["totals"], session["totals"], "the session is unchanged");
    slow.release();
    wait_until("the update succeeds", async || change().await.status == 200).await;
    let again = change().await.expect(200);
    assert!(again.is_replay(), "{}", again.text());
    let shown = agent.retrieve(session.id()).await.expect(200);
    assert_eq!(shown["totals"], again["totals"]);
    assert_ne!(shown["totals"], session["totals"]);
}

/// The client got 503: the total after the update has not been shown in any response.
#[tokio::test]
async fn a_change_whose_answer_came_too_late_is_not_consent_to_its_total() {
    for acp in [true, false] {
        let slow = Slow::after("quoting.quote");
        let settings = "server.operation_deadline_ms = 1000\nserver.confirm_deadline_ms = 1000";
        let host = host(&slow, settings).await;
        let (agent, stripe) = (host.acp(Release::V2026_04_17), host.stripe_acs());
        let session = agent.ready(&[("tee-classic", 1)]).await;
        let token = host.token(100_000).await;
        slow.hold();
        let late = if acp {
            let two = json!({"line_items": [{"id": "tee-classic", "quantity": 2}]});
            agent.update(session.id(), &two).await
        } else {
            let two = json!({"line_items": [{"sku_id": "tee-classic", "quantity": 2}]});
            stripe.update(session.id(), &two).await
        };
        let _ = late.expect(503);
        slow.release();
        let (merchant, id) = (MerchantId::new("demo"), SessionId::new(session.id()));
        wait_until("the change is committed, but not shown", async || {
            let stored = host.store().session(&merchant, &id).await.unwrap().unwrap();
            stored.cart.lines[0].quantity == 2 && !stored.is_shown()
        })
        .await;
        for _ in 0..2 {
            let refused = if acp {
                agent.complete(session.id(), &token).await
            } else {
                stripe.confirm(session.id(), &token).await
            };
            let _ = refused.refused(409, "conflict");
        }
        assert_not_charged(&host);
        let looked = agent.retrieve(session.id()).await.expect(200);
        let _ = agent.complete(session.id(), &token).await.expect(200).is("completed");
        assert_charged_once(&host, looked.total("total")).await;
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
