//! The host never guesses an unknown outcome: not after a timeout, not for another token, not on a plugin's word.

use std::time::Duration;

use serde_json::json;
use tillhouse_sandbox::Fault;
use tillhouse_sandbox::acquirer::Operation;
use tillhouse_tests::{HttpResponse, Merchant, Release, TestHost};

use super::eventually::{
    LOOKUP, assert_charged_once, assert_not_charged, fast_timings, wait_for_released_stock, wait_for_status, wait_until,
};

/// A host with a session whose payment has an unknown outcome, and the token.
async fn undecided(card: &str) -> (TestHost, HttpResponse, String) {
    let host = TestHost::builder().frozen().timings(fast_timings()).start().await;
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.ready(&[("print-last", 1)]).await;
    let token = host.token_of(card, session.total("total")).await;
    let _ = agent
        .complete(session.id(), &token)
        .await
        .expect(200)
        .is("complete_in_progress");
    (host, session, token)
}

async fn wait_for_status_checks(host: &TestHost, times: u64) {
    let before = host.sandbox.acquirer.received(Operation::Lookup);
    wait_until("the status was checked", async || {
        host.clock.advance(LOOKUP);
        host.sandbox.acquirer.received(Operation::Lookup) >= before + times
    })
    .await;
}

/// Asserts that the checkout can be read but not changed while the outcome is unknown.
async fn assert_closed(host: &TestHost, session: &HttpResponse) {
    let agent = host.acp(Release::V2026_04_17);
    let other = host.token(session.total("total")).await;
    let _ = agent.complete(session.id(), &other).await.refused(409, "in_flight");
    let items = json!({"line_items": [{"id": "tee-classic", "quantity": 1}]});
    let _ = agent.update(session.id(), &items).await.expect(409);
    let canceled = agent.cancel(session.id()).await;
    assert!([405, 409].contains(&canceled.status), "{}", canceled.text());
    let shown = agent
        .retrieve(session.id())
        .await
        .expect(200)
        .is("complete_in_progress");
    assert!(shown["order"].is_null());
    let elsewhere = agent.open(&[("print-last", 1)]).await;
    let _ = elsewhere.message("out_of_stock");
}

#[tokio::test]
async fn a_pending_charge_is_completed_when_the_processor_has_decided() {
    let (host, session, _) = undecided("pm_card_pending").await;
    let done = wait_for_status(&host, session.id(), "completed").await;
    assert!(done["order"]["id"].is_string());
    assert_eq!(host.charges(), 1);
    assert_charged_once(&host, session.total("total")).await;
}

#[tokio::test]
async fn a_charge_whose_answer_was_lost_is_found() {
    let (host, session, _) = undecided("pm_card_unknownOutcome").await;
    let _ = wait_for_status(&host, session.id(), "completed").await;
    assert_eq!(host.charges(), 1);
    assert_charged_once(&host, session.total("total")).await;
}

/// A charge that was made, but whose response was lost, at a processor whose next `lookups` status checks fail.
async fn unreported_outcome(lookups: u32) -> (TestHost, HttpResponse) {
    let host = TestHost::builder().frozen().timings(fast_timings()).start().await;
    let acquirer = &host.sandbox.acquirer;
    acquirer.fail_next(Operation::Charge, Fault::LoseAnswer);
    for _ in 0..lookups {
        acquirer.fail_next(Operation::Lookup, Fault::Status(503));
    }
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.ready(&[("print-last", 1)]).await;
    let token = host.token(session.total("total")).await;
    let _ = agent
        .complete(session.id(), &token)
        .await
        .expect(200)
        .is("complete_in_progress");
    assert_eq!(acquirer.received(Operation::Charge), 1);
    (host, session)
}

#[tokio::test]
async fn a_charge_without_status_check_is_sent_again_and_made_once() {
    let (host, session) = unreported_outcome(20).await;
    let _ = wait_for_status(&host, session.id(), "completed").await;
    assert_eq!(host.sandbox.acquirer.received(Operation::Charge), 2);
    assert_eq!(host.charges(), 1, "expected one charge under one key");
    assert_charged_once(&host, session.total("total")).await;
}

/// The statement descriptor is part of the charge, and the merchant's name was changed after the first request.
#[tokio::test]
async fn other_bytes_than_the_first_are_never_sent_again() {
    let (mut host, session) = unreported_outcome(20).await;
    host.restart_as(Merchant::named("demo").set("statement_descriptor = \"RENAMED\""))
        .await;
    wait_for_status_checks(&host, 12).await;
    assert_eq!(host.sandbox.acquirer.received(Operation::Charge), 1);
    let _ = wait_for_status(&host, session.id(), "completed").await;
    assert_eq!(host.sandbox.acquirer.received(Operation::Charge), 1);
    assert_charged_once(&host, session.total("total")).await;
}

