//! Order events: every target gets every event once, signed and in order, with retries for three days.

use std::time::Duration;

use tillhouse_checkout::audit::{AuditAction, AuditEntry};
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::order::{ChangeSource, OrderChange, OrderChangeKind, OrderStatus};
use tillhouse_checkout::outbox::{MessageKind, MessageRecord, MessageState};
use tillhouse_checkout::ports::MessageFilter;
use tillhouse_checkout::time::Clock;
use tillhouse_sandbox::receiver::{Event, PATH};
use tillhouse_sandbox::{Fault, Receiver, ReceiverConfig};
use tillhouse_tests::eventually::{fast_timings, wait_until};
use tillhouse_tests::proxy::{self, Proxy, RETRY_AFTER, Route};
use tillhouse_tests::{Merchant, Release, TestClock, TestHost};

use super::RELEASES;

const TEE: &[(&str, u32)] = &[("tee-classic", 1)];
const NEWEST: Release = Release::V2026_04_17;
const THREE_DAYS: Duration = Duration::from_secs(3 * 24 * 3600);

async fn start_with_receiver(merchant: Merchant) -> TestHost {
    let builder = TestHost::builder().merchant(merchant).frozen().timings(fast_timings());
    builder.start().await
}

fn demo() -> Merchant {
    Merchant::named("demo")
}

async fn messages(host: &TestHost) -> Vec<MessageRecord> {
    let filter = MessageFilter {
        kind: Some(MessageKind::OrderEvent),
        limit: 100,
        ..MessageFilter::default()
    };
    host.store().list_messages(&filter).await.unwrap()
}

/// Waits until no events are pending, and returns those received. Advances the clock meanwhile, because it schedules retries.
async fn delivered_events(host: &TestHost) -> Vec<Event> {
    wait_until("no webhook events are pending", async || {
        host.clock.advance(Duration::from_millis(100));
        messages(host)
            .await
            .iter()
            .all(|message| message.state == MessageState::Delivered)
    })
    .await;
    host.sandbox.receiver.events()
}

async fn wait_for_dead_message(host: &TestHost) -> MessageRecord {
    wait_until("a message is dead", async || {
        messages(host)
            .await
            .iter()
            .any(|message| message.state == MessageState::Dead)
    })
    .await;
    messages(host).await.remove(0)
}

#[tokio::test]
async fn every_order_is_announced_once_in_each_release() {
    let [first, newest] = RELEASES;
    let host = start_with_receiver(demo().webhook("first", first, &[]).webhook("newest", newest, &[])).await;
    let mut sessions = Vec::new();
    for release in RELEASES {
        sessions.push(host.acp(release).buy(TEE).await.id().to_owned());
    }
    let stripe = host.stripe_acs();
    let checkout = stripe.ready(TEE).await;
    let token = host.token(checkout.total("total")).await;
    let _ = stripe.confirm(checkout.id(), &token).await.expect(200).is("completed");
    sessions.push(checkout.id().to_owned());

    assert_eq!(delivered_events(&host).await.len(), 6);
    for session in sessions {
        let events = host.sandbox.receiver.events_of(&session);
        let (newest, first): (Vec<_>, Vec<_>) = events.iter().partition(|event| event.body["data"]["id"].is_string());
        assert_eq!((newest.len(), first.len()), (1, 1), "{events:#?}");
        assert_eq!(first[0].body["data"]["refunds"].as_array().map(Vec::len), Some(0));
        assert!(newest[0].body["data"]["line_items"].is_array());
        for event in events {
            assert_eq!((event.kind(), event.arrivals.len()), ("order_create", 1));
            assert!(event.body["data"]["permalink_url"].is_string());
        }
    }
}

#[tokio::test]
async fn a_checkout_without_an_order_is_not_told() {
    let host = start_with_receiver(demo().webhook("agent", NEWEST, &[])).await;
    let agent = host.acp(NEWEST);
    let session = agent.ready(TEE).await;
    let token = host.token_of("pm_card_chargeDeclined", session.total("total")).await;
    let _ = agent.complete(session.id(), &token).await.expect(402);
    let _ = agent.cancel(session.id()).await.expect(200);
    assert_eq!(messages(&host).await.len(), 0);
}

