//! Everything expires without leaving anything behind: sessions, reservations, responses, events and messages.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde_json::json;
use tillhouse_checkout::audit::{AuditAction, AuditEntry};
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::session::SessionState;
use tillhouse_checkout::time::Clock;
use tillhouse_payments::manual_settlement::KnownOutcome;
use tillhouse_payments::{Payments, Timings};
use tillhouse_runtime::{Observer, PluginCall};
use tillhouse_sandbox::{acquirer, stripe};
use tillhouse_tests::{HttpResponse, Merchant, Release, TestClock, TestHost, fixtures};

use super::eventually::{
    assert_charged_once, assert_not_charged, fast_timings, wait_for_released_stock, wait_for_status, wait_until,
};

const ITEM: &[(&str, u32)] = &[("print-last", 1)];
const NEWEST: Release = Release::V2026_04_17;

const MOMENT: Duration = Duration::from_millis(1);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Lifetime of a session without changes.
const SESSION: Duration = Duration::from_secs(6 * 3600);
/// Retention of the response under an idempotency key.
const KEY: Duration = Duration::from_secs(48 * 3600);
/// Retention of delivered messages; everything else that ended is kept longer.
const DELIVERED: Duration = Duration::from_secs(7 * 24 * 3600);
const ENDED: Duration = Duration::from_secs(30 * 24 * 3600);

async fn host() -> TestHost {
    host_of(Merchant::named("demo")).await
}

async fn host_of(merchant: Merchant) -> TestHost {
    let timings = Timings {
        // Expired long before anything in these tests happens.
        reservation_ttl: Duration::from_secs(60),
        ..fast_timings()
    };
    let builder = TestHost::builder().merchant(merchant).frozen().timings(timings);
    builder.start().await
}

/// Advances the clock, and waits until everything overdue has been expired.
async fn advance_and_expire(host: &TestHost, by: Duration) {
    host.clock.advance(by);
    host.payments().expiry().run_once().await.unwrap();
}

/// The stored state of a session, whatever responses show.
async fn stored(host: &TestHost, session: &HttpResponse) -> SessionState {
    let store = host.store();
    let (merchant, id) = (MerchantId::new("demo"), SessionId::new(session.id()));
    store.session(&merchant, &id).await.unwrap().unwrap().state
}

async fn is_sold_out(host: &TestHost) {
    let other = host.acp(NEWEST).open(ITEM).await;
    let _ = other.message("out_of_stock");
}

/// Asserts that another buyer can buy the last print.
async fn is_sold_to_another(host: &TestHost) {
    let bought = host.acp(NEWEST).buy(ITEM).await;
    assert_charged_once(host, bought.total("total")).await;
}

/// A session with a declined payment: its stock was reserved and released.
async fn declined(host: &TestHost) -> HttpResponse {
    let session = host.acp(NEWEST).ready(ITEM).await;
    let token = host.token_of("pm_card_chargeDeclined", session.total("total")).await;
    let _ = host.acp(NEWEST).complete(session.id(), &token).await.expect(402);
    session
}

#[tokio::test]
async fn an_expired_session_stays_expired() {
    let host = host().await;
    let agent = host.acp(NEWEST);
    let session = agent.ready(ITEM).await;
    let used = agent.ready(ITEM).await;
    advance_and_expire(&host, SESSION - MOMENT).await;
    assert_eq!(stored(&host, &session).await, SessionState::Open);
    let _ = agent.retrieve(session.id()).await.is("ready_for_payment");
    let _ = agent.update(used.id(), &json!({})).await.expect(200);

    advance_and_expire(&host, MOMENT).await;
    assert_eq!(stored(&host, &session).await, SessionState::Expired);
    let _ = agent.retrieve(session.id()).await.expect(200).is("expired");
    let _ = host
        .acp(Release::V2025_09_29)
        .retrieve(session.id())
        .await
        .is("canceled");
    let items = json!({"line_items": [{"id": "tee-classic", "quantity": 1}]});
    let _ = agent.update(session.id(), &items).await.refused(409, "invalid_state");
    let _ = agent.cancel(session.id()).await.refused(405, "invalid_state");
    let token = host.token(session.total("total")).await;
    let _ = agent.complete(session.id(), &token).await.refused(409, "invalid_state");
    assert_not_charged(&host);

    // Each update restarts the lifetime; apart from that, the expired session had nothing different from this one.
    let token = host.token(used.total("total")).await;
    let _ = agent.complete(used.id(), &token).await.expect(200).is("completed");
    assert_charged_once(&host, used.total("total")).await;
    advance_and_expire(&host, ENDED).await;
    let _ = agent.retrieve(used.id()).await.expect(200).is("completed");
}

/// Advances the clock and lets the sweeper run when a payment is ready to reserve and nothing is committed yet.
#[derive(Debug)]
struct ExpireDuringPayment {
    clock: TestClock,
    payments: OnceLock<Payments>,
}

