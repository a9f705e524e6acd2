//! Whenever the host crashes, it recovers what it owes: one charge, one order, one report.

use std::time::Duration;

use serde_json::json;
use tillhouse_checkout::attempt::AttemptStatus;
use tillhouse_checkout::ports::AttemptFilter;
use tillhouse_sandbox::{Fault, acquirer, stripe};
use tillhouse_tests::{HttpResponse, Release, TestHost, fixtures};

use super::eventually::{
    assert_charged_once, assert_not_charged, fast_timings, wait_for_payment_records, wait_for_status,
};

const ITEM: &[(&str, u32)] = &[("print-last", 1)];

async fn host() -> TestHost {
    TestHost::builder().timings(fast_timings()).start().await
}

#[tokio::test]
async fn a_purchase_over_acp_goes_on_across_a_restart_after_every_step() {
    for release in [Release::V2025_09_29, Release::V2026_04_17] {
        let mut host = host().await;
        let created = host.acp(release).open(ITEM).await;
        let id = created.id().to_owned();
        host.restart().await;
        let delivery = fixtures::delivery(release, &fixtures::address());
        let addressed = host
            .acp(release)
            .update(&id, &delivery)
            .await
            .expect(200)
            .is("ready_for_payment");
        host.restart().await;
        let choice = fixtures::shipped_by(release, "express", &["print-last"]);
        let chosen = host.acp(release).update(&id, &choice).await.expect(200);
        assert!(
            chosen.total("total") > addressed.total("total"),
            "expected express shipping to cost more"
        );
        host.restart().await;
        let read = host.acp(release).retrieve(&id).await.expect(200);
        assert_eq!(read.json, chosen.json);
        let token = host.token(read.total("total")).await;
        host.restart().await;
        let done = host.acp(release).completion(&id, &token).key("pay").send().await;
        let done = done.expect(200).is("completed");
        host.restart().await;
        let replay = host
            .acp(release)
            .completion(&id, &token)
            .key("pay")
            .send()
            .await
            .expect(200);
        assert!(replay.is_replay());
        assert_eq!(replay.body, done.body);
        let shown = host.acp(release).retrieve(&id).await.expect(200).is("completed");
        assert_eq!(shown["totals"], read["totals"]);
        assert_eq!(host.charges(), 1);
        assert_charged_once(&host, read.total("total")).await;
        host.restart().await;
        let _ = wait_for_payment_records(&host, 1).await;
        let gone = host.acp(release).open(ITEM).await;
        let _ = gone.message("out_of_stock");
    }
}

#[tokio::test]
async fn a_purchase_over_stripe_goes_on_across_a_restart_after_every_step() {
    let mut host = host().await;
    let checkout = host.stripe_acs().ready(ITEM).await;
    let id = checkout.id().to_owned();
    host.restart().await;
    let choice = json!({"fulfillment_option_id": "express"});
    let chosen = host.stripe_acs().update(&id, &choice).await.expect(200);
    host.restart().await;
    assert_eq!(host.stripe_acs().retrieve(&id).await.expect(200).json, chosen.json);
    let token = host.token(chosen.total("total")).await;
    host.restart().await;
    let done = host.stripe_acs().confirm(&id, &token).await.expect(200).is("completed");
    host.restart().await;
    let again = host.stripe_acs().confirm(&id, &token).await.expect(200).is("completed");
    assert_eq!(again["order"], done["order"]);
    assert_eq!(host.charges(), 1);
    assert_charged_once(&host, chosen.total("total")).await;
}

/// A payment that was in progress when the host crashed.
async fn crashed_at<F: AsyncFnOnce(&TestHost)>(hold_up: F) -> (TestHost, HttpResponse, String) {
    let mut host = host().await;
    let session = host.acp(Release::V2026_04_17).ready(ITEM).await;
    let token = host.token(session.total("total")).await;
    let paying = tokio::spawn(
        host.acp(Release::V2026_04_17)
            .completion(session.id(), &token)
            .try_send(),
    );
    hold_up(&host).await;
    host.crash().await;
    paying.abort();
    (host, session, token)
}

async fn pays(host: &TestHost, session: &HttpResponse, token: &str) {
    let agent = host.acp(Release::V2026_04_17);
    let done = agent.complete(session.id(), token).await.expect(200).is("completed");
    assert!(done["order"]["id"].is_string());
    assert_charged_once(host, session.total("total")).await;
}

