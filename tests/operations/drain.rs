//! Stopping a host: no accepted request fails, and unfinished work continues at the next start.

use std::time::Duration;

use libtest_mimic::Trial;
use tillhouse_sandbox::acquirer::Operation;
use tillhouse_tests::eventually::wait_until;
use tillhouse_tests::process::HostProcess;
use tillhouse_tests::{Client, Release, fixtures};

use crate::{fast_host, trial, wait_for_status};

const SHOPPERS: usize = 4;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "drain::no_request_fails_while_a_host_stops_under_load",
            no_request_fails_while_a_host_stops_under_load,
        ),
        trial(
            "drain::a_payment_that_takes_too_long_goes_on_at_the_next_start",
            a_payment_that_takes_too_long,
        ),
        trial("drain::a_second_signal_ends_at_once", a_second_signal_ends_at_once),
        trial(
            "drain::the_memory_of_a_host_is_not_dumped",
            the_memory_of_a_host_is_not_dumped,
        ),
    ]
}

/// Creates carts for as long as the host reports ready, as a load balancer would; returns their number.
async fn shopper(client: Client, number: usize) -> usize {
    let mut carts = 0;
    loop {
        let ready = client.get("/readyz").send().await;
        let alive = client.get("/livez").send().await;
        if ready.status == 503 {
            assert_eq!(alive.status, 200, "a stopping host must report that it is alive");
            return carts;
        }
        let body = fixtures::cart(Release::V2026_04_17, &[("tee-classic", 1)]);
        let request = client.post("/checkout_sessions").acp(Release::V2026_04_17);
        let opened = request.key(&format!("{number}-{carts}")).json(&body).send().await;
        let _ = opened.expect(201);
        carts += 1;
    }
}

async fn no_request_fails_while_a_host_stops_under_load() {
    let plan = fast_host()
        .set("server.drain_delay_ms = 3000")
        .slow_card_delay(Duration::from_millis(1500));
    let mut host = HostProcess::start(plan, &[]).await;
    let shoppers: Vec<_> = (0..SHOPPERS)
        .map(|number| tokio::spawn(shopper(host.client(), number)))
        .collect();
    let session = host.acp().ready(&[("print-last", 1)]).await;
    let token = host.token_of("pm_card_slow", session.total("total")).await;
    let charging = host.sandbox.acquirer.hold(Operation::Charge);
    let paying = tokio::spawn(host.acp().completion(session.id(), &token).send());
    charging.arrived(1).await;
    host.terminate();
    charging.release();
    for shopper in shoppers {
        assert!(shopper.await.expect("no request of the shopper failed") > 0);
    }
    let _ = paying
        .await
        .expect("the payment got a response")
        .expect(200)
        .is("completed");
    let mut status = None;
    wait_until("the host has stopped", async || {
        status = host.ended();
        status.is_some()
    })
    .await;
    assert!(status.expect("the host has an exit status").success());
    assert_eq!(host.sandbox.acquirer.ledger().captures().len(), 1);
}

async fn a_payment_that_takes_too_long() {
    let plan = fast_host().set("server.drain_timeout_ms = 100\nserver.payments_drain_timeout_ms = 100");
    let mut host = HostProcess::start(plan, &[]).await;
    let session = host.acp().ready(&[("print-last", 1)]).await;
    let token = host.token_of("pm_card_visa", session.total("total")).await;
    let charging = host.sandbox.acquirer.hold(Operation::Charge);
    let paying = tokio::spawn(host.acp().completion(session.id(), &token).try_send());
    charging.arrived(1).await;
    host.stop();
    let unanswered = paying.await.expect("the payment's task did not panic");
    assert!(unanswered.is_err(), "the host must stop before the outcome is known");
    let left = host.run_json(&["attempts", "list", "--open"]).expect_exit(0).json;
    assert_eq!(left["attempts"][0]["state"], "charging");
    charging.release();
    host.start_again().await;
    let paid = wait_for_status(&host, &session, "completed").await;
    assert!(paid["order"]["id"].is_string());
    assert_eq!(host.sandbox.acquirer.ledger().charges().len(), 1);
}

async fn a_second_signal_ends_at_once() {
    let mut host = HostProcess::start(fast_host().set("server.drain_delay_ms = 600000"), &[]).await;
    host.terminate();
    let client = host.client();
    wait_until("the host reports not ready", async || {
        client.get("/readyz").send().await.status == 503
    })
    .await;
    assert!(host.ended().is_none(), "the host must wait for requests in progress");
    host.terminate();
    wait_until("the host has ended", async || host.ended().is_some()).await;
}

async fn the_memory_of_a_host_is_not_dumped() {
    let host = HostProcess::start(fast_host(), &[]).await;
    let limits =
        std::fs::read_to_string(format!("/proc/{}/limits", host.id())).expect("the kernel reports the host's limits");
    let core = limits.lines().find(|line| line.starts_with("Max core file size"));
    let words: Vec<&str> = core
        .expect("the kernel reports a limit of core files")
        .split_whitespace()
        .collect();
    assert_eq!(words[4..6], ["0", "0"], "{limits}");
}
