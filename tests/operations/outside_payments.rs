//! Payments that Adyen takes and reports twice, after a cancel or too late: what the operator finds, and how it is settled.

use libtest_mimic::Trial;
use serde_json::{Value, json};
use tillhouse_sandbox::adyen::MerchantCall;
use tillhouse_tests::eventually::wait_until;
use tillhouse_tests::process::HostProcess;
use tillhouse_tests::{HttpResponse, Merchant, TestHost, merchant_call, merchant_session, paid_elsewhere};

use crate::{each, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "outside_payments::of_two_payments_at_once_one_makes_the_order_and_the_other_is_a_discrepancy",
            of_two_payments_at_once_one_makes_the_order_and_the_other_is_a_discrepancy,
        ),
        trial(
            "outside_payments::a_payment_against_a_cancel_is_an_order_or_a_discrepancy",
            a_payment_against_a_cancel_is_an_order_or_a_discrepancy,
        ),
        trial(
            "outside_payments::a_payment_after_the_holds_time_is_settled_by_the_operator",
            a_payment_after_the_holds_time_is_settled_by_the_operator,
        ),
    ]
}

/// Rounds of a race, so that either side may win.
const ROUNDS: u32 = 4;

/// Holds stock for a minute, or for this long.
async fn start(hold_seconds: u32) -> HostProcess {
    let merchant = Merchant::of_the_document().set(&format!("adyen.merchant.hold_seconds = {hold_seconds}"));
    HostProcess::start(TestHost::builder().merchant(merchant), &[]).await
}

async fn call(host: &HostProcess, call: MerchantCall, session: &str, body: &Value) -> HttpResponse {
    merchant_call(&host.client(), call, session, body).send().await
}

async fn finalize(host: &HostProcess, session: &str, reference: &str, cents: i64) -> u16 {
    let report = paid_elsewhere(reference, cents);
    call(host, MerchantCall::Finalize, session, &report).await.status
}

/// A session whose stock is held; returns what is due.
async fn held(host: &HostProcess, session: &str) -> i64 {
    let created = call(host, MerchantCall::Session, session, &merchant_session(&[("01", 1)])).await;
    let due = created.expect(200).total("total");
    let _ = call(host, MerchantCall::Commit, session, &Value::Null)
        .await
        .expect(200)
        .is("in_progress");
    due
}

/// The only attempt of a session, as `attempts list` has it.
fn attempt(host: &HostProcess, session: &str) -> Value {
    let list = host.run_json(&["attempts", "list", "--session", session]);
    let list = list.expect_exit(0).json;
    assert_eq!(list["attempts"].as_array().map(Vec::len), Some(1), "{list:#}");
    list["attempts"][0].clone()
}

/// What `attempts discrepancies` has about a reference of Adyen.
fn breaks(host: &HostProcess, reference: &str) -> Vec<Value> {
    let all = host.run_json(&["attempts", "discrepancies"]).expect_exit(0).json;
    let all = all["breaks"].as_array().expect("a list").iter();
    all.filter(|found| found["subject"] == reference).cloned().collect()
}

async fn of_two_payments_at_once_one_makes_the_order_and_the_other_is_a_discrepancy() {
    let host = start(60).await;
    for round in 0..ROUNDS {
        let session = format!("ad_{round}");
        let due = held(&host, &session).await;
        let references = ["A", "B"].map(|which| format!("PSP{which}{round}"));
        let [first, second] = &references;
        let (one, other) = tokio::join!(
            finalize(&host, &session, first, due),
            finalize(&host, &session, second, due)
        );
        assert_eq!((one, other), (204, 204));
        let paid = attempt(&host, &session);
        assert_eq!(paid["state"], "approved", "{paid:#}");
        let winner = paid["processor_reference"].as_str().unwrap();
        let [loser] = [first, second]
            .map(|it| (it != winner).then_some(it))
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()[..]
        else {
            panic!("paid by {winner}");
        };
        assert!(breaks(&host, winner).is_empty());
        let twice = breaks(&host, loser);
        assert_eq!(
            (twice.len(), &twice[0]["kind"]),
            (1, &json!("paid_twice")),
            "{twice:#?}"
        );
        let shown = host.run_json(&["attempts", "show", paid["id"].as_str().unwrap()]);
        assert_eq!(each(&shown.expect_exit(0).json["breaks"], "subject"), [loser.as_str()]);
        // A repeated report adds nothing, whichever call brings it.
        for reference in &references {
            assert_eq!(finalize(&host, &session, reference, due).await, 204);
        }
        assert_eq!(breaks(&host, loser), twice);
    }
    let orders = host.run_json(&["order", "list"]).expect_exit(0).json;
    assert_eq!(orders["orders"].as_array().map(Vec::len), usize::try_from(ROUNDS).ok());
}

