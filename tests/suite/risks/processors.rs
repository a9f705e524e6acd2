//! The host checks a processor plugin's answer against the wire evidence: a false answer never charges twice, nor without an
//! order.

use std::time::Duration;

use tillhouse_checkout::attempt::AttemptStatus;
use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_payments::Timings;
use tillhouse_sandbox::Fault;
use tillhouse_sandbox::acquirer::Operation;
use tillhouse_sandbox::stripe::ReportedOutcome;
use tillhouse_tests::{HttpResponse, Release, TestHost};

use super::eventually::{LOOKUP, assert_charged_once, assert_not_charged, wait_for_status, wait_until};
use super::hostile;

const ITEM: &[(&str, u32)] = &[("print-last", 1)];

async fn host(charge: &str, lookup: &str) -> TestHost {
    let config = format!("charge-mode = \"{charge}\"\nlookup-mode = \"{lookup}\"");
    hostile::builder()
        .merchant(hostile::merchant("demo", &config))
        .start()
        .await
}

/// Pays a new session; returns the response to complete, and the session.
async fn pay(host: &TestHost) -> (HttpResponse, HttpResponse) {
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.ready(ITEM).await;
    let token = host.token(session.total("total")).await;
    (agent.complete(session.id(), &token).await, session)
}

/// Asserts that the session stays in progress over several status checks, and that no webhook event of an order is sent.
async fn assert_stays_in_review(host: &TestHost, session: &HttpResponse) {
    let seen = host.sandbox.acquirer.received(Operation::Lookup);
    wait_until("the status was checked three times", async || {
        host.sandbox.acquirer.received(Operation::Lookup) >= seen + 3
    })
    .await;
    let shown = host.acp(Release::V2026_04_17).retrieve(session.id()).await;
    let shown = shown.expect(200).is("complete_in_progress");
    assert!(shown["order"].is_null(), "{}", shown.text());
    assert!(host.sandbox.stripe.payment_records().is_empty());
}

async fn assert_nothing_sent(charge: &str) {
    assert_nothing_sent_and_answered(charge, 503).await;
}

async fn assert_nothing_sent_and_answered(charge: &str, status: u16) {
    let host = host(charge, "").await;
    let (answer, session) = pay(&host).await;
    assert_eq!(answer.status, status, "{charge}: {}", answer.text());
    let told = answer["message"].as_str().unwrap_or_default();
    assert!(
        told.contains("nothing was charged, but the payment token was consumed"),
        "{told}"
    );
    assert_eq!(host.sandbox.acquirer.received(Operation::Charge), 0, "{charge}");
    let agent = host.acp(Release::V2026_04_17);
    let _ = agent.retrieve(session.id()).await.is("ready_for_payment");
    let _ = agent.ready(ITEM).await;
    assert!(
        host.sandbox.stripe.payment_records().is_empty(),
        "{charge}: expected no payment reports"
    );
}

#[tokio::test]
async fn a_trap_before_the_charge_costs_nothing() {
    assert_nothing_sent("trap-before").await;
}

#[tokio::test]
async fn a_loop_before_the_charge_costs_nothing() {
    assert_nothing_sent("spin-before").await;
}

#[tokio::test]
async fn an_approval_of_an_unsent_charge_makes_no_order() {
    assert_nothing_sent("approve-unsent").await;
}

#[tokio::test]
async fn a_failure_before_the_charge_costs_nothing() {
    assert_nothing_sent("fail-unsent").await;
}

#[tokio::test]
async fn a_decline_of_an_unsent_charge_is_not_a_decline_of_the_card() {
    assert_nothing_sent_and_answered("decline-unsent", 400).await;
}

async fn assert_settled_by_status_check(charge: &str) {
    let host = host(charge, "").await;
    let (answer, session) = pay(&host).await;
    let _ = answer.expect(200).is("complete_in_progress");
    let done = wait_for_status(&host, session.id(), "completed").await;
    assert!(done["order"]["id"].is_string(), "{charge}: {}", done.text());
    assert_eq!(host.charges(), 1, "{charge}");
    assert_charged_once(&host, session.total("total")).await;
}