#[tokio::test]
async fn while_secrets_change_either_one_verifies() {
    let host = start_with_receiver(demo().webhook("agent", NEWEST, &["whsec_old", "whsec_new"])).await;
    for (index, secret) in ["whsec_old", "whsec_new"].into_iter().enumerate() {
        host.sandbox.receiver.set_secret(secret);
        let bought = host.acp(NEWEST).buy(TEE).await;
        assert_eq!(delivered_events(&host).await.len(), index + 1, "{secret}");
        let event = host.sandbox.receiver.events_of(bought.id()).remove(0);
        assert_eq!(event.arrivals[0].signature.matches("v1=").count(), 2);
    }
    assert_eq!(host.sandbox.receiver.received(), 2, "the receiver accepted both");
}

#[tokio::test]
async fn a_retry_is_the_same_event_signed_anew() {
    let host = start_with_receiver(demo().webhook("agent", NEWEST, &[])).await;
    for fault in [
        Fault::Status(500),
        Fault::Status(404),
        Fault::DropConnection,
        Fault::LoseAnswer,
    ] {
        host.sandbox.receiver.fail_next(fault);
    }
    let _ = host.acp(NEWEST).buy(TEE).await;
    // The receiver rejects an event that is retried with another body.
    let events = delivered_events(&host).await;
    let [event] = &events[..] else {
        panic!("{events:#?}");
    };
    let [lost, heard] = &event.arrivals[..] else {
        panic!("{event:#?}");
    };
    assert!(heard.at > lost.at && heard.signature != lost.signature);
    assert_eq!(host.sandbox.receiver.received(), 5);
    assert_eq!(messages(&host).await[0].tries, 5);
}

#[tokio::test]
async fn events_of_one_order_are_delivered_in_order() {
    let host = start_with_receiver(demo().webhook("agent", NEWEST, &[])).await;
    host.sandbox.receiver.answer_all_with(Some(503));
    let bought = host.acp(NEWEST).buy(TEE).await;
    let id = SessionId::new(bought.id());
    let session = host.checkout().load(&MerchantId::new("demo"), &id).await.unwrap();
    let order = session.order().unwrap();
    for (id, status) in [("1", OrderStatus::Shipped), ("2", OrderStatus::Completed)] {
        let change = OrderChange {
            source: ChangeSource::Operator,
            id: id.into(),
            at: host.clock.now(),
            what: OrderChangeKind::Status(status),
        };
        let ordering = host.payments().ordering();
        ordering
            .change(&order.merchant, &order.id, &change, |_| None)
            .await
            .unwrap();
    }
    wait_until("delivery was attempted", async || host.sandbox.receiver.received() > 0).await;
    host.sandbox.receiver.answer_all_with(None);
    let told = delivered_events(&host).await;
    let seen: Vec<_> = told.iter().map(|event| event.body["data"]["status"].clone()).collect();
    assert_eq!(seen, ["confirmed", "shipped", "completed"]);
}

#[tokio::test]
async fn a_target_that_is_down_does_not_delay_others() {
    let clock = TestClock::frozen();
    let other = Receiver::start(ReceiverConfig::default(), clock.sandbox())
        .await
        .unwrap();
    other.answer_all_with(Some(503));
    let merchant = demo().webhook("agent", NEWEST, &[]).set(&format!(
        r#"
        [[webhooks]]
        name = "down"
        url = "{}"
        signing_secrets = ["{}"]
        allow_http = true
        allow_loopback = true
        "#,
        other.url(),
        other.secret().reveal(),
    ));
    let host = TestHost::builder()
        .merchant(merchant)
        .clock(clock)
        .timings(fast_timings())
        .start()
        .await;
    for _ in 0..2 {
        let _ = host.acp(NEWEST).buy(TEE).await;
    }
    wait_until("the other target and Stripe have their messages", async || {
        host.sandbox.receiver.events().len() == 2 && host.sandbox.stripe.payment_records().len() == 2
    })
    .await;
    assert!(other.events().is_empty() && other.received() >= 1);
    other.answer_all_with(None);
    let _ = delivered_events(&host).await;
    assert_eq!((other.events().len(), host.sandbox.receiver.events().len()), (2, 2));
}

