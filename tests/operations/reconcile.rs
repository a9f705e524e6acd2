//! Reconciliation: compares the processor's ledger with the host's.

use libtest_mimic::Trial;
use serde_json::{Value, json};
use tillhouse_sandbox::acquirer::Ledger;
use tillhouse_sandbox::adyen::MerchantCall;
use tillhouse_tests::process::HostProcess;
use tillhouse_tests::{Merchant, TestHost, merchant_call, merchant_session, paid_elsewhere};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::{each, fast_host, trial, with_unknown_outcome};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "reconcile::every_kind_of_break_is_found_and_kept",
            every_kind_of_break_is_found_and_kept,
        ),
        trial(
            "reconcile::a_merchant_that_other_parties_are_paid_for_is_clean",
            a_merchant_that_other_parties_are_paid_for_is_clean,
        ),
    ]
}

async fn every_kind_of_break_is_found_and_kept() {
    let mut host = HostProcess::start(fast_host(), &[]).await;
    let _ = host.acp().buy(&[("tee-classic", 2)]).await;
    let clean = host.run_json(&["reconcile"]).expect_exit(0).json;
    assert_eq!(
        (&clean["charges"], &clean["attempts"]),
        (&1.into(), &1.into()),
        "{clean:#}"
    );

    // The acquirer charged less than the host approved.
    let (_, less) = with_unknown_outcome(&host, "pm_card_wrongAmount", "needs_review").await;
    let charge = newest(&host.sandbox.acquirer.ledger());
    let _ = host
        .run_json(&["attempts", "settle", &less, "--charged", &charge, "--evidence", "x"])
        .expect_exit(0);
    // Charged at the acquirer, but settled manually as not charged.
    let (_, denied) = with_unknown_outcome(&host, "pm_card_wrongAmount", "needs_review").await;
    let elsewhere = newest(&host.sandbox.acquirer.ledger());
    let _ = host
        .run_json(&["attempts", "settle", &denied, "--not-charged", "--evidence", "x"])
        .expect_exit(0);
    // Approved by the host, but voided at the acquirer.
    let _ = host.acp().buy(&[("tee-classic", 1)]).await;
    let voided = newest(&host.sandbox.acquirer.ledger());
    void(&host, &voided).await;

    let found = host.run_json(&["reconcile"]).expect_exit(1).json;
    let breaks = &found["breaks"];
    assert_eq!(
        each(breaks, "kind"),
        ["amount_differs", "charged_elsewhere", "missing_at_processor"],
        "{found:#}"
    );
    let subject = |kind: &str, field: &str| {
        let all = breaks.as_array().unwrap();
        all.iter().find(|it| it["kind"] == kind).unwrap()[field].clone()
    };
    assert_eq!(subject("amount_differs", "attempt"), less.as_str());
    assert_eq!(subject("charged_elsewhere", "subject"), elsewhere.as_str());
    assert!(
        subject("missing_at_processor", "detail")
            .as_str()
            .unwrap()
            .contains("voided")
    );

    let kept = host.run_json(&["attempts", "show", &denied]).expect_exit(0).json;
    assert!(each(&kept["breaks"], "kind").contains(&"charged_elsewhere"), "{kept:#}");
    let earlier = host
        .run_json(&["reconcile", "--until", "2026-01-02"])
        .expect_exit(0)
        .json;
    assert_eq!(earlier["charges"], 0);
    let _ = host.run_json(&["reconcile", "--merchant", "unknown"]).expect_exit(1);
    let _ = host.run_json(&["reconcile", "--since", "yesterday"]).expect_exit(2);

    host.stop();
    let alone = host.run_json(&["reconcile"]).expect_exit(1).json;
    assert_eq!(
        each(&alone["breaks"], "kind"),
        each(breaks, "kind"),
        "the command finds the same while the host is stopped"
    );
}

async fn a_merchant_that_other_parties_are_paid_for_is_clean() {
    let merchant = Merchant::of_the_document().without_processor();
    let host = HostProcess::start(TestHost::builder().merchant(merchant), &[]).await;
    let client = host.client();
    let call = async |call, body: Value, status| {
        let sent = merchant_call(&client, call, "ad_1", &body).send().await;
        sent.expect(status)
    };
    let due = call(MerchantCall::Session, merchant_session(&[("01", 1)]), 200).await;
    let _ = call(MerchantCall::Commit, Value::Null, 200).await;
    let paid = paid_elsewhere("PSP1", due.total("total"));
    let _ = call(MerchantCall::Finalize, paid, 204).await;
    let result = host.run_json(&["reconcile"]).expect_exit(0).json;
    assert_eq!(
        (&result["paid_elsewhere"], &result["skipped"]),
        (&json!(["document"]), &json!([])),
        "{result:#}"
    );
}

fn newest(ledger: &Ledger) -> String {
    ledger.charges().last().expect("the ledger has a charge").id.to_string()
}

/// Voids a charge at the acquirer without the host.
async fn void(host: &HostProcess, charge: &str) {
    let acquirer = &host.sandbox.acquirer;
    let mut stream = TcpStream::connect(acquirer.address()).await.unwrap();
    let request = format!(
        "POST /v1/charges/{charge}/void HTTP/1.1\r\nhost: acquirer\r\nauthorization: Bearer {}\r\nidempotency-key: behind\r\n\
         content-length: 2\r\nconnection: close\r\n\r\n{{}}",
        acquirer.api_key().reveal()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