#[tokio::test]
async fn a_trap_after_the_charge_leaves_no_charge_without_an_order() {
    assert_settled_by_status_check("trap-after").await;
}

#[tokio::test]
async fn a_loop_after_the_charge_leaves_no_charge_without_an_order() {
    assert_settled_by_status_check("spin-after").await;
}

#[tokio::test]
async fn a_memory_bomb_after_the_charge_leaves_no_charge_without_an_order() {
    assert_settled_by_status_check("memory-after").await;
}

#[tokio::test]
async fn a_failure_after_the_charge_leaves_no_charge_without_an_order() {
    assert_settled_by_status_check("fail-after").await;
}

#[tokio::test]
async fn an_approval_without_a_reference_is_looked_up() {
    assert_settled_by_status_check("empty-reference").await;
}

#[tokio::test]
async fn an_approval_in_another_currency_is_looked_up() {
    assert_settled_by_status_check("approve-other-currency").await;
}

#[tokio::test]
async fn an_approval_of_less_stays_in_review_while_the_processor_says_so() {
    let host = host("approve-less", "approve-less").await;
    let (answer, session) = pay(&host).await;
    let _ = answer.expect(200).is("complete_in_progress");
    assert_stays_in_review(&host, &session).await;
}

#[tokio::test]
async fn a_lookup_that_traps_settles_nothing() {
    let host = host("trap-after", "trap").await;
    let (answer, session) = pay(&host).await;
    let _ = answer.expect(200).is("complete_in_progress");
    let agent = host.acp(Release::V2026_04_17);
    for _ in 0..20 {
        host.payments().recovery().run_once().await;
        let _ = agent
            .retrieve(session.id())
            .await
            .expect(200)
            .is("complete_in_progress");
    }
    assert_eq!(host.charges(), 1);
}

#[tokio::test]
async fn a_decline_without_a_response_of_the_processor_is_unknown_and_the_charge_is_found() {
    let host = host("decline-whatever", "").await;
    host.sandbox.acquirer.fail_next(Operation::Charge, Fault::LoseAnswer);
    let (answer, session) = pay(&host).await;
    let _ = answer.expect(200).is("complete_in_progress");
    let _ = wait_for_status(&host, session.id(), "completed").await;
    assert_charged_once(&host, session.total("total")).await;
}

#[tokio::test]
async fn a_decline_without_a_response_of_the_processor_stays_one_if_there_is_no_charge() {
    let host = host("decline-whatever", "").await;
    host.sandbox
        .acquirer
        .fail_next(Operation::Charge, Fault::DropConnection);
    let (answer, session) = pay(&host).await;
    let _ = answer.expect(200).is("complete_in_progress");
    host.clock.advance(Duration::from_secs(120));
    let _ = wait_for_status(&host, session.id(), "ready_for_payment").await;
    assert_not_charged(&host);
}

/// The second request was answered, but the first may still be in progress at the processor.
#[tokio::test]
async fn a_decline_after_an_unanswered_send_is_unknown_and_the_charge_is_found() {
    let host = host("decline-after-a-second-try", "").await;
    host.sandbox.acquirer.fail_next(Operation::Charge, Fault::LoseAnswer);
    let (answer, session) = pay(&host).await;
    let _ = answer.expect(200).is("complete_in_progress");
    assert_eq!(host.sandbox.acquirer.received(Operation::Charge), 2);
    let _ = wait_for_status(&host, session.id(), "completed").await;
    assert_charged_once(&host, session.total("total")).await;
}

