//! Incoming events of Stripe and of the processor: authenticated, and handled once.

use std::time::Duration;

use serde_json::{Value, json};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::inbox::EventSource;
use tillhouse_payments::Timings;
use tillhouse_sandbox::acquirer::{Operation, SIGNATURE, SignedWebhook};
use tillhouse_sandbox::stripe::signature;
use tillhouse_tests::eventually::{assert_charged_once, fast_timings, wait_for_status};
use tillhouse_tests::{HttpResponse, Merchant, Release, Request, TestHost};

use super::host;

const NEWEST: Release = Release::V2026_04_17;

fn event(host: &TestHost, id: &str, kind: &str) -> Request {
    let body = json!({"id": id, "object": "event", "type": kind, "livemode": false, "data": {"object": {}}});
    let request = host.client().post("/webhooks/stripe").json(&body);
    request.signed_with(&Merchant::event_secret("demo"))
}

async fn stored_events(host: &TestHost, merchant: &str, id: &str) -> usize {
    let store = host.store();
    let events = store
        .list_events(&EventSource::Stripe(MerchantId::new(merchant)), 0, 1000)
        .await
        .unwrap();
    events.iter().filter(|(_, event)| event.id == id).count()
}

#[tokio::test]
async fn events_of_stripe_are_kept_once_whatever_they_are() {
    let host = host().await;
    for (id, kind) in [
        ("evt_in_1", "shared_payment.granted_token.deactivated"),
        ("evt_in_2", "data_management.import_set.succeeded"),
        ("evt_in_3", "data_management.import_set.failed"),
        ("evt_in_4", "something.new"),
    ] {
        for _ in 0..3 {
            let answer = event(host, id, kind).send().await.expect(200);
            assert_eq!(answer["received"], true);
        }
        assert_eq!(stored_events(host, "demo", id).await, 1, "{kind}");
    }
}

#[tokio::test]
async fn an_event_is_kept_once_when_it_comes_twice_at_the_same_time() {
    let host = host().await;
    let send = || event(host, "evt_race", "something.new").send();
    let (one, two, three) = tokio::join!(send(), send(), send());
    for answer in [one, two, three] {
        let _ = answer.expect(200);
    }
    assert_eq!(stored_events(host, "demo", "evt_race").await, 1);
}

#[tokio::test]
async fn an_event_belongs_to_the_merchant_whose_secret_signed_it() {
    let host = host().await;
    let body = json!({"id": "evt_acme", "type": "x", "livemode": false});
    let to = |merchant: &str| host.client_of(merchant).post("/webhooks/stripe").json(&body);
    let acme = Merchant::event_secret("acme");
    let _ = to("demo")
        .signed_with(&acme)
        .send()
        .await
        .refused(400, "invalid_signature");
    let _ = to("acme").signed_with(&acme).send().await.expect(200);
    assert_eq!(
        (
            stored_events(host, "acme", "evt_acme").await,
            stored_events(host, "demo", "evt_acme").await
        ),
        (1, 0)
    );
}

#[tokio::test]
async fn an_event_that_was_changed_or_is_old_is_refused() {
    let host = host().await;
    let good = event(host, "evt_bad", "x").signature().unwrap();
    let changed = event(host, "evt_bad", "y").signature().unwrap();
    let (now, secret) = (host.clock.seconds(), Merchant::event_secret("demo").into());
    let body = json!({"id": "evt_bad", "object": "event", "type": "x", "livemode": false, "data": {"object": {}}});
    let at = |seconds: i64| signature::sign(&secret, seconds, body.to_string().as_bytes());
    for header in [
        changed,
        at(now - 310),
        at(now + 310),
        good.replace("v1=", "v0="),
        "t=1".to_owned(),
    ] {
        let request = host
            .client()
            .post("/webhooks/stripe")
            .json(&body)
            .header("stripe-signature", &header);
        let _ = request.send().await.refused(400, "invalid_signature");
    }
    assert_eq!(stored_events(host, "demo", "evt_bad").await, 0);
    let several = good.replacen("v1=", &format!("v0=00,v1={},v1=", "0".repeat(64)), 1);
    let request = host
        .client()
        .post("/webhooks/stripe")
        .json(&body)
        .header("stripe-signature", &several);
    let _ = request.send().await.expect(200);
    assert_eq!(stored_events(host, "demo", "evt_bad").await, 1);
}

#[tokio::test]
async fn an_event_of_live_mode_does_not_reach_a_test_account() {
    let body = json!({"id": "evt_live", "type": "x", "livemode": true});
    let host = host().await;
    let request = host.client().post("/webhooks/stripe").json(&body);
    let request = request.signed_with(&Merchant::event_secret("demo"));
    let _ = request.send().await.refused(400, "livemode_mismatch");
}