#[tokio::test]
async fn after_three_days_an_operator_can_redeliver_the_event() {
    let host = start_with_receiver(demo().webhook("agent", NEWEST, &[])).await;
    host.sandbox.receiver.answer_all_with(Some(401));
    let bought = host.acp(NEWEST).buy(TEE).await;
    wait_until("delivery was attempted", async || messages(&host).await[0].tries >= 1).await;
    host.clock.advance(THREE_DAYS + Duration::from_secs(1));
    let given_up = wait_for_dead_message(&host).await;
    assert_eq!(given_up.last_error.as_deref(), Some("webhook agent answered 401"));
    assert!(host.sandbox.receiver.events().is_empty());

    host.sandbox.receiver.answer_all_with(None);
    let filter = MessageFilter {
        id: Some(given_up.id),
        limit: 1,
        ..MessageFilter::default()
    };
    let now = host.clock.now();
    let audit = AuditEntry {
        at: now,
        actor: "operator:test".into(),
        action: AuditAction::ReplayOutbox,
        subject: given_up.message.dedupe.clone(),
        detail: "{}".into(),
    };
    let store = host.store();
    assert_eq!(store.replay_messages(&filter, now, audit).await.unwrap(), 1);
    let events = delivered_events(&host).await;
    assert_eq!((events.len(), events[0].session()), (1, bought.id()));
    assert_eq!(events[0].id, given_up.message.dedupe);
}

#[tokio::test]
async fn a_target_that_is_gone_is_given_up_at_once() {
    let host = start_with_receiver(demo().webhook("agent", NEWEST, &[])).await;
    host.sandbox.receiver.fail_next(Fault::Status(410));
    let _ = host.acp(NEWEST).buy(TEE).await;
    let given_up = wait_for_dead_message(&host).await;
    assert_eq!((given_up.tries, host.sandbox.receiver.received()), (1, 1));
    assert!(given_up.last_error.unwrap().contains("410"));
}

#[tokio::test]
async fn a_target_that_asks_to_be_left_alone_is() {
    let proxy = Proxy::start().await;
    let merchant = demo()
        .webhook("agent", NEWEST, &[])
        .receiver_settings(&format!("url = \"{}{PATH}\"", proxy.url()));
    let host = start_with_receiver(merchant).await;
    proxy.set_target(host.sandbox.receiver.address());
    proxy.inject(Route::new("POST", PATH), proxy::Fault::TooManyRequests, 1);
    let _ = host.acp(NEWEST).buy(TEE).await;
    wait_until("delivery was attempted", async || messages(&host).await[0].tries == 1).await;
    let waiting = messages(&host).await.remove(0);
    assert_eq!(waiting.next_try, host.clock.now().after(RETRY_AFTER));
    host.clock.advance(RETRY_AFTER);
    let events = delivered_events(&host).await;
    assert_eq!((events.len(), events[0].arrivals.len()), (1, 1));
}

#[tokio::test]
async fn an_event_survives_a_crash_before_its_delivery() {
    let mut host = start_with_receiver(demo().webhook("agent", NEWEST, &[])).await;
    let hold = host.sandbox.receiver.hold();
    let bought = host.acp(NEWEST).buy(TEE).await.id().to_owned();
    hold.arrived(1).await;
    host.crash().await;
    hold.release();
    let events = delivered_events(&host).await;
    assert_eq!(events.len(), 1, "{events:#?}");
    assert_eq!(events[0].session(), bought);
}
