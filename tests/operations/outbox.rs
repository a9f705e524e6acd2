//! Dead messages in the outbox, and their replay.

use libtest_mimic::Trial;
use tillhouse_sandbox::Fault;
use tillhouse_sandbox::stripe::Operation;
use tillhouse_tests::eventually::wait_until;
use tillhouse_tests::process::HostProcess;

use crate::{each, fast_host, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial(
        "outbox::a_dead_message_is_delivered_when_it_is_replayed",
        a_dead_message_is_replayed,
    )]
}

async fn a_dead_message_is_replayed() {
    let host = HostProcess::start(fast_host(), &[]).await;
    host.sandbox.stripe.fail_next(Operation::Report, Fault::Status(400));
    let _ = host.acp().buy(&[("tee-classic", 1)]).await;
    let mut dead = Vec::new();
    wait_until("the report is dead", async || {
        let list = host.run_json(&["outbox", "dead"]).expect_exit(0).json;
        dead = list["messages"].as_array().unwrap().clone();
        !dead.is_empty()
    })
    .await;
    assert_eq!((dead.len(), &dead[0]["kind"]), (1, &"stripe.report_payment".into()));
    assert!(dead[0]["last_error"].is_string() && dead[0]["payload"].is_null());
    assert!(host.sandbox.stripe.payment_records().is_empty());

    let id = dead[0]["id"].to_string();
    let done = host.run_json(&["outbox", "replay", &id]).expect_exit(0).json;
    assert_eq!(done["replayed"], 1);
    wait_until("the payment is reported", async || {
        host.sandbox.stripe.payment_records().len() == 1
    })
    .await;
    wait_until("no message is dead", async || {
        let left = host.run_json(&["outbox", "dead"]).json;
        left["messages"].as_array().is_some_and(Vec::is_empty)
    })
    .await;
    assert_eq!(
        host.run_json(&["outbox", "replay", "--dead"]).expect_exit(0).json["replayed"],
        0
    );
    let _ = host.run_json(&["outbox", "replay", "999999"]).expect_exit(1);
    let _ = host.run_json(&["outbox", "replay"]).expect_exit(2);
    let log = host.run_json(&["audit", "list"]).expect_exit(0).json;
    assert!(each(&log["records"], "action").contains(&"outbox.replay"), "{log:#}");
    assert!(each(&log["records"], "actor").contains(&"operator:tester"), "{log:#}");
}