/// A response with a server error does not prove an outcome of the charge.
#[tokio::test]
async fn a_decline_that_a_broken_processor_did_not_say_is_unknown() {
    for status in [429, 500, 503] {
        let host = host("decline-whatever", "").await;
        host.sandbox
            .acquirer
            .fail_next(Operation::Charge, Fault::Status(status));
        let (answer, session) = pay(&host).await;
        let _ = answer.expect(200).is("complete_in_progress");
        host.clock.advance(Duration::from_secs(120));
        let _ = wait_for_status(&host, session.id(), "ready_for_payment").await;
        assert_not_charged(&host);
    }
}

/// The plugin answers that the charge does not exist, but has not asked the processor.
#[tokio::test]
async fn an_absence_that_the_processor_did_not_say_settles_nothing() {
    let host = host("fail-after", "absent-unasked").await;
    let (answer, session) = pay(&host).await;
    let _ = answer.expect(200).is("complete_in_progress");
    let agent = host.acp(Release::V2026_04_17);
    for _ in 0..20 {
        host.clock.advance(Duration::from_secs(120));
        host.payments().recovery().run_once().await;
        let _ = agent.retrieve(session.id()).await.is("complete_in_progress");
    }
    assert_eq!(host.charges(), 1);
}

/// Neither the charge nor a status check gets a response, for longer than the host waits.
#[tokio::test]
async fn an_outcome_that_stays_unknown_needs_a_person_and_is_never_a_decline() {
    let host = host("fail-after", "unavailable").await;
    let (answer, session) = pay(&host).await;
    let _ = answer.expect(200).is("complete_in_progress");
    host.clock.advance(Timings::default().review_after);
    let mut seen = AttemptStatus::Unknown;
    wait_until("status checks have stopped", async || {
        host.clock.advance(LOOKUP);
        seen = host.attempts_of(session.id()).await.remove(0).status();
        seen != AttemptStatus::Unknown
    })
    .await;
    assert_eq!(seen, AttemptStatus::NeedsReview);
    let breaks = host.store().list_discrepancies(10).await.unwrap();
    assert_eq!(breaks.len(), 1);
    assert_eq!(breaks[0].kind, DiscrepancyKind::OutcomeUnknown);
    let agent = host.acp(Release::V2026_04_17);
    for _ in 0..3 {
        host.clock.advance(Duration::from_secs(24 * 3600));
        host.payments().recovery().run_once().await;
        let _ = agent.retrieve(session.id()).await.is("complete_in_progress");
    }
    assert_eq!(host.charges(), 1);
    assert!(host.sandbox.stripe.payment_records().is_empty());
}

#[tokio::test]
async fn a_second_charge_never_leaves_the_host() {
    let host = host("second-charge", "").await;
    let (answer, session) = pay(&host).await;
    let _ = answer.expect(200).is("completed");
    assert_eq!(host.sandbox.acquirer.received(Operation::Charge), 1);
    assert_charged_once(&host, session.total("total")).await;
}

#[tokio::test]
async fn a_reference_seen_before_makes_no_second_order_and_no_rollback() {
    let host = host("same-reference", "unavailable").await;
    let agent = host.acp(Release::V2026_04_17);
    let mut sessions = Vec::new();
    for _ in 0..2 {
        let session = agent.ready(&[("tee-classic", 1)]).await;
        let token = host.token(session.total("total")).await;
        sessions.push((agent.complete(session.id(), &token).await.expect(200), session));
    }
    assert_eq!(sessions[0].0["status"], "completed");
    assert_eq!(
        sessions[1].0["status"],
        "complete_in_progress",
        "{}",
        sessions[1].0.text()
    );
    for _ in 0..5 {
        host.payments().recovery().run_once().await;
    }
    let _ = agent.retrieve(sessions[0].1.id()).await.is("completed");
    let _ = agent.retrieve(sessions[1].1.id()).await.is("complete_in_progress");
    let made = host.sandbox.stripe.payment_records().into_iter();
    assert!(
        made.filter(|record| record.outcome == ReportedOutcome::Guaranteed)
            .count()
            <= 1
    );
}