#[tokio::test]
async fn a_crash_after_the_reservation_gives_everything_back_even_the_token() {
    let mut hold = None;
    let (host, session, token) = crashed_at(async |host: &TestHost| {
        let held = host.sandbox.stripe.hold(stripe::Operation::Retrieve);
        held.arrived(1).await;
        hold = Some(held);
    })
    .await;
    drop(hold);
    let open = wait_for_status(&host, session.id(), "ready_for_payment").await;
    let _ = open.told("payment was interrupted");
    assert_not_charged(&host);
    let _ = host.acp(Release::V2026_04_17).ready(ITEM).await;
    pays(&host, &session, &token).await;
    let _ = wait_for_payment_records(&host, 1).await;
}

#[tokio::test]
async fn a_crash_while_the_token_is_resolved_ends_in_one_charge_and_one_order() {
    let mut hold = None;
    let (host, session, _) = crashed_at(async |host: &TestHost| {
        let held = host.sandbox.stripe.hold(stripe::Operation::Resolve);
        held.arrived(1).await;
        hold = Some(held);
    })
    .await;
    drop(hold);
    let done = wait_for_status(&host, session.id(), "completed").await;
    assert!(done["order"]["id"].is_string());
    assert_charged_once(&host, session.total("total")).await;
}

#[tokio::test]
async fn a_crash_while_the_charge_is_under_way_ends_in_one_charge_and_one_order() {
    let mut hold = None;
    let (host, session, token) = crashed_at(async |host: &TestHost| {
        let held = host.sandbox.acquirer.hold(acquirer::Operation::Charge);
        held.arrived(1).await;
        hold = Some(held);
    })
    .await;
    let agent = host.acp(Release::V2026_04_17);
    let _ = agent
        .retrieve(session.id())
        .await
        .expect(200)
        .is("complete_in_progress");
    let other = host.token(session.total("total")).await;
    let _ = agent.complete(session.id(), &other).await.refused(409, "in_flight");
    let _ = agent
        .complete(session.id(), &token)
        .await
        .expect(200)
        .is("complete_in_progress");
    drop(hold);
    let done = wait_for_status(&host, session.id(), "completed").await;
    assert!(done["order"]["id"].is_string());
    assert_eq!(host.charges(), 1);
    assert_charged_once(&host, session.total("total")).await;
    let _ = wait_for_payment_records(&host, 1).await;
}

/// A payment whose charge fails with this fault, and a crash before the next status check.
async fn crashed_with(fault: Fault) -> (TestHost, HttpResponse) {
    let mut host = host().await;
    let session = host.acp(Release::V2026_04_17).ready(ITEM).await;
    let token = host.token(session.total("total")).await;
    let lookups = host.sandbox.acquirer.hold(acquirer::Operation::Lookup);
    host.sandbox.acquirer.fail_next(acquirer::Operation::Charge, fault);
    let paid = host.acp(Release::V2026_04_17).complete(session.id(), &token).await;
    let _ = paid.expect(200).is("complete_in_progress");
    let store = host.store().clone();
    let unknown = AttemptFilter {
        states: vec![AttemptStatus::Unknown],
        limit: 10,
        ..AttemptFilter::default()
    };
    let open = store.list_attempts(&unknown).await.unwrap();
    assert_eq!(open.len(), 1);
    drop(store);
    host.kill();
    lookups.release();
    host.start_again().await;
    (host, session)
}

#[tokio::test]
async fn a_lost_answer_and_a_crash_end_in_one_charge_and_one_order() {
    let (host, session) = crashed_with(Fault::LoseAnswer).await;
    let _ = wait_for_status(&host, session.id(), "completed").await;
    assert_eq!(host.charges(), 1);
    assert_charged_once(&host, session.total("total")).await;
}

/// The processor never got the request and guarantees one charge per key: the same bytes are sent again.
#[tokio::test]
async fn a_dropped_connection_and_a_crash_end_in_one_charge_and_one_order() {
    let (host, session) = crashed_with(Fault::DropConnection).await;
    let _ = wait_for_status(&host, session.id(), "completed").await;
    assert_eq!(host.charges(), 1);
    assert_charged_once(&host, session.total("total")).await;
}

