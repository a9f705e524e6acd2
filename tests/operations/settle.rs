//! Manual settlement: as charged and as not charged, with evidence, once.

use std::os::unix::fs::PermissionsExt;

use libtest_mimic::Trial;
use tillhouse_sandbox::stripe::ReportedOutcome;
use tillhouse_tests::eventually::wait_until;
use tillhouse_tests::process::{HostProcess, tillhouse};

use crate::{each, fast_host, trial, wait_for_status, with_unknown_outcome};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "settle::a_charge_that_a_person_vouches_for_becomes_an_order_once",
            a_charge_that_a_person_vouches_for_becomes_an_order_once,
        ),
        trial(
            "settle::a_charge_that_was_not_made_is_settled_while_no_host_runs",
            a_charge_that_was_not_made_is_settled_while_no_host_runs,
        ),
        trial(
            "settle::an_order_without_evidence_is_not_understood",
            orders_that_are_not_understood,
        ),
    ]
}

async fn a_charge_that_a_person_vouches_for_becomes_an_order_once() {
    let host = HostProcess::start(fast_host(), &[]).await;
    let (session, attempt) = with_unknown_outcome(&host, "pm_card_wrongAmount", "needs_review").await;
    let charge = host.sandbox.acquirer.ledger().charges()[0].id.to_string();
    let shown = host.run_json(&["attempts", "show", &attempt]).expect_exit(0).json;
    assert_eq!(each(&shown["breaks"], "kind"), ["amount_differs"]);
    // The operator settles by the amounts in the table, shown with decimals.
    let due = session.total("total");
    let usd = |cents: i64| format!("{}.{:02} USD", cents / 100, cents % 100);
    let detail = format!("approved {} where {} was due", usd(due - 1), usd(due));
    assert_eq!(shown["breaks"][0]["detail"], detail.as_str());
    assert_eq!(
        shown["attempt"]["amount"], due,
        "JSON must show the amount in minor units"
    );
    let list = host.run_text(&["attempts", "list"]).expect_exit(0).text;
    assert!(
        list.contains(&format!("  {}  ", usd(due))) && list.contains(&detail),
        "{list}"
    );
    let one = host.run_text(&["attempts", "show", &attempt]).expect_exit(0).text;
    assert!(one.contains(&format!("amount      {}\n", usd(due))), "{one}");
    let order = [
        "attempts",
        "settle",
        &attempt,
        "--charged",
        &charge,
        "--evidence",
        "ticket 7",
        "--actor",
        "ada",
    ];
    let done = host.run_json(&order).expect_exit(0).json;
    assert_eq!(
        (&done["was"], &done["attempt"]["state"]),
        (&"needs_review".into(), &"approved".into())
    );
    assert_eq!(done["attempt"]["processor_reference"], charge.as_str());

    let paid = wait_for_status(&host, &session, "completed").await;
    assert!(paid["order"]["id"].is_string());
    wait_until("the payment is reported", async || {
        host.sandbox.stripe.payment_records().len() == 1
    })
    .await;
    assert_eq!(
        host.sandbox.stripe.payment_records()[0].outcome,
        ReportedOutcome::Guaranteed
    );

    let again = host.run_json(&order).expect_exit(1);
    assert!(again.text.contains("is approved"), "{}", again.text);
    let not = ["attempts", "settle", &attempt, "--not-charged", "--evidence", "no"];
    let _ = host.run_json(&not).expect_exit(1);
    let log = host.run_json(&["audit", "list"]).expect_exit(0).json;
    let entries = log["records"].as_array().unwrap();
    let settlements: Vec<_> = entries.iter().filter(|it| it["action"] == "attempt.settle").collect();
    assert_eq!(settlements.len(), 1, "{log:#}");
    assert_eq!(
        (&settlements[0]["actor"], &settlements[0]["subject"]),
        (&"operator:ada".into(), &attempt.as_str().into())
    );
    assert!(settlements[0]["detail"].as_str().unwrap().contains("ticket 7"));
    let _ = host.run_json(&["audit", "verify"]).expect_exit(0);
}

async fn a_charge_that_was_not_made_is_settled_while_no_host_runs() {
    let mut host = HostProcess::start(fast_host(), &[]).await;
    let (session, attempt) = with_unknown_outcome(&host, "pm_card_serverError", "unknown").await;
    host.stop();
    let done = host.run_json(&[
        "attempts",
        "settle",
        &attempt,
        "--not-charged",
        "--evidence",
        "call with the acquirer",
    ]);
    assert_eq!(done.expect_exit(0).json["attempt"]["state"], "declined");
    let left = host
        .run_json(&["outbox", "list", "--state", "queued"])
        .expect_exit(0)
        .json;
    assert_eq!(
        each(&left["messages"], "kind"),
        ["checkout.release", "stripe.report_payment"]
    );
    host.start_again().await;
    let open = wait_for_status(&host, &session, "ready_for_payment").await;
    let _ = open.told("did not reach the card processor");
    wait_until(
        "the failure is reported to Stripe, and the stock is available",
        async || {
            let queued = host.run_json(&["outbox", "list", "--state", "queued"]).json;
            queued["messages"].as_array().is_some_and(Vec::is_empty)
        },
    )
    .await;
    let records = host.sandbox.stripe.payment_records();
    assert_eq!(records.len(), 1, "{records:#?}");
    assert_eq!(records[0].outcome, ReportedOutcome::Failed);
    let token = host.token_of("pm_card_visa", session.total("total")).await;
    let agent = host.acp();
    let _ = agent.complete(session.id(), &token).await.expect(200).is("completed");
    assert_eq!(host.sandbox.acquirer.ledger().captures().len(), 1);
}

async fn orders_that_are_not_understood() {
    let host = HostProcess::start(fast_host(), &[]).await;
    let (_, attempt) = with_unknown_outcome(&host, "pm_card_serverError", "unknown").await;
    let id = attempt.as_str();
    for wrong in [
        &["attempts", "settle", id, "--not-charged"][..],
        &["attempts", "settle", id, "--not-charged", "--evidence", "  "],
        &[
            "attempts",
            "settle",
            id,
            "--not-charged",
            "--evidence",
            "card 4242 4242 4242 4242",
        ],
        &["attempts", "settle", id, "--evidence", "neither"],
        &[
            "attempts",
            "settle",
            id,
            "--charged",
            "ch_1",
            "--not-charged",
            "--evidence",
            "both",
        ],
        &["attempts", "settle", id, "--charged", "ch_1 ch_2", "--evidence", "two"],
    ] {
        let output = host.run_json(wrong);
        assert_eq!(output.code, 2, "{wrong:?}: {}", output.text);
    }
    let _ = host
        .run_json(&["attempts", "settle", "pa_none", "--not-charged", "--evidence", "x"])
        .expect_exit(1);
    let shown = host.run_json(&["attempts", "show", id]).expect_exit(0).json;
    assert_eq!(
        shown["attempt"]["state"], "unknown",
        "the refused commands must not change the attempt"
    );
    let socket = host.store_folder().join("admin.sock");
    let mode = std::fs::metadata(&socket).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "only the owner may access the socket");
    let by_socket = tillhouse(&["attempts", "list", "--json", "--socket", socket.to_str().unwrap()]).expect_exit(0);
    assert_eq!(each(&by_socket.json["attempts"], "id"), [id]);
    let absent = host.folder().join("absent.sock");
    let _ = tillhouse(&["attempts", "list", "--socket", absent.to_str().unwrap()]).expect_exit(3);
}