impl Observer for ExpireDuringPayment {
    fn called(&self, _: &SessionId, call: &PluginCall) {
        let reserves = call.function == "inventory.reserve";
        if let Some(payments) = self.payments.get().filter(|_| reserves) {
            self.clock.advance(SESSION);
            let sweeping = tokio::runtime::Handle::current();
            tokio::task::block_in_place(|| sweeping.block_on(payments.expiry().run_once())).unwrap();
        }
    }
}

#[tokio::test]
async fn a_session_that_expires_while_its_payment_begins_is_not_paid() {
    let clock = TestClock::frozen();
    let between = Arc::new(ExpireDuringPayment {
        clock: clock.clone(),
        payments: OnceLock::new(),
    });
    let builder = TestHost::builder().clock(clock).timings(fast_timings());
    let host = builder.observer(Arc::clone(&between) as _).start().await;
    let session = host.acp(NEWEST).ready(ITEM).await;
    let token = host.token(session.total("total")).await;
    between.payments.set(host.payments().clone()).unwrap();

    let answer = host.acp(NEWEST).complete(session.id(), &token).await;
    assert_eq!(answer.status, 409, "{}", answer.text());
    assert_eq!(stored(&host, &session).await, SessionState::Expired);
    assert_eq!((host.charges(), host.rows_in("attempt")), (0, 0));
    let again = host.acp(NEWEST).ready(ITEM).await;
    assert_eq!(
        again["totals"], session["totals"],
        "nothing was reserved for the expired session"
    );
}

#[tokio::test]
async fn a_payment_that_begins_before_the_session_expires_is_made() {
    let host = host().await;
    let session = host.acp(NEWEST).ready(ITEM).await;
    host.clock.advance(SESSION - MOMENT);
    let token = host.token(session.total("total")).await;
    let hold = host.sandbox.acquirer.hold(acquirer::Operation::Charge);
    let paying = tokio::spawn(host.acp(NEWEST).completion(session.id(), &token).try_send());
    hold.arrived(1).await;
    advance_and_expire(&host, SESSION + DAY).await;
    let _ = host.acp(NEWEST).retrieve(session.id()).await.is("complete_in_progress");
    is_sold_out(&host).await;
    hold.release();
    let _ = paying.await.unwrap().unwrap().expect(200).is("completed");
    advance_and_expire(&host, SESSION).await;
    let _ = host.acp(NEWEST).retrieve(session.id()).await.is("completed");
    assert_charged_once(&host, session.total("total")).await;
    is_sold_out(&host).await;
}

/// While the outcome is unknown, neither the session's lifetime nor the reservation's ends the attempt.
#[tokio::test]
async fn what_a_live_attempt_holds_is_held_however_long_it_takes() {
    let host = host().await;
    let agent = host.acp(NEWEST);
    let session = agent.ready(ITEM).await;
    let token = host.token_of("pm_card_wrongAmount", session.total("total")).await;
    let paid = agent.complete(session.id(), &token).await.expect(200);
    let _ = paid.is("complete_in_progress");
    for _ in 0..40 {
        advance_and_expire(&host, DAY).await;
    }
    let shown = agent.retrieve(session.id()).await.is("complete_in_progress");
    assert!(shown["order"].is_null());
    is_sold_out(&host).await;

    // The operator settles it manually: by then the session is expired, and its stock is released.
    let attempts = host.attempts_of(session.id()).await;
    wait_until("no worker holds the attempt", async || {
        let entry = |_: &_| AuditEntry {
            at: host.clock.now(),
            actor: "operator:test".into(),
            action: AuditAction::SettleAttempt,
            subject: attempts[0].id.to_string(),
            detail: "{}".into(),
        };
        let settling = host
            .payments()
            .recovery()
            .settle_manually(&attempts[0].id, KnownOutcome::NotCharged, entry);
        Box::pin(settling).await.is_ok()
    })
    .await;
    let _ = agent.retrieve(session.id()).await.is("expired");
    advance_and_expire(&host, MOMENT).await;
    assert_eq!(stored(&host, &session).await, SessionState::Expired);
    let _ = agent.ready(ITEM).await;
}

#[tokio::test]
async fn a_canceled_session_and_an_expired_one_hold_nothing() {
    let host = host().await;
    let (canceled, expired) = (declined(&host).await, declined(&host).await);
    let _ = host.acp(NEWEST).cancel(canceled.id()).await.expect(200).is("canceled");
    advance_and_expire(&host, SESSION).await;
    assert_eq!(stored(&host, &canceled).await, SessionState::Canceled);
    assert_eq!(stored(&host, &expired).await, SessionState::Expired);
    is_sold_to_another(&host).await;
}

/// A host that crashes during a payment, and starts again when the session has expired.
async fn down_for_a_day<F: AsyncFnOnce(&TestHost) -> H, H>(hold_up: F) -> (TestHost, HttpResponse) {
    let mut host = host().await;
    let session = host.acp(NEWEST).ready(ITEM).await;
    let token = host.token(session.total("total")).await;
    let paying = tokio::spawn(host.acp(NEWEST).completion(session.id(), &token).try_send());
    let hold = hold_up(&host).await;
    host.kill();
    host.clock.advance(DAY);
    drop(hold);
    host.start_again().await;
    paying.abort();
    (host, session)
}

