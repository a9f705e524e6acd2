//! What becomes of an order, by the commands of an operator: once each, audited, and with help in every refusal.

use libtest_mimic::Trial;
use serde_json::json;
use tillhouse_sandbox::acquirer::Operation;
use tillhouse_tests::eventually::wait_until;
use tillhouse_tests::process::HostProcess;
use tillhouse_tests::{Merchant, TestHost};

use crate::{each, fast_host, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "orders::an_order_is_shipped_in_two_parcels_and_delivered",
            an_order_is_shipped_in_two_parcels_and_delivered,
        ),
        trial(
            "orders::a_canceled_line_is_refunded_once",
            a_canceled_line_is_refunded_once,
        ),
        trial(
            "orders::a_refund_is_asked_for_once_and_settled_by_hand",
            a_refund_is_asked_for_once_and_settled_by_hand,
        ),
        trial(
            "orders::a_refund_at_adyen_ends_with_its_webhook",
            a_refund_at_adyen_ends_with_its_webhook,
        ),
        trial(
            "orders::a_refused_change_names_the_field",
            a_refused_change_names_the_field,
        ),
    ]
}

/// A host, and the id of an order of three tees.
async fn with_order() -> (HostProcess, String) {
    let host = HostProcess::start(fast_host(), &[]).await;
    let bought = host.acp().buy(&[("tee-classic", 3)]).await;
    let order = bought.json["order"]["id"].as_str().unwrap().to_owned();
    (host, order)
}

async fn an_order_is_shipped_in_two_parcels_and_delivered() {
    let (host, order) = with_order().await;
    let listed = host.run_json(&["order", "list"]).expect_exit(0).json;
    assert_eq!(each(&listed["orders"], "id"), [order.as_str()]);
    let first = [
        "order",
        "ship",
        &order,
        "--lines",
        "tee-classic:1",
        "--carrier",
        "UPS",
        "--tracking",
        "1Z1",
    ];
    let shipped = host.run_json(&first).expect_exit(0).json;
    assert_eq!(
        (&shipped["order"]["status"], &shipped["repeated"]),
        (&json!("processing"), &json!(false))
    );
    let again = host.run_json(&first).expect_exit(0).json;
    assert_eq!(
        (&again["repeated"], &again["order"]["revision"]),
        (&json!(true), &json!(2))
    );
    let rest = host
        .run_json(&["order", "ship", &order, "--id", "p2"])
        .expect_exit(0)
        .json;
    assert_eq!(rest["order"]["status"], "shipped");
    let done = host.run_json(&["order", "deliver", &order]).expect_exit(0).json;
    assert_eq!(
        (&done["order"]["status"], &done["order"]["lines"][0]["fulfilled"]),
        (&json!("completed"), &json!(3))
    );
    let shown = host.run_text(&["order", "show", &order]).expect_exit(0).text;
    assert!(
        shown.contains("status      completed\n") && shown.contains("UPS 1Z1"),
        "{shown}"
    );
    let tracked = [
        "order",
        "ship",
        &order,
        "--parcel",
        "p2",
        "--tracking-url",
        "https://carrier.example/2",
    ];
    let tracked = host.run_json(&tracked).expect_exit(0).json;
    assert_eq!(
        tracked["order"]["status"], "completed",
        "news of a parcel do not take it back"
    );
    let audit = host.run_json(&["audit", "list"]).expect_exit(0).json.to_string();
    assert_eq!(audit.matches("order.change").count(), 4, "{audit}");
}

async fn a_canceled_line_is_refunded_once() {
    let (host, order) = with_order().await;
    let cancel = [
        "order",
        "cancel",
        &order,
        "--lines",
        "tee-classic:1",
        "--reason",
        "Sold out.",
        "--id",
        "c1",
    ];
    let canceled = host.run_json(&cancel).expect_exit(0).json;
    assert_eq!(canceled["order"]["lines"][0]["current"], 2);
    let paid = canceled["refund"]["amount"].as_i64().unwrap();
    assert!(paid >= 2500, "a tee and its tax: {canceled}");
    let again = host.run_json(&cancel).expect_exit(0).json;
    assert_eq!(
        (&again["repeated"], &again["refund"]["amount"]),
        (&json!(true), &json!(paid))
    );
    wait_until("the money went back", async || {
        let shown = host.run_json(&["order", "show", &order]).expect_exit(0).json;
        shown["order"]["refunded"] == paid && shown["refunds"]["open"] == 0
    })
    .await;
}