/// A host with a payment of unknown outcome whose next status check is hours away.
async fn undecided(card: &str) -> (TestHost, HttpResponse) {
    let timings = Timings {
        status_checks: vec![Duration::from_secs(6 * 3600)],
        review_after: Duration::from_secs(24 * 3600),
        ..fast_timings()
    };
    let host = TestHost::builder().frozen().timings(timings).start().await;
    let agent = host.acp(NEWEST);
    let session = agent.ready(&[("print-last", 1)]).await;
    let token = host.token_of(card, session.total("total")).await;
    let answer = agent.complete(session.id(), &token).await.expect(200);
    let _ = answer.is("complete_in_progress");
    (host, session)
}

fn notice(host: &TestHost) -> SignedWebhook {
    let reference = host.sandbox.acquirer.ledger().charges()[0].reference.clone();
    host.sandbox.acquirer.signed_webhook(&reference).unwrap()
}

fn post(host: &TestHost, notice: &SignedWebhook) -> Request {
    let request = host.client().post("/webhooks/processor").body(notice.body.clone());
    request.header(SIGNATURE, &notice.signature)
}

#[tokio::test]
async fn a_notice_settles_an_unknown_outcome_once() {
    let (host, session) = undecided("pm_card_unknownOutcome").await;
    let url = format!("{}/webhooks/processor", host.url());
    for _ in 0..3 {
        assert_eq!(host.sandbox.acquirer.send(&notice(&host), &url).await.unwrap(), 200);
    }
    let done = wait_for_status(&host, session.id(), "completed").await;
    assert!(done["order"]["id"].is_string());
    assert_eq!(
        host.sandbox.acquirer.received(Operation::Lookup),
        0,
        "the processor event settled it without a status check"
    );
    assert_charged_once(&host, session.total("total")).await;
}

#[tokio::test]
async fn a_forged_notice_settles_nothing() {
    let (host, session) = undecided("pm_card_unknownOutcome").await;
    let good = notice(&host);
    let signed = |secret: &str, at: i64| signature::sign(&secret.into(), at, good.body.as_bytes());
    let now = host.clock.seconds();
    let secret = host.sandbox.acquirer.notice_secret().reveal().to_owned();
    for signature in [
        String::new(),
        signed("whsec_wrong", now),
        signed(&secret, now - 301),
        signed(&secret, now + 301),
        good.signature.replace("v1=", "v0="),
    ] {
        let forged = SignedWebhook {
            signature,
            ..good.clone()
        };
        let _ = post(&host, &forged).send().await.refused(401, "forged_notice");
    }
    let altered = SignedWebhook {
        body: good.body.replace("approved", "declined"),
        ..good.clone()
    };
    let _ = post(&host, &altered).send().await.refused(401, "forged_notice");
    let shown = host.acp(NEWEST).retrieve(session.id()).await.expect(200);
    let _ = shown.is("complete_in_progress");
    let _ = post(&host, &good).send().await.expect(200);
    let _ = wait_for_status(&host, session.id(), "completed").await;
}

/// The acquirer's event says "declined" although it approved: an event alone does not prove a decline.
#[tokio::test]
async fn a_processor_event_of_a_decline_is_verified_by_a_status_check() {
    let (host, session) = undecided("pm_card_unknownOutcome").await;
    let mut body: Value = serde_json::from_str(&notice(&host).body).unwrap();
    body["id"] = json!("nt_other");
    body["charge"]["status"] = json!("declined");
    let secret = host.sandbox.acquirer.notice_secret();
    let body = body.to_string();
    let lie = SignedWebhook {
        id: "nt_other".into(),
        signature: signature::sign(secret, host.clock.seconds(), body.as_bytes()),
        body,
    };
    let _ = post(&host, &lie).send().await.expect(200);
    let _ = wait_for_status(&host, session.id(), "completed").await;
    assert!(host.sandbox.acquirer.received(Operation::Lookup) >= 1);
    assert_charged_once(&host, session.total("total")).await;
}

#[tokio::test]
async fn a_processor_event_for_an_unknown_charge_is_acknowledged_and_changes_nothing() {
    let (host, session) = undecided("pm_card_unknownOutcome").await;
    let mut body: Value = serde_json::from_str(&notice(&host).body).unwrap();
    body["charge"]["reference"] = json!("not-ours");
    let body = body.to_string();
    let secret = host.sandbox.acquirer.notice_secret();
    let other = SignedWebhook {
        id: String::new(),
        signature: signature::sign(secret, host.clock.seconds(), body.as_bytes()),
        body,
    };
    let _ = post(&host, &other).send().await.expect(200);
    let shown = host.acp(NEWEST).retrieve(session.id()).await.expect(200);
    let _ = shown.is("complete_in_progress");
}

#[tokio::test]
async fn where_the_processor_sends_no_notices_there_is_nothing() {
    let merchant = Merchant::named("plain").without_processor();
    let host = TestHost::builder().merchant(merchant).start().await;
    let _ = host
        .client()
        .post("/webhooks/processor")
        .body("{}")
        .send()
        .await
        .expect(404);
    let silent = host.client().post("/webhooks/processor/x").send().await;
    let _ = silent.expect(404);
}