async fn a_payment_against_a_cancel_is_an_order_or_a_discrepancy() {
    let host = start(60).await;
    for round in 0..ROUNDS {
        let (session, reference) = (format!("ad_{round}"), format!("PSP{round}"));
        let due = held(&host, &session).await;
        let (paid, canceled) = tokio::join!(
            finalize(&host, &session, &reference, due),
            call(&host, MerchantCall::Cancel, &session, &Value::Null)
        );
        let (attempt, breaks) = (attempt(&host, &session), breaks(&host, &reference));
        match (paid, canceled.status) {
            (204, 409) => {
                assert_eq!(
                    (&attempt["state"], breaks.len()),
                    (&json!("approved"), 0),
                    "{breaks:#?}"
                );
            }
            (409, 200) => {
                assert_eq!(attempt["state"], "failed", "{attempt:#}");
                assert_eq!((breaks.len(), &breaks[0]["kind"]), (1, &json!("paid_after_end")));
                // The operator finds the payment by the session, and in the table.
                assert_eq!(breaks[0]["attempt"], attempt["id"]);
                let table = host.run_text(&["attempts", "discrepancies"]).expect_exit(0).text;
                assert!(
                    table.contains("paid_after_end") && table.contains(&reference),
                    "{table}"
                );
            }
            other => panic!("{other:?}: {}", canceled.text()),
        }
    }
}

async fn a_payment_after_the_holds_time_is_settled_by_the_operator() {
    let host = start(1).await;
    let due = held(&host, "ad_1").await;
    wait_until("the hold is over", async || {
        attempt(&host, "ad_1")["state"] == "needs_review"
    })
    .await;
    let id = attempt(&host, "ad_1")["id"].as_str().unwrap().to_owned();
    let open = host.run_json(&["attempts", "list", "--open"]).expect_exit(0).json;
    assert_eq!(
        each(&open["attempts"], "id"),
        [id.as_str()],
        "time alone ends no payment"
    );

    for _ in 0..2 {
        assert_eq!(finalize(&host, "ad_1", "PSP1", due).await, 409);
    }
    let shown = host.run_json(&["attempts", "show", &id]).expect_exit(0).json;
    assert_eq!(shown["attempt"]["state"], "needs_review");
    assert_eq!(
        each(&shown["breaks"], "kind"),
        ["outcome_unknown", "paid_after_end"],
        "{shown:#}"
    );
    assert_eq!(breaks(&host, "PSP1").len(), 1, "the same report is one break");
    let orders = host.run_json(&["order", "list"]).expect_exit(0).json;
    assert_eq!(orders["orders"], json!([]));

    let settle = [
        "attempts",
        "settle",
        &id,
        "--charged",
        "PSP1",
        "--evidence",
        "Customer Area",
    ];
    let settled = host.run_json(&settle).expect_exit(0).json;
    assert_eq!(settled["attempt"]["state"], "approved", "{settled:#}");
    assert_eq!(finalize(&host, "ad_1", "PSP1", due).await, 204, "the order is made");
    let bought = call(&host, MerchantCall::Commit, "ad_1", &Value::Null).await;
    let order = bought.expect(200).is("completed")["order"]["id"].clone();
    let orders = host.run_json(&["order", "list"]).expect_exit(0).json;
    assert_eq!(each(&orders["orders"], "id"), [order.as_str().unwrap()]);
    assert_eq!(breaks(&host, "PSP1").len(), 1);
}