/// Adyen only acknowledges a refund: what became of it comes by webhook.
async fn a_refund_at_adyen_ends_with_its_webhook() {
    let builder = TestHost::builder().merchant(Merchant::named("demo").adyen());
    let host = HostProcess::start(builder.set("[payments]\noutbox_tick_ms = 50"), &[]).await;
    let adyen = host.adyen_sandbox();
    let bought = host.adyen().buy(&[("tee-classic", 3)]).await;
    let order = bought.json["order"]["id"].as_str().unwrap().to_owned();
    let refund = ["order", "refund", &order, "--id", "R1", "--amount", "3.00"];
    let asked = host.run_json(&refund).expect_exit(0).json;
    assert_eq!(
        (&asked["is_new"], &asked["refund"]["amount"]),
        (&json!(true), &json!(300))
    );
    wait_until("Adyen is asked", async || !adyen.changes().is_empty()).await;
    adyen.tell(&adyen.changes()[0].psp_reference).await;
    let shown = host.run_json(&["order", "show", &order]).expect_exit(0).json;
    assert_eq!(
        (&shown["order"]["refunded"], &shown["refunds"]["open"]),
        (&json!(300), &json!(0)),
        "{shown}"
    );
    assert_eq!(adyen.payments_of(bought.id())[0].refunded, 300);
    assert_eq!(host.run_json(&refund).expect_exit(0).json["is_new"], false);
    assert_eq!(adyen.changes().len(), 1);
}

/// The processor has accepted the refund and says no more: the operator settles it.
async fn a_refund_is_asked_for_once_and_settled_by_hand() {
    let host = HostProcess::start(fast_host(), &[]).await;
    let session = host.acp().ready(&[("tee-classic", 3)]).await;
    let token = host.token_of("pm_card_pendingRefund", session.total("total")).await;
    let paid = host
        .acp()
        .complete(session.id(), &token)
        .await
        .expect(200)
        .is("completed");
    let order = paid.json["order"]["id"].as_str().unwrap().to_owned();
    let hold = host.sandbox.acquirer.hold(Operation::ListRefunds);
    let refund = [
        "order", "refund", &order, "--id", "R1", "--amount", "3.00", "--reason", "Torn.",
    ];
    let asked = host.run_json(&refund).expect_exit(0).json;
    assert_eq!(
        (&asked["is_new"], &asked["refund"]["amount"]),
        (&json!(true), &json!(300))
    );
    let again = host.run_json(&refund).expect_exit(0).json;
    assert_eq!(
        (&again["is_new"], &again["refund"]["id"]),
        (&json!(false), &asked["refund"]["id"])
    );
    let settle = [
        "order",
        "settle-refund",
        &order,
        "--id",
        "R1",
        "--refunded",
        "re_by_hand",
        "--evidence",
        "Statement of May.",
    ];
    wait_until("the refund can be settled", async || host.run_json(&settle).code == 0).await;
    drop(hold);
    let shown = host.run_json(&["order", "show", &order]).expect_exit(0).json;
    assert_eq!(
        (&shown["order"]["refunded"], &shown["refunds"]["open"]),
        (&json!(300), &json!(0)),
        "{shown}"
    );
    let again = host.run_json(&settle).expect_exit(1).json;
    assert!(again["error"].is_string(), "it is settled: {again}");
    let audit = host.run_json(&["audit", "list"]).expect_exit(0).json.to_string();
    assert_eq!(audit.matches("refund.settle").count(), 1, "{audit}");
    let cancel = ["order", "cancel", &order, "--lines", "tee-classic:1", "--no-refund"];
    let canceled = host.run_json(&cancel).expect_exit(0).json;
    assert_eq!(
        (&canceled["refund"], &canceled["order"]["refunded"]),
        (&json!(null), &json!(300))
    );
}

async fn a_refused_change_names_the_field() {
    let (host, order) = with_order().await;
    for (code, arguments, problem) in [
        (
            2,
            vec!["ship", &order, "--lines", "mug:1"],
            "lines: the order has no line mug; it has tee-classic",
        ),
        (
            2,
            vec!["ship", &order, "--lines", "tee-classic:4"],
            "lines: line tee-classic has 3 units left to fulfill, not 4",
        ),
        (
            2,
            vec!["ship", &order, "--kind", "drone"],
            "kind: \"drone\" is none of: shipping, pickup, digital",
        ),
        (
            2,
            vec!["ship", &order, "--tracking-url", "ups"],
            "tracking_url: \"ups\" is not an absolute URL",
        ),
        (1, vec!["deliver", &order], "nothing of the order is left to deliver"),
        (
            1,
            vec!["show", "ord_none"],
            "there is no order ord_none; `tillhouse order list` shows the latest",
        ),
    ] {
        let arguments: Vec<&str> = ["order"].into_iter().chain(arguments).collect();
        let refused = host.run_json(&arguments).expect_exit(code).json;
        let error = refused["error"].as_str().unwrap_or_default();
        assert!(error.starts_with(problem), "{arguments:?}: {refused}");
    }
}