#[tokio::test]
async fn a_missing_charge_is_not_a_decline_before_its_absence_is_certain() {
    let (host, session, _) = undecided("pm_card_serverError").await;
    wait_for_status_checks(&host, 3).await;
    assert_closed(&host, &session).await;
    host.clock.advance(Duration::from_secs(50));
    wait_for_status_checks(&host, 3).await;
    assert_closed(&host, &session).await;

    host.clock.advance(Duration::from_secs(61));
    let open = wait_for_status(&host, session.id(), "ready_for_payment").await;
    let _ = open.told("did not reach the card processor");
    wait_for_released_stock(&host).await;
    assert_not_charged(&host);
    let token = host.token(session.total("total")).await;
    let agent = host.acp(Release::V2026_04_17);
    let _ = agent.complete(session.id(), &token).await.expect(200).is("completed");
    assert_charged_once(&host, session.total("total")).await;
}

#[tokio::test]
async fn a_charge_is_sent_again_three_times_at_most() {
    let (host, session, _) = undecided("pm_card_serverError").await;
    wait_for_status_checks(&host, 24).await;
    assert_eq!(host.sandbox.acquirer.received(Operation::Charge), 1 + 3);
    assert_closed(&host, &session).await;
}

/// The bytes of the second send may still be on their way: the processor's "absent" proves nothing until its own delay is over.
#[tokio::test]
async fn a_charge_that_was_sent_again_is_not_a_decline_before_its_absence_is_certain() {
    let host = TestHost::builder().frozen().timings(fast_timings()).start().await;
    let acquirer = &host.sandbox.acquirer;
    for _ in 0..2 {
        acquirer.fail_next(Operation::Charge, Fault::DropConnection);
    }
    for _ in 0..4 {
        acquirer.fail_next(Operation::Lookup, Fault::Status(503));
    }
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.ready(&[("print-last", 1)]).await;
    let token = host.token(session.total("total")).await;
    let begun = agent.complete(session.id(), &token).await;
    let _ = begun.expect(200).is("complete_in_progress");
    host.clock.advance(Duration::from_secs(50));
    wait_until("the charge is sent again", async || {
        host.clock.advance(LOOKUP);
        acquirer.received(Operation::Charge) == 2
    })
    .await;

    host.clock.advance(Duration::from_secs(15));
    wait_for_status_checks(&host, 1).await;
    assert_closed(&host, &session).await;

    host.clock.advance(Duration::from_secs(61));
    let open = wait_for_status(&host, session.id(), "ready_for_payment").await;
    let _ = open.told("did not reach the card processor");
    assert_not_charged(&host);
}

#[tokio::test]
async fn a_charge_of_another_amount_waits_for_a_person_however_long() {
    let (host, session, token) = undecided("pm_card_wrongAmount").await;
    for _ in 0..5 {
        wait_for_status_checks(&host, 2).await;
        assert_closed(&host, &session).await;
        host.clock.advance(Duration::from_secs(24 * 3600));
    }
    assert!(
        host.sandbox.stripe.payment_records().is_empty(),
        "expected no payment report while the outcome is unknown"
    );
    assert_eq!(host.charges(), 1);
    let agent = host.acp(Release::V2026_04_17);
    // The same token means the same attempt.
    let _ = agent
        .complete(session.id(), &token)
        .await
        .expect(200)
        .is("complete_in_progress");
    assert_eq!(host.charges(), 1);
}

#[tokio::test]
async fn stripe_gets_in_progress_and_polls_until_the_payment_ends() {
    let host = TestHost::builder().frozen().timings(fast_timings()).start().await;
    let stripe = host.stripe_acs();
    let checkout = stripe.ready(&[("tee-classic", 1)]).await;
    let hold = host.sandbox.acquirer.hold(Operation::Lookup);
    let token = host.token_of("pm_card_unknownOutcome", checkout.total("total")).await;
    let _ = stripe
        .confirm(checkout.id(), &token)
        .await
        .expect(200)
        .is("in_progress");
    let _ = stripe.retrieve(checkout.id()).await.expect(200).is("in_progress");
    let _ = stripe
        .confirm(checkout.id(), &token)
        .await
        .expect(200)
        .is("in_progress");
    hold.release();
    wait_until("the checkout is completed", async || {
        host.clock.advance(LOOKUP);
        stripe.retrieve(checkout.id()).await["status"] == "completed"
    })
    .await;
    let confirmed = stripe.confirm(checkout.id(), &token).await.expect(200).is("completed");
    assert!(confirmed["order"]["id"].is_string());
    assert_eq!(host.charges(), 1);
    assert_charged_once(&host, checkout.total("total")).await;
}

#[tokio::test]
async fn a_processor_that_cannot_be_reached_has_taken_nothing() {
    let host = TestHost::builder().frozen().timings(fast_timings()).start().await;
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.ready(&[("print-last", 1)]).await;
    let token = host.token(session.total("total")).await;
    host.sandbox.acquirer.stop().await;
    let answer = agent.complete(session.id(), &token).await;
    assert_eq!(answer.status / 100, 5, "{}", answer.text());
    let _ = agent.retrieve(session.id()).await.expect(200).is("ready_for_payment");
    let _ = agent.ready(&[("print-last", 1)]).await;
}