#[tokio::test]
async fn a_processor_that_hangs_and_a_crash_end_in_one_charge_and_one_order() {
    let (host, session, _) = crashed_at(async |host: &TestHost| {
        host.sandbox
            .acquirer
            .fail_next(acquirer::Operation::Charge, Fault::Hang);
        super::eventually::wait_until("the charge is sent", async || {
            host.sandbox.acquirer.received(acquirer::Operation::Charge) == 1
        })
        .await;
    })
    .await;
    let _ = wait_for_status(&host, session.id(), "completed").await;
    assert_eq!(host.charges(), 1);
    assert_charged_once(&host, session.total("total")).await;
}

#[tokio::test]
async fn a_crash_before_the_report_still_reports_once() {
    let mut host = host().await;
    let reports = host.sandbox.stripe.hold(stripe::Operation::Report);
    let agent = host.acp(Release::V2026_04_17);
    let done = agent.buy(ITEM).await;
    reports.arrived(1).await;
    host.crash().await;
    reports.release();
    let _ = host
        .acp(Release::V2026_04_17)
        .retrieve(done.id())
        .await
        .expect(200)
        .is("completed");
    assert_charged_once(&host, done.total("total")).await;
    let _ = wait_for_payment_records(&host, 1).await;
}

#[tokio::test]
async fn a_crash_every_time_the_charge_is_unknown_never_charges_again() {
    let mut host = host().await;
    let session = host.acp(Release::V2026_04_17).ready(ITEM).await;
    let token = host.token_of("pm_card_wrongAmount", session.total("total")).await;
    let paid = host.acp(Release::V2026_04_17).complete(session.id(), &token).await;
    let _ = paid.expect(200).is("complete_in_progress");
    for _ in 0..3 {
        host.crash().await;
        let shown = host.acp(Release::V2026_04_17).retrieve(session.id()).await.expect(200);
        let _ = shown.is("complete_in_progress");
        let again = host.acp(Release::V2026_04_17).complete(session.id(), &token).await;
        let _ = again.expect(200).is("complete_in_progress");
    }
    assert_eq!(host.sandbox.acquirer.received(acquirer::Operation::Charge), 1);
    assert!(host.sandbox.stripe.payment_records().is_empty());
}

#[tokio::test]
async fn an_orderly_restart_waits_for_the_payment_under_way() {
    let mut host = TestHost::builder()
        .timings(fast_timings())
        .slow_card_delay(Duration::from_millis(300))
        .start()
        .await;
    let session = host.acp(Release::V2026_04_17).ready(ITEM).await;
    let token = host.token_of("pm_card_slow", session.total("total")).await;
    let paying = tokio::spawn(
        host.acp(Release::V2026_04_17)
            .completion(session.id(), &token)
            .try_send(),
    );
    super::eventually::wait_until("the charge is sent", async || {
        host.sandbox.acquirer.received(acquirer::Operation::Charge) == 1
    })
    .await;
    host.restart().await;
    let _ = host
        .acp(Release::V2026_04_17)
        .retrieve(session.id())
        .await
        .expect(200)
        .is("completed");
    let answer = paying.await.unwrap();
    assert_eq!(
        answer
            .expect("the client got a response before the host stopped")
            .status,
        200
    );
    assert_charged_once(&host, session.total("total")).await;
}

#[tokio::test]
async fn a_host_comes_up_and_answers_while_the_processor_does_not() {
    let mut host = host().await;
    let session = host.acp(Release::V2026_04_17).ready(ITEM).await;
    let token = host.token_of("pm_card_unknownOutcome", session.total("total")).await;
    let lookups = host.sandbox.acquirer.hold(acquirer::Operation::Lookup);
    let paid = host.acp(Release::V2026_04_17).complete(session.id(), &token).await;
    let _ = paid.expect(200).is("complete_in_progress");
    host.crash().await;
    let agent = host.acp(Release::V2026_04_17);
    let _ = agent
        .retrieve(session.id())
        .await
        .expect(200)
        .is("complete_in_progress");
    let _ = agent.open(&[("tee-classic", 1)]).await;
    lookups.release();
    let _ = wait_for_status(&host, session.id(), "completed").await;
    assert_charged_once(&host, session.total("total")).await;
}