#[tokio::test]
async fn a_reservation_left_by_a_crash_is_released_although_its_session_has_ended() {
    for operation in [stripe::Operation::Retrieve, stripe::Operation::Resolve] {
        let (host, session) = down_for_a_day(async |host: &TestHost| {
            let hold = host.sandbox.stripe.hold(operation);
            hold.arrived(1).await;
            hold
        })
        .await;
        let _ = wait_for_status(&host, session.id(), "expired").await;
        advance_and_expire(&host, MOMENT).await;
        assert_eq!(stored(&host, &session).await, SessionState::Expired);
        wait_for_released_stock(&host).await;
        assert_not_charged(&host);
        assert_eq!(host.backlog().attempts, Vec::<String>::new());
        is_sold_to_another(&host).await;
    }
}

#[tokio::test]
async fn a_charge_that_a_crash_left_is_an_order_though_its_session_is_over() {
    let (host, session) = down_for_a_day(async |host: &TestHost| {
        let hold = host.sandbox.acquirer.hold(acquirer::Operation::Charge);
        hold.arrived(1).await;
        hold
    })
    .await;
    advance_and_expire(&host, MOMENT).await;
    let done = wait_for_status(&host, session.id(), "completed").await;
    assert!(done["order"]["id"].is_string());
    assert_charged_once(&host, session.total("total")).await;
    is_sold_out(&host).await;
}

#[tokio::test]
async fn a_key_brings_back_its_answer_for_its_life_and_is_fresh_afterwards() {
    let host = host().await;
    let agent = host.acp(NEWEST);
    let create = agent.post("/checkout_sessions").key("mine");
    let one = fixtures::cart(NEWEST, &[("tee-classic", 1)]);
    let two = fixtures::cart(NEWEST, &[("tee-classic", 2)]);
    let first = create.clone().json(&one).send().await.expect(201);
    advance_and_expire(&host, KEY - MOMENT).await;
    let again = create.clone().json(&one).send().await.expect(201);
    assert!(again.is_replay() && again.body == first.body);
    let _ = create
        .clone()
        .json(&two)
        .send()
        .await
        .refused(422, "idempotency_conflict");
    assert_eq!(host.rows_in("idempotency"), 1);

    advance_and_expire(&host, MOMENT).await;
    assert_eq!(host.rows_in("idempotency"), 0);
    let fresh = create.clone().json(&two).send().await.expect(201);
    assert!(!fresh.is_replay());
    assert_ne!(fresh.id(), first.id());
    let _ = create.json(&one).send().await.refused(422, "idempotency_conflict");
}

#[tokio::test]
async fn an_event_that_came_is_known_for_a_month() {
    let host = host().await;
    let event = json!({"id": "evt_1", "object": "event", "type": "x", "livemode": false, "data": {"object": {}}});
    let come = async || {
        let request = host.client().post("/webhooks/stripe").json(&event);
        let request = request.signed_with(&Merchant::event_secret("demo"));
        let _ = request.send().await.expect(200);
    };
    come().await;
    advance_and_expire(&host, ENDED).await;
    come().await;
    assert_eq!(host.rows_in("inbox"), 1);
    advance_and_expire(&host, MOMENT).await;
    assert_eq!(host.rows_in("inbox"), 0);
}

#[tokio::test]
async fn messages_are_forgotten_when_they_are_old_and_none_that_waits() {
    let host = host_of(Merchant::named("demo").webhook("agent", NEWEST, &[])).await;
    let wait = async |what: &str, state: &str, count: i64| {
        let those = format!("outbox WHERE state = '{state}'");
        wait_until(what, async || host.rows_in(&those) == count).await;
    };
    host.sandbox.receiver.fail_next(tillhouse_sandbox::Fault::Status(410));
    let _ = host.acp(NEWEST).buy(&[("tee-classic", 1)]).await;
    wait("one message is dead", "dead", 1).await;
    wait("the other messages are delivered", "delivered", 2).await;
    host.sandbox.receiver.answer_all_with(Some(503));
    advance_and_expire(&host, DELIVERED).await;
    assert_eq!(host.rows_in("outbox"), 3);
    let _ = host.acp(NEWEST).buy(&[("tee-classic", 1)]).await;
    wait("its report and its webhook event are delivered", "delivered", 4).await;
    advance_and_expire(&host, MOMENT).await;
    wait("the messages delivered first are purged", "delivered", 2).await;
    assert_eq!(
        (
            host.rows_in("outbox WHERE state = 'dead'"),
            host.backlog().messages.len()
        ),
        (1, 1)
    );

    advance_and_expire(&host, DELIVERED).await;
    assert_eq!(host.rows_in("outbox WHERE state = 'delivered'"), 0);
    wait("the second event is dead too", "dead", 2).await;
    advance_and_expire(&host, ENDED - DELIVERED - DELIVERED - MOMENT).await;
    assert_eq!(host.rows_in("outbox"), 2);
    advance_and_expire(&host, MOMENT).await;
    assert_eq!(host.rows_in("outbox"), 1, "the message that died later is kept");
}
